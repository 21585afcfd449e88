"""What rows show to stand in the way: the same sentences for the terminal and the command line."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from aof_tui.control.requests import Verb
from aof_tui.control.why_not import nothing_is_sent, of_failure, of_incident
from aof_tui.domain.words import FailureStatus, Mode, Reason
from tests.tui import rows

ROW = rows.failure(0)


@pytest.mark.parametrize(
    ("verb", "takes"),
    [
        (Verb.RETRY, {"scheduled", "held", "exhausted", "needs_person"}),
        (Verb.CANCEL, {"scheduled"}),
        (Verb.CLOSE, {"scheduled", "watching", "held", "exhausted", "needs_person"}),
        (Verb.RELEASE, {"held"}),
        (Verb.START_FALLBACK, {"held", "exhausted", "needs_person"}),
    ],
)
def test_which_failures_take_what(verb: Verb, takes: set[str]) -> None:
    taken = {status for status in FailureStatus if of_failure(verb, replace(ROW, status=status)) is None}
    assert taken == takes


def test_reasons_stand_in_the_way_too() -> None:
    by_root = replace(ROW, status=FailureStatus.HELD, reason=Reason.HANDLED_BY_ROOT)
    for verb in (Verb.RETRY, Verb.RELEASE):
        assert "that one is repeated, not this" in (of_failure(verb, by_root) or "")
    polled = replace(ROW, status=FailureStatus.NEEDS_PERSON, reason=Reason.POLL_ERROR)
    assert "nothing to repeat" in (of_failure(Verb.RETRY, polled) or "")
    used = replace(ROW, status=FailureStatus.HELD, attempts=2, forced=2, external=1, max_attempts=5)
    assert "used up" in (of_failure(Verb.RELEASE, used) or "")
    assert of_failure(Verb.RELEASE, replace(used, external=0)) is None
    assert of_failure(Verb.RETRY, used) is None


def test_which_incidents_take_what() -> None:
    verbs = (Verb.ACKNOWLEDGE, Verb.SNOOZE, Verb.ASSIGN, Verb.ESCALATE, Verb.RESOLVE, Verb.START)

    def refused(**changes: object) -> list[Verb]:
        return [verb for verb in verbs if of_incident(verb, rows.incident(1, **changes)) is not None]

    assert refused() == []
    assert refused(status="acknowledged") == [Verb.ACKNOWLEDGE]
    assert refused(open_failures=2) == [Verb.RESOLVE]
    assert refused(kind="connection_lost") == [Verb.START]
    assert refused(status="resolved") == list(verbs)


def test_what_stops_all_of_a_workspace() -> None:
    paused, stopped = rows.workspace(paused_by="ana", acting_stopped="401"), rows.workspace(acting_stopped="401")
    assert nothing_is_sent(Mode.OBSERVE, paused) == "The engine only observes: nothing is sent to Workato"
    assert nothing_is_sent(Mode.ACT, paused) == "Repeats of prod are paused by ana"
    assert nothing_is_sent(Mode.ACT, stopped) == "Acting stopped by itself: 401"
    assert (nothing_is_sent(Mode.ACT, rows.workspace()), nothing_is_sent(Mode.ACT, None)) == (None, None)
