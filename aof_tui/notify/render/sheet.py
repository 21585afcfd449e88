"""A message in plain words, before it takes the form of a channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aof_tui.base.text import clean, one_line

MAX_LINE = 300
MAX_ITEMS = 40
MAX_QUOTE_LINES = 20
MAX_QUOTE = 2_000


@dataclass(frozen=True, slots=True)
class Sheet:
    """Cleaned text; each string but `quote` is one line."""

    headline: str
    """What a phone shows of it, such as `[SEVERITY] category · recipe · N jobs · state`."""
    banner: str
    """Glyph, state and what it is about."""
    subject: str
    """The same for all messages of one incident, so that mail programs keep them together."""
    thread: str
    """Names the incident the message belongs to; empty for one that stands alone."""
    at: float
    lead: str
    """One more line for what the headline cannot say; may be empty."""
    facts: tuple[tuple[str, str], ...]
    """Label and value; no value is empty."""
    lists: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Heading and lines."""
    quote: str = ""
    """Text of somebody else, on several lines."""


def brief(text: str, limit: int = MAX_LINE) -> str:
    """The text on one line of at most `limit` characters, an ellipsis where it is cut."""
    line = one_line(text[: limit * 4])
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def listed(lines: Sequence[str]) -> tuple[str, ...]:
    """One short line each; of a long list its beginning and how many more there are."""
    shown = tuple(brief(line) for line in lines[:MAX_ITEMS])
    return shown if len(lines) <= MAX_ITEMS else (*shown, f"… (+{len(lines) - MAX_ITEMS})")


def quoted(text: str) -> str:
    """The cleaned beginning of a text, with a last line that says how many characters are missing."""
    whole = clean(text).strip()
    lines = whole[:MAX_QUOTE].split("\n")
    shown = "\n".join(line.rstrip() for line in lines[:MAX_QUOTE_LINES])
    missing = len(whole) - len("\n".join(lines[:MAX_QUOTE_LINES]))
    return shown if missing <= 0 else f"{shown}\n… (+{missing})"
