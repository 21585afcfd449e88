"""Keys that arrive in one write: none acts anywhere before the one before it has had its effect."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events
from textual.widgets import Input

from aof_tui.tui.actions import View
from tests.tui.driving import Stage, staged
from tests.tui.pty_harness import program


async def type_at_once(stage: Stage, *keys: str) -> None:
    """All keys into the app's queue before it can take the first; a single character is itself."""
    for key in keys:
        if len(key) == 1 and not key.isalnum():
            stage.app.post_message(events.Key({"/": "slash", ":": "colon", " ": "space"}[key], key))
        else:
            stage.app.post_message(events.Key(key, key if len(key) == 1 else None))
    await stage.pilot.pause()


@pytest.mark.parametrize("text", ["order", "Px", "invo", "ry", "q"])
async def test_every_letter_behind_the_slash_is_typed_into_the_filter(text: str) -> None:
    async with staged() as stage:
        await type_at_once(stage, "/", *text)
        await stage.until(lambda: stage.app.main.active.filter_text == text)
        assert stage.app.screen is stage.app.main
        assert not stage.app._notifications


async def test_a_pane_and_its_filter_in_one_write() -> None:
    async with staged() as stage:
        await type_at_once(stage, *"2/order", "enter", "4", *"/mail")
        await stage.until(lambda: stage.app.main.active.filter_text == "mail")
        assert [pane.filter_text for pane in stage.app.main.panes] == ["", "order", "", "mail"]


async def test_a_filter_over_another_screen_in_one_write() -> None:
    async with staged() as stage:
        await stage.press("m")
        await stage.until(lambda: stage.app.live.kind is View.METRICS)
        await type_at_once(stage, *"/crx")
        await stage.until(lambda: stage.app.main.active.filter_text == "crx")
        await type_at_once(stage, "escape", *"i/rx")
        await stage.until(lambda: stage.app.live.kind is View.INCIDENTS)
        await stage.until(lambda: stage.app.screen.query_one("#filter", Input).value == "rx")
        assert stage.app.screen is stage.app.live


@pytest.mark.parametrize("keys", ["ry", "ryy", "xy", "rxiy", "r" + "y" * 100])
async def test_no_key_behind_one_that_asks_answers_or_acts(keys: str) -> None:
    async with staged() as stage:
        await type_at_once(stage, *keys)
        await stage.until(lambda: stage.app.screen is not stage.app.main)
        await stage.pilot.pause(0.05)
        assert stage.app.live is stage.app.main
        assert len(stage.app.screen_stack) == 2
        assert not stage.commands
        await stage.press("y")
        await stage.until(lambda: len(stage.commands) == 1)


async def test_a_reason_typed_before_it_was_asked_closes_nothing() -> None:
    async with staged() as stage:
        await type_at_once(stage, *"cdone", "enter")
        await stage.shows("Close")
        await stage.pilot.pause(0.05)
        assert not stage.commands
        assert stage.app.screen.query_one("#reason").has_focus


async def test_leaving_in_one_write_is_still_asked() -> None:
    async with staged() as stage:
        await type_at_once(stage, *"qy")
        await stage.shows("Quit and stop the engine?")
        await stage.pilot.pause(0.05)
        assert stage.app.is_running
        assert len(stage.app.screen_stack) == 2


async def test_a_key_behind_one_that_opens_a_screen_acts_on_that_screen() -> None:
    async with staged() as stage:
        await type_at_once(stage, *"iv")
        await stage.until(lambda: stage.app.live.kind is View.INCIDENTS)
        await stage.pilot.pause(0.05)
        assert not stage.commands
        assert stage.app.screen_stack[1] is stage.app.live


async def test_keys_go_on_where_nothing_was_asked_and_where_no_answer_comes() -> None:
    async with staged() as stage:
        stage.app.type_ahead.question_comes()
        await type_at_once(stage, "i")
        assert stage.app.live is stage.app.main
        for _ in range(9):
            stage.app.type_ahead.tick()
        await type_at_once(stage, "3")
        await stage.until(lambda: stage.app.main.active is stage.app.main.log_pane)
        assert stage.app.live is stage.app.main


def test_one_write_in_a_real_terminal(tmp_path: Path) -> None:
    with program(tmp_path) as terminal:
        terminal.shows("Order sync to E")
        terminal.press("2/order")
        terminal.shows("/order ")
        terminal.press("\r\x1b")
        terminal.until(lambda: "/order" not in "\n".join(terminal.screen.display))
        terminal.press("1ry")
        terminal.shows("Repeat this job now?")
        terminal.press("\x1b")
        terminal.until(lambda: "Repeat this job now?" not in "\n".join(terminal.screen.display))
        terminal.press("q")
        terminal.shows("Quit and stop the engine?")
        terminal.press("y")
        assert terminal.ends() == 0
    assert not (tmp_path / "commands").exists()
