"""One HTTP request over a Unix socket, on a connection of its own that the answer ends.

So small that no client library is loaded for it, which would cost a terminal a third of a second; the standard library
reads the answer.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Mapping
from pathlib import Path
from typing import cast

MOST_ANSWER_BYTES = 64 * 1024 * 1024
PIECE = 256 * 1024


class BrokenAnswerError(Exception):
    """The other side went away before its answer was whole, or it speaks no HTTP."""


async def call(path: Path, method: str, target: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
    """Status and body of the answer. Raises OSError where nobody can be reached, BrokenAnswerError."""
    reader, writer = await asyncio.open_unix_connection(str(path))
    try:
        lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        lines += ["Host: engine", "Connection: close", f"Content-Length: {len(body)}", "", ""]
        writer.write("\r\n".join(lines).encode("ascii") + body)
        return _read(await _all_of(reader))
    except OSError as error:
        raise BrokenAnswerError(type(error).__name__) from error
    finally:
        writer.close()


async def _all_of(reader: asyncio.StreamReader) -> bytes:
    answer = bytearray()
    while piece := await reader.read(PIECE):
        answer += piece
        if len(answer) > MOST_ANSWER_BYTES:
            raise BrokenAnswerError("the answer does not end")
    return bytes(answer)


class _Bytes:
    """What the standard library takes for a connection."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer

    def makefile(self, _mode: str) -> io.BytesIO:
        return io.BytesIO(self._answer)


def _read(answer: bytes) -> tuple[int, bytes]:
    # Here, because it loads what reads e-mail, and the first answer comes after the first paint.
    import socket
    from http.client import HTTPException, HTTPResponse

    response = HTTPResponse(cast(socket.socket, _Bytes(answer)))
    try:
        response.begin()
        with response:
            return response.status, response.read()
    except HTTPException as error:
        raise BrokenAnswerError(type(error).__name__) from error
