"""The store of the simulation: sqlite3 in the event loop's own thread, deterministic under virtual time."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TypeVar, cast

from aof_tui.base.clock import Clock
from aof_tui.base.errors import StoreError
from aof_tui.base.randomness import Randomness
from aof_tui.store.copies import copy_into
from aof_tui.store.database import WRITER_PRAGMAS, as_dict, check_whole, prepare
from aof_tui.store.faults import clear_errors
from aof_tui.store.migrate import migrate
from aof_tui.store.named_sql import load_statements
from aof_tui.store.port import Params, Row, Tx
from aof_tui.store.writer import Writer

MOST_YIELDS = 3
FAILED = "the store cannot be used"

T = TypeVar("T")


class SyncConnection:
    """One sqlite3 connection whose every statement gives other tasks 0 to 3 turns before and after it."""

    def __init__(self, raw: sqlite3.Connection, clock: Clock, randomness: Randomness) -> None:
        self.raw = raw
        self.raw.row_factory = as_dict
        self._clock = clock
        self._randomness = randomness
        self._statements = 0

    async def run(self, sql: str, params: Params) -> tuple[sqlite3.Cursor, list[Row]]:
        """The finished cursor and all rows of one statement."""
        self._statements += 1
        await self._yield("before")
        with clear_errors(FAILED):
            cursor = self.raw.execute(sql, params)
            rows = cast("list[Row]", cursor.fetchall())
        await self._yield("after")
        return cursor, rows

    async def _yield(self, place: str) -> None:
        for _ in range(int(self._randomness.uniform(0, MOST_YIELDS + 1, "yield", self._statements, place))):
            await self._clock.sleep(0)


class SyncTx:
    """`Tx` over a sqlite3 connection."""

    def __init__(self, connection: SyncConnection, statements: Mapping[str, str]) -> None:
        self._connection = connection
        self._statements = statements

    async def execute(self, name: str, params: Params) -> int:
        return (await self._run(name, params)).rowcount

    async def insert(self, name: str, params: Params) -> int:
        return cast(int, (await self._run(name, params)).lastrowid)

    async def fetch(self, name: str, params: Params) -> list[Row]:
        return (await self._connection.run(self._statements[name], params))[1]

    async def _run(self, name: str, params: Params) -> sqlite3.Cursor:
        cursor, _ = await self._connection.run(self._statements[name], params)
        if cursor.description is not None:
            raise ValueError(f"{name} returns rows: fetch it")
        return cursor


class SyncSession:
    """Transaction control. Readers wait while a transaction is open, so they only ever see committed data."""

    def __init__(self, connection: SyncConnection, statements: Mapping[str, str], idle: asyncio.Lock) -> None:
        self._connection = connection
        self._idle = idle
        self._holds_idle = False
        self._tx = SyncTx(connection, statements)

    @property
    def tx(self) -> Tx:
        return self._tx

    async def begin(self) -> None:
        self._holds_idle = await self._idle.acquire()
        await self._connection.run("BEGIN IMMEDIATE", {})

    async def commit(self) -> None:
        await self._connection.run("COMMIT", {})
        self._let_readers_in()

    async def rollback(self) -> None:
        with clear_errors(FAILED):
            self._connection.raw.rollback()
        self._let_readers_in()

    def _let_readers_in(self) -> None:
        if self._holds_idle:
            self._holds_idle = False
            self._idle.release()


class SyncStore:
    """One sqlite3 connection shared by the writer and by reads. Made by `open_sync_store`."""

    def __init__(self, connection: SyncConnection) -> None:
        self._connection = connection
        self._idle = asyncio.Lock()
        self._statements = load_statements()
        self._writer = Writer(SyncSession(connection, self._statements, self._idle))
        self._closed = False

    async def write(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        return await self._writer.write(work)

    async def read(self, name: str, params: Params) -> list[Row]:
        return await self.select(self._statements[name], params)

    async def select(self, sql: str, params: Params) -> list[Row]:
        self._writer.refuse_inside()
        if self._closed:
            raise StoreError("the store is closed")
        async with self._idle:
            return (await self._connection.run(sql, params))[1]

    async def renew(self) -> None:
        """Check what the connection sees; in memory there is nothing else to open."""
        await self._writer.alone(self._check)

    async def _check(self) -> None:
        with clear_errors(FAILED):
            check_whole(self._connection.raw, "in memory")

    async def copy(self, target: Path) -> None:
        async with self._idle:
            copy_into(self._connection.raw, target)

    async def close(self) -> None:
        """Finish what is queued and close."""
        self._closed = True
        await self._writer.stop()
        async with self._idle:
            self._connection.raw.close()


def open_sync_store(path: Path | None, clock: Clock, randomness: Randomness) -> SyncStore:
    """A store in a file, or in memory without a path. Needs a running event loop. Raises StoreError."""
    with clear_errors(FAILED):
        raw = sqlite3.connect(":memory:" if path is None else prepare(path), isolation_level=None)
        for pragma in WRITER_PRAGMAS:
            raw.execute(pragma)
        if path is None:
            migrate(raw, "in memory")
    return SyncStore(SyncConnection(raw, clock, randomness))
