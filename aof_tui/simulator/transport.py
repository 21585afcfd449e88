"""Calls a simulator in process: httpx on one side, no socket on the other, so that it runs in virtual time."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx

from aof_tui.simulator.messages import SimRequest, SimResponse, parse_query
from aof_tui.simulator.simulator import Simulator


class InProcessTransport(httpx.AsyncBaseTransport):
    """Failures come as httpx raises them over sockets."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._simulator.handle(
            SimRequest(
                request.method,
                request.url.path,
                parse_query(request.url.query.decode("ascii")),
                {name.decode("ascii").lower(): value.decode("utf-8") for name, value in request.headers.raw},
                await request.aread(),
            )
        )
        if answer.refused:
            raise httpx.ConnectError("connection refused", request=request)
        await self._simulator.clock.sleep(answer.delay_s)
        if answer.body is None:
            raise httpx.RemoteProtocolError("Server disconnected without sending a response.", request=request)
        return httpx.Response(
            answer.status, headers=list(answer.headers), stream=_Body(self._simulator, answer, request), request=request
        )


class _Body(httpx.AsyncByteStream):
    """The answer's body as it would come over a socket: whole, dripping, or cut."""

    def __init__(self, simulator: Simulator, answer: SimResponse, request: httpx.Request) -> None:
        self._simulator = simulator
        self._answer = answer
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        body = self._answer.body or b""
        if self._answer.cut_at is not None:
            yield body[: self._answer.cut_at]
            raise httpx.ReadError("connection reset by peer", request=self._request)
        if self._answer.drip_s:
            for position in range(len(body)):
                await self._simulator.clock.sleep(self._answer.drip_s)
                yield body[position : position + 1]
            return
        yield body
