"""How many messages a receiver gets, and what is told as one. Pure: decides, does nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from aof_tui.domain.words import NoticeKind, Severity
from aof_tui.notify.message import Message, Notice, kind_of, workspace_of
from aof_tui.notify.render.compose import summary

WINDOW_S = 600.0
CAP = 12
RESERVED = 3
"""Places that only escalations and alarms may take."""
MAX_LINES = 200

_SEVERITIES = tuple(Severity)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One row of the outbox that is due."""

    notification_id: int
    reference: str
    message: Message


@dataclass(frozen=True, slots=True)
class Admission:
    """What may be sent now: single messages, and groups of at least two that are told as one message each.

    `not_before` is set while others must wait for room.
    """

    single: tuple[Waiting, ...]
    digests: tuple[tuple[Waiting, ...], ...]
    not_before: float | None


def admit(waiting: Sequence[Waiting], told_at: Sequence[float], now: float) -> Admission:
    """Decide for one receiver; `told_at` are the times of its deliveries, older ones than the window do not count.

    Escalations go first, then alarms. Alarms are never merged with others: a digest of alarms raises none.
    """
    recent = [at for at in told_at if now - at < WINDOW_S]
    single: list[Waiting] = []
    digests: list[tuple[Waiting, ...]] = []
    for rank in range(3):
        rows = [row for row in waiting if _rank(row.message) == rank]
        limit = CAP if rank < 2 else CAP - RESERVED
        alone, merged = _split(rows, limit - len(recent) - len(single) - len(digests))
        single += alone
        digests += [tuple(merged)] if merged else []
    served = len(single) + sum(map(len, digests))
    room_at = min(recent, default=now) + WINDOW_S
    return Admission(tuple(single), tuple(digests), room_at if served < len(waiting) else None)


def _rank(message: Message) -> int:
    kind = kind_of(message)
    return 0 if kind is NoticeKind.ESCALATED else 1 if kind is NoticeKind.ALARM else 2


def _split(rows: list[Waiting], room: int) -> tuple[list[Waiting], list[Waiting]]:
    if len(rows) <= room:
        return rows, []
    return (rows[: room - 1], rows[room - 1 :]) if room > 0 else ([], [])


def digest(rows: Sequence[Waiting], at: float) -> tuple[Notice, str]:
    """One message for many, and its reference, the same for the same rows. Of an incident only the newest is named."""
    groups: dict[str, list[Message]] = {}
    for row in rows:
        groups.setdefault(_group(row), []).append(row.message)
    lines = [line for messages in groups.values() for line in _lines(messages)]
    merged = sum(_weight(row.message) for row in rows)
    names = "\n".join(row.reference for row in rows)
    workspaces = sorted({workspace_of(row.message) for row in rows})
    all_alarms = all(kind_of(row.message) is NoticeKind.ALARM for row in rows)
    notice = Notice(
        kind=NoticeKind.ALARM if all_alarms else NoticeKind.DIGEST,
        workspace=", ".join(workspaces),
        severity=min((_severity(row.message) for row in rows), key=_SEVERITIES.index),
        title=f"{merged} messages came faster than {CAP} in {WINDOW_S / 60:.0f} minutes",
        at=at,
        next_step="each of them is in the log of aof-tui",
        lines=tuple(lines[:MAX_LINES]),
        merged=merged,
    )
    return notice, f"digest-{hashlib.sha256(names.encode('utf-8', 'replace')).hexdigest()[:24]}"


def _group(row: Waiting) -> str:
    message = row.message
    incident = message.incident if isinstance(message, Notice) else None
    return f"{workspace_of(message)}/{incident}" if incident else f"/{row.notification_id}"


def _lines(messages: Sequence[Message]) -> Sequence[str]:
    newest = messages[-1]
    if isinstance(newest, Notice) and newest.lines:
        return newest.lines
    incident = f"{newest.incident} " if isinstance(newest, Notice) and newest.incident else ""
    more = f" (newest of {len(messages)})" if len(messages) > 1 else ""
    return (f"{incident}{summary(newest)}{more}",)


def _weight(message: Message) -> int:
    return max(1, message.merged) if isinstance(message, Notice) else 1


def _severity(message: Message) -> Severity:
    return message.severity if isinstance(message, Notice) else Severity.INFO
