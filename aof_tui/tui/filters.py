"""The filter line: words that must occur, `-word` that must not, `field:value`. No terminal library."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from aof_tui.control.requests import EventQuery, FailureQuery, IncidentQuery, NotificationQuery
from aof_tui.domain.words import (
    Category,
    EventKind,
    FailureStatus,
    IncidentKind,
    IncidentStatus,
    OutboxState,
    Severity,
)

MAX_CHARACTERS = 1_000
MAX_WORDS = 16

Vocabulary = tuple[str, ...]
ANYTHING: Vocabulary = ()

FAILURE_FIELDS: Mapping[str, Vocabulary] = MappingProxyType(
    {
        "status": tuple(FailureStatus),
        "category": tuple(Category),
        "recipe": ANYTHING,
        "job": ANYTHING,
        "incident": ANYTHING,
    }
)
EVENT_FIELDS: Mapping[str, Vocabulary] = MappingProxyType(
    {"level": ("debug", "info", "warning", "error"), "kind": tuple(EventKind), "job": ANYTHING, "incident": ANYTHING}
)
INCIDENT_FIELDS: Mapping[str, Vocabulary] = MappingProxyType(
    {
        "kind": tuple(IncidentKind),
        "status": tuple(IncidentStatus),
        "severity": tuple(Severity),
        "category": tuple(Category),
        "incident": ANYTHING,
    }
)
NO_FIELDS: Mapping[str, Vocabulary] = MappingProxyType({})
NOTICE_FIELDS: Mapping[str, Vocabulary] = MappingProxyType({"status": tuple(OutboxState), "receiver": ANYTHING})


@dataclass(frozen=True, slots=True)
class Filter:
    """What a person typed, taken apart."""

    words: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    problem: str | None = None
    """What cannot be understood, in words; the rest of the filter still holds."""

    @property
    def empty(self) -> bool:
        return not (self.words or self.without or self.fields)

    def values(self, name: str) -> tuple[str, ...]:
        return self.fields.get(name, ())

    def one(self, name: str) -> str | None:
        """The last value given for a field that takes only one."""
        return self.values(name)[-1] if self.values(name) else None


def parse_filter(text: str, known: Mapping[str, Vocabulary]) -> Filter:
    """Takes a filter line apart. Never fails: an unknown field is a word with a colon, and said to be one."""
    words: list[str] = []
    without: list[str] = []
    fields: dict[str, tuple[str, ...]] = {}
    problem: str | None = None
    for typed in split_words(text)[:MAX_WORDS]:
        name, colon, value = typed.partition(":")
        if colon and name.lower() in known:
            chosen = _choose(value, known[name.lower()])
            if value and not chosen:
                problem = f"no {name.lower()} begins with “{value}”"
            if value:
                fields[name.lower()] = fields.get(name.lower(), ()) + (chosen or (value,))
        elif typed.startswith("-") and len(typed) > 1:
            without.append(typed[1:])
        elif typed != "-":
            words.append(typed)
    return Filter(tuple(words), tuple(without), fields, problem)


def split_words(text: str) -> list[str]:
    """Words at blanks; double quotes hold blanks together, an open one reaches to the end."""
    words: list[str] = []
    word, quoted, begun = "", False, False
    for char in text[:MAX_CHARACTERS]:
        if char == '"':
            quoted, begun = not quoted, True
        elif char.isspace() and not quoted:
            if begun and word:
                words.append(word)
            word, begun = "", False
        else:
            word, begun = word + char, True
    return [*words, word] if word else words


def _choose(value: str, vocabulary: Iterable[str]) -> tuple[str, ...]:
    """The words of a vocabulary that begin with what was typed; blanks and hyphens count as underscores."""
    words = tuple(vocabulary)
    if not words:
        return (value,) if value else ()
    typed = value.lower().replace(" ", "_").replace("-", "_")
    return (typed,) if typed in words else tuple(str(word) for word in words if word.startswith(typed))


def failure_query(typed: Filter) -> FailureQuery:
    """A query for the failures a filter lets through. A chosen status may be a final one."""
    return FailureQuery(
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
    """A query for the notifications a filter lets through; it knows no "without"."""
    return NotificationQuery(states=typed.values("status"), receivers=typed.values("receiver"), text=typed.words)
