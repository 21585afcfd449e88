"""Width of text in terminal cells, without a terminal library."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

ELLIPSIS = "…"
KEPT_WIDTHS = 2048
_JOINER = "\u200d"
_EMOJI_STYLE = "\ufe0f"
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_REGIONAL = range(0x1F1E6, 0x1F200)


def _cell_width(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _extends(cluster: str, char: str) -> bool:
    if unicodedata.category(char) in ("Mn", "Me", "Mc") or char == _JOINER or ord(char) in _SKIN_TONES:
        return True
    if cluster[-1] == _JOINER:
        return True
    return ord(char) in _REGIONAL and len(cluster) == 1 and ord(cluster) in _REGIONAL


def _clusters(text: str) -> Iterator[str]:
    """What a reader takes for one character each, in a text that is not empty: a base with its marks, an emoji."""
    cluster = text[0]
    for char in text[1:]:
        if _extends(cluster, char):
            cluster += char
        else:
            yield cluster
            cluster = char
    yield cluster


def _cluster_width(cluster: str) -> int:
    # A terminal that joins shows fewer cells than one that does not: the wider of the two never overflows.
    width = sum(map(_cell_width, cluster))
    return max(width, 2) if _EMOJI_STYLE in cluster else width


def display_width(text: str) -> int:
    """Cells the text takes on one terminal line, at most."""
    return len(text) if text.isascii() else _width(text)


@lru_cache(KEPT_WIDTHS)
def _width(text: str) -> int:
    # A screen measures the same texts again whenever a countdown beside them moves.
    return sum(map(_cluster_width, _clusters(text)))


def truncate_cells(text: str, width: int) -> str:
    """The text if it fits into `width` cells, else as much of it as fits before an ellipsis; no character is halved."""
    if width <= 0:
        return ""
    if text.isascii():
        return text if len(text) <= width else text[: width - 1] + ELLIPSIS
    taken: list[str] = []
    used, fitting = 0, 0
    for cluster in _clusters(text):
        used += _cluster_width(cluster)
        if used > width:
            return "".join(taken[:fitting]) + ELLIPSIS
        taken.append(cluster)
        if used < width:
            fitting = len(taken)
    return text


def wrap_cells(text: str, width: int) -> list[str]:
    """The text broken at line ends and blanks, or anywhere in words too long, into lines of at most `width` cells."""
    lines: list[str] = []
    for paragraph in text.expandtabs(4).split("\n"):
        lines.extend(_wrap_paragraph(paragraph, max(1, width)))
    return lines


def _wrap_paragraph(paragraph: str, width: int) -> list[str]:
    lines: list[str] = []
    line, used = "", 0
    for word in paragraph.split():
        size = display_width(word)
        if used and used + 1 + size > width:
            lines.append(line)
            line, used = "", 0
        if size > width:
            *full, rest = _chop(word, width)
            lines.extend(full)
            line, used = rest, display_width(rest)
        else:
            line, used = (f"{line} {word}", used + 1 + size) if used else (word, size)
    lines.append(line)
    return lines


def _chop(word: str, width: int) -> list[str]:
    pieces: list[str] = []
    while display_width(word) > width:
        head = split_at(word, width)
        pieces.append(head)
        word = word[len(head) :]
    return [*pieces, word]


def split_at(word: str, width: int) -> str:
    """As much of the word as fits into `width` cells, but one character at least."""
    taken, used = 0, 0
    for taken, char in enumerate(word):
        used += display_width(char)
        if used > width and taken:
            return word[:taken]
    return word[: taken + 1]
