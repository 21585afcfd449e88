"""One GET to another monitor: what it says, and that it never shows the URL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from aof_tui.notify.heartbeat import ping


@asynccontextmanager
async def monitor(answer: bytes, asked: list[bytes]) -> AsyncIterator[str]:
    """A server that says the same to everybody."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n\r\n")).partition(b"\r\n")[0])
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nOK", None),
        (b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", "HTTP status 404"),
        (b"HTTP/1.1 302 Found\r\nlocation: http://example.com/\r\ncontent-length: 0\r\n\r\n", "HTTP status 302"),
        (b"certainly not HTTP\r\n\r\n", "RemoteProtocolError"),
    ],
)
async def test_only_a_success_is_taken(answer: bytes, problem: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    asked: list[bytes] = []
    async with monitor(answer, asked) as origin:
        assert await ping(f"{origin}/s3cret?x=1") == problem
    assert asked == [b"GET /s3cret?x=1 HTTP/1.1"]


async def test_nobody_there_is_told_without_the_url() -> None:
    assert await ping("http://127.0.0.1:9/s3cret") == "ConnectError"
