"""What signals ask of a program without a terminal: an orderly end, an end at once, another look at the settings."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from types import FrameType, TracebackType

from aof_tui.cli.journal import STDERR

FORCED = b"aof-tui: ended at once; the next start settles what was open\n"
FORCED_CODE = 130

Handler = Callable[[int, FrameType | None], object] | int | None


class Stopping:
    """A context that takes SIGTERM, SIGINT and (where wanted) SIGHUP. Enter it in the main thread, early.

    The first SIGTERM or SIGINT asks for an orderly end; a SIGINT after that ends the process at once.
    """

    def __init__(self, *, reloads: bool = False) -> None:
        self.asked = False
        self._numbers = (signal.SIGTERM, signal.SIGINT, *((signal.SIGHUP,) if reloads else ()))
        self._before: dict[int, Handler] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._reload: asyncio.Event | None = None

    def __enter__(self) -> Stopping:
        self._before = {number: signal.signal(number, self._note) for number in self._numbers}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def bind(self, stop: asyncio.Event, reload: asyncio.Event | None = None) -> None:
        """Set these events of the running loop from now on; a signal that came before counts."""
        self._loop, self._stop, self._reload = asyncio.get_running_loop(), stop, reload
        if self.asked:
            stop.set()

    def _note(self, number: int, frame: FrameType | None) -> None:
        if number == signal.SIGHUP:
            self._set(self._reload)
            return
        if self.asked and number == signal.SIGINT:
            os.write(STDERR, FORCED)
            os._exit(FORCED_CODE)
        self.asked = True
        self._set(self._stop)

    def _set(self, event: asyncio.Event | None) -> None:
        if self._loop is not None and event is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(event.set)
