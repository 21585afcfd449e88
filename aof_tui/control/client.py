"""A Control over an engine's socket. Every call is a connection of its own, so an engine may end and come back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from aof_tui.base.clock import Clock, SystemClock
from aof_tui.base.errors import AofError, UsageError
from aof_tui.control.bridge import ANSWER_WITHIN_S, COMMAND_WITHIN_S, EngineFaultError, EngineUnreachableError
from aof_tui.control.codec import CodecError, NotJsonError, from_json, to_json
from aof_tui.control.http_call import BrokenAnswerError, call
from aof_tui.control.metric_rows import MetricsRow
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
from aof_tui.control.wire import (
    LONGEST_WAIT_S,
    ROLE_HEADER,
    ROOT,
    WIRE_HEADER,
    FeedAnswer,
    FeedWait,
    Hello,
    Refusal,
    RefusalKind,
    Role,
    StoryOf,
    Window,
    wire_digest,
)

Answer = TypeVar("Answer")
Places = Callable[[], Sequence[Path]]

OK = 200
LATE_COMMAND = f"no answer within {COMMAND_WITHIN_S:g} s: it may still be done, look at the log"


class VersionMismatchError(UsageError):
    """The engine is of a version that does not understand this one."""


class NotAllowedError(UsageError):
    """The engine does not let this user do that."""


class NoEngineError(EngineUnreachableError):
    """Nobody answers at the socket."""


class SocketControl:
    """Implements Control for the engine behind the first of several sockets that answers."""

    def __init__(self, places: Places, *, role: Role = Role.OPERATOR, clock: Clock | None = None) -> None:
        """`places` is asked once, in a thread, when the first answer is wanted: it may read a configuration."""
        self._find = places
        self._role = role
        self._clock = SystemClock() if clock is None else clock
        self._places: tuple[Path, ...] = ()

    async def hello(self) -> Hello:
        """Who answers. Raises VersionMismatchError, NotAllowedError, EngineUnreachableError."""
        return await self._ask(Hello, "GET", "hello")

    async def status(self) -> Status:
        return await self._ask(Status, "GET", "status")

    async def failures(self, query: FailureQuery) -> Page[FailureRow]:
        return await self._ask(Page[FailureRow], "POST", "failures", query)

    async def incidents(self, query: IncidentQuery) -> Page[IncidentRow]:
        return await self._ask(Page[IncidentRow], "POST", "incidents", query)

    async def events(self, query: EventQuery) -> Page[EventRow]:
        return await self._ask(Page[EventRow], "POST", "events", query)

    async def notifications(self, query: NotificationQuery) -> Page[NotificationRow]:
        return await self._ask(Page[NotificationRow], "POST", "notifications", query)

    async def story(self, workspace: str, master_job_id: str) -> Story | None:
        wanted: Any = Story | None
        story: Story | None = await self._ask(wanted, "POST", "story", StoryOf(workspace, master_job_id))
        return story

    async def report(self, workspace: str, since: float, until: float) -> ReportRow:
        return await self._ask(ReportRow, "POST", "report", Window(workspace, since, until))

    async def metrics(self, workspace: str, since: float, until: float) -> MetricsRow:
        return await self._ask(MetricsRow, "POST", "metrics", Window(workspace, since, until))

    async def command(self, command: Command) -> CommandResult:
        """A command with a late answer is not taken back: whether it was done is unknown then, as the error says."""
        return await self._ask(CommandResult, "POST", "command", command, within_s=COMMAND_WITHIN_S, late=LATE_COMMAND)

    def subscribe(self) -> SocketFeed:
        """A feed whose waits are requests like all others."""
        return SocketFeed(self)

    async def feed_wait(self, wish: FeedWait) -> FeedAnswer:
        """One wait of a feed."""
        return await self._ask(FeedAnswer, "POST", "feed/wait", wish, within_s=ANSWER_WITHIN_S + wish.timeout_s)

    async def _ask(
        self,
        kind: type[Answer],
        method: str,
        name: str,
        value: object = None,
        *,
        within_s: float = ANSWER_WITHIN_S,
        late: str = "",
    ) -> Answer:
        """The answer of whichever place has an engine."""
        try:
            async with self._clock.deadline(within_s):
                status, text = await self._exchange(method, name, b"" if value is None else to_json(value))
        except TimeoutError as error:
            raise EngineUnreachableError(late or f"the engine has not answered for {within_s:g} s") from error
        try:
            if status == OK:
                return from_json(kind, text)
        except NotJsonError as error:
            raise _no_engine(status) from error
        except CodecError as error:
            raise EngineFaultError(f"the engine's answer is not understood: {error}") from error
        try:
            refusal = from_json(Refusal, text)
        except CodecError as error:
            raise _no_engine(status) from error
        raise _as_error(refusal)

    async def _exchange(self, method: str, name: str, body: bytes) -> tuple[int, bytes]:
        if not self._places:
            # It may read a configuration: not on a loop that draws a screen.
            self._places = tuple(await asyncio.to_thread(self._find))
        headers = {WIRE_HEADER: wire_digest(), ROLE_HEADER: self._role}
        forbidden: Path | None = None
        for place in self._places:
            try:
                return await call(place, method, f"{ROOT}{name}", headers, body)
            except PermissionError:
                forbidden = forbidden or place
            except OSError:
                continue
            except BrokenAnswerError as error:
                raise EngineUnreachableError("the engine went away before it answered") from error
        if forbidden is not None:
            raise NoEngineError(f"this user may not connect to {forbidden}")
        raise NoEngineError(f"no engine answers at {self._places[0]}: start one with aof-tui headless")


class SocketFeed:
    """A feed of the engine, waited for by requests; the engine forgets it when nobody does."""

    def __init__(self, control: SocketControl) -> None:
        self._control = control
        self._name: str | None = None

    async def wait(self, timeout_s: float) -> Changes:
        """See `Feed.wait`. After any error the next answer says that everything may have changed."""
        name, self._name = self._name, None
        answer = await self._control.feed_wait(FeedWait(name, min(timeout_s, LONGEST_WAIT_S)))
        self._name = answer.feed
        return answer.changes

    def close(self) -> None:
        """Nothing to tell the engine: it forgets feeds by itself."""
        self._name = None


def _no_engine(status: int) -> AofError:
    return EngineUnreachableError(f"what answers at the socket is no engine (HTTP {status})")


def _as_error(refusal: Refusal) -> AofError:
    kinds: dict[RefusalKind, Callable[[str], Any]] = {
        RefusalKind.USAGE: UsageError,
        RefusalKind.FORBIDDEN: NotAllowedError,
        RefusalKind.MISMATCH: VersionMismatchError,
        RefusalKind.TEMPORARY: EngineUnreachableError,
        RefusalKind.FAULT: EngineFaultError,
    }
    error: AofError = kinds[refusal.kind](refusal.message)
    return error
