"""A terminal that nobody reads, for three seconds: the engine goes on, and SIGTERM still ends in order."""

from __future__ import annotations

import signal
import time
from itertools import pairwise
from pathlib import Path

from tests.tui.pty_harness import program

UNREAD_S = 3.0
LONGEST_GAP_S = 1.5
"""Half of the time in which a blocked engine would not beat at all. A benchmark measures how short the gaps are."""
ENDS_WITHIN_S = 20.0


def test_an_unread_terminal_delays_nothing(tmp_path: Path) -> None:
    beats = tmp_path / "beats"

    def beat_times() -> list[float]:
        return [float(line) for line in beats.read_text().split()] if beats.exists() else []

    with program(tmp_path, columns=200, lines=60) as terminal:
        terminal.shows("Order sync to E")
        begin = time.monotonic()
        # From here on nothing is read. Panes zoomed again and again fill every buffer on the way.
        while not beat_times() or beat_times()[-1] < begin + UNREAD_S:
            terminal.press("z")
            time.sleep(0.02)
        gaps = [later - earlier for earlier, later in pairwise(beat_times()) if earlier > begin]
        assert max(gaps) <= LONGEST_GAP_S
        asked = time.monotonic()
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.process.wait(ENDS_WITHIN_S) == 143
        assert time.monotonic() - asked < ENDS_WITHIN_S
        assert terminal.local_modes() == terminal.modes_before[3]
    assert (tmp_path / "stopped").exists()
