"""What a bulk action shows before it is agreed to: what will be refused, and what passes an open breaker."""

from __future__ import annotations

import sys

import pytest
from msgspec.structs import replace

from aof_tui.cli.preview import preview_failures, preview_incidents
from aof_tui.control.requests import Verb
from aof_tui.control.rows import FailureRow, Status
from tests.cli.test_output import Terminal
from tests.tui import rows

OPEN = [rows.failure(number) for number in (0, 3)]
WATCHED, OVER = rows.failure(2), replace(rows.failure(5), status="recovered", reason="repeat_succeeded")
HELD = replace(rows.failure(4), reason="breaker_open")
STATUS = rows.status(rows.workspace())
BREAKERS = rows.breakers()


class Shown:
    """What a preview printed."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def failures(self, verb: Verb, found: list[FailureRow], status: Status = STATUS) -> list[str]:
        preview_failures(verb, found, status)
        return self._capsys.readouterr().out.splitlines()


@pytest.fixture
def shown(capsys: pytest.CaptureFixture[str]) -> Shown:
    return Shown(capsys)


def test_what_will_be_refused_is_marked_and_counted(shown: Shown) -> None:
    head, first, second, watched, over, last = shown.failures(Verb.RETRY, [*OPEN, WATCHED, OVER])
    assert head.endswith("ERROR" + " " * (head.index("REFUSED") - head.index("ERROR") - 5) + "REFUSED BECAUSE")
    place = head.index("REFUSED")
    assert [line[place:] for line in (first, second, watched, over)] == [
        "–",
        "–",
        "A repeat of this job is running: its end is awaited.",
        "This failure has recovered.",
    ]
    assert last == "As it stands, the engine will refuse at least 2 of these 4."


def test_nothing_is_marked_where_nothing_is_refused(shown: Shown) -> None:
    head, *others = shown.failures(Verb.RETRY, OPEN)
    assert head.endswith("  ERROR")
    assert len(others) == 2


def test_rows_beyond_the_shown_ones_are_counted_too(shown: Shown) -> None:
    *_, more, refused = shown.failures(Verb.RETRY, [*(OPEN * 6), OVER])
    assert (more, refused) == ("… and 3 more", "As it stands, the engine will refuse at least 1 of these 13.")


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (replace(STATUS, mode="observe"), "The engine only observes: nothing is sent to Workato."),
        (replace(STATUS, workspaces=(rows.workspace(paused_by="ana"),)), "Repeats of prod are paused by ana."),
        (replace(STATUS, workspaces=(rows.workspace(acting_stopped="401"),)), "Acting stopped by itself: 401."),
    ],
)
def test_a_workspace_to_which_nothing_is_sent_refuses_repeats_and_nothing_else(
    shown: Shown, status: Status, why: str
) -> None:
    lines = shown.failures(Verb.RETRY, OPEN, status)
    assert [line.rpartition("  ")[2] for line in lines[1:3]] == [why, why]
    assert lines[3] == "As it stands, the engine will refuse at least 2 of these 2."
    elsewhere = replace(OPEN[0], workspace="test")
    assert (why in "\n".join(shown.failures(Verb.RETRY, [elsewhere], status))) == (status.mode == "observe")
    assert "refuse" not in "\n".join(shown.failures(Verb.CLOSE, OPEN, status))


def test_who_may_only_look_is_told_so(shown: Shown) -> None:
    lines = shown.failures(Verb.CLOSE, OPEN, replace(STATUS, read_only=True))
    assert lines[1].endswith("The engine lets you only look: you are a viewer, or it was started read-only.")


def test_a_repeat_past_an_open_breaker_is_said(shown: Shown) -> None:
    with_breakers = replace(STATUS, breakers=BREAKERS)
    named = "not closed: ERP (netsuite), Ticketing (jira), application slack, Warehouse (sap)."
    *_, line = shown.failures(Verb.RETRY, [*OPEN, HELD], with_breakers)
    assert line == f"Asked for like this, a repeat is sent past an open breaker (1 of these waits for one); {named}"
    *_, line = shown.failures(Verb.RELEASE, [HELD, HELD], with_breakers)
    assert line == (
        "What an open breaker holds is refused (2 of these wait for one): only retry repeats it all the same; " + named
    )
    many = replace(STATUS, breakers=BREAKERS * 2)
    assert shown.failures(Verb.RETRY, OPEN, many)[-1].endswith("Warehouse (sap), ERP (netsuite) and 3 more.")


@pytest.mark.parametrize(
    ("verb", "found", "status"),
    [
        (Verb.RETRY, OPEN, STATUS),
        (Verb.RETRY, [OVER], replace(STATUS, breakers=BREAKERS)),
        (Verb.RETRY, [replace(OPEN[0], workspace="test")], replace(STATUS, breakers=BREAKERS)),
        (Verb.CLOSE, OPEN, replace(STATUS, breakers=BREAKERS)),
    ],
    ids=["none is open", "all is refused", "open elsewhere", "nothing is repeated"],
)
def test_breakers_that_do_not_matter_are_not_named(
    shown: Shown, verb: Verb, found: list[FailureRow], status: Status
) -> None:
    assert "breaker" not in "\n".join(shown.failures(verb, found, status))


def test_incidents_are_marked_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    preview_incidents(Verb.ACKNOWLEDGE, [rows.incident(1), rows.incident(2, status="acknowledged")], STATUS)
    _, first, second, last = capsys.readouterr().out.splitlines()
    assert first.endswith("  –")
    assert second.endswith("  I2 is acknowledged already.")
    assert last == "As it stands, the engine will refuse at least 1 of these 2."


def test_a_narrow_terminal_shows_the_reason_before_the_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys, "stdout", Terminal())
    preview_failures(Verb.RETRY, [OPEN[0], OVER], STATUS)
    assert isinstance(sys.stdout, Terminal)
    assert sys.stdout.getvalue().splitlines()[:3] == [
        "JOB     STATUS                       REFUSED BECAUSE",
        "j-0000  scheduled                    –",
        "j-0005  recovered: repeat_succeeded  This failure has recovered.",
    ]
