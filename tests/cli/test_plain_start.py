"""Commands that show a screen begin without the command line's library, and mean what they mean with it."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest

from aof_tui.base.errors import TemporaryError
from aof_tui.cli import main as edge
from aof_tui.cli.demo import Wish
from aof_tui.cli.main import main
from aof_tui.cli.plain_start import OPTIONS, asked_screen
from tests.cli.processes import ROOT

TAKEN = (
    "",
    "run",
    "run --observe",
    "run --config c.yaml --read-only",
    "run --read-only --observe --config d/c.yaml",
    "attach",
    "attach --config c.yaml",
    "attach --socket s.sock --read-only",
    "attach --read-only --socket a --socket b --config c",
    "demo",
)
LEFT = (
    "--help",
    "--version",
    "--read-only",
    "--config c.yaml run",
    "run --help",
    "run --config",
    "run --config --observe",
    "run c.yaml",
    "run --config=c.yaml",
    "attach -h",
    "attach --observe",
    "demo --speed 1",
    "demo --headless",
    "headless",
    "status",
    "ran",
)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What the screens were asked for, in place of showing them."""
    calls: list[object] = []

    def run(config: Path | None, *, observe: bool, read_only: bool) -> int:
        calls.append(("run", config, observe, read_only))
        return 7

    def attach(config: Path | None, socket: Path | None, *, read_only: bool) -> int:
        calls.append(("attach", config, socket, read_only))
        return 8

    def demo(wish: Wish) -> int:
        calls.append(("demo", wish))
        return 9

    monkeypatch.setattr("aof_tui.cli.run.run_with_terminal", run)
    monkeypatch.setattr("aof_tui.cli.attach.attach", attach)
    monkeypatch.setattr("aof_tui.cli.demo.run_demo", demo)
    return calls


@pytest.mark.parametrize("line", TAKEN)
def test_the_plain_way_asks_for_what_the_command_line_asks_for(line: str, asked: list[object]) -> None:
    show = asked_screen(line.split())
    assert show is not None
    codes = (show(), edge._run_command(line.split()))
    assert codes[0] == codes[1] != 0
    assert len(asked) == 2
    assert asked[0] == asked[1]


@pytest.mark.parametrize("line", LEFT)
def test_all_else_is_left_to_the_command_line(line: str) -> None:
    assert asked_screen(line.split()) is None


@pytest.mark.parametrize("value", ["", "-", "--read-only"])
def test_a_value_that_looks_like_none_is_left_to_the_command_line(value: str) -> None:
    assert asked_screen(["attach", "--socket", value]) is None


def test_its_options_are_the_command_lines(capsys: pytest.CaptureFixture[str]) -> None:
    for command, options in OPTIONS.items():
        assert main([command, "--help"]) == 0
        told = capsys.readouterr().out
        assert [option for option in options if option not in told] == []


@pytest.mark.parametrize("command", ["attach", "demo"])
def test_a_screen_begins_without_the_command_lines_library(command: str) -> None:
    script = f"import sys; from aof_tui.cli.main import main; main(['{command}']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "this is not a terminal" in done.stderr
    modules = set(done.stdout.split())
    loaded = {name.partition(".")[0] for name in modules}
    assert "textual" in loaded
    assert not loaded & {"typer", "click", "pydantic", "aiohttp", "httpx", "aiosqlite", "sqlite3", "email", "http"}
    assert not loaded & {"yaml", "hashlib"}
    assert not modules & {
        "aof_tui.tui.dispatch",
        "aof_tui.tui.questions",
        "aof_tui.tui.story",
        "aof_tui.base.redaction",
    }


@pytest.mark.parametrize(("asked", "frames"), [(None, 120), ("30", 30)])
def test_the_screen_is_painted_more_often_than_textual_does_unless_told(asked: str | None, frames: int) -> None:
    script = "import aof_tui.tui.run; from textual.constants import MAX_FPS; print(MAX_FPS)"
    environment = {name: value for name, value in os.environ.items() if name != "TEXTUAL_FPS"}
    environment |= {} if asked is None else {"TEXTUAL_FPS": asked}
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, env=environment, check=True)
    assert int(done.stdout) == frames


@pytest.mark.parametrize("ends", [0, 3])
def test_nothing_is_collected_while_a_screen_begins(ends: int, monkeypatch: pytest.MonkeyPatch) -> None:
    collecting: list[bool] = []

    def attach(_config: object, _socket: object, *, read_only: bool) -> int:
        collecting.append(gc.isenabled())
        if ends:
            raise TemporaryError("no engine")
        return ends

    monkeypatch.setattr("aof_tui.cli.attach.attach", attach)
    assert main(["attach", "--read-only"]) == ends
    assert (collecting, gc.isenabled()) == ([False], True)
