"""The screen of incidents: one queue, its keys, and why not."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from aof_tui.base.errors import TemporaryError
from aof_tui.control.requests import Command, Topic, Verb
from aof_tui.tui.chrome import KeyStrip
from tests.tui import rows
from tests.tui.conftest import SameScreen
from tests.tui.driving import LARGE, SMALL, Stage, staged
from tests.tui.fake_control import FakeControl

ANA = "terminal:ana"
ORDER = ["I5", "I10", "I7", "I1", "I3", "I4", "I6", "I2", "I8", "I9"]
"""The queue of the data set: the worst first, then the newest; what is snoozed last."""


def to(incident: str) -> list[str]:
    """The keys that open the queue and go to one of it."""
    return ["i", *["j"] * ORDER.index(incident)]


def sent(verb: Verb, incident: str, **aim: str) -> list[Command]:
    return [replace(Command(verb, ANA, "prod", incident=incident), **aim)]


async def has_sent(stage: Stage, commands: list[Command]) -> None:
    await stage.until(lambda: stage.commands == commands)


async def go_to(stage: Stage, incident: str) -> None:
    await stage.press("i")
    await stage.shows("Incidents  10")
    await stage.press(*to(incident)[1:])
    await stage.until(lambda: (stage.app.situation().incident) == incident)


def with_breakers() -> FakeControl:
    control = FakeControl()
    control.engine = replace(control.engine, breakers=rows.breakers())
    return control


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "200x60"])
async def test_all_that_is_not_resolved_in_one_queue(size: tuple[int, int], same_screen: SameScreen) -> None:
    async with staged(with_breakers(), size=size) as stage:
        await stage.press("i")
        await stage.shows("Incidents  10", "Downstreams that wait  4", "I10", "Ticketing (jira)")
        await same_screen(stage, f"incidents-{size[0]}x{size[1]}")
        assert [line[1:6].strip() for line in stage.lines if line[1:2] == "I" and line[2:3].isdigit()][:9] == ORDER[:9]


async def test_a_calm_queue(same_screen: SameScreen) -> None:
    async with staged(FakeControl(0, 0, 0), wait_for="No failing jobs.") as stage:
        await stage.press("i")
        await stage.shows("No incidents.")
        await same_screen(stage, "incidents-empty-80x24")
        await stage.press("a")
        await stage.told("No incident is selected.")
        await stage.press("enter")
        await stage.told("Nothing is selected.")


async def test_i_and_escape_come_back() -> None:
    async with staged() as stage:
        for leave in ("i", "escape", "q", "1"):
            await stage.press("i")
            await stage.shows("Incidents  10")
            await stage.press(leave)
            await stage.shows("Failing jobs  24")
        await stage.press("i")
        await stage.shows("Incidents  10")
        await stage.press("m")
        await stage.shows("all recipes")
        await stage.press("i")
        await stage.shows("Incidents  10")


async def test_a_acknowledges_at_once() -> None:
    async with staged() as stage:
        await go_to(stage, "I7")
        await stage.press("a")
        await stage.until(lambda: stage.commands == sent(Verb.ACKNOWLEDGE, "I7"))


async def test_e_escalates_after_a_question() -> None:
    async with staged() as stage:
        await go_to(stage, "I7")
        await stage.press("e")
        await stage.shows("Escalate this incident now?", "I7", "ERP (netsuite) is lost")
        await stage.press("y")
        await stage.until(lambda: stage.commands == sent(Verb.ESCALATE, "I7"))


async def test_S_snoozes_for_as_long_as_is_chosen() -> None:  # noqa: N802 - it is the key's name
    async with staged() as stage:
        await go_to(stage, "I7")
        expected: list[Command] = []
        for key, seconds in (("1", "3600"), ("4", "14400"), ("d", "86400")):
            await stage.press("S")
            await stage.shows("Snooze this incident?", "1 hour (1)", "4 hours (4)", "24 hours (d)")
            await stage.press("y", key)
            expected += sent(Verb.SNOOZE, "I7", value=seconds)
            await has_sent(stage, expected)


async def test_A_assigns_to_whoever_is_named() -> None:  # noqa: N802 - it is the key's name
    async with staged() as stage:
        await go_to(stage, "I7")
        expected: list[Command] = []
        for typed, name in (("", "ana"), ("ben", "ben"), ("nobody", "")):
            await stage.press("A")
            await stage.shows("Who sees to this incident?")
            await stage.press(*typed, "enter")
            expected += sent(Verb.ASSIGN, "I7", value=name)
            await has_sent(stage, expected)


async def test_v_resolves_what_has_no_open_failure() -> None:
    async with staged() as stage:
        await go_to(stage, "I10")
        await stage.press("v")
        await stage.shows("Resolve this incident?", "214 jobs failed")
        await stage.press("y")
        await stage.until(lambda: stage.commands == sent(Verb.RESOLVE, "I10"))
        await stage.press("B")
        await stage.shows("What becomes of the backlog of prod?")


async def test_s_starts_the_recipe_that_an_incident_is_about() -> None:
    async with staged() as stage:
        await go_to(stage, "I6")
        await stage.shows("s starts the recipe")
        await stage.press("s")
        await stage.shows("Start this recipe now?", "5200101")
        await stage.press("y")
        await stage.until(lambda: stage.commands == sent(Verb.START, "I6"))


async def test_a_key_that_cannot_act_says_why_and_is_marked() -> None:
    async with staged() as stage:
        await go_to(stage, "I7")
        cells = stage.app.live.query_one("#footer", KeyStrip).lines(80)[0]
        keys = {title.text: key.text.strip() for key, title in zip(cells[::2], cells[1::2], strict=True)}
        assert (keys[" Ack"], keys[" Resolve"], keys[" Open"]) == ("a", "–", "Enter")
        tones = {cell.text.strip(): cell.tone for cell in cells}
        assert (tones["a"], tones["–"], tones["Enter"]) == ("mark", "muted", "mark")
        for key, why in (
            ("v", "12 failures of it are still open"),
            ("s", "I7 is not about a stopped recipe."),
            ("r", "No failure is selected."),
        ):
            await stage.press(key)
            await stage.told(why)
        await stage.press("j", "j", "j", "a")
        await stage.told("I4 is acknowledged already.")
        assert stage.commands == []


async def test_enter_shows_the_failures_of_an_incident_and_escape_goes_back_to_its_row() -> None:
    async with staged() as stage:
        await go_to(stage, "I1")
        await stage.press("enter")
        await stage.shows("Failing jobs  5 of 24", "/incident:I1")
        await stage.press("escape")
        await stage.shows("Incidents  10", "▌I1 ")
        await stage.press("escape")
        await stage.shows("Failing jobs  24")


async def test_enter_shows_the_log_of_an_incident_without_failures() -> None:
    control = FakeControl()
    last = control.event_rows[-1]
    line = replace(last, sequence=last.sequence + 1, incident="I8", master_job_id=None, text="I8 new: behind")
    control.event_rows.append(line)
    async with staged(control) as stage:
        await go_to(stage, "I8")
        await stage.press("enter")
        await stage.shows("Log  1 of 401, follows", "/incident:I8", "I8 new: behind")
        await stage.press("enter", "a")
        await stage.until(lambda: stage.commands == sent(Verb.ACKNOWLEDGE, "I8"))


async def test_the_queue_is_filtered() -> None:
    async with staged() as stage:
        await stage.press("i")
        await stage.shows("Incidents  10")
        await stage.press("slash")
        await stage.press(*"kind:conn")
        await stage.shows("Incidents  1 of 10", "ERP (netsuite) is lost")
        await stage.press("enter", "a")
        await stage.until(lambda: stage.commands == sent(Verb.ACKNOWLEDGE, "I7"))
        await stage.press("escape")
        await stage.shows("Incidents  10")
        await stage.press("slash")
        await stage.press(*"-lost severity:crit", "enter")
        await stage.shows("Incidents  2 of 10")


async def test_the_queue_renews_itself_and_the_cursor_stays_with_its_incident() -> None:
    async with staged() as stage:
        await go_to(stage, "I7")
        stage.control.incident_rows.append(rows.incident(11, severity="critical", last_seen_at=rows.NOW))
        stage.control.publish(Topic.INCIDENTS)
        await stage.shows("Incidents  11")
        assert stage.app.situation().incident == "I7"


async def test_lines_that_tell_of_an_incident_are_acted_on() -> None:
    async with staged() as stage:
        await stage.press("4")
        await stage.until(lambda: "Loading" not in stage.text)
        await stage.press("g", "S")
        await stage.shows("Snooze this incident?", "I1")
        await stage.press("1")
        await stage.until(lambda: stage.commands == sent(Verb.SNOOZE, "I1", value="3600"))


async def test_an_engine_that_does_not_answer_is_said() -> None:
    async with staged() as stage:
        stage.control.fault = TemporaryError("it hangs")
        await stage.press("e")
        await stage.told("it hangs")
        assert stage.commands == []
