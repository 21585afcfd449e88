"""Every acting key: what is asked, what is sent, what is said, and why not."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from aof_tui.base.errors import TemporaryError
from aof_tui.control.requests import Command, Topic, Verb
from aof_tui.control.rows import CommandResult
from tests.tui import rows
from tests.tui.driving import LARGE, SMALL, Stage, staged
from tests.tui.fake_control import FakeControl

ANA = "terminal:ana"


def sent(verb: Verb, **aim: str) -> list[Command]:
    return [replace(Command(verb, ANA, "prod"), **aim)]


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "200x60"])
async def test_r_repeats_after_a_question_that_names_the_job(size: tuple[int, int]) -> None:
    async with staged(size=size) as stage:
        await stage.press("r")
        await stage.shows("Repeat this job now?", "Order sync to ERP", "j-0000", "newest version", "not counted")
        await stage.press("y")
        await stage.until(lambda: stage.commands == sent(Verb.RETRY, master_job_id="j-0000"))
        await stage.shows("Done.")


async def test_enter_on_a_question_is_no() -> None:
    async with staged() as stage:
        await stage.press("r")
        await stage.shows("Repeat this job now?")
        await stage.press("enter")
        await stage.hides("Repeat this job now?")
        await stage.press("r")
        await stage.shows("Repeat this job now?")
        await stage.press("n")
        await stage.hides("Repeat this job now?")
        assert stage.commands == []


async def test_the_other_button_can_be_chosen_by_keys() -> None:
    async with staged() as stage:
        await stage.press("r")
        await stage.shows("Repeat this job now?")
        await stage.press("right", "left", "right", "enter")
        await stage.until(lambda: stage.commands == sent(Verb.RETRY, master_job_id="j-0000"))


async def test_e_escalates_the_incident() -> None:
    async with staged() as stage:
        await stage.press("e")
        await stage.shows("Escalate this incident now?", "I1")
        await stage.press("y")
        await stage.until(lambda: stage.commands == sent(Verb.ESCALATE, incident="I1"))


async def test_a_acknowledges_at_once() -> None:
    async with staged() as stage:
        await stage.press("a")
        await stage.until(lambda: stage.commands == sent(Verb.ACKNOWLEDGE, incident="I1"))
        await stage.shows("Done.")


async def test_x_cancels_the_planned_repeat() -> None:
    async with staged() as stage:
        await stage.press("x")
        await stage.shows("Cancel the planned repeat?", "0:41")
        await stage.press("y")
        await stage.until(lambda: stage.commands == sent(Verb.CANCEL, master_job_id="j-0000"))


async def test_c_closes_only_with_a_reason() -> None:
    async with staged() as stage:
        await stage.press("c")
        await stage.shows("Close this failure?")
        await stage.press("enter")
        assert stage.commands == []
        await stage.press("n", "o", "t", "space", "m", "i", "n", "e", "enter")
        await stage.until(lambda: stage.commands == sent(Verb.CLOSE, master_job_id="j-0000", reason="not mine"))


async def test_P_pauses_with_a_reason_and_resumes() -> None:  # noqa: N802 - it is the key's name
    async with staged() as stage:
        await stage.press("P")
        await stage.shows("Pause all repeats of prod?")
        await stage.press("w", "h", "y", "enter")
        await stage.until(lambda: stage.commands == sent(Verb.PAUSE, reason="why"))
        stage.control.workspace = replace(stage.control.workspace, paused_by="ana", paused_at=rows.NOW)
        stage.control.publish(Topic.STATUS)
        await stage.shows("paused by ana")
        await stage.press("P")
        await stage.shows("Resume repeats of prod?")
        await stage.press("y")
        await stage.until(lambda: stage.commands[1:] == sent(Verb.RESUME))


async def test_P_allows_acting_that_stopped_by_itself_with_one_question() -> None:  # noqa: N802 - the key's name
    control = FakeControl()
    control.workspace = replace(control.workspace, acting_stopped="Workato answered 403")
    async with staged(control) as stage:
        await stage.press("P")
        await stage.shows("Resume repeats of prod?", "Acting stopped by itself: Workato answered 403.")
        await stage.press("y")
        await stage.until(lambda: stage.commands == sent(Verb.RESUME))


async def test_a_question_keeps_its_buttons_in_a_tiny_terminal() -> None:
    async with staged(size=(60, 10), wait_for="scheduled") as stage:
        await stage.press("r")
        await stage.shows("Repeat this job now?", "Cancel (n)", "Repeat now (y)")


async def test_what_the_engine_answers_is_told_in_its_words() -> None:
    control = FakeControl()
    control.result = CommandResult(False, "j-0000 is being repeated: wait for its end.")
    async with staged(control) as stage:
        await stage.press("a")
        await stage.told("j-0000 is being repeated")


async def test_a_command_without_answer_says_so() -> None:
    async with staged() as stage:
        await stage.press("r")
        await stage.shows("Repeat this job now?")
        stage.control.fault = TemporaryError("no answer within 15 s")
        await stage.press("y")
        await stage.told("Retry: no answer within 15 s")


async def test_a_key_pressed_twice_asks_once() -> None:
    async with staged() as stage:
        stage.control.hold = asyncio.Event()
        await stage.press("j", "j", "j", "j", "r", "r", "r")
        stage.control.hold.set()
        await stage.shows("Repeat this job now?")
        await stage.press("y")
        await stage.until(lambda: len(stage.commands) == 1)
        await stage.hides("Repeat this job now?")


async def test_the_question_keeps_its_job_while_rows_move() -> None:
    async with staged() as stage:
        await stage.press("r")
        await stage.shows("Repeat this job now?")
        newcomers = [replace(rows.failure(100 + n), last_failed_at=rows.NOW) for n in range(5)]
        stage.control.failure_rows[:0] = newcomers
        stage.control.publish(Topic.FAILURES)
        await stage.until(lambda: stage.app.main.active.view.count == 29)
        await stage.press("y")
        await stage.until(lambda: stage.commands == sent(Verb.RETRY, master_job_id="j-0000"))


@pytest.mark.parametrize(
    ("key", "down", "why"),
    [
        ("r", 2, "Retry: A repeat of this job is running"),
        ("x", 3, "Cancel: No repeat is planned"),
        ("a", 3, "Ack: I4 is acknowledged already"),
    ],
)
async def test_a_key_that_cannot_act_says_why(key: str, down: int, why: str) -> None:
    async with staged() as stage:
        await stage.press(*["j"] * down, key)
        await stage.told(why)
        assert stage.commands == []


async def test_observing_explains_that_nothing_is_sent() -> None:
    control = FakeControl()
    control.engine = replace(control.engine, mode="observe")
    async with staged(control) as stage:
        await stage.press("r")
        await stage.told("nothing is sent to Workato")
        assert stage.commands == []


@pytest.mark.parametrize("key", ["r", "e", "a", "x", "c", "P"])
async def test_read_only_refuses_every_act(key: str) -> None:
    async with staged(read_only=True) as stage:
        assert "read-only" in stage.lines[0]
        await stage.press(key)
        await stage.told("This terminal is read-only.")
        assert stage.commands == []


async def test_without_a_failure_there_is_nothing_to_act_on() -> None:
    async with staged(FakeControl(0, 0, 0), wait_for="No failing jobs.") as stage:
        for key, title in (("r", "Retry"), ("x", "Cancel"), ("c", "Close"), ("F", "Fallback")):
            await stage.press(key)
            await stage.told(f"{title}: No failure is selected.")
        for key, title in (("e", "Escalate"), ("a", "Ack"), ("S", "Snooze"), ("A", "Assign"), ("v", "Resolve")):
            await stage.press(key)
            await stage.told(f"{title}: No incident is selected.")


async def test_a_silent_engine_is_sent_nothing() -> None:
    async with staged() as stage:
        stage.control.fault = TemporaryError("it hangs")
        await stage.shows("STALE")
        await stage.press("r")
        await stage.told("The engine does not answer")


@pytest.mark.parametrize("pane", ["3", "4"])
async def test_rows_that_name_a_failure_are_acted_on(pane: str) -> None:
    async with staged() as stage:
        await stage.press(pane)
        await stage.until(lambda: "Loading" not in stage.text)
        if pane == "4":
            await stage.press("g")
        await stage.press("enter")
        await stage.shows("fingerprint")
        assert "Order 50" in stage.text
        await stage.press("escape")
        await stage.shows("UTC")


async def test_keys_act_inside_the_story_too() -> None:
    async with staged() as stage:
        await stage.press("enter")
        await stage.shows("fingerprint")
        await stage.press("a")
        await stage.until(lambda: stage.commands == sent(Verb.ACKNOWLEDGE, incident="I1"))
        await stage.press("q")
        await stage.shows("Failing jobs")


async def test_a_filter_typed_over_a_story_acts_on_nothing() -> None:
    async with staged() as stage:
        await stage.press("enter")
        await stage.shows("fingerprint")
        await stage.press("slash")
        await stage.hides("fingerprint")
        await stage.press("a", "c")
        await stage.until(lambda: stage.app.main.active.filter_text == "ac")
        assert stage.commands == []


async def test_the_story_renews_itself() -> None:
    async with staged() as stage:
        await stage.press("enter")
        await stage.shows("fingerprint", "scheduled")
        stage.control.failure_rows[0] = replace(stage.control.failure_rows[0], status="recovered", next_action_at=None)
        stage.control.publish(Topic.FAILURES)
        await stage.shows("✓ recovered", "none planned")


async def quits(stage: Stage) -> None:
    await stage.until(lambda: stage.app.return_value == 0)


async def test_q_asks_while_repeats_are_pending_and_names_them() -> None:
    async with staged() as stage:
        await stage.press("q")
        await stage.shows("Quit and stop the engine?", "15 repeats planned or under way, the next in 0:41")
        await stage.press("n")
        await stage.hides("Quit and stop")
        await stage.press("ctrl+q")
        await stage.shows("Quit and stop the engine?")
        await stage.press("y")
        await quits(stage)


@pytest.mark.parametrize("attached", [True, False])
async def test_q_leaves_at_once_when_nothing_ends_with_it(attached: bool) -> None:
    control = FakeControl() if attached else FakeControl(0, 0, 0)
    wait_for = "Order sync" if attached else "No failing jobs."
    async with staged(control, ends_engine=not attached, wait_for=wait_for) as stage:
        await stage.press("q")
        await quits(stage)


async def test_R_releases_a_held_failure_after_a_question() -> None:  # noqa: N802 - it is the key's name
    async with staged() as stage:
        await stage.press("R")
        await stage.told("Only a held failure can be released.")
        await stage.press("j", "j", "j", "j", "R")
        await stage.shows("Release this failure?", "j-0004")
        await stage.press("y")
        await stage.until(lambda: stage.commands == sent(Verb.RELEASE, master_job_id="j-0004"))


@pytest.mark.parametrize("key", ["y", "c"])
async def test_B_releases_or_closes_the_backlog(key: str) -> None:  # noqa: N802 - it is the key's name
    async with staged() as stage:
        await stage.press("B")
        await stage.shows("What becomes of the backlog of prod?", "Leave it (n)", "Close all (c)", "Release all (y)")
        await stage.press(key)
        if key == "c":
            await stage.shows("Close the backlog of prod?")
            await stage.press("o", "l", "d", "enter")
        expected = sent(Verb.RELEASE) if key == "y" else sent(Verb.CLOSE, reason="old")
        await stage.until(lambda: stage.commands == expected)


async def test_the_third_button_can_be_chosen_by_keys() -> None:
    async with staged() as stage:
        await stage.press("B")
        await stage.shows("What becomes of the backlog of prod?")
        await stage.press("right", "enter")
        await stage.shows("Close the backlog of prod?")
