"""The table of actions: whole, without clashes, and every reason in words."""

from __future__ import annotations

from collections import Counter

import pytest
from msgspec.structs import replace
from textual.keys import Keys

from aof_tui.domain.words import FailureStatus, Reason
from aof_tui.tui.actions import ACTIONS, BY_ID, Action, Scope, View, key_name
from aof_tui.tui.chrome import KeyStrip
from aof_tui.tui.situation import Situation
from tests.tui import rows
from tests.tui.driving import staged

# What shells, screen, tmux, vim and terminals have taken: nothing that acts may be on one of these.
TAKEN = {f"ctrl+{letter}" for letter in "adhjklsuwz"}


def test_no_key_means_two_things() -> None:
    counted = Counter(key for action in ACTIONS for key in action.keys)
    assert [key for key, times in counted.items() if times > 1] == []


def test_every_key_exists() -> None:
    known = {str(key.value) for key in Keys} | {"slash", "question_mark", "colon", "shift+tab"}
    for action in ACTIONS:
        for key in action.keys:
            assert len(key) == 1 or key in known


def test_what_acts_is_on_a_letter() -> None:
    for action in ACTIONS:
        if action.acts:
            assert all(len(key) == 1 and key.isalpha() for key in action.keys)
            assert not set(action.keys) & TAKEN


def test_keys_have_names_people_know() -> None:
    assert [key_name(key) for key in ("slash", "ctrl+q", "P", "pageup")] == ["/", "Ctrl-q", "P", "PgUp"]


FAILURE = rows.failure(0)
READY = Situation(row_named=True, failure=FAILURE, incident="I1", workspace=rows.workspace())


@pytest.mark.parametrize("action", [action for action in ACTIONS if action.acts], ids=lambda action: action.id)
def test_acting_is_possible_only_on_a_living_engine_that_may_act(action: Action) -> None:
    held = replace(FAILURE, status=FailureStatus.HELD, next_action_at=None)
    holding = replace(rows.workspace(), counts={FailureStatus.HELD: 1})
    at_rest = replace(READY, failure=held, workspace=holding)
    stopped = replace(READY, failure=None, row_named=False, incident_row=rows.incident(1))
    assert None in (action.why_not(READY), action.why_not(at_rest), action.why_not(stopped))
    assert action.why_not(replace(READY, read_only=True)) == "This terminal is read-only."
    assert action.why_not(replace(READY, engine="stopping")) == "The engine is not running (it is stopping)."
    assert action.why_not(replace(READY, fault="it hangs")) == "The engine does not answer: it hangs."


@pytest.mark.parametrize(
    ("situation", "reason"),
    [
        (replace(READY, mode="observe"), "only observes"),
        (replace(READY, workspace=rows.workspace(paused_by="ana")), "paused by ana: P resumes"),
        (replace(READY, workspace=rows.workspace(acting_stopped="401")), "Acting stopped by itself: 401"),
        *(
            (replace(READY, failure=replace(FAILURE, status=status)), reason)
            for status, reason in (
                (FailureStatus.REPEATING, "being sent"),
                (FailureStatus.WATCHING, "its end is awaited"),
                (FailureStatus.IN_DOUBT, "found out"),
                (FailureStatus.RECOVERED, "has recovered"),
                (FailureStatus.CLOSED, "is closed"),
            )
        ),
    ],
)
def test_why_a_job_cannot_be_repeated_now(situation: Situation, reason: str) -> None:
    assert reason in (BY_ID["retry"].why_not(situation) or "")


@pytest.mark.parametrize("status", [FailureStatus.HELD, FailureStatus.EXHAUSTED, FailureStatus.NEEDS_PERSON])
def test_a_resting_failure_can_be_repeated_and_closed_but_has_nothing_planned(status: FailureStatus) -> None:
    situation = replace(READY, failure=replace(FAILURE, status=status))
    assert BY_ID["retry"].why_not(situation) is None
    assert BY_ID["close"].why_not(situation) is None
    assert BY_ID["cancel"].why_not(situation) == "No repeat is planned for this failure."


def test_a_recipe_is_started_where_one_is_stopped() -> None:
    start = BY_ID["start"]
    held = replace(FAILURE, status=FailureStatus.HELD, reason=Reason.RECIPE_STOPPED)
    stopped = replace(READY, failure=held, incident=None)
    assert start.why_not(stopped) is None
    assert start.why_not(replace(READY, failure=None)) is None
    assert "about a stopped recipe" in (start.why_not(READY) or "")
    assert "about a stopped recipe" in (start.why_not(replace(READY, failure=None, incident=None)) or "")
    assert "only observes" in (start.why_not(replace(stopped, mode="observe")) or "")
    assert "paused by ana" in (start.why_not(replace(stopped, workspace=rows.workspace(paused_by="ana"))) or "")


@pytest.mark.parametrize(
    ("action", "changes", "reason"),
    [
        ("acknowledge", {"status": "acknowledged"}, "I1 is acknowledged already."),
        ("acknowledge", {"status": "resolved"}, "I1 is resolved already."),
        ("escalate", {"status": "resolved"}, "I1 is resolved already."),
        ("snooze", {"status": "resolved"}, "I1 is resolved already."),
        ("assign", {"status": "resolved"}, "I1 is resolved already."),
        ("resolve", {"status": "resolved"}, "I1 is resolved already."),
        (
            "resolve",
            {"open_failures": 1},
            "One failure of it is still open: it is resolved by itself once they are not.",
        ),
        ("start", {"status": "resolved"}, "I1 is resolved already."),
        ("start", {"kind": "jobs"}, "I1 is not about a stopped recipe."),
        ("resolve", {}, None),
        ("snooze", {"status": "snoozed"}, None),
    ],
)
def test_why_an_incident_takes_no_act(action: str, changes: dict[str, object], reason: str | None) -> None:
    situation = replace(READY, failure=None, incident_row=rows.incident(1, **changes))
    assert BY_ID[action].why_not(situation) == reason


@pytest.mark.parametrize("status", FailureStatus)
def test_a_fallback_is_for_failures_at_rest(status: FailureStatus) -> None:
    reason = BY_ID["fallback"].why_not(replace(READY, failure=replace(FAILURE, status=status)))
    assert reason is None if status.resting else f"this one is {status.replace('_', ' ')}." in (reason or "")


def test_every_footer_ends_with_the_way_out_and_help() -> None:
    for view in View:
        shown = [action.id for action in ACTIONS if view in action.footer]
        assert shown[-2:] == (["help", "quit"] if view is View.MAIN else ["back", "help"])


def test_what_is_held_can_be_released() -> None:
    assert BY_ID["release"].why_not(READY) == "Only a held failure can be released."
    assert BY_ID["backlog"].why_not(replace(READY, workspace=None)) == "No workspace is known yet."
    assert BY_ID["backlog"].why_not(replace(READY, workspace=replace(rows.workspace(), counts={}))) == (
        "Nothing of prod is held."
    )


def test_other_reasons() -> None:
    outside = replace(READY, failure=replace(FAILURE, incident=None), incident=None)
    assert BY_ID["escalate"].why_not(outside) == "This failure belongs to no incident yet."
    assert BY_ID["escalate"].why_not(Situation()) == "No incident is selected."
    assert BY_ID["close"].why_not(replace(READY, failure=replace(FAILURE, status=FailureStatus.CLOSED))) is not None
    assert BY_ID["pause"].why_not(Situation()) == "No workspace is known yet."
    assert BY_ID["open"].why_not(Situation()) == "Nothing is selected."
    assert "b closes it" in (BY_ID["open"].why_not(Situation(breaker=rows.breakers()[0])) or "")
    assert BY_ID["breaker"].why_not(Situation()) == "No workspace is known yet."
    assert BY_ID["escalate"].why_not(replace(READY, failure=None)) is None
    assert BY_ID["help"].why_not(Situation(read_only=True)) is None


async def test_help_and_palette_show_every_action() -> None:
    async with staged(size=(120, 70)) as stage:
        await stage.press("question_mark")
        await stage.shows("Keys   Esc closes")
        for action in ACTIONS:
            assert action.title in stage.text
            assert action.help in stage.text
        await stage.press("question_mark")
        await stage.hides("Keys   Esc closes")


async def test_an_action_is_found_by_its_name() -> None:
    async with staged() as stage:
        await stage.press("colon")
        await stage.press(*"zoom")
        await stage.shows("Zoom (z)")
        await stage.press("enter", "enter")
        await stage.until(lambda: stage.app.main.has_class("-zoomed"))


async def test_the_palette_offers_no_picture_of_the_screen() -> None:
    async with staged() as stage:
        await stage.press("ctrl+p")
        await stage.shows("Retry (r)")
        await stage.press(*"screenshot")
        await stage.shows("No matches found")
        assert list(stage.app.get_system_commands(stage.app.screen)) == []


async def test_the_footer_marks_what_is_off() -> None:
    async with staged() as stage:
        footer = stage.app.main.query_one("#footer", KeyStrip)

        def keys() -> dict[str, tuple[str, str]]:
            cells = footer.lines(80)[0]
            return {
                name.text.strip(): (key.text.strip(), key.tone)
                for key, name in zip(cells[::2], cells[1::2], strict=True)
            }

        await stage.until(lambda: (keys()["Retry"], keys()["Cancel"]) == (("r", "mark"), ("x", "mark")))
        await stage.press("j", "j", "j")
        # Without colours the dash tells it.
        await stage.until(lambda: (keys()["Retry"], keys()["Cancel"]) == (("r", "mark"), ("–", "muted")))


def test_scopes_are_all_used() -> None:
    assert {action.scope for action in ACTIONS} == set(Scope)
