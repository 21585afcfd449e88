"""A program in a real pseudo-terminal: what it writes is kept raw and drawn by a terminal emulator."""

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
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyte

ROOT = Path(__file__).parents[2]
DEADLINE_S = 30.0
LOCAL_MODES = 3


class Terminal:
    """The master side of the pseudo-terminal."""

    def __init__(self, process: subprocess.Popen[bytes], master: int, slave: int, columns: int, lines: int) -> None:
        self.process = process
        self.master = master
        self.slave = slave
        self.raw = bytearray()
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        self.modes_before = termios.tcgetattr(slave)

    def read(self, within_s: float = 0.05) -> bool:
        """Takes what the program has written; False when there was nothing."""
        ready, _, _ = select.select([self.master], [], [], within_s)
        if not ready:
            return False
        try:
            data = os.read(self.master, 65_536)
        except OSError:
            return False
        self.raw += data
        self._stream.feed(data)
        return bool(data)

    def until(self, condition: Callable[[], bool]) -> None:
        """Reads until the condition holds; fails with the screen when it does not in time."""
        end = time.monotonic() + DEADLINE_S
        while not condition():
            assert time.monotonic() < end, "\n".join(self.screen.display)
            self.read()

    def shows(self, text: str) -> None:
        """Waits until the text is on the screen."""
        self.until(lambda: text in "\n".join(self.screen.display))

    def press(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def resize(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.screen.resize(lines, columns)
        self.process.send_signal(signal.SIGWINCH)

    def ends(self) -> int:
        """Waits for the end, reading on; the exit code."""
        self.until(lambda: self.process.poll() is not None)
        while self.read(0.0):
            pass
        return self.process.returncode

    def local_modes(self) -> object:
        """Echo, line editing and the like, as the terminal has them now."""
        return termios.tcgetattr(self.slave)[LOCAL_MODES]


@contextmanager
def program(
    folder: Path, how: str = "", *, columns: int = 80, lines: int = 24, environment: dict[str, str] | None = None
) -> Iterator[Terminal]:
    """The terminal program on a new pseudo-terminal."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    clean = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "LINES")}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.tui.program", str(folder), how],
        cwd=ROOT,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        env={**clean, "TERM": "xterm-256color", **(environment or {})},
    )
    try:
        yield Terminal(process, master, slave, columns, lines)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(DEADLINE_S)
        os.close(master)
        os.close(slave)
