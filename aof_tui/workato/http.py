"""One request and its whole answer, under one deadline, and what went wrong in our words. Nothing is retried here."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from http import HTTPStatus

import httpx

from aof_tui.base.clock import Clock
from aof_tui.workato import payload
from aof_tui.workato.body import read_beginning, read_whole
from aof_tui.workato.errors import (
    BadPage,
    Forbidden,
    NotFound,
    NotSent,
    RateLimited,
    Refused,
    Transient,
    Unauthorized,
    WorkatoError,
)
from aof_tui.workato.outside import ERROR_LIMIT, label

REFUSAL_CAP = 64 * 1024
"""How much of a refusal's body is read for its message, in bytes."""
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_PASSING = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY})
_LOGIN_WORDS = (b"sign_in", b"sign in", b"log in", b"login", b"password")


async def exchange(
    http: httpx.AsyncClient, request: httpx.Request, clock: Clock, *, deadline_s: float, cap_bytes: int
) -> object:
    """Send the request and return its answer's JSON value. Raises only WorkatoError."""
    return payload.decode(await fetch(http, request, clock, deadline_s=deadline_s, cap_bytes=cap_bytes))


async def fetch(
    http: httpx.AsyncClient, request: httpx.Request, clock: Clock, *, deadline_s: float, cap_bytes: int
) -> bytes:
    """Send the request and return the body of its answer of success. Raises only WorkatoError.

    The deadline covers connecting, writing, waiting and reading; the cap counts decoded bytes.
    """
    # Errors of the libraries below are not chained: some of them quote headers.
    try:
        async with clock.deadline(deadline_s):
            response = await http.send(request, stream=True)
            try:
                return await _read(response, clock, cap_bytes)
            finally:
                await response.aclose()
    except TimeoutError:
        raise Transient(f"no whole answer within {deadline_s:g} s") from None
    except _NEVER_LEFT as error:
        raise NotSent(f"{request.url.host} cannot be reached: {_describe(error)}") from None
    except (httpx.HTTPError, OSError) as error:
        raise Transient(f"the connection broke: {type(error).__name__}") from None


def _describe(error: Exception) -> str:
    said = label(str(error), ERROR_LIMIT)
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


async def _read(response: httpx.Response, clock: Clock, cap_bytes: int) -> bytes:
    if response.status_code != HTTPStatus.OK:
        raise await _refusal(response, clock)
    declared = response.headers.get("content-type", "application/json")
    kind = declared.partition(";")[0].strip().lower()
    if kind == "text/html":
        raise _page(response.status_code, await read_beginning(response, REFUSAL_CAP))
    if kind != "application/json" and not kind.endswith("+json"):
        raise BadPage(f"an answer of type {label(kind, 80)!r} instead of JSON")
    return await read_whole(response, cap_bytes)


def _page(status: int, body: bytes) -> WorkatoError:
    lowered = body.lower()
    if any(word in lowered for word in _LOGIN_WORDS):
        return Unauthorized(status, "a login page answers instead of the API: is the address right, the token valid?")
    return BadPage("an HTML page instead of JSON")


async def _refusal(response: httpx.Response, clock: Clock) -> WorkatoError:
    status = response.status_code
    if response.has_redirect_location:
        return _redirect(status, response.headers["location"])
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _PASSING:
        return Transient(f"HTTP {status}", status)
    if status < HTTPStatus.BAD_REQUEST:
        return BadPage(f"an unexpected HTTP {status}", status)
    message = _message(status, await read_beginning(response, REFUSAL_CAP))
    match status:
        case HTTPStatus.UNAUTHORIZED:
            return Unauthorized(status, message)
        case HTTPStatus.FORBIDDEN:
            return Forbidden(status, message)
        case HTTPStatus.NOT_FOUND:
            return NotFound(status, message)
        case HTTPStatus.TOO_MANY_REQUESTS:
            return RateLimited(status, message, _retry_after(response.headers.get("retry-after"), clock))
        case _:
            return Refused(status, message)


def _redirect(status: int, location: str) -> WorkatoError:
    if any(word in location.lower().encode() for word in _LOGIN_WORDS):
        return Unauthorized(status, "redirected to a login page: is the address right, the token valid?")
    return BadPage(f"HTTP {status} redirects elsewhere: is the workspace's address right?", status)


def _message(status: int, body: bytes) -> str:
    """What Workato says of a refusal: it puts it under `message`, sometimes `error`, and a proxy in neither."""
    try:
        told = payload.decode(body)
    except BadPage:
        return f"HTTP {status}"
    said = (told.get("message") or told.get("error")) if isinstance(told, dict) else None
    return f"HTTP {status}: {label(said, ERROR_LIMIT)}" if isinstance(said, str) else f"HTTP {status}"


def _retry_after(value: str | None, clock: Clock) -> float | None:
    """Seconds to wait, from a number of seconds or a date; None when there is none or it cannot be read."""
    if value is None:
        return None
    if value.strip().isdecimal() and value.isascii():
        return float(value[:9])
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - clock.wall())
    except (ValueError, OverflowError):
        return None
