"""The production store: aiosqlite, one writing connection and a small pool of reading ones."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, closing, suppress
from pathlib import Path
from typing import TypeVar, cast

import aiosqlite

from aof_tui.base.errors import StoreError, StoreFaultError
from aof_tui.store.copies import copy_into
from aof_tui.store.database import READER_PRAGMAS, WRITER_PRAGMAS, as_dict, prepare, reader_uri, renewed
from aof_tui.store.faults import clear_errors
from aof_tui.store.named_sql import load_statements
from aof_tui.store.port import Params, Row, Tx
from aof_tui.store.writer import Writer

READERS = 2

T = TypeVar("T")

log = logging.getLogger(__name__)


class ConnectionTx:
    """`Tx` over one aiosqlite connection."""

    def __init__(self, connection: aiosqlite.Connection, statements: Mapping[str, str], name: str) -> None:
        self._connection = connection
        self._statements = statements
        self._failed = f"the store {name} cannot be written"

    async def execute(self, name: str, params: Params) -> int:
        return (await self._run(name, params)).rowcount

    async def insert(self, name: str, params: Params) -> int:
        return cast(int, (await self._run(name, params)).lastrowid)

    async def fetch(self, name: str, params: Params) -> list[Row]:
        with clear_errors(self._failed):
            return await fetch_all(self._connection, self._statements[name], params)

    async def _run(self, name: str, params: Params) -> aiosqlite.Cursor:
        with clear_errors(self._failed):
            cursor = await self._connection.execute(self._statements[name], params)
            if cursor.description is not None:
                await cursor.close()
                raise ValueError(f"{name} returns rows: fetch it")
            return cursor


class ConnectionSession:
    """Transaction control over one aiosqlite connection at a time."""

    def __init__(self, connection: aiosqlite.Connection, statements: Mapping[str, str], name: str) -> None:
        self._statements = statements
        self._name = name
        self._failed = f"the store {name} cannot be written"
        self.use(connection)

    def use(self, connection: aiosqlite.Connection) -> None:
        """Go on with this connection; no transaction is open."""
        self._connection = connection
        self._tx = ConnectionTx(connection, self._statements, self._name)

    @property
    def tx(self) -> Tx:
        return self._tx

    async def begin(self) -> None:
        with clear_errors(self._failed):
            await self._connection.execute("BEGIN IMMEDIATE")

    async def commit(self) -> None:
        with clear_errors(self._failed):
            await self._connection.execute("COMMIT")

    async def rollback(self) -> None:
        with clear_errors(self._failed):
            await self._connection.rollback()


class ReaderPool:
    """Read-only connections, each used by one statement at a time."""

    def __init__(self, connections: Iterable[aiosqlite.Connection], name: str) -> None:
        self._all = tuple(connections)
        self._failed = f"the store {name} cannot be read"
        self._free: asyncio.Queue[aiosqlite.Connection] = asyncio.Queue()
        for connection in self._all:
            self._free.put_nowait(connection)

    async def fetch(self, sql: str, params: Params) -> list[Row]:
        connection = await self._free.get()
        try:
            with clear_errors(self._failed):
                return await fetch_all(connection, sql, params)
        finally:
            self._free.put_nowait(connection)

    async def close(self) -> None:
        """Close every connection once the statement it is used by has ended, and those that wait for it."""
        for _ in self._all:
            await (await self._free.get()).close()


class SqliteStore:
    """The store of a running engine. Made by `open_store`."""

    def __init__(self, writing: aiosqlite.Connection, readers: ReaderPool, path: Path) -> None:
        self._writing = writing
        self._readers = readers
        self._path = path
        self._statements = load_statements()
        self._session = ConnectionSession(writing, self._statements, str(path))
        self._writer = Writer(self._session)
        self._closing: asyncio.Task[None] | None = None

    async def write(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        return await self._writer.write(work)

    async def read(self, name: str, params: Params) -> list[Row]:
        return await self.select(self._statements[name], params)

    async def select(self, sql: str, params: Params) -> list[Row]:
        self._writer.refuse_inside()
        if self._closing is not None:
            raise StoreError("the store is closed")
        return await self._readers.fetch(sql, params)

    async def renew(self) -> None:
        await self._writer.alone(self._reopen)

    async def _reopen(self) -> None:
        await asyncio.to_thread(renewed, self._path)
        writing, readers = await open_connections(self._path)
        old_writing, old_readers = self._writing, self._readers
        self._writing, self._readers = writing, readers
        self._session.use(writing)
        await old_readers.close()
        with suppress(sqlite3.Error):
            await old_writing.close()

    async def copy(self, target: Path) -> None:
        await asyncio.to_thread(copy_store, self._path, target)

    async def close(self) -> None:
        """Finish what is queued, write everything into the one file and close; a cancelled close still closes."""
        if self._closing is None:
            self._closing = asyncio.get_running_loop().create_task(self._close(), name="store close")
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        try:
            await self._writer.stop()
            await self._readers.close()
            with clear_errors(f"the store {self._path} cannot be written into one file"):
                await self._writing.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
        except StoreFaultError as error:
            # Nothing is lost: the next start reads the write-ahead log.
            log.warning("%s", error)
        finally:
            await self._writing.close()


async def open_store(path: Path) -> SqliteStore:
    """Open, make or migrate the store. The caller holds its lock. Raises StoreError with one clear line."""
    path = await asyncio.to_thread(prepare, path)
    writing, readers = await open_connections(path)
    return SqliteStore(writing, readers, path)


async def open_connections(path: Path) -> tuple[aiosqlite.Connection, ReaderPool]:
    """One connection that writes and a pool that reads. Raises StoreFaultError."""
    async with AsyncExitStack() as opened:
        with clear_errors(f"the store {path} cannot be opened"):
            writing = await connect(str(path), WRITER_PRAGMAS)
            opened.push_async_callback(writing.close)
            readers: list[aiosqlite.Connection] = []
            for _ in range(READERS):
                readers.append(await connect(reader_uri(path), READER_PRAGMAS))
                opened.push_async_callback(readers[-1].close)
        opened.pop_all()
    return writing, ReaderPool(readers, str(path))


def copy_store(path: Path, target: Path) -> None:
    """Copy what is committed, read on a connection of its own. Raises StoreFaultError."""
    with (
        clear_errors(f"the store {path} cannot be read"),
        closing(sqlite3.connect(reader_uri(path), isolation_level=None, uri=True)) as connection,
    ):
        copy_into(connection, target)


async def connect(database: str, pragmas: Iterable[str]) -> aiosqlite.Connection:
    """An autocommit connection that gives rows as dictionaries."""
    connection = await aiosqlite.connect(database, isolation_level=None, uri=database.startswith("file:"))
    try:
        connection.row_factory = cast(type, as_dict)
        for pragma in pragmas:
            await connection.execute_fetchall(pragma)
    except BaseException:
        await connection.close()
        raise
    return connection


async def fetch_all(connection: aiosqlite.Connection, sql: str, params: Params) -> list[Row]:
    """All rows of one statement, read in the connection's thread in one step."""
    return cast("list[Row]", await connection.execute_fetchall(sql, params))
