"""Short texts that Workato's answers bring along, made safe to keep and to show on one line."""

from __future__ import annotations

from aof_tui.base.redaction import redact
from aof_tui.base.text import one_line

NAME_LIMIT = 200
TITLE_LIMIT = 500
ERROR_LIMIT = 500
_LOOKED_AT = 8
"""How many times its limit of a text is looked at: redaction of megabytes would hold the loop."""


def label(text: str, limit: int) -> str:
    """The text cleaned, on one line, redacted, and at most `limit` characters long."""
    safe = redact(one_line(text[: limit * _LOOKED_AT]))
    return safe if len(safe) <= limit else f"{safe[: limit - 1]}…"
