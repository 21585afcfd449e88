"""The screen of figures."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from aof_tui.base.errors import TemporaryError
from aof_tui.base.text import display_width
from aof_tui.tui.metrics_text import metrics_lines
from aof_tui.tui.story_text import story_lines
from tests.tui import rows
from tests.tui.conftest import SameScreen
from tests.tui.driving import LARGE, SMALL, staged
from tests.tui.fake_control import FakeControl
from tests.tui.rows import NOW, TORTURE, metrics_of

METRICS = metrics_of("prod", NOW - 86_400, NOW)


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "200x60"])
async def test_figures_of_a_day(size: tuple[int, int], same_screen: SameScreen) -> None:
    async with staged(size=size) as stage:
        await stage.press("m")
        await stage.shows("all recipes", "Order sync to ERP")
        await same_screen(stage, f"metrics-{size[0]}x{size[1]}")
        await stage.press("escape")
        await stage.shows("Failing jobs")


async def test_keys_that_act_on_a_failure_have_none_here() -> None:
    async with staged() as stage:
        await stage.press("m")
        await stage.shows("all recipes")
        await stage.press("r")
        await stage.shows("No failure is selected.")
        assert stage.commands == []


async def test_an_engine_that_does_not_answer_is_said() -> None:
    control = FakeControl()
    async with staged(control) as stage:
        control.fault = TemporaryError("the engine has not answered for 5 s")
        await stage.press("m")
        await stage.shows("The figures cannot be shown now: the engine has not answered for 5 s")


@pytest.mark.parametrize("width", [20, 76, 200])
def test_every_line_fits_whatever_names_hold(width: int) -> None:
    for text in TORTURE:
        row = replace(METRICS.recipes[0], name=text)
        error = replace(METRICS.top_errors[0], title=text)
        lines = metrics_lines(replace(METRICS, recipes=(row,), top_errors=(error,)), width)
        assert all("\x1b" not in cell.text for line in lines for cell in line)
        if width >= 76:
            assert max(sum(display_width(cell.text) for cell in line) for line in lines) <= width


def test_what_did_not_happen_takes_no_room() -> None:
    empty = replace(METRICS, recipes=(), categories=(), downstreams=(), top_errors=(), availability=())
    text = ["".join(cell.text for cell in line) for line in metrics_lines(empty, 80)]
    assert len(text) == 6
    assert text[-2:] == [
        "Tasks of repeats in 2025-11",
        "about 128, of 5000, 8 of them forced, 2 repeats of unknown price",
    ]


def test_the_story_says_until_when_a_job_can_be_repeated() -> None:
    failure = replace(rows.failure(1), repeatable_until=NOW + 7200, repeat_tasks=12)

    def said(until: float) -> str:
        story = rows.story_of(replace(failure, repeatable_until=until), (), ())
        return "\n".join("".join(cell.text for cell in line) for line in story_lines(story, NOW, 80))

    assert "until 2025-11-22 02:00:00 UTC, 2:00:00 left" in said(NOW + 7200)
    assert "no more: Workato kept it until 2025-11-21 23:00:00 UTC" in said(NOW - 3600)
    assert "about 12 tasks" in said(NOW)
