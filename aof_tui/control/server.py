"""Any Control over HTTP on a Unix socket. Whoever connects is named by the kernel, and may send anything."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from msgspec.structs import replace

from aof_tui import __version__
from aof_tui.base.clock import Clock
from aof_tui.base.errors import AofError, UsageError
from aof_tui.base.randomness import Randomness
from aof_tui.control.codec import CodecError, from_json, from_plain, to_json
from aof_tui.control.people import Admission, Caller, peer_uid
from aof_tui.control.protocol import Control
from aof_tui.control.requests import Command, EventQuery, FailureQuery, IncidentQuery, NotificationQuery
from aof_tui.control.rows import CommandResult
from aof_tui.control.server_connections import Connections
from aof_tui.control.server_feeds import Feeds
from aof_tui.control.socket_file import ListeningSocket
from aof_tui.control.wire import (
    MOST_BODY_BYTES,
    ROLE_HEADER,
    ROOT,
    WIRE_HEADER,
    FeedWait,
    Hello,
    Refusal,
    RefusalKind,
    Role,
    StoryOf,
    Window,
    wire_digest,
)

BODY_WITHIN_S = 10.0
ANSWER_WITHIN_S = 30.0
"""Real seconds after which a question that the store does not answer is given up. Commands are never."""
LINGER_S = 1.0
"""How long the rest of a request that was refused is read and dropped."""
LAST_COMMANDS_S = 1.0
SHUTDOWN_S = 0.25
"""How long answers under way are waited for at the end; whoever waits for changes comes back by itself."""
CHANNELS = ("terminal", "cli")

logger = logging.getLogger(__name__)


class Refused(Exception):
    """A request that gets a refusal in place of an answer."""

    def __init__(self, status: int, kind: RefusalKind, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.refusal = Refusal(kind, message)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request whose sender is known."""

    uid: int
    caller: Caller
    role: Role
    body: bytes


Answer = Callable[[Asked], Awaitable[object]]


class ControlServer:
    """Answers requests about one engine."""

    def __init__(self, control: Control, admission: Admission, clock: Clock, randomness: Randomness) -> None:
        self._control = control
        self._admission = admission
        self._clock = clock
        self._feeds = Feeds(control, clock, randomness)
        # Errors of peers are no news: aiohttp would log each with its traceback.
        quiet = logging.getLogger(f"{__name__}.http")
        quiet.setLevel(logging.CRITICAL)
        self._http = web.Server(
            self._handle,
            access_log=None,
            logger=quiet,
            auto_decompress=False,
            tcp_keepalive=False,
            lingering_time=LINGER_S,
        )
        self._connections = Connections(self._http, clock)
        self._commands: set[asyncio.Task[CommandResult]] = set()
        self._answers = self._table()

    @asynccontextmanager
    async def serving(self, place: ListeningSocket) -> AsyncIterator[None]:
        """Answer on that socket until the body ends; it is removed then."""
        server = await asyncio.get_running_loop().create_unix_server(self._connections, sock=place.listener)
        watch = asyncio.create_task(self._connections.watch())
        try:
            yield
        finally:
            # Removed first: who connects from now on is told at once that nobody is there.
            place.remove()
            server.close()
            watch.cancel()
            self._feeds.close()
            if self._commands:
                await asyncio.wait(self._commands, timeout=LAST_COMMANDS_S)
            left = self._connections.transports()
            await self._http.shutdown(SHUTDOWN_S)
            await self._connections.close_all(left)
            await asyncio.gather(watch, return_exceptions=True)

    def _table(self) -> dict[tuple[str, str], Answer]:
        control = self._control
        return {
            ("GET", "hello"): self._hello,
            ("GET", "status"): self._status,
            ("POST", "failures"): _query(FailureQuery, control.failures),
            ("POST", "incidents"): _query(IncidentQuery, control.incidents),
            ("POST", "events"): _query(EventQuery, control.events),
            ("POST", "notifications"): _query(NotificationQuery, control.notifications),
            ("POST", "story"): _query(StoryOf, lambda one: control.story(one.workspace, one.master_job_id)),
            ("POST", "report"): _query(Window, lambda one: control.report(one.workspace, one.since, one.until)),
            ("POST", "metrics"): _query(Window, lambda one: control.metrics(one.workspace, one.since, one.until)),
            ("POST", "command"): self._command,
            ("POST", "feed/wait"): self._feed_wait,
        }

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self._connections.begin(request.protocol)
        try:
            return _response(200, await self._answer(request))
        except Refused as refused:
            return _response(refused.status, refused.refusal)
        except CodecError as error:
            return _response(400, Refusal(RefusalKind.USAGE, str(error)))
        except UsageError as error:
            return _response(422, Refusal(RefusalKind.USAGE, str(error)))
        except AofError as error:
            return _response(503, Refusal(RefusalKind.TEMPORARY, str(error)))
        except Exception as error:
            # The edge to other processes: one request's fault must not end the others, nor tell what it holds.
            logger.exception("the engine failed to answer")
            return _response(500, Refusal(RefusalKind.FAULT, f"the engine failed to answer: {type(error).__name__}"))
        finally:
            self._connections.end(request.protocol)

    async def _answer(self, request: web.BaseRequest) -> object:
        uid, caller, role = await self._who(request)
        wire = request.headers.get(WIRE_HEADER, wire_digest())
        if wire != wire_digest():
            raise Refused(
                409,
                RefusalKind.MISMATCH,
                f"the engine is aof-tui {__version__} and does not understand this program: "
                "use the same version on both sides (after an upgrade, restart the engine)",
            )
        name = request.path.removeprefix(ROOT) if request.path.startswith(ROOT) else ""
        answer = self._answers.get((request.method, name))
        if answer is None:
            known = [method for method, path in self._answers if path == name]
            if known:
                raise Refused(405, RefusalKind.USAGE, f"{ROOT}{name} is asked for with {known[0]}")
            raise Refused(404, RefusalKind.USAGE, "there is nothing of this name")
        return await answer(Asked(uid, caller, role, await self._body(request)))

    async def _who(self, request: web.BaseRequest) -> tuple[int, Caller, Role]:
        connection = None if request.transport is None else request.transport.get_extra_info("socket")
        try:
            if connection is None:
                raise OSError
            uid = peer_uid(connection)
        except OSError:
            raise Refused(403, RefusalKind.FORBIDDEN, "it is not known who you are") from None
        caller = await self._admission.caller(uid)
        if caller.role is None:
            raise Refused(403, RefusalKind.FORBIDDEN, f"{caller.name} may not use this engine")
        gives_up = request.headers.get(ROLE_HEADER) == Role.VIEWER
        return uid, caller, Role.VIEWER if gives_up else caller.role

    async def _body(self, request: web.BaseRequest) -> bytes:
        body = bytearray()
        try:
            async with self._clock.deadline(BODY_WITHIN_S):
                while chunk := await request.content.readany():
                    body += chunk
                    if len(body) > MOST_BODY_BYTES:
                        raise Refused(413, RefusalKind.USAGE, f"a request has at most {MOST_BODY_BYTES} bytes")
        except TimeoutError:
            raise Refused(408, RefusalKind.USAGE, "the request did not come in time") from None
        except (web.RequestPayloadError, OSError):
            raise Refused(400, RefusalKind.USAGE, "the request is broken") from None
        return bytes(body)

    async def _hello(self, asked: Asked) -> Hello:
        return Hello("aof-tui", __version__, wire_digest(), asked.caller.name, asked.role)

    async def _status(self, asked: Asked) -> object:
        status = await self._control.status()
        return replace(status, read_only=True) if asked.role is Role.VIEWER else status

    async def _feed_wait(self, asked: Asked) -> object:
        return await self._feeds.wait(asked.uid, from_json(FeedWait, asked.body or b"{}"))

    async def _command(self, asked: Asked) -> CommandResult:
        if asked.role is not Role.OPERATOR:
            raise Refused(403, RefusalKind.FORBIDDEN, f"{asked.caller.name} may look here, but not act")
        data: object = from_json(object, asked.body)
        told = data.get("actor") if isinstance(data, dict) else None
        channel = told.partition(":")[0] if isinstance(told, str) else ""
        actor = f"{channel if channel in CHANNELS else CHANNELS[-1]}:{asked.caller.name}"
        command = from_plain(Command, {**data, "actor": actor} if isinstance(data, dict) else data)
        logger.info("%s asks for %s in %s", actor, command.verb, command.workspace)
        # A command once begun goes on, whoever gives up waiting.
        task = asyncio.create_task(self._run(command))
        self._commands.add(task)
        task.add_done_callback(self._commands.discard)
        return await asyncio.shield(task)

    async def _run(self, command: Command) -> CommandResult:
        return await self._control.command(command)


def _query(kind: type[Any], ask: Callable[[Any], Awaitable[object]]) -> Answer:
    async def answer(asked: Asked) -> object:
        return await ask(from_json(kind, asked.body or b"{}"))

    return answer


def _response(status: int, value: object) -> web.Response:
    return web.Response(
        status=status,
        body=to_json(value),
        content_type="application/json",
        headers={WIRE_HEADER: wire_digest()},
    )
