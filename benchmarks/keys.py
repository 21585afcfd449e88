"""Keys that a person presses on the main screen, and by what one sees that each has done something."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

DETAIL = -3
"""The line of the screen that tells more of the row under the cursor: which job or event it is."""
JOB, EVENT = re.compile(r"  job (\S+)  "), re.compile(r" #(\d+)")

ESCAPE = "\x1b"

Look = Sequence[str]
"""The lines of a screen."""
Effect = Callable[[Look, Look], bool]
"""Whether a screen shows what the key did, given the screen before it."""


@dataclass(frozen=True, slots=True)
class Key:
    """One to press."""

    kind: str
    pressed: str
    effect: Effect


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds from key to paint."""

    keys: int
    median_ms: float
    p95_ms: float
    most_ms: float


def times(seconds: Sequence[float]) -> Times:
    """Of one measurement each; the percentile is that of the nearest rank."""
    ordered = sorted(seconds)
    rank = max(0, -(-95 * len(ordered) // 100) - 1)
    return Times(len(ordered), *(round(1000 * value, 1) for value in (median(ordered), ordered[rank], ordered[-1])))


def row_of(look: Look) -> str:
    """Names the row under the cursor."""
    found = JOB.search(look[DETAIL]) or EVENT.search(look[DETAIL])
    return found[1] if found else ""


def other_row(before: Look, now: Look) -> bool:
    """The cursor stands on another row."""
    return row_of(now) not in ("", row_of(before))


def shows(*words: str) -> Effect:
    """All of these are somewhere on the screen."""
    return lambda _before, now: all(any(word in line for line in now) for word in words)


def begins(words: str) -> Effect:
    """A line begins so."""
    return lambda _before, now: any(line.startswith(words) for line in now)


def lacks(word: str) -> Effect:
    """This is nowhere on the screen any more."""
    return lambda _before, now: not any(word in line for line in now)


def _lists(moves: int) -> Iterator[Key]:
    for number in range(moves):
        page = number % 3 == 2
        yield Key("page down" if page else "line down", "\x1b[6~" if page else "j", other_row)


def _panes(rounds: int) -> Iterator[Key]:
    for _ in range(rounds):
        yield Key("other pane", "2", other_row)
        yield Key("other pane", "4", lambda _before, now: "oncall by slack" in now[DETAIL])
        yield Key("other pane", "1", lambda _before, now: JOB.search(now[DETAIL]) is not None)


def _filtering(typed: str) -> Iterator[Key]:
    yield Key("open filter", "/", begins(" Filter  words"))
    for end in range(1, len(typed) + 1):
        yield Key("type in filter", typed[end - 1], begins(f" Filter  {typed[:end]} "))
    yield Key("clear filter", ESCAPE, lacks(f"/{typed}"))


def _opening(times_opened: int) -> Iterator[Key]:
    for _ in range(times_opened):
        yield Key("open a failure", "\r", lacks("2 Retry countdowns"))
        yield Key("back", ESCAPE, shows("2 Retry countdowns"))


def list_keys() -> tuple[Key, ...]:
    """For the lists of failures."""
    return (*_lists(30), *_panes(5), *_filtering("order 51"), *_opening(5))


def log_keys() -> tuple[Key, ...]:
    """For the log, which follows its end at first."""
    moves = (Key("line", "k", other_row), Key("page", "\x1b[5~", other_row), Key("line", "j", other_row))
    return (
        Key("go to the log", "3", lambda _before, now: EVENT.search(now[DETAIL]) is not None),
        Key("stop following", "k", shows("G follows")),
        *moves * 9,
        Key("follow", "G", shows("3 Log  follows")),
    )
