"""Pieces of a line: text with a tone, columns, and how columns share a width. No terminal library."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct

from aof_tui.base.cells import display_width, truncate_cells, wrap_cells
from aof_tui.base.text import clean

GAP = 2
"""Cells between two columns."""


class Tone(StrEnum):
    """What a piece of text means to the reader; a theme gives each its colour."""

    PLAIN = "plain"
    MUTED = "muted"
    STRONG = "strong"
    OK = "ok"
    INFO = "info"
    WARN = "warn"
    BAD = "bad"
    ALARM = "alarm"
    MARK = "mark"


class Cell(NamedTuple):
    """A piece of one line."""

    text: str
    tone: Tone = Tone.PLAIN


Line = tuple[Cell, ...]


class Column(Struct, frozen=True):
    """One column of a table. It is shown from `shown_from` cells of table width on; `flex` is its share of the rest.

    `fit(text, width)` makes a text fit, where cutting its end would hide what tells it from others.
    """

    title: str
    width: int
    flex: int = 0
    shown_from: int = 0
    right: bool = False
    fit: Callable[[str, int], str] | None = None

    def fitted(self, text: str, width: int) -> str:
        """The text in exactly `width` cells."""
        return pad((self.fit or show)(text, width), width, right=self.right)


def column_widths(columns: Sequence[Column], total: int) -> tuple[int, ...]:
    """The width of each column, 0 for one that is not shown. Together with the gaps they fill `total`, if they can."""
    shown = [column.shown_from <= total for column in columns]
    fixed = sum(column.width for column, here in zip(columns, shown, strict=True) if here)
    rest = max(0, total - fixed - GAP * (sum(shown) - 1))
    shares = sum(column.flex for column, here in zip(columns, shown, strict=True) if here)
    widths = [
        (column.width + rest * column.flex // max(1, shares)) if here else 0
        for column, here in zip(columns, shown, strict=True)
    ]
    left = rest - sum(rest * column.flex // max(1, shares) for column, here in zip(columns, shown, strict=True) if here)
    for place in reversed(range(len(columns))):
        if shown[place] and columns[place].flex:
            widths[place] += left
            break
    return tuple(widths)


def show(text: str, width: int) -> str:
    """Text from outside on one line of at most `width` cells, cleaned."""
    # Most texts are far longer than a line: cut before cleaning, so that a huge one costs nothing.
    return truncate_cells(" ".join(clean(text[: 8 * width + 64]).split()), width)


def pad(text: str, width: int, *, right: bool = False) -> str:
    """The text filled up with blanks to `width` cells."""
    blanks = " " * (width - display_width(text))
    return blanks + text if right else text + blanks


def wrap(text: str, width: int) -> list[str]:
    """Cleaned text broken at blanks, or anywhere in words too long, into lines of at most `width` cells."""
    return wrap_cells(clean(text), width)
