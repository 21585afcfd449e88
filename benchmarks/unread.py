"""A terminal that nobody reads: does the engine go on, and does SIGTERM still end the program in order?

Usage: python -m benchmarks.unread [--seconds 60]
`aof-tui run` in a real pseudo-terminal, on a simulated Workato in which ten thousand jobs fail, with real quotas. Keys
are pressed until all buffers on the way to the terminal are full and its loop stands still. The last line is one JSON
object; the exit code is 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.machine import describe_machine
from benchmarks.simulating import Simulated, simulating
from benchmarks.unread_program import BEAT_S
from tests.tui.pty_harness import ROOT, Terminal

SCENARIO = "flood"
SPEED = 60.0
"""The flood comes five seconds after the start; the engine reads it with its real quotas for minutes."""
SHOWN = "Orders to NetSuite"
COLUMNS, LINES = 200, 60
READ_S = 5.0
"""How long the terminal is read as usual, for comparison."""
REPAINTING_KEYS = "zt"
BLOCKED_AFTER_S = 1.0
MOST_GAP_S = 0.25
MOST_EXIT_S = 60.0
GIVE_UP_S = 90.0
ORDERLY = 128 + signal.SIGTERM


@dataclass(frozen=True, slots=True)
class Figures:
    """The last line."""

    seconds: float
    heartbeat_gap_s: float
    """The longest time between two beats of the engine's loop while nobody read, beyond the usual one."""
    exit_s: float
    """From SIGTERM to the end, with the terminal still unread."""
    exit_code: int | None
    """None when the program did not end."""
    heartbeat_gap_read_s: float
    """The same while the terminal was read."""
    terminal_beat_for_s: float
    """How long the terminal's own loop still beat after the last read; then it stood still until the end."""
    pending_bytes: int
    """What waits in the pseudo-terminal to be read."""
    met: bool


def measure(seconds: float, folder: Path) -> Figures:
    """Run the program, read it until failures show, then leave it unread for so long, then end it."""
    with simulating(SCENARIO, SPEED) as simulated, program(simulated, folder) as terminal:
        terminal.shows(SHOWN)
        began = time.monotonic()
        terminal.until(lambda: time.monotonic() - began >= READ_S)
        unread = time.monotonic()
        _block(terminal, folder / "terminal", unread + seconds)
        time.sleep(max(0.0, unread + seconds - time.monotonic()))
        asked = time.monotonic()
        pending = _pending(terminal)
        terminal.process.send_signal(signal.SIGTERM)
        code = _code(terminal.process)
        exit_s = time.monotonic() - asked
    engine = _times(folder / "engine")
    gap = _longest_gap(engine, unread, asked)
    beat_for = max(0.0, max(_times(folder / "terminal")) - unread)
    return Figures(
        seconds=seconds,
        heartbeat_gap_s=round(gap, 3),
        exit_s=round(exit_s, 2),
        exit_code=code,
        heartbeat_gap_read_s=round(_longest_gap(engine, began, unread), 3),
        terminal_beat_for_s=round(beat_for, 2),
        pending_bytes=pending,
        met=gap <= MOST_GAP_S and exit_s <= MOST_EXIT_S and code == ORDERLY and beat_for < seconds / 2,
    )


def _block(terminal: Terminal, beats: Path, until: float) -> None:
    """Press keys that have everything painted anew until the terminal's loop stands still: every buffer is full."""
    while (now := time.monotonic()) < until and now - _times(beats)[-1] < BLOCKED_AFTER_S:
        terminal.press(REPAINTING_KEYS)
        time.sleep(BEAT_S)


@contextmanager
def program(simulated: Simulated, folder: Path) -> Iterator[Terminal]:
    """`aof-tui run` with heartbeats, on a new pseudo-terminal."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    config = simulated.write_config(folder)
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.unread_program", str(folder), "run", "--config", str(config)],
        cwd=ROOT,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        env={**os.environ, **simulated.environment(), "TERM": "xterm-256color"},
    )
    try:
        yield Terminal(process, master, slave, COLUMNS, LINES)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        os.close(master)
        os.close(slave)


def _code(process: subprocess.Popen[bytes]) -> int | None:
    try:
        return process.wait(GIVE_UP_S)
    except subprocess.TimeoutExpired:
        return None


def _times(file: Path) -> list[float]:
    return [float(line) for line in file.read_text(encoding="ascii").splitlines()]


def _longest_gap(beats: list[float], begin: float, end: float) -> float:
    """Beyond the time between two beats; the beats just outside the span count, so that a silent one is all gap."""
    before = [at for at in beats if at < begin][-1:]
    within = [at for at in beats if begin <= at <= end]
    return max(later - earlier for earlier, later in pairwise([*before, *within, end])) - BEAT_S


def _pending(terminal: Terminal) -> int:
    answer = fcntl.ioctl(terminal.master, termios.FIONREAD, b"\0" * 4)
    return int.from_bytes(answer, sys.byteorder)


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.unread")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long nobody reads (default: 60)")
    seconds = parser.parse_args().seconds
    print(describe_machine())
    with TemporaryDirectory(prefix="aof-tui-bench-") as folder:
        figures = measure(seconds, Path(folder))
    print(
        f"nobody read for {figures.seconds:g} s: the terminal's loop beat {figures.terminal_beat_for_s} s more, with "
        f"{figures.pending_bytes} bytes waiting; the engine's longest gap was {figures.heartbeat_gap_s} s "
        f"({figures.heartbeat_gap_read_s} s while it was read); SIGTERM ended it after {figures.exit_s} s with "
        f"{figures.exit_code}"
    )
    print(json.dumps(asdict(figures)))
    return 0 if figures.met else 1


if __name__ == "__main__":
    sys.exit(main())
