"""The body of an answer, decompressed by ourselves: no more of it is ever in memory than was allowed."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator

import httpx

from aof_tui.workato.errors import BadPage

_PLAIN = ("", "identity")
_ZIPPED = ("gzip", "x-gzip", "deflate")
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
"""Of zlib: take the header that comes. What is called deflate has zlib's (RFC 9110)."""


async def read_whole(response: httpx.Response, cap_bytes: int) -> bytes:
    """The whole decoded body. Raises BadPage when it is larger than the cap, or its compression broken or unknown.

    A thousandth of its size is enough for a compressed body that fills the memory. So it is decoded only as far as
    the cap, which the library below does not do: it decodes each piece that arrives whole.
    """
    body = bytearray()
    async for piece in _decoded(response, cap_bytes + 1):
        body += piece
        if len(body) > cap_bytes:
            raise BadPage(f"the answer is larger than {cap_bytes} bytes")
    return bytes(body)


async def read_beginning(response: httpx.Response, cap_bytes: int) -> bytes:
    """The first bytes of a body that is only read for its words; a broken one tells what arrived of it."""
    body = bytearray()
    try:
        async for piece in _decoded(response, cap_bytes):
            body += piece
            if len(body) >= cap_bytes:
                break
    except (httpx.HTTPError, OSError, BadPage):
        return bytes(body[:cap_bytes])
    return bytes(body[:cap_bytes])


async def _decoded(response: httpx.Response, most: int) -> AsyncIterator[bytes]:
    """Pieces of the decoded body, each at most `most` bytes; after one that large, nothing more can be asked for."""
    coding = response.headers.get("content-encoding", "").strip().lower()
    if coding in _PLAIN or response.is_stream_consumed:
        # A transport may hand over an answer that it has read already: then nothing is left to decode.
        async for piece in response.aiter_bytes():
            yield piece
        return
    if coding not in _ZIPPED:
        raise BadPage("the answer is compressed in a way that was not asked for")
    decoder = zlib.decompressobj(_GZIP_OR_ZLIB)
    try:
        async for piece in response.aiter_raw():
            yield decoder.decompress(piece, most)
    except zlib.error:
        raise BadPage("the answer's compression is broken") from None
    if not decoder.eof:
        raise BadPage("the answer's compression is broken: its end is missing")
