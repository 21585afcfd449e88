"""From any message to its words."""

from __future__ import annotations

from aof_tui.notify.message import Message, Notice
from aof_tui.notify.render.notice import notice_sheet
from aof_tui.notify.render.report import report_sheet
from aof_tui.notify.render.sheet import Sheet, brief

MAX_SUMMARY = 200


def compose(message: Message) -> Sheet:
    """Put a message into words."""
    return notice_sheet(message) if isinstance(message, Notice) else report_sheet(message)


def summary(message: Message) -> str:
    """One line for a history of notifications."""
    return brief(compose(message).headline, MAX_SUMMARY)
