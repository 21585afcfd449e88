"""Builds the variable parts of listings: whitelisted columns, everything else as parameters, bounded sizes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from aof_tui.base.errors import UsageError
from aof_tui.store.columns import EventColumn, FailureColumn, IncidentColumn, NotificationColumn
from aof_tui.store.mapping import integer
from aof_tui.store.port import Params, Reader, Value

MOST_VALUES = 1_000
MOST_WORDS = 16
MOST_WORD_LENGTH = 200
MOST_ROWS = 1_000

Column: TypeAlias = FailureColumn | IncidentColumn | EventColumn | NotificationColumn


class Conditions:
    """Conditions of one query, all of which must hold, and their parameters."""

    def __init__(self) -> None:
        self._terms: list[str] = []
        self._params: dict[str, Value] = {}

    @property
    def params(self) -> Params:
        return dict(self._params)

    def where(self) -> str:
        """The WHERE clause; empty without conditions."""
        return f"WHERE {' AND '.join(self._terms)}" if self._terms else ""

    def always(self, term: str) -> None:
        """A condition written in this package's code."""
        self._terms.append(term)

    def equal(self, column: Column, value: Value) -> None:
        self._terms.append(f"{column} = {self.bind(value)}")

    def above(self, column: Column, value: Value) -> None:
        self._terms.append(f"{column} > {self.bind(value)}")

    def below(self, column: Column, value: Value) -> None:
        self._terms.append(f"{column} < {self.bind(value)}")

    def among(self, column: Column, values: Sequence[str]) -> None:
        """One of the values; no values mean any. Raises UsageError for too many."""
        if len(values) > MOST_VALUES:
            raise UsageError(f"a filter takes at most {MOST_VALUES} values, not {len(values)}")
        if values:
            self._terms.append(f"{column} IN ({', '.join(self.bind(value) for value in values)})")

    def words(self, columns: Sequence[Column], words: Sequence[str]) -> None:
        """Each word occurs in at least one of the columns, which are never NULL. ASCII letters match in both cases."""
        self._terms.extend(self._occurs(columns, word) for word in _bounded(words))

    def no_words(self, columns: Sequence[Column], words: Sequence[str]) -> None:
        """None of the words occurs in any of the columns, which are never NULL."""
        self._terms.extend(f"NOT {self._occurs(columns, word)}" for word in _bounded(words))

    def beyond(self, columns: Sequence[Column], values: Sequence[Value], *, descending: bool) -> None:
        """Only rows after the one with these values, in the order of `order_by`."""
        marks = ", ".join(self.bind(value) for value in values)
        self._terms.append(f"({', '.join(columns)}) {'<' if descending else '>'} ({marks})")

    def slice(self, limit: int, skip: int = 0) -> str:
        """The LIMIT clause for a page and one row more, which tells whether another page follows."""
        return f"LIMIT {self.bind(limit + 1)} OFFSET {self.bind(skip)}"

    def bind(self, value: Value) -> str:
        """A parameter of this value, as it is written in the SQL."""
        name = f"p{len(self._params)}"
        self._params[name] = value
        return f":{name}"

    def _occurs(self, columns: Sequence[Column], word: str) -> str:
        mark = self.bind(f"%{escape_like(word)}%")
        return "(" + " OR ".join(f"{column} LIKE {mark} ESCAPE '\\'" for column in columns) + ")"


def select(columns: str, source: str, *clauses: str) -> str:
    """A query put together of texts of this package."""
    return " ".join(("SELECT", columns, "FROM", source, *filter(None, clauses)))


async def count(reader: Reader, source: str, conditions: Conditions) -> int:
    """How many rows of the source fulfil the conditions."""
    rows = await reader.select(select("count(*) AS amount", source, conditions.where()), conditions.params)
    return integer(rows[0], "amount")


def order_by(columns: Sequence[Column], *, descending: bool) -> str:
    """One direction for all columns, so that an index can be walked either way."""
    direction = " DESC" if descending else ""
    return "ORDER BY " + ", ".join(f"{column}{direction}" for column in columns)


def escape_like(word: str) -> str:
    """The word with LIKE's own characters taken literally under ESCAPE '\\'."""
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def bounded_limit(limit: int) -> int:
    """A page's size. Raises UsageError for one out of 1 to MOST_ROWS."""
    if not 1 <= limit <= MOST_ROWS:
        raise UsageError(f"a page holds 1 to {MOST_ROWS} rows, not {limit}")
    return limit


def bounded_skip(skip: int) -> int:
    """How many rows to jump over. Raises UsageError for a negative number."""
    if skip < 0:
        raise UsageError(f"cannot skip {skip} rows")
    return min(skip, 2**62)


def _bounded(words: Sequence[str]) -> Sequence[str]:
    if len(words) > MOST_WORDS or any(len(word) > MOST_WORD_LENGTH for word in words):
        raise UsageError(f"a text filter takes at most {MOST_WORDS} words of at most {MOST_WORD_LENGTH} characters")
    return [word for word in words if word]
