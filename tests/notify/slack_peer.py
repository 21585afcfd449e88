"""A Slack on this machine that keeps what it is sent and answers by a script."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.notify.slack_limits import violations


@dataclass(frozen=True)
class Say:
    """One answer; `hang` never answers, `drop` closes the connection after reading."""

    body: str | dict[str, Any] = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    hang: bool = False
    drop: bool = False


def refuse(error: str, status: int = 200, **headers: str) -> Say:
    return Say({"ok": False, "error": error}, status, headers)


@dataclass
class SlackPeer:
    """`script` is used up from the front; after it, messages within Slack's limits are taken."""

    base_url: str = ""
    script: list[Say] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    payloads: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    called: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.calls.append(request.path.rpartition("/")[2])
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        self.payloads.append(await request.json() if request.can_read_body else {})
        self.called.set()
        if self.script:
            return await self._scripted(request, self.script.pop(0))
        if self.calls[-1] == "auth.test":
            return web.json_response({"ok": True, "team": "Example", "user": "aof"})
        if problems := violations(self.payloads[-1]):
            return web.json_response({"ok": False, "error": "invalid_blocks", "response_metadata": problems})
        return web.json_response({"ok": True, "ts": f"1700000000.{len(self.payloads):06}", "channel": "C1"})

    async def _scripted(self, request: web.Request, say: Say) -> web.StreamResponse:
        if say.hang:
            await asyncio.Event().wait()
        if say.drop:
            assert request.transport is not None
            request.transport.close()
        if isinstance(say.body, dict):
            return web.json_response(say.body, status=say.status, headers=say.headers)
        return web.Response(text=say.body, status=say.status, headers=say.headers, content_type=say.content_type)


@asynccontextmanager
async def slack_peer(*script: Say) -> AsyncIterator[SlackPeer]:
    """A peer on a free port of 127.0.0.1."""
    peer = SlackPeer(script=list(script))
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", peer.answer)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        peer.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
        yield peer
    finally:
        await runner.cleanup()
