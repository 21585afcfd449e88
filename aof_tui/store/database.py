"""The database file: how it is made, secured, checked and opened, in one place for every connection."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from aof_tui.base.errors import StoreError
from aof_tui.store.migrate import migrate, refuse_unfit

BUSY_TIMEOUT_MS = 5_000
COMMON_PRAGMAS = (
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA foreign_keys = ON",
    "PRAGMA temp_store = MEMORY",
)
WRITER_PRAGMAS = (
    *COMMON_PRAGMAS,
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA journal_size_limit = 67108864",
)
READER_PRAGMAS = (*COMMON_PRAGMAS, "PRAGMA query_only = ON")


def reader_uri(path: Path) -> str:
    """The URI that opens an existing store, given by its absolute path, without ever writing to it."""
    return f"{path.as_uri()}?mode=ro"


def as_dict(cursor: sqlite3.Cursor, row: tuple[object, ...]) -> dict[str, object]:
    """A row factory: plain dictionaries by column name."""
    return {column[0]: value for column, value in zip(cursor.description, row, strict=True)}


@contextmanager
def clear_errors(what: str) -> Iterator[None]:
    """Turns SQLite's operational errors into one line; a violated constraint or a programming error passes as it is."""
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.InterfaceError):
        raise
    except sqlite3.Error as error:
        raise StoreError(f"{what}: {error}") from error


def prepare(path: Path) -> Path:
    """Make the file if it is missing, private to its owner, check it whole and bring its schema up to date.

    Returns the path without symbolic links. The caller holds the store's lock. Raises StoreError.
    """
    path = path.resolve()
    _make_private(path)
    with (
        clear_errors(f"the store {path} cannot be used"),
        closing(sqlite3.connect(path, isolation_level=None)) as connection,
    ):
        # A database that is not ours stays untouched, so this comes before anything that writes to the file.
        refuse_unfit(connection, str(path))
        for pragma in WRITER_PRAGMAS:
            connection.execute(pragma)
        _check(path, connection)
        migrate(connection, str(path))
    return path


def _make_private(path: Path) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            state = os.fstat(descriptor)
            if not stat.S_ISREG(state.st_mode):
                raise StoreError(f"the store {path} is not a file")
            if state.st_nlink > 1:
                raise StoreError(f"the store {path} has several names (hard links), so its lock protects only one")
            os.fchmod(descriptor, 0o600)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise StoreError(f"the store {path} cannot be opened: {error.strerror}") from error


def _check(path: Path, connection: sqlite3.Connection) -> None:
    findings = [str(row[0]) for row in connection.execute("PRAGMA quick_check(1)")]
    if findings != ["ok"]:
        raise StoreError(f"the store {path} is damaged: {' '.join(findings[0].split())}; restore a copy")
