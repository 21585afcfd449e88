"""A Control for callers on another event loop than the engine's, with a time limit on every answer.

Everything crosses by one pulled call at a time. Nothing is ever pushed into the caller's loop, so a caller that stands
still costs the engine nothing and collects nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Protocol, TypeVar

from aof_tui.base.clock import Clock, SystemClock
from aof_tui.base.errors import AofError, TemporaryError
from aof_tui.control.metric_rows import MetricsRow
from aof_tui.control.protocol import Control, Feed
from aof_tui.control.requests import (
    Changes,
    Command,
    EventQuery,
    FailureQuery,
    IncidentQuery,
    NotificationQuery,
)
from aof_tui.control.rows import (
    CommandResult,
    EventRow,
    FailureRow,
    IncidentRow,
    NotificationRow,
    Page,
    ReportRow,
    Status,
    Story,
)

log = logging.getLogger(__name__)

ANSWER_WITHIN_S = 5.0
COMMAND_WITHIN_S = 15.0

Answer = TypeVar("Answer")


class EngineUnreachableError(TemporaryError):
    """No answer from the engine: it is starting, busy or stuck. The same call may succeed later."""


class EngineFaultError(TemporaryError):
    """The engine answered with an error it should never have; its log has the whole of it."""


class EngineGoneError(TemporaryError):
    """The engine has ended and will not answer again."""


class Seat(Protocol):
    """Where an engine lives: its loop and its Control once it is ready."""

    def living(self) -> tuple[asyncio.AbstractEventLoop, Control]:
        """Raises EngineUnreachableError before the engine is ready and EngineGoneError after its end."""
        ...


class ThreadBridge:
    """Implements Control by calling the engine's Control on the engine's loop."""

    def __init__(
        self,
        seat: Seat,
        clock: Clock | None = None,
        *,
        answer_within_s: float = ANSWER_WITHIN_S,
        command_within_s: float = COMMAND_WITHIN_S,
    ) -> None:
        self._seat = seat
        self._clock = SystemClock() if clock is None else clock
        self._answer_within_s = answer_within_s
        self._command_within_s = command_within_s

    async def status(self) -> Status:
        return await self._ask(lambda control: control.status())

    async def failures(self, query: FailureQuery) -> Page[FailureRow]:
        return await self._ask(lambda control: control.failures(query))

    async def incidents(self, query: IncidentQuery) -> Page[IncidentRow]:
        return await self._ask(lambda control: control.incidents(query))

    async def events(self, query: EventQuery) -> Page[EventRow]:
        return await self._ask(lambda control: control.events(query))

    async def notifications(self, query: NotificationQuery) -> Page[NotificationRow]:
        return await self._ask(lambda control: control.notifications(query))

    async def story(self, workspace: str, master_job_id: str) -> Story | None:
        return await self._ask(lambda control: control.story(workspace, master_job_id))

    async def report(self, workspace: str, since: float, until: float) -> ReportRow:
        return await self._ask(lambda control: control.report(workspace, since, until))

    async def metrics(self, workspace: str, since: float, until: float) -> MetricsRow:
        return await self._ask(lambda control: control.metrics(workspace, since, until))

    async def command(self, command: Command) -> CommandResult:
        """A command with a late answer is not taken back: whether it was done is unknown then, as the error says."""
        future = self._send(lambda control: control.command(command))
        try:
            async with self._clock.deadline(self._command_within_s):
                return await _answer(asyncio.shield(asyncio.wrap_future(future)))
        except TimeoutError as error:
            raise EngineUnreachableError(
                f"no answer within {self._command_within_s:g} s: it may still be done, look at the log"
            ) from error

    def subscribe(self) -> Feed:
        """A feed whose waits are calls like all others; nothing is subscribed before the first one."""
        return BridgeFeed(self)

    async def feed_changes(self, feed: BridgeFeed, timeout_s: float) -> Changes:
        """One `wait` of a bridged feed."""
        return await self._ask(lambda control: feed.wait_there(control, timeout_s), timeout_s)

    def run_there(self, act: Callable[[], None]) -> None:
        """Runs a short function on the engine's loop, if it lives."""
        with suppress(TemporaryError, RuntimeError):
            loop, _ = self._seat.living()
            loop.call_soon_threadsafe(act)

    async def _ask(self, call: Callable[[Control], Awaitable[Answer]], extra_s: float = 0.0) -> Answer:
        future = self._send(call)
        try:
            async with self._clock.deadline(self._answer_within_s + extra_s):
                return await _answer(asyncio.wrap_future(future))
        except TimeoutError as error:
            raise EngineUnreachableError(f"the engine has not answered for {self._answer_within_s:g} s") from error

    def _send(self, call: Callable[[Control], Awaitable[Answer]]) -> Future[Answer]:
        loop, control = self._seat.living()
        coroutine = _call(call, control)
        try:
            return asyncio.run_coroutine_threadsafe(coroutine, loop)
        except RuntimeError as error:
            coroutine.close()
            raise EngineGoneError("the engine has ended") from error


class BridgeFeed:
    """A feed of the engine's Control, waited for from another loop."""

    def __init__(self, bridge: ThreadBridge) -> None:
        self._bridge = bridge
        self._feed: Feed | None = None

    async def wait(self, timeout_s: float) -> Changes:
        return await self._bridge.feed_changes(self, timeout_s)

    async def wait_there(self, control: Control, timeout_s: float) -> Changes:
        """Runs on the engine's loop, where the real feed lives."""
        if self._feed is None:
            self._feed = control.subscribe()
        return await self._feed.wait(timeout_s)

    def close(self) -> None:
        if self._feed is not None:
            self._bridge.run_there(self._feed.close)


async def _call(call: Callable[[Control], Awaitable[Answer]], control: Control) -> Answer:
    return await call(control)


async def _answer(future: asyncio.Future[Answer]) -> Answer:
    """The answer; an engine that ends meanwhile cancels it, which must not look like a cancellation of the caller."""
    try:
        return await future
    except asyncio.CancelledError as error:
        caller = asyncio.current_task()
        if caller is not None and caller.cancelling():
            raise
        raise EngineGoneError("the engine ended before it answered") from error
    except AofError:
        raise
    except Exception as error:
        # The edge between two threads: a fault of the engine must not end the terminal.
        log.exception("the engine failed to answer")
        raise EngineFaultError(f"the engine failed to answer: {type(error).__name__}") from error
