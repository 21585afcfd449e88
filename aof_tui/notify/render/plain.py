"""A message as plain text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aof_tui.notify.message import Message
from aof_tui.notify.render.compose import compose
from aof_tui.notify.render.sheet import Sheet

_INDENT = "    "


def plain_text(message: Message, reference: str = "") -> str:
    """The whole message; its first line alone says what it is about. Ends with a newline."""
    return sheet_text(compose(message), reference)


def sheet_text(sheet: Sheet, reference: str) -> str:
    """A sheet as plain text. Lists and quotes are indented, so that nothing quoted passes for ours."""
    paragraphs = [f"{sheet.headline}\n{sheet.lead}".rstrip(), *_paragraphs(sheet)]
    if reference:
        paragraphs.append(f"Reference: {reference}")
    return "\n\n".join(paragraphs) + "\n"


def _paragraphs(sheet: Sheet) -> Iterator[str]:
    yield "\n".join(f"{label}: {value}" for label, value in sheet.facts)
    for heading, lines in sheet.lists:
        yield _indented(heading, lines)
    if sheet.quote:
        yield _indented("Error", sheet.quote.split("\n"))


def _indented(heading: str, lines: Iterable[str]) -> str:
    return "\n".join((f"{heading}:", *(f"{_INDENT}{line}".rstrip() for line in lines)))
