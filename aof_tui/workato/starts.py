"""Starts a recipe once: by its webhook, by an endpoint of the API platform, or by force_run. Nothing is retried here.

A webhook's address is a secret, and an endpoint lies on a host that must never see the workspace's token: so each way
brings its own headers along.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Protocol
from urllib.parse import quote

import httpx

from aof_tui.base.clock import Clock
from aof_tui.base.errors import AofError
from aof_tui.base.secret import Secret
from aof_tui.config.fallback import webhook_address
from aof_tui.workato.answers import DEFINITE_REFUSALS, RequestOutcome
from aof_tui.workato.errors import Forbidden, NotSent, Unauthorized, WorkatoError
from aof_tui.workato.outside import ERROR_LIMIT, label
from aof_tui.workato.transport import TransportFactory, http_client

START_DEADLINE_S = 45.0
BODY_CAP = 64 * 1024
"""How much of an answer is read, in bytes; only the word of success in it is believed."""
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_HTML = "text/html"

Body = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class StartAnswer:
    """What came of one request to start a recipe.

    `passing`: it was refused for the moment, not for what it asks. `error` is what says that the workspace's own token
    no longer opens it.
    """

    outcome: RequestOutcome
    http_status: int | None = None
    why: str = ""
    passing: bool = False
    error: WorkatoError | None = None


class ApiDoor(Protocol):
    """The workspace's API as far as a start needs it."""

    def opened(self, path: str) -> tuple[str, dict[str, str]]:
        """The address of an endpoint, and the headers that open it. Raises NotSent."""


class Starts:
    """Sends starts of recipes, each on a connection of its own, under one total deadline (seconds)."""

    def __init__(
        self, api: ApiDoor, transport_factory: TransportFactory, clock: Clock, deadline_s: float = START_DEADLINE_S
    ) -> None:
        self._api = api
        self._transport_factory = transport_factory
        self._clock = clock
        self._deadline_s = deadline_s

    async def webhook(self, address: Callable[[], Secret], body: Body, dispatch_id: str) -> StartAnswer:
        """Call a recipe's webhook (Workato docs: webhooks); its address is the secret that opens it."""
        try:
            url = webhook_address(address())
        except AofError as error:
            return _not_sent(str(error))
        return (await self._post(url, {}, body, dispatch_id))[0]

    async def endpoint(self, url: str, token: Callable[[], Secret], body: Body, dispatch_id: str) -> StartAnswer:
        """Call an endpoint of the API platform with a client's token (Workato docs: API platform, `api-token`)."""
        try:
            held = token().reveal()
        except AofError as error:
            return _not_sent(str(error))
        if not held or not all("!" <= character <= "~" for character in held):
            return _not_sent("the endpoint's token is empty, or holds characters that no header can carry")
        return (await self._post(url, {"api-token": held}, body, dispatch_id))[0]

    async def force_run(self, recipe_id: str, dispatch_id: str) -> StartAnswer:
        """Run a recipe on demand (Workato docs: recipes, `force_run`); it takes no data along."""
        try:
            url, headers = self._api.opened(f"recipes/{quote(recipe_id, safe='')}/force_run")
        except NotSent as error:
            return _not_sent(str(error))
        answer, content = await self._post(url, headers, None, dispatch_id)
        closed: dict[int | None, type[Unauthorized | Forbidden]] = {401: Unauthorized, 403: Forbidden}
        if answer.http_status is not None and answer.http_status in closed:
            refused = closed[answer.http_status](answer.http_status, answer.why)
            return replace(answer, passing=True, error=refused)
        if answer.outcome is RequestOutcome.ANSWERED and _says_no(content):
            return StartAnswer(RequestOutcome.REJECTED, answer.http_status, "Workato says that it was not run")
        return answer

    async def _post(
        self, url: str, headers: Mapping[str, str], body: Body | None, dispatch_id: str
    ) -> tuple[StartAnswer, bytes]:
        sent = {**headers, "x-correlation-id": dispatch_id, "Connection": "close", "Accept-Encoding": "identity"}
        # Errors of the library are not shown: some of them quote addresses.
        try:
            async with self._clock.deadline(self._deadline_s), http_client(self._transport_factory()) as http:
                request = http.build_request("POST", url, json=body, headers=sent)
                response = await http.send(request, stream=True)
                try:
                    return _answer(response, await _beginning(response))
                finally:
                    await response.aclose()
        except TimeoutError:
            return _doubt(f"no answer within {self._deadline_s:g} s"), b""
        except _NEVER_LEFT as error:
            return _not_sent(f"its host cannot be reached: {type(error).__name__}"), b""
        except (httpx.HTTPError, OSError) as error:
            return _doubt(f"the connection broke: {type(error).__name__}"), b""


def mentioned(value: object, words: Collection[str]) -> str | None:
    """Which of the words stands in an answer, in whatever place and depth; None unless it is exactly one of them."""
    text = json.dumps(value, ensure_ascii=False)
    found = [word for word in sorted(set(words)) if word in text]
    return found[0] if len(found) == 1 else None


def _not_sent(why: str) -> StartAnswer:
    return StartAnswer(RequestOutcome.NOT_SENT, why=label(why, ERROR_LIMIT))


def _doubt(why: str, status: int | None = None) -> StartAnswer:
    return StartAnswer(RequestOutcome.AMBIGUOUS, status, why)


async def _beginning(response: httpx.Response) -> bytes:
    """The first bytes of a body; a broken one tells what arrived of it, for the status stands above it.

    One that is compressed although we asked for none is left alone: it may unfold to anything.
    """
    if response.headers.get("content-encoding", "identity") != "identity":
        return b""
    body = bytearray()
    try:
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) >= BODY_CAP:
                break
    except (httpx.HTTPError, OSError):
        return bytes(body)
    return bytes(body[:BODY_CAP])


def _answer(response: httpx.Response, body: bytes) -> tuple[StartAnswer, bytes]:
    status = response.status_code
    if status in DEFINITE_REFUSALS:
        passing = status == HTTPStatus.TOO_MANY_REQUESTS
        return StartAnswer(RequestOutcome.REJECTED, status, f"HTTP {status}", passing=passing), body
    if not response.is_success:
        return _doubt(f"HTTP {status}", status), body
    if response.headers.get("content-type", "").partition(";")[0].strip().lower() == _HTML:
        return _doubt("an HTML page instead of an answer", status), body
    return StartAnswer(RequestOutcome.ANSWERED, status), body


def _says_no(body: bytes) -> bool:
    try:
        content = json.loads(body)
    except ValueError:
        return False
    return isinstance(content, dict) and content.get("success") is False
