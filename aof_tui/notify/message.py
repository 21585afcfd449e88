"""What a notification says, as data, and its JSON form in the outbox."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal, TypeAlias

from msgspec import DecodeError, to_builtins
from msgspec.json import Decoder

from aof_tui.control.rows import ReportRow
from aof_tui.domain.words import Category, NoticeKind, Severity


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing people are told about. Times are UTC seconds since 1970; texts are shown, never interpreted."""

    kind: NoticeKind
    workspace: str
    severity: Severity
    title: str
    """What it is about in words: the incident's title."""
    at: float
    """When it happened, not when it is sent."""
    category: Category | None = None
    recipe_id: str | None = None
    recipe: str | None = None
    incident: str | None = None
    """`I` and a number."""
    status: str = ""
    """The incident's status."""
    open_failures: int = 0
    attempts: int | None = None
    max_attempts: int | None = None
    first_seen_at: float | None = None
    last_seen_at: float | None = None
    reasons: tuple[str, ...] = ()
    """Values of `Reason`, or words."""
    next_step: str = ""
    error: str = ""
    job_ids: tuple[str, ...] = ()
    """The first few of them; the rest is found by the incident."""
    lines: tuple[str, ...] = ()
    """What a digest holds, one line each."""
    merged: int = 0
    """How many messages a digest stands for."""


@dataclass(frozen=True, slots=True)
class ReportNotice:
    """A periodic job report as a message."""

    report: ReportRow
    at: float


Message: TypeAlias = Notice | ReportNotice


@dataclass(frozen=True, slots=True)
class _Envelope:
    version: Literal[1]
    notice: Notice | None = None
    report: ReportNotice | None = None


_DECODER = Decoder(_Envelope)


def kind_of(message: Message) -> NoticeKind:
    """What kind of notification it is."""
    return message.kind if isinstance(message, Notice) else NoticeKind.REPORT


def workspace_of(message: Message) -> str:
    """The workspace it tells of."""
    return message.workspace if isinstance(message, Notice) else message.report.workspace


def to_json(message: Message) -> str:
    """The message as the outbox keeps it. Lone surrogates, which no database takes, become question marks."""
    envelope = _Envelope(1, notice=message) if isinstance(message, Notice) else _Envelope(1, report=message)
    text = json.dumps(to_builtins(envelope), ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace").decode()


def from_json(text: str) -> Message:
    """The message a row of the outbox holds. Raises ValueError for anything this version did not write."""
    try:
        envelope = _DECODER.decode(text)
    except DecodeError:
        # What it quotes may be customers' data.
        raise ValueError("not a message of this version") from None
    message = envelope.notice or envelope.report
    if message is None:
        raise ValueError("not a message of this version: it is empty")
    return message
