"""A server on this machine that answers each connection with bytes of the test's choice."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache

from aof_tui.base.clock import Clock, SystemClock
from aof_tui.base.secret import Secret
from aof_tui.config.settings import Quotas
from aof_tui.workato.client import READ_DEADLINE_S, REPEAT_DEADLINE_S, WorkatoClient
from aof_tui.workato.families import Pacers
from aof_tui.workato.transport import TransportFactory, secure_transports

TOKEN = "wrkaus-very-secret-token"
LINGER_OFF = struct.pack("ii", 1, 0)


@dataclass
class Request:
    """What one request said."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> object:
        return json.loads(self.body)


Writer = asyncio.StreamWriter
Reply = Callable[[Request, Writer], Awaitable[None]]


def reply(status: int, body: bytes, content_type: str = "application/json; charset=utf-8", **headers: str) -> bytes:
    """The bytes of a whole answer."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}"]
    if content_type:
        lines.append(f"Content-Type: {content_type}")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def json_reply(value: object, status: int = 200, **headers: str) -> bytes:
    return reply(status, json.dumps(value).encode(), **headers)


def reset(writer: Writer) -> None:
    """Close with a TCP reset instead of an orderly end."""
    plain = writer.get_extra_info("socket")
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_OFF)
    writer.transport.abort()


@dataclass
class Stub:
    """Answers every request by `respond`; remembers what was asked."""

    respond: Reply
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    _writers: list[Writer] = field(default_factory=list)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: Writer) -> None:
        self.connections += 1
        self._writers.append(writer)
        task = asyncio.current_task()
        assert task is not None
        self._tasks.append(task)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                line, *rest = head.rstrip("\r\n").split("\r\n")
                headers = {
                    name.strip().lower(): value.strip() for name, _, value in (one.partition(":") for one in rest)
                }
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                request = Request(line, headers, body)
                self.requests.append(request)
                await self.respond(request, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    async def drop_all(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.gather(*self._tasks)


def says(answer: bytes) -> Reply:
    """Always the same bytes, on a connection that stays open."""

    async def respond(_: Request, writer: Writer) -> None:
        writer.write(answer)
        await writer.drain()

    return respond


def cut_after(answer: bytes, length: int, *, with_reset: bool) -> Reply:
    """The first bytes of an answer, then the end of the connection."""

    async def respond(_: Request, writer: Writer) -> None:
        writer.write(answer[:length])
        await writer.drain()
        if with_reset:
            reset(writer)
        else:
            writer.close()

    return respond


@dataclass
class Blunt:
    """Takes what comes first for a request, says one thing and hangs up; None: resets before it reads."""

    answer: bytes | None
    port: int = 0
    connections: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: Writer) -> None:
        self.connections += 1
        if self.answer is None:
            reset(writer)
            return
        await reader.read(1024)
        writer.write(self.answer)
        writer.close()


@asynccontextmanager
async def blunt_server(answer: bytes | None) -> AsyncIterator[Blunt]:
    """The server, with the port it listens on."""
    blunt = Blunt(answer)
    server = await asyncio.start_server(blunt.serve, "127.0.0.1", 0)
    blunt.port = server.sockets[0].getsockname()[1]
    async with server:
        yield blunt


@asynccontextmanager
async def stub_server(respond: Reply, tls: ssl.SSLContext | None = None) -> AsyncIterator[tuple[Stub, str]]:
    """The stub and its origin."""
    stub = Stub(respond)
    server = await asyncio.start_server(stub.serve, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    try:
        yield stub, f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    finally:
        server.close()
        await stub.drop_all()
        await server.wait_closed()


def fast_pacers(clock: Clock) -> Pacers:
    """Pacers that hardly wait."""
    most = 1_000_000
    quotas = Quotas(
        jobs_per_minute=most,
        recipes_per_minute=most,
        connections_per_minute=most,
        other_per_minute=most,
        repeats_per_second=1000.0,
    )
    return Pacers(clock, quotas, 1.0)


@cache
def plain_transports() -> TransportFactory:
    """Loading the authorities takes a while, so once for all tests."""
    return secure_transports()


def client_for(
    origin: str,
    *,
    transports: TransportFactory | None = None,
    read_deadline_s: float = READ_DEADLINE_S,
    repeat_deadline_s: float = REPEAT_DEADLINE_S,
    pacers: Pacers | None = None,
    token: Callable[[], Secret] = lambda: Secret(TOKEN),
) -> WorkatoClient:
    clock = SystemClock()
    return WorkatoClient(
        origin,
        token,
        transports or plain_transports(),
        clock,
        pacers or fast_pacers(clock),
        read_deadline_s=read_deadline_s,
        repeat_deadline_s=repeat_deadline_s,
    )
