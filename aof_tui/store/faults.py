"""What SQLite and the operating system say of a broken disk, as the kinds of faults that a store knows."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from aof_tui.base.errors import StoreFault, StoreFaultError

CURE = "leave it as it is and run: aof-tui store recover"
PRIMARY_CODE = 0xFF
"""SQLite's extended codes carry the primary one in their lowest byte (sqlite.org: result codes)."""
BY_CODE: Mapping[int, StoreFault] = {
    sqlite3.SQLITE_FULL: StoreFault.FULL,
    sqlite3.SQLITE_IOERR: StoreFault.IO,
    sqlite3.SQLITE_READONLY: StoreFault.READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: StoreFault.READ_ONLY,
    sqlite3.SQLITE_PERM: StoreFault.READ_ONLY,
    sqlite3.SQLITE_CORRUPT: StoreFault.CORRUPT,
    sqlite3.SQLITE_NOTADB: StoreFault.CORRUPT,
    sqlite3.SQLITE_BUSY: StoreFault.BUSY,
    sqlite3.SQLITE_LOCKED: StoreFault.BUSY,
}
BY_ERRNO: Mapping[int | None, StoreFault] = {
    errno.ENOSPC: StoreFault.FULL,
    errno.EDQUOT: StoreFault.FULL,
    errno.EIO: StoreFault.IO,
    errno.EACCES: StoreFault.READ_ONLY,
    errno.EPERM: StoreFault.READ_ONLY,
    errno.EROFS: StoreFault.READ_ONLY,
}


def fault_of(error: sqlite3.Error | OSError) -> StoreFault:
    """The kind of fault behind an error."""
    if isinstance(error, OSError):
        return BY_ERRNO.get(error.errno, StoreFault.OTHER)
    code = getattr(error, "sqlite_errorcode", None)
    return StoreFault.OTHER if code is None else BY_CODE.get(code & PRIMARY_CODE, StoreFault.OTHER)


@contextmanager
def clear_errors(what: str) -> Iterator[None]:
    """Turns SQLite's operational errors into one line; a violated constraint or a programming error passes as it is."""
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.InterfaceError):
        raise
    except sqlite3.Error as error:
        fault = fault_of(error)
        advice = f"; {CURE}" if fault is StoreFault.CORRUPT else ""
        raise StoreFaultError(f"{what}: {error}{advice}", fault) from error


@contextmanager
def clear_os_errors(what: str) -> Iterator[None]:
    """Turns the operating system's errors into one line."""
    try:
        yield
    except OSError as error:
        raise StoreFaultError(f"{what}: {error.strerror}", fault_of(error)) from error
