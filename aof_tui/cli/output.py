"""Standard output: JSON lines for programs, aligned columns for people, never a control character from outside."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from msgspec import to_builtins

from aof_tui.base.cells import display_width, truncate_cells, wrap_cells
from aof_tui.base.clock import rfc3339
from aof_tui.base.errors import AofError
from aof_tui.base.text import one_line

GAP = "  "
WIDEST_CELL = 60
ENOUGH = 32
"""Cells in which the last column still says something."""


class ReaderGoneError(Exception):
    """Whoever read standard output has seen enough; no fault. (No OSError, which typer would make a failure of.)"""


class OutputError(AofError):
    """What was asked for could not be written to where standard output goes."""


def say(line: str) -> None:
    """Print one line at once. Raises ReaderGoneError."""
    say_buffered(line)
    flush()


def flush() -> None:
    """Hand over what was printed. Raises ReaderGoneError."""
    with _told():
        sys.stdout.flush()


def note(line: str) -> None:
    """Tell the person something that is not the answer: on stderr, so that scripts never read it."""
    sys.stderr.write(f"{line}\n")


def json_line(row: object, *, only: Sequence[str] | None = None) -> str:
    """A row as one line of JSON: times in RFC 3339; `only` names the fields and their order."""
    value = plain(row)
    if only is not None and isinstance(value, Mapping):
        value = {name: value[name] for name in only}
    return json.dumps(value, ensure_ascii=False)


def plain(value: object, name: str = "") -> object:
    """Rows as plain data; what is called a time becomes RFC 3339 text."""
    return _timed(to_builtins(value), name)


def _timed(value: object, name: str) -> object:
    if isinstance(value, Mapping):
        return {key: _timed(item, key) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_timed(item, "") for item in value]
    if isinstance(value, int | float) and not isinstance(value, bool) and _is_time(name):
        return rfc3339(value)
    return value


def _is_time(name: str) -> bool:
    return name in ("at", "since", "until") or name.endswith(("_at", "_until"))


def print_columns(headings: Sequence[str], rows: Sequence[Sequence[str]], spared: Sequence[str] = ()) -> None:
    """Rows under headings. On a terminal wide columns are cut, the last one to what is left; elsewhere none is.

    `spared` names columns that a terminal leaves out, the first first, while the last one has too little room.
    """
    lines = [list(headings), *([one_line(cell) for cell in row] for row in rows)]
    widths = [max(display_width(line[place]) for line in lines) for place in range(len(headings) - 1)]
    if sys.stdout.isatty():
        widths = [min(WIDEST_CELL, width) for width in widths]
    most = _room(widths)
    for heading in spared:
        if most is None or most >= ENOUGH:
            break
        place = lines[0].index(heading)
        lines = [[*line[:place], *line[place + 1 :]] for line in lines]
        del widths[place]
        most = _room(widths)
    for line in lines:
        cells = [_padded(cell, width) for cell, width in zip(line, widths, strict=False)]
        last = line[-1] if most is None else truncate_cells(line[-1], most)
        say_buffered(GAP.join([*cells, last]).rstrip())
    flush()


def print_facts(facts: Sequence[tuple[str, str]]) -> None:
    """What something is, a fact a line; on a terminal a long one goes on below its beginning, elsewhere on its line."""
    width = max((display_width(one_line(name)) for name, _ in facts), default=0)
    room = _room([width])
    for name, value in facts:
        whole = one_line(value)
        first, *others = wrap_cells(whole, room) if room is not None else [whole]
        say_buffered(f"{_padded(one_line(name), width)}{GAP}{first}".rstrip())
        for line in others:
            say_buffered(f"{' ' * width}{GAP}{line}")
    flush()


def say_buffered(line: str) -> None:
    """Print one line of many; the end of the program hands them over. Raises ReaderGoneError."""
    with _told():
        sys.stdout.write(f"{line}\n")


@contextmanager
def _told() -> Iterator[None]:
    """A reader that is gone is no fault; a full disk behind standard output is one."""
    try:
        yield
    except BrokenPipeError:
        raise ReaderGoneError from None
    except OSError as error:
        raise OutputError(f"standard output cannot be written: {error.strerror}") from error


def _room(widths: Sequence[int]) -> int | None:
    if not sys.stdout.isatty():
        return None
    return max(10, shutil.get_terminal_size().columns - sum(widths) - len(GAP) * len(widths))


def _padded(cell: str, width: int) -> str:
    cut = truncate_cells(cell, width)
    return cut + " " * (width - display_width(cut))
