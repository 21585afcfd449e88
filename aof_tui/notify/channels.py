"""The port every channel implements, and what may become of a message handed to one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias

from aof_tui.notify.message import Message


class Trouble(StrEnum):
    """Why a message was not, or not provably, delivered."""

    AUTH = "auth"
    """The channel refuses who we are, or the secret cannot be read: nothing goes through until somebody acts."""
    RATE_LIMITED = "rate_limited"
    REFUSED = "refused"
    """The channel will never take a message for this destination."""
    INVALID = "invalid"
    """The channel will never take this message."""
    NETWORK = "network"
    """The other side was not reached; nothing was handed over."""
    SERVER = "server"
    """The other side says that it failed, for now."""
    NO_ANSWER = "no_answer"
    """Handed over, but whether it was taken is not known."""
    EXPIRED = "expired"
    """Tried too often or for too long."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """Taken. `provider_id` is the other side's name for it; `warning` tells what went wrong nevertheless."""

    provider_id: str
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Postponed:
    """Try again with the same reference, not before `after_s` seconds where given.

    `ambiguous`: it may have arrived, so trying again may show it twice.
    """

    trouble: Trouble
    error: str
    after_s: float | None = None
    ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class Dead:
    """Trying again is in vain."""

    trouble: Trouble
    error: str


Delivery: TypeAlias = Delivered | Postponed | Dead


@dataclass(frozen=True, slots=True)
class Checked:
    """Whether a channel answers, and what it says of itself or of the trouble, in words."""

    ok: bool
    detail: str


class Channel(Protocol):
    """One way to one receiver."""

    @property
    def name(self) -> str:
        """`slack` or `email`."""
        ...

    async def send(self, message: Message, reference: str) -> Delivery:
        """Hand a message over once. Whatever goes wrong is the answer; only cancellation is raised.

        The same reference marks the same message: a channel shows it, so that a second copy is recognised.
        """
        ...

    async def check(self) -> Checked:
        """Try the connection and the credentials without sending anything."""
        ...
