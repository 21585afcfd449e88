"""The production store: aiosqlite, one writing connection and a small pool of reading ones."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TypeVar, cast

import aiosqlite

from aof_tui.base.errors import StoreError
from aof_tui.store.database import READER_PRAGMAS, WRITER_PRAGMAS, as_dict, clear_errors, prepare, reader_uri
from aof_tui.store.named_sql import load_statements
from aof_tui.store.port import Params, Row, Tx
from aof_tui.store.writer import Writer

READERS = 2

T = TypeVar("T")


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
    """Transaction control over one aiosqlite connection."""

    def __init__(self, connection: aiosqlite.Connection, statements: Mapping[str, str], name: str) -> None:
        self._connection = connection
        self._failed = f"the store {name} cannot be written"
        self._tx = ConnectionTx(connection, statements, name)

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
        for connection in self._all:
            await connection.close()


class SqliteStore:
    """The store of a running engine. Made by `open_store`."""

    def __init__(self, writing: aiosqlite.Connection, readers: ReaderPool, path: Path) -> None:
        self._writing = writing
        self._readers = readers
        self._statements = load_statements()
        self._writer = Writer(ConnectionSession(writing, self._statements, str(path)))
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

    async def close(self) -> None:
        """Finish what is queued, write everything into the one file and close; a cancelled close still closes."""
        if self._closing is None:
            self._closing = asyncio.get_running_loop().create_task(self._close(), name="store close")
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        try:
            await self._writer.stop()
            await self._readers.close()
            await self._writing.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            await self._writing.close()


async def open_store(path: Path) -> SqliteStore:
    """Open, make or migrate the store. The caller holds its lock. Raises StoreError with one clear line."""
    path = await asyncio.to_thread(prepare, path)
    async with AsyncExitStack() as opened:
        with clear_errors(f"the store {path} cannot be opened"):
            writing = await connect(str(path), WRITER_PRAGMAS)
            opened.push_async_callback(writing.close)
            readers: list[aiosqlite.Connection] = []
            for _ in range(READERS):
                readers.append(await connect(reader_uri(path), READER_PRAGMAS))
                opened.push_async_callback(readers[-1].close)
        opened.pop_all()
    return SqliteStore(writing, ReaderPool(readers, str(path)), path)


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
