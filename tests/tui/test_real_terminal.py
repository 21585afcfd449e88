"""The terminal in a real pseudo-terminal: begin, resize, keys, signals, and no control code from data."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest

from tests.tui.pty_harness import Terminal, program

ALTERNATE_ON, ALTERNATE_OFF = b"\x1b[?1049h", b"\x1b[?1049l"
# What Textual itself writes: CSI sequences, pointer shapes, queries. Nothing else may begin with ESC.
KNOWN = re.compile(rb"\x1b\[[0-9;:?<>=$ ]*[@-~]|\x1b\]22;[a-z-]*\x07|\x1bP\+?\$?[^\x1b]*\x1b\\")


def begun(terminal: Terminal) -> None:
    terminal.shows("Order sync to E")


def restored(terminal: Terminal) -> None:
    assert ALTERNATE_ON in terminal.raw
    assert terminal.raw.rfind(ALTERNATE_OFF) > terminal.raw.rfind(ALTERNATE_ON)
    assert terminal.local_modes() == terminal.modes_before[3]


def test_it_begins_acts_and_asks_before_it_leaves(tmp_path: Path) -> None:
    with program(tmp_path) as terminal:
        begun(terminal)
        terminal.press("r")
        terminal.shows("Repeat this job now?")
        terminal.press("y")
        terminal.shows("Done.")
        assert (tmp_path / "commands").read_text() == "retry j-0000 terminal:ana\n"
        terminal.press("q")
        terminal.shows("Quit and stop the engine?")
        terminal.press("y")
        assert terminal.ends() == 0
        restored(terminal)
    assert (tmp_path / "stopped").exists()


def test_it_follows_every_size(tmp_path: Path) -> None:
    with program(tmp_path) as terminal:
        begun(terminal)
        for columns, lines in ((200, 60), (20, 5), (1, 1), (300, 100), (81, 25), (40, 12)):
            terminal.resize(columns, lines)
            terminal.read(0.05)
        terminal.resize(200, 60)
        terminal.shows("4 Notifications  18")
        terminal.process.send_signal(signal.SIGTERM)
        terminal.ends()


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)],
    ids=str,
)
def test_a_signal_ends_engine_and_screen_in_order(tmp_path: Path, number: signal.Signals, code: int) -> None:
    with program(tmp_path) as terminal:
        begun(terminal)
        terminal.process.send_signal(number)
        assert terminal.ends() == code
        restored(terminal)
    assert (tmp_path / "stopped").exists()


def test_a_second_signal_does_not_wait_for_a_stuck_engine(tmp_path: Path) -> None:
    with program(tmp_path, "stuck") as terminal:
        begun(terminal)
        terminal.process.send_signal(signal.SIGINT)
        terminal.until((tmp_path / "stopping").exists)
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.ends() == 130
        restored(terminal)
    assert not (tmp_path / "stopped").exists()


@pytest.mark.parametrize("how", ["torture", "unclean"])
def test_no_control_code_of_data_reaches_the_terminal(tmp_path: Path, how: str) -> None:
    with program(tmp_path, how, columns=200, lines=60) as terminal:
        terminal.shows("bad [/foo] x")
        terminal.press("a")
        terminal.until((tmp_path / "commands").exists)
        for key in ("jj\r", "q", "3\r", "q", "4", "r", "n", "?", "q", "z"):
            terminal.press(key)
            terminal.read(0.2)
        terminal.process.send_signal(signal.SIGTERM)
        terminal.ends()
        left = KNOWN.sub(b"", bytes(terminal.raw))
    assert b"\x1b" not in left
    assert b"\x07" not in left
    for stolen in (b"\x1b]0", b"\x1b]52", b"\xc2\x9b", "\u202e".encode(), "\u2066".encode()):
        assert stolen not in terminal.raw


def test_no_colour_is_asked_for_with_no_color(tmp_path: Path) -> None:
    with program(tmp_path, environment={"NO_COLOR": "1", "COLORTERM": "truecolor"}) as terminal:
        begun(terminal)
        terminal.process.send_signal(signal.SIGTERM)
        terminal.ends()
        colours = set(re.findall(rb"[34]8;2;(\d+);(\d+);(\d+)", bytes(terminal.raw)))
    assert all(red == green == blue for red, green, blue in colours)


def test_a_dead_engine_is_said_to_be_dead_and_why_is_told_outside(tmp_path: Path) -> None:
    with program(tmp_path, "dead") as terminal:
        assert terminal.ends() == 1
        restored(terminal)
        assert b"the engine died: RuntimeError" in terminal.raw
        assert b"token=abc" not in terminal.raw.split(ALTERNATE_OFF)[-1].replace(b"RuntimeError: token=abc", b"")
