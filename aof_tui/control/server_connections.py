"""How many connections a server bears, and for how long those that ask for nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from aof_tui.base.clock import Clock

MOST_CONNECTIONS = 64
IDLE_S = 10.0
"""Real seconds within which a connection must have sent a whole request, or taken its answer."""
LOOK_EVERY_S = 1.0
TURNS = 3


class _Full(asyncio.Protocol):
    """Hangs up: an answer would be lost with the request that nobody reads."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()


class Connections:
    """Makes the handler of each connection. Where there are too many, the one that idles longest has to go."""

    def __init__(self, server: web.Server, clock: Clock, most: int = MOST_CONNECTIONS) -> None:
        self._server = server
        self._clock = clock
        self._most = most
        self._idle_since: dict[RequestHandler, float] = {}
        self._busy: set[RequestHandler] = set()

    def __call__(self) -> asyncio.BaseProtocol:
        self._forget_closed()
        if len(self._idle_since) + len(self._busy) >= self._most and not self._drop_idlest():
            return _Full()
        handler = self._server()
        self._idle_since[handler] = self._clock.boot()
        return handler

    def begin(self, handler: RequestHandler) -> None:
        """A whole head of a request has come."""
        self._idle_since.pop(handler, None)
        self._busy.add(handler)

    def end(self, handler: RequestHandler) -> None:
        """Its answer is made; from now on the other side has to do something."""
        self._busy.discard(handler)
        self._idle_since[handler] = self._clock.boot()

    async def watch(self) -> None:
        """Cut off idle connections, until cancelled."""
        while True:
            await self._clock.sleep(LOOK_EVERY_S)
            self._forget_closed()
            latest = self._clock.boot() - IDLE_S
            for handler in [one for one, since in self._idle_since.items() if since < latest]:
                self._cut(handler)

    def transports(self) -> list[asyncio.BaseTransport]:
        """Of those that are open."""
        return [one.transport for one in (*self._idle_since, *self._busy) if one.transport is not None]

    async def close_all(self, left: Sequence[asyncio.BaseTransport]) -> None:
        """Cut off all of them, and see that their sockets are closed; also of those that aiohttp has let go of."""
        # One that was accepted just now has its transport in the next turn; one that was cut is closed in the next.
        for _ in range(TURNS):
            await self._clock.sleep(0)
            for transport in (*left, *self.transports()):
                _abort(transport)

    def _drop_idlest(self) -> bool:
        idlest = min(self._idle_since, key=self._idle_since.__getitem__, default=None)
        if idlest is not None:
            self._cut(idlest)
        return idlest is not None

    def _cut(self, handler: RequestHandler) -> None:
        del self._idle_since[handler]
        _abort(handler.transport)

    def _forget_closed(self) -> None:
        """Drop those that are closed; one that was made just now has no transport yet."""
        young = self._clock.boot() - LOOK_EVERY_S
        closed = [one for one, since in self._idle_since.items() if one.transport is None and since < young]
        for handler in closed:
            del self._idle_since[handler]


def _abort(transport: asyncio.BaseTransport | None) -> None:
    """Not closed but aborted: a peer that takes nothing would keep it open."""
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()
