"""Numbered migrations under `PRAGMA user_version`, each in one transaction."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources

from aof_tui.base.errors import StoreError

APPLICATION_ID = int.from_bytes(b"aoft", "big")
"""Written into the file's header, so that another program's database is told from a store."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema, from version `number - 1` to `number`."""

    number: int
    name: str
    script: str


def load_migrations() -> tuple[Migration, ...]:
    """The packaged migrations in order. Raises StoreError for a gap, a number given twice or a misnamed file."""
    found: list[Migration] = []
    for entry in (resources.files("aof_tui.store") / "migrations").iterdir():
        if entry.name.endswith(".sql"):
            parts = re.fullmatch(r"(\d{4})_([a-z0-9_]+)\.sql", entry.name)
            if parts is None:
                raise StoreError(f"{entry.name} is no name for a migration")
            found.append(Migration(int(parts[1]), parts[2], entry.read_text(encoding="utf-8")))
    ordered = tuple(sorted(found, key=lambda migration: migration.number))
    if [migration.number for migration in ordered] != list(range(1, len(ordered) + 1)):
        raise StoreError("the migrations of this installation are not numbered one by one")
    return ordered


def migrate(connection: sqlite3.Connection, name: str, migrations: Sequence[Migration] | None = None) -> None:
    """Bring the schema up to date; the connection is in autocommit mode and `name` names the store in errors.

    Raises StoreError for a newer schema and for a database of another program; sqlite3.Error when a step fails, which
    then leaves nothing behind.
    """
    steps = load_migrations() if migrations is None else migrations
    refuse_unfit(connection, name, len(steps))
    for step in steps[schema_version(connection) :]:
        _apply(connection, step)


def refuse_unfit(connection: sqlite3.Connection, name: str, known: int | None = None) -> None:
    """Raises StoreError for a newer schema and for a database of another program. Writes nothing."""
    known = len(load_migrations()) if known is None else known
    if not _is_empty(connection) and _pragma(connection, "application_id") != APPLICATION_ID:
        raise StoreError(f"{name} is a database of another program, not a store of aof-tui")
    present = schema_version(connection)
    if present > known:
        raise StoreError(
            f"the store {name} was written by a newer aof-tui (schema {present}, this program knows {known})"
        )


def check_readable(connection: sqlite3.Connection, name: str) -> None:
    """For readers, which never migrate: raises StoreError unless the schema is the one this program knows."""
    refuse_unfit(connection, name)
    if schema_version(connection) < len(load_migrations()):
        raise StoreError(f"the store {name} is not up to date with this program; start the engine once")


def schema_version(connection: sqlite3.Connection) -> int:
    """The number of the last applied migration, 0 for an empty database."""
    return _pragma(connection, "user_version")


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _is_empty(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone() is None


def split_script(script: str) -> Iterator[str]:
    """The statements of a script, one by one; triggers with their inner statements stay whole."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement.strip()
            statement = ""
    if statement.strip():
        raise StoreError("a migration ends inside a statement")


def _apply(connection: sqlite3.Connection, step: Migration) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in split_script(step.script):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {step.number:d}")
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise
