"""Whether the store can be written: told of every fault, it stops all acting until a test write succeeds."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import TypeVar

from aof_tui.base.errors import StoreFault, StoreFaultError
from aof_tui.engine.context import Workspace
from aof_tui.store.port import Params, Row, Store, Tx

T = TypeVar("T")

logger = logging.getLogger(__name__)


class Disk:
    """The state of what lies below the store. Kept in memory: there is nowhere else to keep it."""

    def __init__(self) -> None:
        self.fault: StoreFaultError | None = None
        self.noticed = asyncio.Event()
        """Set while something is wrong."""
        self.broken = asyncio.Event()
        """Set for good when the file is damaged or is another one: nothing more may be written to it."""
        self._workspaces: Callable[[], Iterable[Workspace]] = tuple

    def stops(self, workspaces: Callable[[], Iterable[Workspace]]) -> None:
        """From now on a fault stops acting on these."""
        self._workspaces = workspaces

    def note(self, error: StoreFaultError) -> None:
        """A read or a write failed. Acting stops at once: a dispatch whose guard comes next must see it."""
        if self.broken.is_set():
            return
        if self.fault is None:
            logger.error("acting stops: %s", error)
        self.fault = error
        self.noticed.set()
        for workspace in self._workspaces():
            workspace.store_fails = True
        if error.fault is StoreFault.CORRUPT:
            self.broken.set()

    def works_again(self) -> None:
        """A test write was committed."""
        self.fault = None
        self.noticed.clear()
        for workspace in self._workspaces():
            workspace.store_fails = False
            workspace.due.raise_()

    def raise_if_broken(self) -> None:
        """Raises the StoreFaultError for which the engine ended."""
        if self.broken.is_set() and self.fault is not None:
            raise self.fault


async def until_either(one: asyncio.Event, other: asyncio.Event) -> None:
    """Wait until one of two events is set."""
    waiting = [asyncio.ensure_future(event.wait()) for event in (one, other)]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()


class WatchedStore:
    """A store whose faults the disk's watch learns of, and which writes nothing more once it is broken."""

    def __init__(self, store: Store, disk: Disk) -> None:
        self._store = store
        self._disk = disk

    async def write(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        self._disk.raise_if_broken()
        return await self._noting(self._store.write(work))

    async def read(self, name: str, params: Params) -> list[Row]:
        return await self._noting(self._store.read(name, params))

    async def select(self, sql: str, params: Params) -> list[Row]:
        return await self._noting(self._store.select(sql, params))

    async def renew(self) -> None:
        await self._noting(self._store.renew())

    async def copy(self, target: Path) -> None:
        # A copy fails for reasons of its own: its folder may be full where the store is not.
        await self._store.copy(target)

    async def close(self) -> None:
        await self._store.close()

    async def _noting(self, call: Awaitable[T]) -> T:
        try:
            return await call
        except StoreFaultError as error:
            self._disk.note(error)
            raise
