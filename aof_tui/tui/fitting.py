"""Text that is too long for its place: shortened where it says least, or broken into lines. No terminal library."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aof_tui.base.cells import ELLIPSIS, split_at
from aof_tui.base.text import display_width, truncate_cells
from aof_tui.tui.cells import Cell, Line, Tone, show

LONGEST, LONGEST_ALONE = 200, 900
"""Cells of one text in wrapped lines, and of one alone on its line: more of it is nobody's question."""
TAIL_SHARE = 3
NAME_SHARE = 5
_WORDS = re.compile(r"( *)([^ ]+)")
_NOTICE_HEAD = re.compile(r"^\[[A-Z]+\] [a-z0-9_]+ · ")


def middle(text: str, width: int) -> str:
    """A name on one line, its middle left out: names of one kind differ by their first words and by their last."""
    if len(text) > 16 * width + 128:
        text = text[: 8 * width + 64] + text[-8 * width - 64 :]
    whole = show(text, 16 * width + 128)
    if width < 2 or display_width(whole) <= width:
        return show(whole, width)
    tail = _last_words(whole, width // TAIL_SHARE)
    head = truncate_cells(whole, width - display_width(tail))
    return head.removesuffix(ELLIPSIS).rstrip() + ELLIPSIS + tail


def _last_words(text: str, width: int) -> str:
    """As many whole words of the end as fit, with what stands before them; nothing where not even one does."""
    place = len(text)
    while place and display_width(text[place - 1 :]) <= width:
        place -= 1
    while 0 < place < len(text) and text[place - 1].isalnum() and text[place].isalnum():
        place += 1
    tail = text[place:]
    return tail if any(map(str.isalnum, tail)) else ""


def titled(text: str, width: int) -> str:
    """`NAME: what is wrong` on one line, with something of both."""
    name, colon, rest = text.partition(": ")
    if not colon or display_width(text[: 8 * width]) <= width:
        return show(text, width)
    return show(f"{middle(name, max(1, width * 3 // NAME_SHARE))}: {rest}", width)


def noticed(text: str, width: int) -> str:
    """What somebody was told, without the severity and category that every such line begins with."""
    said = _NOTICE_HEAD.sub("", text[: 8 * width + 64], count=1)
    name, dot, rest = said.partition(" · ")
    if not dot or display_width(said) <= width:
        return show(said, width)
    fit = titled if ": " in name else middle
    return show(f"{fit(name, max(1, width * 3 // NAME_SHARE))} · {rest}", width)


def wrap_line(line: Line, width: int) -> tuple[Line, ...]:
    """A line broken at blanks where it is too long. What follows stands behind its label or under its indentation."""
    width = max(1, width)
    cells = tuple(_cleaned(cell, LONGEST if len(line) > 1 else LONGEST_ALONE) for cell in line)
    if sum(display_width(cell.text) for cell in cells) <= width:
        return (cells,)
    hang = _hang(cells, width)
    lines: list[Line] = []
    current: list[Cell] = []
    used = 0
    for blanks, text, tone in _words(cells):
        gap, word = " " * blanks, text
        while word:
            if used + len(gap) + display_width(word) <= width:
                current.append(Cell(gap + word, tone))
                used += len(gap) + display_width(word)
                word = ""
            elif used > hang and (gap or used >= width):
                lines.append(tuple(current))
                current, used, gap = [Cell(" " * hang)], hang, ""
            else:
                head = split_at(word, max(1, width - used - len(gap)))
                current.append(Cell(gap + head, tone))
                lines.append(tuple(current))
                word = word[len(head) :]
                current, used, gap = [Cell(" " * hang)], hang, ""
    return (*lines, tuple(current)) if used > hang else tuple(lines)


def wrap_lines(lines: tuple[Line, ...], width: int) -> tuple[Line, ...]:
    """All lines, broken."""
    return tuple(broken for line in lines for broken in wrap_line(line, width))


def _cleaned(cell: Cell, longest: int) -> Cell:
    text = cell.text
    head = " " * (len(text) - len(text.lstrip(" ")))
    tail = " " * (len(text.lstrip(" ")) - len(text.strip(" ")))
    return Cell(head + show(text, longest) + tail, cell.tone)


def _hang(cells: Line, width: int) -> int:
    first = cells[0].text
    label = len(cells) > 1 and first.endswith(" ")
    hang = display_width(first) if label else len(first) - len(first.lstrip(" "))
    return hang if hang <= width // 2 else min(2, width - 1)


def _words(cells: Line) -> Iterator[tuple[int, str, Tone]]:
    """Every word with the blanks before it, also those at the end of the cell before."""
    before = 0
    for cell in cells:
        end = 0
        for match in _WORDS.finditer(cell.text):
            yield before + len(match[1]), match[2], cell.tone
            before, end = 0, match.end()
        before += len(cell.text) - end
