"""Built SQL: text of callers never becomes SQL, and a filter means what it says."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aof_tui.base.errors import UsageError
from aof_tui.store.builder import (
    MOST_ROWS,
    MOST_VALUES,
    MOST_WORD_LENGTH,
    MOST_WORDS,
    Conditions,
    bounded_limit,
    bounded_skip,
    order_by,
    select,
)
from aof_tui.store.columns import NotificationColumn
from aof_tui.store.cursors import decode_cursor, encode_cursor

COLUMN = NotificationColumn.SUMMARY
HOSTILE = st.text(alphabet=st.one_of(st.sampled_from("%_\\'\";-:?()aA"), st.characters(exclude_categories=["Cs"])))


def matching(conditions: Conditions, texts: Sequence[str]) -> list[str]:
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("CREATE TABLE outbox (summary TEXT, receiver TEXT)")
        connection.executemany("INSERT INTO outbox VALUES (?, '')", [(text,) for text in texts])
        sql = select("summary", "outbox", conditions.where(), "ORDER BY rowid")
        return [row[0] for row in connection.execute(sql, dict(conditions.params))]
    finally:
        connection.close()


def ascii_lower(text: str) -> str:
    return "".join(char.lower() if char.isascii() else char for char in text)


@given(
    word=HOSTILE.filter(lambda word: "\0" not in word), texts=st.lists(HOSTILE.filter(lambda text: "\0" not in text))
)
def test_a_word_is_found_literally(word: str, texts: list[str]) -> None:
    word = word[:MOST_WORD_LENGTH]
    present, absent = Conditions(), Conditions()
    present.words([COLUMN, NotificationColumn.RECEIVER], [word])
    absent.no_words([COLUMN, NotificationColumn.RECEIVER], [word])
    expected = [text for text in texts if ascii_lower(word) in ascii_lower(text)]
    assert matching(present, texts) == expected
    assert matching(absent, texts) == [text for text in texts if not word or text not in expected]


@pytest.mark.parametrize(("word", "other"), [("a_b", "axb"), ("a%b", "axb"), ("a\\b", "ab"), ("a\\_b", "a\\xb")])
def test_the_characters_of_like_stand_for_themselves(word: str, other: str) -> None:
    conditions = Conditions()
    conditions.words([COLUMN], [word])
    assert matching(conditions, [other, word]) == [word]


@given(wanted=st.lists(HOSTILE, min_size=1), texts=st.lists(HOSTILE))
def test_values_are_compared_as_they_are(wanted: list[str], texts: list[str]) -> None:
    conditions = Conditions()
    conditions.among(COLUMN, wanted)
    assert matching(conditions, texts) == [text for text in texts if text in wanted]


@given(text=HOSTILE.filter(lambda text: len(text) > 2))
def test_no_text_of_a_caller_stands_in_the_sql(text: str) -> None:
    conditions, harmless = Conditions(), Conditions()
    for target, value in ((conditions, text[:MOST_WORD_LENGTH]), (harmless, "xxx")):
        target.among(COLUMN, [value])
        target.words([COLUMN], [value])
        target.equal(COLUMN, value)
        target.beyond([COLUMN], [value], descending=True)
    assert conditions.where() == harmless.where()


def test_sizes_are_bounded() -> None:
    conditions = Conditions()
    for refused in (
        lambda: conditions.among(COLUMN, ["x"] * (MOST_VALUES + 1)),
        lambda: conditions.words([COLUMN], ["x"] * (MOST_WORDS + 1)),
        lambda: conditions.no_words([COLUMN], ["x" * (MOST_WORD_LENGTH + 1)]),
        lambda: bounded_limit(0),
        lambda: bounded_limit(MOST_ROWS + 1),
        lambda: bounded_skip(-1),
    ):
        with pytest.raises(UsageError):
            refused()
    assert conditions.where() == ""


def test_one_direction_holds_for_all_columns() -> None:
    columns = (NotificationColumn.STATE, COLUMN)
    assert order_by(columns, descending=True) == "ORDER BY outbox.state DESC, outbox.summary DESC"
    assert order_by(columns, descending=False) == "ORDER BY outbox.state, outbox.summary"


@given(
    name=st.text(alphabet=st.characters(exclude_categories=["Cs"])),
    number=st.integers(-(2**62), 2**62),
    at=st.floats(allow_nan=False, allow_infinity=False),
)
def test_a_cursor_comes_back_as_it_was(name: str, number: int, at: float) -> None:
    assert decode_cursor(encode_cursor("o", [name, number, at]), "o", (str, int, float)) == [name, number, at]


@given(cursor=st.one_of(st.text(), st.binary().map(lambda raw: encode_cursor("x", [raw.hex()]))))
def test_any_other_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(UsageError, match="cursor"):
        decode_cursor(cursor, "o", (str,))


@pytest.mark.parametrize("values", [["x"], [True], [1.5], [None], [2**70], [1, 2], []])
def test_a_cursor_with_other_values_is_refused(values: list[str | int | float | None]) -> None:
    with pytest.raises(UsageError, match="cursor"):
        decode_cursor(encode_cursor("o", values), "o", (int,))
