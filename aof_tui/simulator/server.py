"""Serves a simulator over real sockets on the loopback address."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from pydantic import ValidationError

from aof_tui.simulator.faults import Fault
from aof_tui.simulator.kinds import Plain
from aof_tui.simulator.messages import SimRequest, SimResponse, parse_query
from aof_tui.simulator.simulator import Simulator
from aof_tui.simulator.smtp import MailFault, MailSink

_LOOPBACK = "127.0.0.1"
_MOST_BODY = 8_000_000


class Orders(Plain):
    """What `POST /_fault` can change while the simulator runs; what is left out stays."""

    faults: tuple[Fault, ...] | None = None
    mail_fault: MailFault | None = None
    token: str | None = None
    workspace_id: int | None = None


class RunningServer:
    """A simulator that listens."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.mail = MailSink(simulator.log, simulator.now)
        self.url = ""
        self.slack_url = ""
        self.smtp_host = _LOOPBACK
        self.smtp_port = 0
        application = web.Application(client_max_size=_MOST_BODY)
        application.router.add_get("/_truth", self._truth)
        application.router.add_post("/_fault", self._set_faults)
        application.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(application, access_log=None, handle_signals=False, shutdown_timeout=1.0)

    @property
    def token(self) -> str:
        """The API token, for a client's header."""
        return self.simulator.token.reveal()

    async def start(self, port: int) -> None:
        """Listen; port 0 takes a free one. Raises OSError when the port is taken."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, _LOOPBACK, port)
        await site.start()
        self.smtp_port = await self.mail.start()
        bound = self._runner.addresses[0][1]
        self.url = f"http://{_LOOPBACK}:{bound}"
        self.slack_url = f"{self.url}/slack/api/"
        self.simulator.log.addresses.update(slack=self.slack_url, smtp=f"{_LOOPBACK}:{self.smtp_port}")

    async def close(self) -> None:
        """Stop listening; requests under way are cut."""
        await self.mail.close()
        await self._runner.cleanup()

    def obey(self, orders: Orders) -> None:
        """Change what the orders name."""
        if orders.faults is not None:
            self.simulator.faults.set(orders.faults)
        if orders.mail_fault is not None:
            self.mail.set_fault(orders.mail_fault)
        if orders.token is not None:
            self.simulator.api.token = orders.token
        if orders.workspace_id is not None:
            self.simulator.api.endpoints.workspace_id = orders.workspace_id

    async def _truth(self, _request: web.Request) -> web.Response:
        return web.json_response(self.simulator.truth().to_json())

    async def _set_faults(self, request: web.Request) -> web.Response:
        try:
            orders = Orders.model_validate_json(await request.read())
        except ValidationError as error:
            return web.json_response({"message": str(error)}, status=400)
        self.obey(orders)
        return web.json_response({"ok": True})

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        answer = self.simulator.handle(
            SimRequest(
                request.method,
                request.path,
                parse_query(request.rel_url.raw_query_string),
                {name.lower(): value for name, value in request.headers.items()},
                await request.read(),
            )
        )
        if not answer.refused:
            await self.simulator.clock.sleep(answer.delay_s)
        if answer.body is None:
            return _cut(request)
        if answer.cut_at is None and not answer.drip_s:
            return web.Response(status=answer.status, headers=list(answer.headers), body=answer.body)
        return await self._send_slowly(request, answer, answer.body)

    async def _send_slowly(self, request: web.Request, answer: SimResponse, body: bytes) -> web.StreamResponse:
        response = web.StreamResponse(status=answer.status, headers=list(answer.headers))
        response.content_length = len(body)
        await response.prepare(request)
        if answer.cut_at is not None:
            await response.write(body[: answer.cut_at])
            return _cut(request)
        for position in range(len(body)):
            await self.simulator.clock.sleep(answer.drip_s)
            await response.write(body[position : position + 1])
        await response.write_eof()
        return response


def _cut(request: web.Request) -> web.StreamResponse:
    """Reset the connection; what is returned goes nowhere."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def serve(simulator: Simulator, port: int = 0) -> RunningServer:
    """Start serving; close the result when done. Raises OSError when the port is taken."""
    server = RunningServer(simulator)
    await server.start(port)
    return server


@asynccontextmanager
async def serving(simulator: Simulator, port: int = 0) -> AsyncIterator[RunningServer]:
    """Serve while the body runs."""
    server = await serve(simulator, port)
    try:
        yield server
    finally:
        await server.close()
