"""Runs an engine on its own event loop in its own thread, so that a terminal nobody reads cannot delay it."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine
from typing import Any

from aof_tui.base.errors import AofError
from aof_tui.control.bridge import EngineGoneError, EngineUnreachableError, ThreadBridge
from aof_tui.control.protocol import Control

log = logging.getLogger(__name__)

EngineMain = Callable[[Callable[[Control], None], asyncio.Event], Coroutine[Any, Any, None]]
"""`main(ready, stop)`: runs the engine until `stop` is set, calls `ready(control)` once it answers. What it imports is
imported in the engine's thread."""


class EngineThread:
    """One engine in one thread, started once."""

    def __init__(self, main: EngineMain) -> None:
        self._main = main
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._stop_asked = False
        self._inner: Control | None = None
        self._error: BaseException | None = None
        self._ended = threading.Event()
        self.control = ThreadBridge(self)
        """For callers on other loops; answers once the engine is ready."""

    @property
    def error(self) -> BaseException | None:
        """What the engine died of, if it did."""
        return self._error

    @property
    def started(self) -> bool:
        return self._thread.ident is not None

    def start(self) -> None:
        """Starts the thread; does nothing after a stop was asked for."""
        if not self._stop_asked:
            self._thread.start()

    def request_stop(self) -> None:
        """Asks for an orderly end. Callable from any thread, and more than once."""
        self._stop_asked = True
        loop, stop = self._loop, self._stop
        if loop is not None and stop is not None:
            try:
                loop.call_soon_threadsafe(stop.set)
            except RuntimeError:
                log.debug("the engine's loop is closed already")

    def join(self, timeout_s: float) -> bool:
        """Whether the engine has ended, waiting for it so many real seconds. One never started has ended."""
        return not self.started or self._ended.wait(timeout_s)

    def living(self) -> tuple[asyncio.AbstractEventLoop, Control]:
        """See `Seat`."""
        if self._ended.is_set():
            raise EngineGoneError(self._epitaph())
        if self._loop is None or self._inner is None:
            raise EngineUnreachableError("the engine is starting")
        return self._loop, self._inner

    def _epitaph(self) -> str:
        if self._error is None:
            return "the engine has stopped"
        words = str(self._error) if isinstance(self._error, AofError) else type(self._error).__name__
        return f"the engine died: {words}"

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            self._error = error
            log.exception("the engine died")
        finally:
            self._ended.set()

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        # A stop asked for before this line saw no loop; one asked for after it reaches the event itself.
        if self._stop_asked:
            self._stop.set()
        await self._main(self._ready, self._stop)

    def _ready(self, control: Control) -> None:
        self._inner = control
