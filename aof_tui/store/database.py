"""The database file: how it is made, secured, checked and opened, in one place for every connection."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

from aof_tui.base.errors import StoreError, StoreFault, StoreFaultError
from aof_tui.store.faults import CURE, clear_errors, clear_os_errors, fault_of
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
    """The URI that opens an existing store, given by its absolute path, without ever writing to it.

    Beside a file in a folder that we may not write to, SQLite cannot make the memory that readers share. When no
    write-ahead log lies there either, nothing can change meanwhile, and it needs none.
    """
    still = not os.access(path.parent, os.W_OK) and not path.with_name(f"{path.name}-wal").exists()
    return f"{path.as_uri()}?mode=ro{'&immutable=1' if still else ''}"


def as_dict(cursor: sqlite3.Cursor, row: tuple[object, ...]) -> dict[str, object]:
    """A row factory: plain dictionaries by column name."""
    return {column[0]: value for column, value in zip(cursor.description, row, strict=True)}


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
        check_whole(connection, str(path))
        migrate(connection, str(path))
    return path


def renewed(path: Path) -> None:
    """Check an existing file whole on a connection of its own, as after a disk that failed. Raises StoreError."""
    with (
        clear_errors(f"the store {path} cannot be used"),
        closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", isolation_level=None, uri=True)) as connection,
    ):
        refuse_unfit(connection, str(path))
        check_whole(connection, str(path))


def _make_private(path: Path) -> None:
    with clear_os_errors(f"the store {path} cannot be opened"):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            state = os.fstat(descriptor)
            if not stat.S_ISREG(state.st_mode):
                raise StoreError(f"the store {path} is not a file")
            if state.st_nlink > 1:
                raise StoreError(f"the store {path} has several names (hard links), so its lock protects only one")
            if state.st_uid != os.geteuid():
                raise StoreFaultError(f"the store {path} belongs to another user", StoreFault.READ_ONLY)
            os.fchmod(descriptor, 0o600)
        finally:
            os.close(descriptor)


def check_whole(connection: sqlite3.Connection, name: str) -> None:
    """Raises StoreFaultError where SQLite finds damage in the database, and says what to do."""
    cursor = connection.cursor()
    cursor.row_factory = None
    try:
        findings = [str(row[0]) for row in cursor.execute("PRAGMA quick_check(1)")]
    except sqlite3.DatabaseError as error:
        if fault_of(error) is not StoreFault.CORRUPT:
            raise
        findings = [str(error)]
    if findings != ["ok"]:
        said = " ".join(findings[0].split())
        raise StoreFaultError(f"the store {name} is damaged: {said}; {CURE}", StoreFault.CORRUPT)
