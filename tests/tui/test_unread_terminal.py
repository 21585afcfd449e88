"""A terminal that nobody reads, for three seconds: the engine goes on, and SIGTERM still ends in order."""

from __future__ import annotations

import signal
import time
from itertools import pairwise
from pathlib import Path

from tests.tui.pty_harness import Terminal, program

UNREAD_S = 3.0
LONGEST_GAP_S = 1.5
"""Half of the time in which a blocked engine would not beat at all. A benchmark measures how short the gaps are."""
ENDS_WITHIN_S = 20.0


BLOCKED_AFTER_S = 1.0
BLOCKS_WITHIN_S = 60.0


def times(file: Path) -> list[float]:
    return [float(line) for line in file.read_text().split()] if file.exists() else []


def block(terminal: Terminal, asked: Path) -> None:
    """Reads nothing and has everything repainted until the terminal's loop stands still."""
    end = time.monotonic() + BLOCKS_WITHIN_S
    while time.monotonic() - times(asked)[-1] < BLOCKED_AFTER_S:
        assert time.monotonic() < end
        terminal.press("zt")
        time.sleep(0.02)


def test_an_unread_terminal_delays_nothing(tmp_path: Path) -> None:
    with program(tmp_path, columns=200, lines=60) as terminal:
        terminal.shows("Order sync to E")
        begin = time.monotonic()
        block(terminal, tmp_path / "asked")
        while times(tmp_path / "beats")[-1] < begin + UNREAD_S:
            time.sleep(0.02)
        beats = [beat for beat in times(tmp_path / "beats") if beat > begin]
        assert max(later - earlier for earlier, later in pairwise(beats)) <= LONGEST_GAP_S
        asked = time.monotonic()
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.process.wait(ENDS_WITHIN_S) == 143
        assert time.monotonic() - asked < ENDS_WITHIN_S
        assert terminal.local_modes() == terminal.modes_before[3]
    assert (tmp_path / "stopped").exists()
