"""Whole screens as plain text, for a reader to review."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from aof_tui.base.errors import TemporaryError
from aof_tui.control.bridge import EngineGoneError
from tests.tui import rows
from tests.tui.conftest import SameScreen
from tests.tui.driving import LARGE, SMALL, staged
from tests.tui.fake_control import FakeControl

SIZES = pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "200x60"])


def named(name: str, size: tuple[int, int]) -> str:
    return f"{name}-{size[0]}x{size[1]}"


@SIZES
async def test_live(size: tuple[int, int], same_screen: SameScreen) -> None:
    async with staged(size=size) as stage:
        await stage.until(lambda: "Failing jobs  24" in stage.text)
        if size == LARGE:
            await stage.shows("Notifications  18", "Retry countdowns  15", "Log  follows", "00:00:00")
        await same_screen(stage, named("live", size))


@SIZES
async def test_story(size: tuple[int, int], same_screen: SameScreen) -> None:
    async with staged(size=size) as stage:
        await stage.press("j", "j", "j", "j", "enter")
        await stage.shows("fingerprint", "r Retry", "prod", "Log (8)" if size == LARGE else "Error")
        await same_screen(stage, named("story", size))


@SIZES
async def test_help(size: tuple[int, int], same_screen: SameScreen) -> None:
    async with staged(size=size) as stage:
        await stage.press("j", "j", "j", "question_mark")
        await stage.shows("Keys   Esc closes")
        await same_screen(stage, named("help", size))


async def test_each_pane_alone(same_screen: SameScreen) -> None:
    async with staged() as stage:
        for key, waits in (("2", "Retry countdowns  15"), ("3", "Log  follows"), ("4", "Notifications  18")):
            await stage.press(key)
            await stage.shows(waits, "UTC" if key != "2" else "NEXT STEP")
            await stage.until(lambda: "Loading" not in stage.text)
            await same_screen(stage, f"pane-{key}-80x24")


async def test_retry_of_a_job_in_doubt_shows_the_evidence(same_screen: SameScreen) -> None:
    control = FakeControl()
    control.workspace = replace(control.workspace, production=True)
    async with staged(control) as stage:
        await stage.press("j", "j", "j", "j", "r")
        await stage.shows("Repeat this job now?", "IN DOUBT")
        await same_screen(stage, "retry-in-doubt-80x24")


async def test_nothing_fails(same_screen: SameScreen) -> None:
    control = FakeControl(0, 0, 0)
    async with staged(control, wait_for="No failing jobs.") as stage:
        await stage.hides("loading")
        await same_screen(stage, "empty-80x24")


async def test_a_silent_engine_is_stale_not_green(same_screen: SameScreen) -> None:
    control = FakeControl(0, 0, 0)
    async with staged(control, wait_for="No failing jobs.") as stage:
        await stage.hides("loading")
        control.fault = TemporaryError("the engine has not answered for 5 s")
        await stage.shows("STALE")
        await stage.passes(42)
        assert "engine running" not in stage.text
        assert "No failing jobs." not in stage.text
        await stage.untold()
        await same_screen(stage, "stale-80x24")


async def test_a_dead_engine(same_screen: SameScreen) -> None:
    async with staged() as stage:
        stage.control.fault = EngineGoneError("the engine died: MemoryError")
        await stage.shows("ENGINE STOPPED: the engine died: MemoryError")
        await stage.told("The engine has stopped: the engine died: MemoryError.")
        await stage.untold()
        await same_screen(stage, "dead-80x24")


async def test_paused_and_observing(same_screen: SameScreen) -> None:
    control = FakeControl()
    control.workspace = replace(control.workspace, paused_by="ana", paused_at=rows.NOW - 60)
    control.engine = replace(control.engine, mode="observe", notices_dead=2)
    async with staged(control, size=(120, 34)) as stage:
        await stage.shows("paused by ana", "observe: nothing is sent", "2 undelivered", "Notifications  18", "a Ack")
        await same_screen(stage, "observe-120x34")


@pytest.mark.parametrize("size", [(1, 1), (20, 5), (40, 10), (300, 100)])
async def test_no_size_is_an_error(size: tuple[int, int]) -> None:
    control = FakeControl()
    async with staged(control, size=size, wait_for="") as stage:
        await stage.until(lambda: control.queries["failures"] > 0)
        for key in (
            "j",
            "2",
            "3",
            "4",
            "z",
            "1",
            "enter",
            "escape",
            "question_mark",
            "escape",
            "r",
            "n",
            "slash",
            "a",
            "escape",
        ):
            await stage.press(key)
        await stage.pilot.resize_terminal(80, 24)
        await stage.shows("Order sync to E")
