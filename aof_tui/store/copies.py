"""Whole copies of a database: written beside, flushed, and only then given their name."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from aof_tui.base.clock import utc
from aof_tui.store.faults import clear_errors, clear_os_errors
from aof_tui.store.port import Store

_NAME = re.compile(r"aof-\d{8}T\d{6}Z\.db")


def copy_into(connection: sqlite3.Connection, target: Path) -> None:
    """Write the connection's database to `target`, private to its owner. Raises StoreFaultError."""
    failed = f"the copy {target} cannot be written"
    partial = target.with_name(f"{target.name}.partial")
    with clear_os_errors(failed):
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial.unlink(missing_ok=True)
        os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600))
        try:
            with clear_errors(failed):
                connection.execute("VACUUM INTO ?", (str(partial),))
            _flush(partial)
            partial.replace(target)
            _flush(target.parent)
        finally:
            partial.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@dataclass(frozen=True, slots=True)
class Copies:
    """The folder of a store's copies, the newest `keep` of them."""

    folder: Path
    keep: int

    async def make(self, store: Store, now: float) -> Path:
        """Copy the store and delete copies beyond the number kept. Raises StoreFaultError; the old ones stay then."""
        target = self.folder / f"aof-{utc(now):%Y%m%dT%H%M%SZ}.db"
        await store.copy(target)
        with clear_os_errors(f"old copies in {self.folder} cannot be deleted"):
            for old in sorted(self._present())[: -self.keep]:
                old.unlink(missing_ok=True)
        return target

    def _present(self) -> Iterator[Path]:
        return (path for path in self.folder.iterdir() if _NAME.fullmatch(path.name))
