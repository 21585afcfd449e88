"""Channels as the configuration names them. A channel's library is loaded only when a receiver needs it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from aof_tui.base.clock import Clock
from aof_tui.base.secret import Secret
from aof_tui.config.secrets import SecretRef
from aof_tui.config.settings import EmailSettings, Receiver, SlackSettings
from aof_tui.notify.channels import Channel
from aof_tui.notify.pace import Pace

if TYPE_CHECKING:
    import aiohttp

Channels: TypeAlias = Mapping[str, tuple[Channel, ...]]
ReadSecret: TypeAlias = Callable[[SecretRef], Secret]


@asynccontextmanager
async def open_channels(
    receivers: Iterable[Receiver], read_secret: ReadSecret, clock: Clock
) -> AsyncIterator[Channels]:
    """The channels of every receiver by its name, while the context lasts. Nothing is connected to yet."""
    known = tuple(receivers)
    if not any(receiver.slack for receiver in known):
        yield build_channels(known, read_secret, clock, session=None)
        return
    from aof_tui.notify.slack import open_session

    async with open_session() as session:
        yield build_channels(known, read_secret, clock, session=session)


def build_channels(
    receivers: Iterable[Receiver], read_secret: ReadSecret, clock: Clock, *, session: aiohttp.ClientSession | None
) -> Channels:
    """The channels of every receiver by its name. All Slack channels share the session, which stays the caller's."""
    paces: dict[tuple[str, str], Pace] = {}
    built: dict[str, tuple[Channel, ...]] = {}
    for receiver in receivers:
        if receiver.email:
            built[receiver.name] = (_email(receiver.email, read_secret, clock),)
        elif receiver.slack and session:
            built[receiver.name] = (_slack(receiver.slack, read_secret, clock, session, paces),)
        else:
            raise ValueError(f"receiver {receiver.name!r} needs a session")
    return built


def _slack(
    settings: SlackSettings,
    read_secret: ReadSecret,
    clock: Clock,
    session: aiohttp.ClientSession,
    paces: dict[tuple[str, str], Pace],
) -> Channel:
    from aof_tui.notify.slack import INTERVAL_S, SlackChannel

    return SlackChannel(
        channel=settings.channel,
        base_url=settings.base_url,
        token=partial(read_secret, settings.token),
        session=session,
        clock=clock,
        pace=paces.setdefault((settings.base_url, settings.channel), Pace(clock, INTERVAL_S)),
    )


def _email(settings: EmailSettings, read_secret: ReadSecret, clock: Clock) -> Channel:
    from aof_tui.notify.email import EmailChannel

    login = (
        (settings.username, partial(read_secret, settings.password))
        if settings.username and settings.password
        else None
    )
    return EmailChannel(
        host=settings.host,
        port=settings.port,
        tls=settings.tls,
        login=login,
        sender=settings.sender,
        recipients=settings.to,
        clock=clock,
    )
