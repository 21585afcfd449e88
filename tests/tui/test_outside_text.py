"""Text from outside in every pane, dialog and toast: shown as it is, never obeyed."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from rich.segment import Segment
from textual.color import Color

from aof_tui.base.errors import TemporaryError
from aof_tui.base.text import one_line
from aof_tui.tui.terminal import InertText
from tests.tui import rows
from tests.tui.driving import LARGE, SMALL, staged
from tests.tui.fake_control import FakeControl
from tests.tui.program import spoil

BLACK = Color(0, 0, 0)
PACKAGE = Path(__file__).parents[2] / "aof_tui" / "tui"
HARMFUL = {chr(code) for code in (*range(0x20), 0x7F, *range(0x80, 0xA0), 0x202E, 0x2066)} - {"\n"}


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "200x60"])
async def test_every_pane_dialog_and_story_shows_it_inert(size: tuple[int, int]) -> None:
    control = FakeControl()
    spoil(control)
    async with staged(control, size=size, wait_for="bad [/foo] x") as stage:
        seen = ""
        for keys in (["2"], ["3"], ["4"], ["1"], ["r"], ["n"], ["c"], ["escape"], ["e"], ["n"], ["enter"], ["escape"]):
            await stage.press(*keys)
            seen += stage.text
        for _ in rows.TORTURE if size == SMALL else ():
            await stage.press("enter")
            await stage.shows("attempts")
            seen += stage.text
            await stage.press("escape", "j")
        for keys in (
            ["i"],
            ["s"],
            ["n"],
            ["S"],
            ["n"],
            ["A"],
            ["escape"],
            ["G"],
            ["tab"],
            ["b"],
            ["n"],
            ["G"],
            ["escape"],
        ):
            await stage.press(*keys)
            seen += stage.text
        assert stage.app.is_running
        assert stage.commands == []
    assert not HARMFUL & set(seen)
    for text in (
        "bad [/foo] x",
        "[ERROR] job failed",
        "map[key] [red]hot",
        "[@click=app.quit]press[/]",
        "C:\\temp\\[x]",
    ):
        assert text in seen


async def test_a_toast_and_the_header_show_it_inert() -> None:
    async with staged() as stage:
        for text in rows.TORTURE:
            stage.app.tell(text)
            await stage.told(one_line(text[:400]))
            stage.control.fault = TemporaryError(text)
            stage.app.desk.note_fault(stage.control.fault)
            stage.app.tick()
            await stage.shows("STALE")
            assert not HARMFUL & set(stage.text)
            await stage.untold()


def test_the_line_filter_replaces_what_would_be_obeyed_and_keeps_the_width() -> None:
    line = [Segment("ok"), Segment("a\x1b]52;c;x\x07\u202eb\x9b31m\n"), Segment("\x1b[1m", None, [(1,)])]  # type: ignore[list-item]  # any control code
    kept = InertText().apply(line, BLACK)
    assert kept[0] == line[0]
    assert not HARMFUL & set(kept[1].text)
    assert kept[1].cell_length == line[1].cell_length
    assert kept[2] is line[2]


def test_a_harmless_line_is_not_touched() -> None:
    line = [Segment("日本語 é"), Segment("x")]
    assert InertText().apply(line, BLACK) is line


def test_no_call_lets_a_toast_read_markup() -> None:
    calls = [
        node
        for file in PACKAGE.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "notify"
    ]
    assert calls
    for call in calls:
        markup = [keyword.value for keyword in call.keywords if keyword.arg == "markup"]
        assert [value.value for value in markup if isinstance(value, ast.Constant)] == [False]


async def test_a_crash_of_the_terminal_prints_no_values() -> None:
    secret = "hunter" + "2"
    told: list[str] = []

    def fail() -> None:
        held = secret
        raise RuntimeError(f"a fault beside {len(held)} letters")

    async def crash() -> None:
        async with staged() as stage:
            stage.app.call_next(fail)
            await stage.until(lambda: bool(stage.app._exit_renderables))
            with stage.app.console.capture() as capture:
                for renderable in stage.app._exit_renderables:
                    stage.app.console.print(renderable)
            told.append(capture.get())

    with pytest.raises(RuntimeError, match="a fault beside"):
        await crash()
    assert "RuntimeError" in told[0]
    assert secret not in told[0]
