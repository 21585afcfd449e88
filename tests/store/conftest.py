"""Both adapters of the store, opened in a fresh directory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from aof_tui.base.clock import SystemClock
from aof_tui.base.randomness import Randomness
from aof_tui.store.sqlite_store import SqliteStore, open_store
from aof_tui.store.sync_store import SyncStore, open_sync_store

AnyStore: TypeAlias = SqliteStore | SyncStore
Opener: TypeAlias = Callable[[], Awaitable[AnyStore]]


@pytest.fixture(params=["aiosqlite", "sqlite3", "memory"])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Opener:
    """Opens the store of one adapter, in memory or always on the same file."""

    async def open_one() -> AnyStore:
        if request.param == "aiosqlite":
            return await open_store(tmp_path / "aof.db")
        path = tmp_path / "aof.db" if request.param == "sqlite3" else None
        return open_sync_store(path, SystemClock(), Randomness("contract"))

    return open_one


@pytest.fixture
async def store(opener: Opener) -> AsyncIterator[AnyStore]:
    """One adapter after the other, closed at the end."""
    opened = await opener()
    yield opened
    await opened.close()
