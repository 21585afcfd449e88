"""Reads a store beside a living engine, or without one, and never changes it."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import aiosqlite

from aof_tui.base.clock import Clock
from aof_tui.base.errors import StoreError
from aof_tui.store.database import READER_PRAGMAS, reader_uri
from aof_tui.store.facts import EngineFacts
from aof_tui.store.faults import clear_errors
from aof_tui.store.mapping import integer, moment, optional_text, text
from aof_tui.store.migrate import check_readable
from aof_tui.store.named_sql import load_statements
from aof_tui.store.port import Params, Row
from aof_tui.store.queries import StoreQueries
from aof_tui.store.sqlite_store import ReaderPool, connect


class ReadOnlyStore:
    """A `Reader` over one `mode=ro` connection."""

    def __init__(self, connection: aiosqlite.Connection, path: Path) -> None:
        self._pool = ReaderPool([connection], str(path))
        self._statements = load_statements()

    async def read(self, name: str, params: Params) -> list[Row]:
        return await self.select(self._statements[name], params)

    async def select(self, sql: str, params: Params) -> list[Row]:
        return await self._pool.fetch(sql, params)

    async def close(self) -> None:
        await self._pool.close()


class StoreReader(StoreQueries):
    """The queries of a store that is only read; close it at the end."""

    def __init__(self, store: ReadOnlyStore, clock: Clock, facts: EngineFacts) -> None:
        super().__init__(store, clock, lambda: facts)
        self._store = store

    async def pinned(self, workspace: str) -> str | None:
        """The id of the Workato workspace that an engine pinned; None when none has seen it yet."""
        rows = await self._store.read("workspace_get", {"name": workspace})
        return optional_text(rows[0], "workspace_id") if rows else None

    async def close(self) -> None:
        await self._store.close()


async def open_reader(path: Path, clock: Clock) -> StoreReader:
    """Open an existing store for reading.

    Raises StoreError when it is missing, is not a store, or has another schema than this program.
    """
    path = await asyncio.to_thread(_check, path)
    with clear_errors(f"the store {path} cannot be read"):
        store = ReadOnlyStore(await connect(reader_uri(path), READER_PRAGMAS), path)
    try:
        return StoreReader(store, clock, await _facts(store, clock))
    except BaseException:
        await store.close()
        raise


def _check(path: Path) -> Path:
    path = path.resolve()
    if not path.is_file():
        raise StoreError(f"there is no store at {path}; an engine that runs makes one")
    if not os.access(path, os.R_OK):
        raise StoreError(f"the store {path} may not be read by this user")
    with (
        clear_errors(f"the store {path} cannot be read"),
        closing(sqlite3.connect(reader_uri(path), uri=True)) as connection,
    ):
        check_readable(connection, str(path))
    return path


async def _facts(store: ReadOnlyStore, clock: Clock) -> EngineFacts:
    runs = await store.read("last_engine_run", {})
    if not runs:
        return EngineFacts(version="", engine="absent", mode="observe", read_only=True, epoch=0, started_at=None)
    last = runs[0]
    lives = last["ended_at"] is None and text(last, "boot_id") == clock.boot_id and _process_lives(integer(last, "pid"))
    return EngineFacts(
        version=text(last, "version"),
        engine="running" if lives else "absent",
        mode=text(last, "mode"),
        read_only=True,
        epoch=integer(last, "epoch"),
        started_at=moment(last, "started_at"),
    )


def _process_lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
