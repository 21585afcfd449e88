"""The log follows its end, stays where a person reads, and reaches both ends of a long history."""

from __future__ import annotations

import pytest
from textual.events import MouseScrollDown, MouseScrollUp

from aof_tui.control.requests import Topic
from aof_tui.tui import log_pane
from aof_tui.tui.log_pane import MAX_LINES, LogPane
from tests.tui import rows
from tests.tui.driving import LARGE, SMALL, Stage, staged
from tests.tui.fake_control import FakeControl


def log(stage: Stage) -> LogPane:
    return stage.app.main.query_one("#log", LogPane)


def add(stage: Stage, lines: int) -> None:
    last = stage.control.event_rows[-1].sequence if stage.control.event_rows else 0
    stage.control.event_rows += [rows.event(last + 1 + n) for n in range(lines)]
    stage.control.publish(Topic.EVENTS)


def at_cursor(stage: Stage) -> int | None:
    row = log(stage).current
    return None if row is None else row.sequence


async def opened(stage: Stage, last: int = 400) -> None:
    await stage.press("3")
    await stage.until(lambda: at_cursor(stage) == last)


async def test_it_follows() -> None:
    async with staged() as stage:
        await opened(stage)
        add(stage, 3)
        await stage.until(lambda: at_cursor(stage) == 403)
        await stage.shows("Log  follows")
        add(stage, 1_000)
        await stage.until(lambda: at_cursor(stage) == 1_403)
        assert log(stage).count <= MAX_LINES


async def test_a_reader_is_left_in_peace_and_told_how_much_is_new() -> None:
    async with staged() as stage:
        await opened(stage)
        await stage.press("k", "k")
        before = stage.lines[4:20]
        add(stage, 7)
        await stage.shows("+7 new, G follows")
        assert stage.lines[4:20] == before
        assert at_cursor(stage) == 398
        await stage.press("G")
        await stage.until(lambda: at_cursor(stage) == 407)
        await stage.shows("Log  follows")


async def test_many_new_lines_are_counted_up_to_a_limit() -> None:
    async with staged() as stage:
        await opened(stage)
        await stage.press("k")
        add(stage, 500)
        await stage.shows("+100+ new, G follows")


async def test_down_to_the_end_follows_again() -> None:
    async with staged() as stage:
        await opened(stage)
        await stage.press("k", "k")
        await stage.shows("stopped")
        await stage.press("j", "j")
        await stage.shows("follows")


async def test_the_whole_history_can_be_walked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_pane, "STEP", 60)
    monkeypatch.setattr(log_pane, "MAX_LINES", 240)
    control = FakeControl(events=420)
    async with staged(control) as stage:
        await opened(stage, 420)
        for _ in range(150):
            await stage.press("pageup")
            assert log(stage).count <= 240
            if at_cursor(stage) == 1:
                break
            await stage.pilot.pause()
        assert at_cursor(stage) == 1
        for _ in range(200):
            await stage.press("pagedown")
            await stage.pilot.pause()
            if log(stage).following:
                break
        await stage.until(lambda: at_cursor(stage) == 420)


async def test_the_beginning_is_one_key_away() -> None:
    async with staged() as stage:
        await opened(stage)
        await stage.press("g")
        await stage.until(lambda: at_cursor(stage) == 1)
        await stage.press("j")
        assert at_cursor(stage) == 2


async def test_an_empty_log_grows() -> None:
    async with staged(FakeControl(0, 0, 0), wait_for="No failing jobs.") as stage:
        await stage.press("3")
        await stage.shows("No events yet.")
        await stage.press("k", "g", "j", "G", "pageup")
        add(stage, 2)
        await stage.press("G")
        await stage.until(lambda: at_cursor(stage) == 2)


async def test_it_follows_on_though_a_smaller_terminal_hides_it() -> None:
    async with staged(size=LARGE) as stage:
        await stage.until(lambda: at_cursor(stage) == 400)
        await stage.press("m")
        await stage.pilot.resize_terminal(*SMALL)
        await stage.press("escape", "3")
        await stage.shows("Log  follows")
        add(stage, 2)
        await stage.until(lambda: at_cursor(stage) == 402)


def turned(kind: type[MouseScrollUp | MouseScrollDown], *, shift: bool = False) -> MouseScrollUp | MouseScrollDown:
    return kind(None, 5, 5, 0, 1, 0, shift, False, False)


async def test_the_wheel_leaves_the_end() -> None:
    async with staged() as stage:
        await opened(stage)
        log(stage).post_message(turned(MouseScrollUp, shift=True))
        log(stage).post_message(turned(MouseScrollDown))
        add(stage, 1)
        await stage.until(lambda: at_cursor(stage) == 401)
        assert log(stage).following
        log(stage).post_message(turned(MouseScrollUp))
        await stage.shows("stopped, G follows")


async def test_the_wheel_takes_the_cursor_along() -> None:
    async with staged() as stage:
        await opened(stage)
        await stage.press("g")
        await stage.until(lambda: at_cursor(stage) == 1 and log(stage).allow_vertical_scroll)
        for _ in range(60):
            before = log(stage).first_visible
            log(stage).post_message(turned(MouseScrollDown))
            await stage.until(lambda before=before: log(stage).first_visible > before)  # type: ignore[misc]  # bound
            assert log(stage).cursor == log(stage).first_visible
        assert at_cursor(stage) == log(stage).first_visible + 1 > 100


async def test_a_page_up_in_an_empty_log_does_not_stop_it() -> None:
    control = FakeControl()
    control.event_rows = []
    async with staged(control) as stage:
        await stage.press("3")
        await stage.shows("No events yet.")
        await stage.press("pageup")
        add(stage, 1)
        await stage.until(lambda: at_cursor(stage) == 1)
        await stage.press("pageup")
        add(stage, 2)
        await stage.until(lambda: at_cursor(stage) == 3)
