"""Slack by its Web API."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any, NoReturn

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from aof_tui.base.clock import Clock
from aof_tui.base.errors import AofError
from aof_tui.base.secret import Secret
from aof_tui.base.text import one_line
from aof_tui.notify.channels import Checked, Dead, Delivered, Delivery, Postponed, Trouble
from aof_tui.notify.message import Message
from aof_tui.notify.pace import Pace
from aof_tui.notify.render.slack import slack_message
from aof_tui.notify.slack_answers import read_answer

CONNECT_S = 10.0
DEADLINE_S = 30.0
INTERVAL_S = 1.0
"""Slack docs: rate limits. One message per second and channel."""
EVENT_TYPE = "aof_tui"

_INERT: Mapping[str, Any] = {
    "mrkdwn": False,
    "parse": "none",
    "link_names": False,
    "unfurl_links": False,
    "unfurl_media": False,
}


class RedirectError(aiohttp.ClientError):
    """The address answers with a redirect, which is never followed."""


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: object

    @property
    def meaning(self) -> Delivery:
        return read_answer(self.status, self.headers, self.body)


class SlackChannel:
    """One channel of a Slack workspace."""

    def __init__(
        self,
        *,
        channel: str,
        base_url: str,
        token: Callable[[], Secret],
        session: aiohttp.ClientSession,
        clock: Clock,
        pace: Pace,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        """`token` is asked at each call, so that a rotated one is taken; `pace` is shared by all ways to a channel."""
        self._channel = channel
        self._token = token
        self._clock = clock
        self._pace = pace
        self._deadline_s = deadline_s
        self._client = _client(base_url, session)

    @property
    def name(self) -> str:
        return "slack"

    async def send(self, message: Message, reference: str) -> Delivery:
        """Post it. A form that Slack refuses is followed by plain short text at once: no event is lost for its form."""
        rendered = slack_message(message, reference)
        metadata = {"event_type": EVENT_TYPE, "event_payload": {"reference": reference}}
        delivery = await self._post(text=rendered.text, blocks=rendered.blocks, metadata=metadata)
        if not isinstance(delivery, Dead) or delivery.trouble is not Trouble.INVALID:
            return delivery
        plain = await self._post(text=rendered.fallback)
        if isinstance(plain, Delivered):
            return Delivered(plain.provider_id, warning=f"told in plain text, because of {delivery.error}")
        return plain

    async def check(self) -> Checked:
        """Slack docs: auth.test."""
        answer = await self._ask(lambda token: self._client.auth_test(token=token))
        delivery = answer.meaning if isinstance(answer, _Answer) else answer
        if isinstance(delivery, Delivered) and isinstance(answer, _Answer) and isinstance(answer.body, Mapping):
            who, where = answer.body.get("user", "?"), answer.body.get("team", "?")
            return Checked(True, one_line(f"signed in as {who} in {where}")[:200])
        return Checked(False, "" if isinstance(delivery, Delivered) else delivery.error)

    async def _post(self, **content: Any) -> Delivery:
        async with self._pace.turn() as silent_s:
            if silent_s:
                return Postponed(Trouble.RATE_LIMITED, "Slack: waiting as it asked", silent_s)
            answer = await self._ask(
                lambda token: self._client.chat_postMessage(token=token, channel=self._channel, **_INERT, **content)
            )
        delivery = answer.meaning if isinstance(answer, _Answer) else answer
        if isinstance(delivery, Postponed) and delivery.trouble is Trouble.RATE_LIMITED:
            return replace(delivery, after_s=self._pace.be_silent(delivery.after_s or 0.0))
        return delivery

    async def _ask(self, call: Callable[[str], Awaitable[AsyncSlackResponse]]) -> _Answer | Delivery:
        try:
            token = self._token().reveal()
        except AofError as error:
            return Postponed(Trouble.AUTH, str(error))
        try:
            async with self._clock.deadline(self._deadline_s):
                return _answer(await call(token))
        except SlackApiError as error:
            return _answer(error.response)
        except RedirectError:
            return Dead(Trouble.REFUSED, "Slack: the address answers with a redirect")
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            return Postponed(Trouble.NETWORK, f"Slack: {one_line(str(error))[:200] or type(error).__name__}")
        # AttributeError: what the library ends in when the answer is neither JSON nor an error status.
        except (aiohttp.ClientError, OSError, ValueError, AttributeError) as error:
            return Postponed(Trouble.NO_ANSWER, f"Slack: {type(error).__name__}", ambiguous=True)


def open_session() -> aiohttp.ClientSession:
    """The session all Slack channels share; must be closed by who opens it.

    Connections are not kept: one that Slack closed meanwhile would make the next message ambiguous.
    """
    tracing = aiohttp.TraceConfig()
    tracing.on_request_redirect.append(_refuse_redirect)
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(force_close=True),
        timeout=aiohttp.ClientTimeout(total=None, connect=CONNECT_S),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        trace_configs=[tracing],
    )


async def _refuse_redirect(
    _session: aiohttp.ClientSession, _context: SimpleNamespace, _params: aiohttp.TraceRequestRedirectParams
) -> NoReturn:
    raise RedirectError


def _client(base_url: str, session: aiohttp.ClientSession) -> AsyncWebClient:
    client = AsyncWebClient(base_url=base_url, session=session, logger=_quiet_logger(), retry_handlers=[])
    client.proxy = None  # The library takes a proxy from the environment; ours come from the configuration alone.
    return client


def _quiet_logger() -> logging.Logger:
    """The library writes whole messages to a logger that lets debug lines pass."""
    logger = logging.getLogger(f"{__name__}.library")
    logger.setLevel(logging.CRITICAL)
    return logger


def _answer(response: Any) -> _Answer:
    """Read the library's response, or aiohttp's where the library could not parse it."""
    if isinstance(response, aiohttp.ClientResponse):
        return _Answer(response.status, response.headers, None)
    return _Answer(response.status_code, response.headers, response.data)
