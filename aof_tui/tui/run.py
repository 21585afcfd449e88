"""Runs the terminal from its first check to its exit code."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from collections.abc import Mapping

from aof_tui.base.errors import AofError, UsageError
from aof_tui.control.protocol import Control
from aof_tui.control.thread import EngineThread
from aof_tui.tui.app import AofApp
from aof_tui.tui.signals import STOP_WITHIN_S, Callbacks, OrderlyExit

SILENT_STOP_S = 0.5
"""Real seconds an engine may take to end before the person is told what is waited for."""


def require_terminal(environment: Mapping[str, str] = os.environ) -> None:
    """Raises UsageError where no full screen can be shown."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("this is not a terminal: use aof-tui headless")
    if not sys.stderr.isatty():
        raise UsageError("the screen is drawn on standard error, which is not a terminal: do not redirect it")
    if environment.get("TERM", "dumb") in ("dumb", ""):
        raise UsageError("the terminal cannot show a full screen (TERM=dumb or unset): use aof-tui headless")


def run_terminal(
    control: Control,
    *,
    actor: str,
    engine: EngineThread | None = None,
    read_only: bool = False,
    notice: str = "",
    store_stays: bool = True,
) -> int:
    """Shows the terminal on `control` until the person leaves or a signal comes; returns the exit code.

    With `engine` (whose `control` is meant), it is started once the first screen is painted and ended with the
    terminal. `actor` names the person, as `terminal:ana`; `notice` is shown to them at first. Without `store_stays`
    nothing outlives the engine. Raises UsageError without a terminal or where the engine does not take this one, and
    what the engine died of, if it did. Call it in the main thread.
    """
    require_terminal()
    life = _Life(control, engine, actor=actor, read_only=read_only, notice=notice, store_stays=store_stays)
    with OrderlyExit(Callbacks(life.request_stop, life.wait_stopped, life.ask_exit)) as exits:
        code = life.run()
        exits.app_left()
        life.end_engine()
    life.raise_what_killed_the_engine()
    life.raise_what_kept_it_out()
    return code


class _Life:
    """The app and the engine it ends with."""

    def __init__(
        self,
        control: Control,
        engine: EngineThread | None,
        *,
        actor: str,
        read_only: bool,
        notice: str,
        store_stays: bool,
    ) -> None:
        self._engine = engine
        self._loop: asyncio.AbstractEventLoop | None = None
        self._code = 0
        self._notice = notice
        self._app = AofApp(
            control,
            actor=actor,
            read_only=read_only,
            ends_engine=engine is not None,
            store_stays=store_stays,
            on_first_paint=self._painted,
        )

    def run(self) -> int:
        """The exit code: of the signal, or what the app left with."""
        left_with = self._app.run()
        if self._code:
            return self._code
        return left_with if left_with is not None else self._app.return_code or 0

    def _painted(self) -> None:
        # What is there now stays: looking through it again and again would make the screen stutter.
        gc.freeze()
        gc.enable()
        self._loop = asyncio.get_running_loop()
        if self._engine is not None:
            self._engine.start()
        if self._notice:
            self._app.tell(self._notice)

    def request_stop(self) -> None:
        if self._engine is not None:
            self._engine.request_stop()

    def wait_stopped(self, timeout_s: float) -> bool:
        return self._engine is None or self._engine.join(timeout_s)

    def ask_exit(self, code: int) -> None:
        self._code = code
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._app.exit, code)

    def end_engine(self) -> None:
        self.request_stop()
        if not self.wait_stopped(SILENT_STOP_S):
            sys.stderr.write(f"Stopping: waiting up to {STOP_WITHIN_S:g} s for requests under way…\n")
            if not self.wait_stopped(STOP_WITHIN_S):
                sys.stderr.write("aof-tui: the engine did not stop in time; the next start settles what is open\n")
                sys.stderr.flush()
                os._exit(1)

    def raise_what_killed_the_engine(self) -> None:
        error = None if self._engine is None else self._engine.error
        if isinstance(error, AofError):
            raise error
        if error is not None:
            raise AofError(f"the engine died: {type(error).__name__}; the log has the whole of it")

    def raise_what_kept_it_out(self) -> None:
        desk = self._app.desk
        if desk.kept_out and desk.error is not None:
            raise desk.error
