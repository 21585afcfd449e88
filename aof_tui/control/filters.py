"""The one grammar of filters: words that must occur, `-word` that must not, `field:value`, quotes round blanks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from msgspec import Struct

from aof_tui.base.wording import nearest, nearest_or_all
from aof_tui.control.requests import DECIDING, EventQuery, FailureQuery, IncidentQuery, NotificationQuery
from aof_tui.domain.event_kinds import EventKind
from aof_tui.domain.words import (
    Category,
    FailureStatus,
    IncidentKind,
    IncidentStatus,
    OutboxState,
    Severity,
)

MAX_CHARACTERS = 1_000
MAX_WORDS = 16
MOST_LISTED = 16


class Field(Struct, frozen=True):
    """What may stand behind a field's colon: one of these words, or anything; once, or several times."""

    words: tuple[str, ...] = ()
    once: bool = False


Fields = Mapping[str, Field]
ANYTHING = Field()
ONE_NAME = Field(once=True)
CATEGORY = Field(tuple(Category))

FAILURE_FIELDS: Fields = MappingProxyType(
    {
        "status": Field((*FailureStatus, DECIDING)),
        "category": CATEGORY,
        "recipe": ANYTHING,
        "job": ANYTHING,
        "incident": ONE_NAME,
        "workspace": ANYTHING,
    }
)
EVENT_FIELDS: Fields = MappingProxyType(
    {
        "level": Field(("debug", "info", "warning", "error")),
        "kind": Field(tuple(EventKind)),
        "job": ONE_NAME,
        "incident": ONE_NAME,
        "workspace": ANYTHING,
    }
)
INCIDENT_FIELDS: Fields = MappingProxyType(
    {
        "kind": Field(tuple(IncidentKind)),
        "status": Field(tuple(IncidentStatus)),
        "severity": Field(tuple(Severity)),
        "category": CATEGORY,
        "incident": ONE_NAME,
        "workspace": ANYTHING,
    }
)
NO_FIELDS: Fields = MappingProxyType({})
NOTICE_FIELDS: Fields = MappingProxyType(
    {"status": Field(tuple(OutboxState)), "receiver": ANYTHING, "workspace": ANYTHING}
)
ALL_FIELDS = frozenset({*FAILURE_FIELDS, *EVENT_FIELDS, *INCIDENT_FIELDS, *NOTICE_FIELDS})
_NAME = re.compile(r"[^\W\d][\w-]*")
"""What looks like the name of a field."""


class Filter(Struct, frozen=True):
    """What a person typed, taken apart."""

    words: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    fields: Mapping[str, tuple[str, ...]] = {}
    problem: str | None = None
    """What cannot be understood, in words. A screen shows it and what the rest lets through; a command refuses it."""

    @property
    def empty(self) -> bool:
        return not (self.words or self.without or self.fields)

    def values(self, name: str) -> tuple[str, ...]:
        return self.fields.get(name, ())

    def one(self, name: str) -> str | None:
        """The last value given for a field that takes only one."""
        return self.values(name)[-1] if self.values(name) else None


def parse_filter(text: str, known: Fields) -> Filter:
    """Takes a filter line apart. Never fails: what is wrong with it is its problem, in words."""
    words: list[str] = []
    without: list[str] = []
    fields: dict[str, tuple[str, ...]] = {}
    problems: list[str] = []
    typed_words = list(_split(text))
    if len(text) > MAX_CHARACTERS or len(typed_words) > MAX_WORDS:
        problems.append(f"a filter has at most {MAX_WORDS} words and {MAX_CHARACTERS:,} characters")
    for typed, quoted_from in typed_words[:MAX_WORDS]:
        name, colon, value = typed.partition(":")
        name = name.lower() if colon else ""
        if not (typed if quoted_from == 0 else typed.removeprefix("-")).strip():
            # A lone hyphen is a word that is still being typed.
            problems += [] if quoted_from is None else ["nothing but blanks stands in quotes"]
        elif quoted_from == 0:
            words.append(typed)
        elif typed.startswith("-"):
            without.append(typed[1:])
            problems += _mistaken_exception(name.lstrip("-"), known) if quoted_from != 1 else []
        elif name in known:
            problems += _problems_of(name, value, known[name], again=name in fields)
            if value:
                fields[name] = fields.get(name, ()) + (_choose(value, known[name].words) or (value,))
        else:
            words.append(typed)
            problems += _mistaken_for_text(name, known)
    return Filter(tuple(words), tuple(without), fields, problems[0] if problems else None)


def _split(text: str) -> Iterator[tuple[str, int | None]]:
    """Words at blanks, each with the place where its first quote stands, if any.

    Double quotes hold blanks together, an open one reaches to the end. At its beginning, or behind a hyphen there, a
    quote makes the word mere text.
    """
    word, inside = "", False
    quoted_from: int | None = None
    for char in text[:MAX_CHARACTERS]:
        if char.isspace() and not inside:
            if word:
                yield word, quoted_from
            word, quoted_from = "", None
        elif char == '"':
            inside = not inside
            quoted_from = len(word) if quoted_from is None else quoted_from
        else:
            word += char
    if word:
        yield word, quoted_from


def _problems_of(name: str, value: str, known: Field, *, again: bool) -> Iterator[str]:
    if not value:
        yield f"{name}: needs a value{_valid('', known.words)}"
    elif not _choose(value, known.words):
        yield f"no {name} begins with “{value}”{_valid(value, known.words)}"
    elif known.once and again:
        yield f"only one {name} can be asked for at once"


def _valid(value: str, words: tuple[str, ...]) -> str:
    """The nearest valid word, else all of them where that is no long list."""
    return nearest_or_all(value, words) if len(words) <= MOST_LISTED else nearest(value, words)


def _mistaken_for_text(name: str, known: Fields) -> Iterator[str]:
    """What looks like a field and is none here: taken for text it would let other rows through."""
    if name in ALL_FIELDS:
        yield f"there is no field “{name}” here{_valid(name, tuple(known))}; quotes make it text"
    elif near := nearest(name, known) if name else "":
        yield f"there is no field “{name}”{near}"


def _mistaken_exception(name: str, known: Fields) -> Iterator[str]:
    """A field that cannot be taken away, or none at all: taken for text it would leave nothing out."""
    if name in known:
        yield f"-{name}: cannot be said; name the ones that are wanted"
    elif found := next(_mistaken_for_text(name, known), None):
        yield found
    elif _NAME.fullmatch(name):
        yield f'-{name}: is no field; quotes make it text, as in -"{name}:…"'


def _choose(value: str, words: tuple[str, ...]) -> tuple[str, ...]:
    """The words that begin with what was typed, blanks and hyphens counting as underscores; anything without words."""
    if not words:
        return (value,) if value else ()
    typed = value.lower().replace(" ", "_").replace("-", "_")
    return (typed,) if typed in words else tuple(str(word) for word in words if word.startswith(typed))


def failure_query(typed: Filter) -> FailureQuery:
    """A query for the failures a filter lets through. A chosen status may be a final one."""
    return FailureQuery(
        workspaces=typed.values("workspace"),
        statuses=typed.values("status"),
        categories=typed.values("category"),
        recipes=typed.values("recipe"),
        master_job_ids=typed.values("job"),
        text=typed.words,
        without=typed.without,
        incident=typed.one("incident"),
        only_open=not typed.values("status"),
    )


def event_query(typed: Filter) -> EventQuery:
    """A query for the log lines a filter lets through."""
    return EventQuery(
        workspaces=typed.values("workspace"),
        kinds=typed.values("kind"),
        levels=typed.values("level"),
        master_job_id=typed.one("job"),
        incident=typed.one("incident"),
        text=typed.words,
        without=typed.without,
    )


def incident_query(typed: Filter) -> IncidentQuery:
    """A query for the incidents a filter lets through. A chosen status may be that of what is over."""
    return IncidentQuery(
        workspaces=typed.values("workspace"),
        kinds=typed.values("kind"),
        statuses=typed.values("status"),
        severities=typed.values("severity"),
        categories=typed.values("category"),
        incident=typed.one("incident"),
        text=typed.words,
        without=typed.without,
        only_open=not typed.values("status"),
    )


def notification_query(typed: Filter) -> NotificationQuery:
    """A query for the notifications a filter lets through."""
    return NotificationQuery(
        workspaces=typed.values("workspace"),
        states=typed.values("status"),
        receivers=typed.values("receiver"),
        text=typed.words,
        without=typed.without,
    )
