"""What is told, and through whom, when a message or a whole channel fails. Pure: decides, does nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from aof_tui.domain.words import NoticeKind, Severity
from aof_tui.notify.message import Message, Notice, kind_of, workspace_of
from aof_tui.notify.render.plain import plain_text

REPEAT_S = 3_600.0


def raises_alarm(message: Message) -> bool:
    """An alarm that cannot be delivered raises no other: else two broken channels would alarm each other for ever."""
    return kind_of(message) is not NoticeKind.ALARM


def dead_letter(message: Message, reference: str, *, receiver: str, error: str, at: float) -> tuple[Notice, str]:
    """The alarm that carries a message which could not be delivered, and the alarm's reference."""
    incident = message.incident if isinstance(message, Notice) else None
    critical = isinstance(message, Notice) and message.severity is Severity.CRITICAL
    notice = Notice(
        kind=NoticeKind.ALARM,
        workspace=workspace_of(message),
        severity=Severity.CRITICAL if critical else Severity.ERROR,
        title=f"a message to {receiver} could not be delivered",
        at=at,
        incident=incident,
        reasons=(error,),
        next_step=f"read the message below in place of {receiver}, and repair that receiver",
        error=plain_text(message, reference),
    )
    return notice, f"alarm-{reference}"


def channel_down(receiver: str, *, workspace: str, error: str, at: float) -> tuple[Notice, str]:
    """The alarm that a receiver is not reached for now, and its reference, the same one within an hour."""
    notice = Notice(
        kind=NoticeKind.ALARM,
        workspace=workspace,
        severity=Severity.ERROR,
        title=f"messages to {receiver} are not delivered",
        at=at,
        reasons=(error,),
        next_step="messages are kept and tried again for a day; see the notifications in aof-tui",
    )
    return notice, f"down-{receiver}-{int(at // REPEAT_S)}"


def fallback_receiver(
    failing: str, channels: Mapping[str, str], *, preferred: Sequence[str], down: Collection[str]
) -> str | None:
    """Who is told instead: one on another kind of channel if possible, the preferred ones first, never one that fails.

    `channels` names the channel of every receiver, in the order of the configuration.
    """
    names = dict.fromkeys((*(name for name in preferred if name in channels), *channels))
    candidates = [name for name in names if name != failing and name not in down]
    return min(candidates, key=lambda name: channels[name] == channels.get(failing), default=None)
