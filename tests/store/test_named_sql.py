"""Statements by name: what a file may hold, and that every packaged one fits the schema."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator

import pytest

from aof_tui.base.errors import StoreError
from aof_tui.store.migrate import migrate
from aof_tui.store.named_sql import load_statements, parse_statements

STATEMENTS = load_statements()
WITHOUT_STRINGS = re.compile(r"'[^']*'")


@pytest.fixture(scope="module")
def schema() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection, "in memory")
    yield connection
    connection.close()


@pytest.mark.parametrize("name", STATEMENTS)
def test_every_statement_fits_the_schema(schema: sqlite3.Connection, name: str) -> None:
    sql = STATEMENTS[name]
    parameters = re.findall(r":(\w+)", WITHOUT_STRINGS.sub("", sql))
    schema.execute(f"EXPLAIN {sql}", dict.fromkeys(parameters, 1)).fetchall()


@pytest.mark.parametrize("name", STATEMENTS)
def test_parameters_are_named_and_nothing_else_stands_in_their_place(name: str) -> None:
    assert not re.search(r"\?|@\w|\$\w|\{|%s", WITHOUT_STRINGS.sub("", STATEMENTS[name]))
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", found) for found in re.findall(r":(\w+)", STATEMENTS[name]))


def test_a_file_is_split_at_its_names() -> None:
    text = "-- a header\n\n-- name: one  with words\n-- more words\nSELECT 1;\n\n--name:two\nSELECT\n  2 -- why\n"
    assert dict(parse_statements([("a.sql", text)])) == {"one": "SELECT 1", "two": "SELECT\n  2 -- why"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT 1;\n-- name: one\nSELECT 1", "before the first"),
        ("-- name: one\n-- nothing but words\n-- name: two\nSELECT 1", "'one' is empty"),
        ("-- name: one\n;", "'one' is empty"),
        ("-- name: One-Two\nSELECT 1", "no name"),
        ("-- name: one\nSELECT 1;\n-- name: one\nSELECT 2;", "exists twice"),
    ],
)
def test_a_damaged_file_is_refused(text: str, message: str) -> None:
    with pytest.raises(StoreError, match=message):
        parse_statements([("a.sql", text)])


def test_a_name_is_given_once_over_all_files() -> None:
    with pytest.raises(StoreError, match=r"b\.sql: the SQL statement 'one' exists twice"):
        parse_statements([("a.sql", "-- name: one\nSELECT 1"), ("b.sql", "-- name: one\nSELECT 1")])


WALKED_OFTEN = (
    "attempts_of_lineage",
    "dispatches_in_doubt",
    "failure_first_due",
    "failures_due_of_recipe",
    "failures_undecided_of_pair",
    "failures_unfinished_of_recipe",
    "recipe_first_awaited",
    "recipes_marked",
    "runs_of_lineage",
)
"""What is asked for each failed job, or whenever a loop looks what is next."""


@pytest.mark.parametrize("name", WALKED_OFTEN)
def test_what_is_asked_often_reads_no_whole_workspace(schema: sqlite3.Connection, name: str) -> None:
    parameters = re.findall(r":(\w+)", WITHOUT_STRINGS.sub("", STATEMENTS[name]))
    plan = schema.execute(f"EXPLAIN QUERY PLAN {STATEMENTS[name]}", dict.fromkeys(parameters, 1)).fetchall()
    steps = [str(row[3]) for row in plan if "json_each" not in str(row[3])]
    assert not any(re.match(r"SCAN |.* USING PRIMARY KEY \(workspace=\?\)$", step) for step in steps), steps
