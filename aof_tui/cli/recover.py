"""`aof-tui store recover`: puts a damaged store aside untouched, and a copy in its place if one is named."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from aof_tui.base.clock import Clock, SystemClock, utc
from aof_tui.base.errors import UsageError
from aof_tui.cli.output import say
from aof_tui.config.load import config_path, load_settings
from aof_tui.store.copies import copy_into
from aof_tui.store.database import check_whole, reader_uri
from aof_tui.store.faults import clear_errors, clear_os_errors
from aof_tui.store.lock import StoreLock
from aof_tui.store.migrate import check_readable

PARTS = ("-shm", "-wal", "")
"""A database's files, the one that counts last: a crash between two moves leaves it in its place."""


def run_recover(config: Path | None, copy: Path | None) -> int:
    """Do it and say what was done. Raises StoreHeldError while an engine runs, StoreError, UsageError."""
    store = load_settings(config_path(config, os.environ)).store
    for line in recover(store, copy, SystemClock()):
        say(line)
    return 0


def recover(store: Path, copy: Path | None, clock: Clock) -> list[str]:
    """Put the store aside as `STORE.corrupt-TIME`; returns what was done in words."""
    store = store.resolve()
    if copy is None and not store.exists():
        raise UsageError(f"there is no store at {store}, so there is nothing to put aside")
    with StoreLock(store, clock):
        if copy is not None:
            # Looked at before anything is moved: a copy that is damaged too must not take the store's place.
            _refuse_unfit(copy)
        aside = store.with_name(f"{store.name}.corrupt-{utc(clock.wall()):%Y%m%dT%H%M%SZ}")
        moved = _put_aside(store, aside)
        done = [f"the store was put aside as {aside}"] if moved else []
        if copy is None:
            return [*done, "the next start makes a new store; where repeats were sent before, it waits for a person"]
        _put_in_place(copy, store)
        return [*done, f"{copy} is the store now; the next start reads every lineage before it repeats anything"]


def _refuse_unfit(copy: Path) -> None:
    if not copy.is_file():
        raise UsageError(f"--from: there is no file at {copy}")
    with clear_errors(f"the copy {copy} cannot be used"), closing(_opened(copy)) as connection:
        check_readable(connection, str(copy))
        check_whole(connection, str(copy))


def _put_aside(store: Path, aside: Path) -> bool:
    with clear_os_errors(f"the store {store} cannot be put aside"):
        if aside.exists():
            raise UsageError(f"{aside} is there already; try again in a second")
        there = store.exists()
        for part in PARTS:
            path = store.with_name(f"{store.name}{part}")
            if path.exists():
                path.rename(aside.with_name(f"{aside.name}{part}"))
        return there


def _put_in_place(copy: Path, store: Path) -> None:
    with clear_errors(f"the copy {copy} cannot be used"), closing(_opened(copy)) as connection:
        copy_into(connection, store)


def _opened(copy: Path) -> sqlite3.Connection:
    return sqlite3.connect(reader_uri(copy.resolve()), isolation_level=None, uri=True)
