"""Disks that fail when a test says so, below a store in virtual time, and a mark that outlives its engines."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from aof_tui.base.errors import StoreFault, StoreFaultError
from aof_tui.store.mark import Mark
from aof_tui.store.port import Params, Row, Store, Tx

T = TypeVar("T")


class FaultyStore:
    """A store over another one. While it has a fault, no transaction is committed."""

    def __init__(self, genuine: Store) -> None:
        self._genuine = genuine
        self.fault: StoreFault | None = None
        self.reads_fail = False
        self.renewal_fails = False
        self.refused = 0
        self.committed = 0
        self.renewed = 0

    async def write(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        async def uncommitted(tx: Tx) -> T:
            answer = await work(tx)
            self._refuse()
            return answer

        answer = await self._genuine.write(uncommitted)
        self.committed += 1
        return answer

    async def read(self, name: str, params: Params) -> list[Row]:
        if self.reads_fail:
            self._refuse()
        return await self._genuine.read(name, params)

    async def select(self, sql: str, params: Params) -> list[Row]:
        if self.reads_fail:
            self._refuse()
        return await self._genuine.select(sql, params)

    async def renew(self) -> None:
        if self.renewal_fails:
            self._refuse()
        self.renewed += 1
        await self._genuine.renew()

    async def copy(self, target: Path) -> None:
        await self._genuine.copy(target)

    async def close(self) -> None:
        await self._genuine.close()

    def _refuse(self) -> None:
        if self.fault is not None:
            self.refused += 1
            raise StoreFaultError(f"the store cannot be written: {self.fault}", self.fault)


class MemoryMark:
    """The file beside the store, as long as the test lives."""

    def __init__(self) -> None:
        self.mark: Mark | None = None
        self.history: list[int] = []
        self.fails = False

    async def read(self) -> Mark | None:
        return self.mark

    async def write(self, mark: Mark) -> None:
        if self.fails:
            raise StoreFaultError("the mark cannot be written", StoreFault.IO)
        self.mark = mark
        self.history.append(mark.sequence)
