"""Commands of the program in real pseudo-terminals."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cli.processes import DEADLINE_S, ROOT, command, environment
from tests.tui.pty_harness import Terminal

COLUMNS, LINES = 120, 40
ALTERNATE_SCREEN = b"\x1b[?1049h"


@contextmanager
def terminal(folder: Path, *words: str, **more: str) -> Iterator[Terminal]:
    """A command on a new pseudo-terminal."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    process = subprocess.Popen(
        command(*words),
        cwd=ROOT,
        env=environment(folder, **more),
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    )
    try:
        yield Terminal(process, master, slave, COLUMNS, LINES)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(DEADLINE_S)
        os.close(master)
        os.close(slave)
