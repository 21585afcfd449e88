"""The orderly end on a signal or a lost terminal, also when the terminal's loop stands still.

A terminal that nobody reads blocks Textual's loop for good, so nothing here depends on that loop: a handler only writes
one byte to a pipe, and a helper thread started beforehand does the rest.
"""

from __future__ import annotations

import errno
import os
import select
import signal
import sys
import termios
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType, TracebackType

from msgspec import Struct

from aof_tui.base.clock import Clock, SystemClock

HANDLED = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
STOP_WITHIN_S = 50.0
"""Real seconds an engine may take to end in order."""
LEAVE_WITHIN_S = 3.0
"""Real seconds the terminal may take to leave its screen."""
LOOK_EVERY_S = 1.0
"""Real seconds between two looks at whether the terminal is still there."""
STEP_S = 0.1
_DONE = 0
"""The byte that ends the helper; no signal has this number."""

LEAVE_SCREEN = (
    b"\x1b[?1049l\x1b[?25h\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1004l\x1b[?2004l\x1b[<u\x1b[0m"
)


class Callbacks(Struct, frozen=True):
    """What has to happen, in this order. All are called on the helper thread."""

    request_stop: Callable[[], None]
    """Asks the engine to end."""
    wait_stopped: Callable[[float], bool]
    """Whether it has ended, waiting for it so many real seconds."""
    ask_app_exit: Callable[[int], None]
    """Asks the terminal to leave with this exit code; must not block."""


class OrderlyExit:
    """A context around the terminal's life. Enter it in the main thread, before Textual starts."""

    def __init__(self, callbacks: Callbacks, *, clock: Clock | None = None) -> None:
        self._do = callbacks
        self._clock = SystemClock() if clock is None else clock
        self._left = threading.Event()
        self._finished = threading.Event()
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._writer, False)
        self._terminal = _Terminal.here()
        self._helper = threading.Thread(target=self._watch, name="signals", daemon=True)

    def __enter__(self) -> OrderlyExit:
        self._before = {number: signal.signal(number, self._note) for number in HANDLED}
        self._helper.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._left.set()
        self._finished.set()
        os.write(self._writer, bytes([_DONE]))
        self._helper.join()
        for number, handler in self._before.items():
            signal.signal(number, handler)
        os.close(self._reader)
        os.close(self._writer)

    def app_left(self) -> None:
        """The terminal has left its screen; the engine may still be ending."""
        self._left.set()

    def _note(self, number: int, frame: FrameType | None) -> None:
        with suppress(OSError):
            os.write(self._writer, bytes([number]))

    # On the helper thread

    def _watch(self) -> None:
        number = self._next_signal(LOOK_EVERY_S)
        while number is None:
            if not self._left.is_set() and self._terminal.lost():
                self._terminal.detach()
                number = signal.SIGHUP
            else:
                number = self._next_signal(LOOK_EVERY_S)
        if number != _DONE:
            self._end(128 + number)

    def _next_signal(self, within_s: float) -> int | None:
        ready, _, _ = select.select([self._reader], [], [], within_s)
        return os.read(self._reader, 1)[0] if ready else None

    def _end(self, code: int) -> None:
        self._do.request_stop()
        if not self._until(lambda: self._do.wait_stopped(STEP_S), STOP_WITHIN_S):
            self._force(code)
            return
        self._do.ask_app_exit(code)
        if not self._until(lambda: self._finished.wait(STEP_S), LEAVE_WITHIN_S):
            self._force(code)

    def _until(self, happened: Callable[[], bool], limit_s: float) -> bool:
        """Whether it happened in time. Another signal ends the patience."""
        end = self._clock.boot() + limit_s
        while not happened():
            if self._clock.boot() > end or self._next_signal(0.0) not in (None, _DONE):
                return self._finished.is_set()
        return True

    def _force(self, code: int) -> None:
        if not self._left.is_set():
            self._terminal.restore()
        os._exit(code)


class _Terminal:
    """The terminal as it was before Textual changed it."""

    def __init__(self, fd: int | None, modes: list[int | list[bytes | int]] | None) -> None:
        self._fd = fd
        self._modes = modes

    @classmethod
    def here(cls) -> _Terminal:
        """The one at standard input, if it is one."""
        try:
            fd = sys.__stdin__.fileno() if sys.__stdin__ is not None else None
            return cls(None, None) if fd is None else cls(fd, termios.tcgetattr(fd))
        except (termios.error, ValueError, OSError):
            return cls(None, None)

    def lost(self) -> bool:
        """Whether the terminal has gone away."""
        if self._fd is None:
            return False
        try:
            termios.tcgetattr(self._fd)
        except termios.error:
            return True
        return False

    def detach(self) -> None:
        """Puts a silent pipe and the null device in place of a terminal that is gone: reading it would spin."""
        silent, _ = os.pipe()
        null = os.open(os.devnull, os.O_RDWR)
        gone = [fd for fd in (0, 1, 2) if _hung_up(fd)]
        for fd in gone:
            os.dup2(silent if fd == 0 else null, fd)

    def restore(self) -> None:
        """Leaves the screen as far as that goes without waiting: nobody may be reading."""
        if self._fd is None or self._modes is None:
            return
        with suppress(termios.error, OSError):
            termios.tcflush(self._fd, termios.TCOFLUSH)
            # Opened anew: making the inherited descriptor non-blocking would make it so for the shell as well.
            fresh = os.open(os.ttyname(self._fd), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
            os.write(fresh, LEAVE_SCREEN)
        with suppress(termios.error):
            termios.tcsetattr(self._fd, termios.TCSANOW, self._modes)


def _hung_up(fd: int) -> bool:
    try:
        termios.tcgetattr(fd)
    except termios.error as error:
        return bool(error.args[0] != errno.ENOTTY)  # a file or a pipe stays as it is
    return False
