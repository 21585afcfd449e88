"""A program on a new pseudo-terminal that is read as fast as it writes, with the time at which each piece came."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue

import pyte

ROOT = Path(__file__).parents[1]
PIECE = 65_536
END_WITHIN_S = 10.0
LOOK_EVERY_S = 0.02
SWITCH_S = 0.0005
"""How long a thread may keep the others from running: what draws the screen must not delay what notes the times."""


class Watched:
    """The reading side: a thread takes what comes and when, the caller has it drawn."""

    def __init__(self, process: subprocess.Popen[bytes], master: int, columns: int, lines: int) -> None:
        self.process = process
        self.screen = pyte.Screen(columns, lines)
        self.received = 0
        """Bytes so far."""
        self._stream = pyte.ByteStream(self.screen)
        self._master = master
        self._pieces: SimpleQueue[tuple[float, bytes]] = SimpleQueue()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._read, name="reading", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        while not self._ended.is_set():
            ready, _, _ = select.select([self._master], [], [], LOOK_EVERY_S)
            if ready:
                try:
                    data = os.read(self._master, PIECE)
                except OSError:
                    return
                self.received += len(data)
                self._pieces.put((time.perf_counter(), data))

    def press(self, keys: bytes) -> float:
        """Type; when it was."""
        at = time.perf_counter()
        os.write(self._master, keys)
        return at

    def draw_for(self, seconds: float) -> None:
        """Draw what comes in so many seconds."""
        self._draw_until(lambda: False, seconds)

    def shown(self, condition: Callable[[], bool], within_s: float) -> float | None:
        """When the piece came with which the screen fulfils the condition; None when none did in time."""
        return self._draw_until(condition, within_s)

    def text(self) -> str:
        """The whole screen."""
        return "\n".join(self.screen.display)

    def close(self) -> None:
        """No longer read."""
        self._ended.set()
        self._thread.join()

    def _draw_until(self, condition: Callable[[], bool], within_s: float) -> float | None:
        end = time.perf_counter() + within_s
        while (left := end - time.perf_counter()) > 0:
            try:
                at, data = self._pieces.get(timeout=left)
            except Empty:
                return None
            self._stream.feed(data)
            if condition():
                return at
        return None


@contextmanager
def watched(
    arguments: Sequence[str], columns: int, lines: int, environment: Mapping[str, str] | None = None
) -> Iterator[Watched]:
    """A Python program on a new pseudo-terminal of that size; it is ended by SIGTERM."""
    sys.setswitchinterval(SWITCH_S)
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    clean = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "LINES")}
    process = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        env={**clean, "TERM": "xterm-256color", **(environment or {})},
    )
    os.close(slave)
    terminal = Watched(process, master, columns, lines)
    try:
        yield terminal
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(END_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        terminal.close()
        os.close(master)
