"""A Control behind a real Unix socket, and clients for it."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from aof_tui.base.clock import SystemClock
from aof_tui.base.randomness import Randomness
from aof_tui.control.client import SocketControl
from aof_tui.control.people import Admission, Person, Rules, person_of
from aof_tui.control.protocol import Control
from aof_tui.control.server import ControlServer
from aof_tui.control.socket_file import listen
from aof_tui.control.wire import Role


@contextmanager
def short_folder() -> Iterator[Path]:
    """A folder whose path leaves room for a socket's; that of a test can be too long."""
    with tempfile.TemporaryDirectory(prefix="aof-") as folder:
        yield Path(folder)


@asynccontextmanager
async def served(
    control: Control,
    path: Path,
    *,
    rules: Rules | None = None,
    look_up: Callable[[int], Person] = person_of,
    gid: int | None = None,
) -> AsyncIterator[SocketControl]:
    """Serve it there while the body runs; gives a client."""
    clock = SystemClock()
    admission = Admission(Rules() if rules is None else rules, clock, look_up)
    server = ControlServer(control, admission, clock, Randomness("served"))
    async with server.serving(listen(path, gid)):
        yield client(path)


def client(*paths: Path, role: Role = Role.OPERATOR) -> SocketControl:
    return SocketControl(lambda: paths, role=role)


async def raw(path: Path, sent: bytes, *, half_close: bool = False) -> bytes:
    """What the server says to bytes, until it closes."""
    reader, writer = await asyncio.open_unix_connection(str(path))
    try:
        writer.write(sent)
        if half_close:
            writer.write_eof()
        async with asyncio.timeout(20):
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


def request(method: str, name: str, body: object = None, **headers: str) -> bytes:
    """A request as a script writes it."""
    text = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    told = {"Host": "engine", "Content-Length": str(len(text)), "Connection": "close", **headers}
    lines = [f"{method} /v1/{name} HTTP/1.1", *(f"{key.replace('_', '-')}: {value}" for key, value in told.items())]
    return "\r\n".join([*lines, "", ""]).encode() + text


def answered(answer: bytes) -> tuple[int, dict[str, object]]:
    """Status and body of an answer."""
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)
