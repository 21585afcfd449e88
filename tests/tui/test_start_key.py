"""The key that starts a stopped recipe: where it is offered, what is asked, what is sent, and why not."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from aof_tui.control.requests import Command, Verb
from aof_tui.domain.words import FailureStatus, Reason
from tests.tui import rows
from tests.tui.driving import LARGE, SMALL, staged
from tests.tui.fake_control import FakeControl

ANA = "terminal:ana"


def about(control: FakeControl, **changes: object) -> FakeControl:
    """The newest line of the log is about an incident."""
    control.incident_rows = [rows.incident(77, **changes)]
    last = control.event_rows[-1]
    said = "I77 new: Order sync to ERP was stopped by Workato"
    line = replace(last, sequence=last.sequence + 1, incident="I77", master_job_id=None, text=said)
    control.event_rows.append(line)
    return control


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "200x60"])
async def test_s_on_the_line_of_a_stopped_recipe_asks_and_starts_it(size: tuple[int, int]) -> None:
    control = about(FakeControl())
    control.workspace = replace(control.workspace, production=True)
    async with staged(control, size=size) as stage:
        await stage.press("3")
        await stage.shows("was stopped by Workato")
        await stage.press("s")
        await stage.shows("Start this recipe now?", "Order sync to ERP", "5200101", "prod", "PRODUCTION")
        await stage.press("enter")
        await stage.hides("Start this recipe now?")
        assert stage.commands == []
        await stage.press("s")
        await stage.shows("Start this recipe now?")
        await stage.press("y")
        await stage.until(lambda: stage.commands == [Command(Verb.START, ANA, "prod", incident="I77")])
        await stage.shows("Done.")


async def test_s_on_a_failure_that_a_stopped_recipe_holds_up_starts_it() -> None:
    control = FakeControl()
    first = control.failure_rows[0]
    control.failure_rows[0] = replace(
        first, status=FailureStatus.HELD, reason=Reason.RECIPE_STOPPED, next_action_at=None
    )
    async with staged(control) as stage:
        await stage.shows("recipe stopped")
        await stage.press("s")
        await stage.shows("Start this recipe now?", first.recipe)
        await stage.press("y")
        aimed = Command(Verb.START, ANA, "prod", master_job_id=first.master_job_id)
        await stage.until(lambda: stage.commands == [aimed])


async def test_s_elsewhere_says_why_not() -> None:
    async with staged() as stage:
        await stage.press("s")
        await stage.told("Nothing here is about a stopped recipe")
        assert stage.commands == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"kind": "connection_lost"}, "I77 is not about a stopped recipe"),
        ({"status": "resolved"}, "I77 is resolved already"),
        ({"incident": "I78"}, "the engine knows no such incident any more"),
    ],
)
async def test_incidents_without_a_recipe_to_start_say_so(changes: dict[str, object], reason: str) -> None:
    async with staged(about(FakeControl(), **changes)) as stage:
        await stage.press("3")
        await stage.shows("was stopped by Workato")
        await stage.press("s")
        await stage.told(reason)
        assert stage.commands == []
