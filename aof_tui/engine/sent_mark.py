"""Keeps outside of the store up to which event something was sent, and tells at a start whether the store knows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from aof_tui.base.errors import StoreFault, StoreFaultError
from aof_tui.store.faults import CURE
from aof_tui.store.mapping import integer, optional_text
from aof_tui.store.mark import Mark, MarkFile
from aof_tui.store.port import Store


class History(StrEnum):
    """What a store is to the engine that opens it."""

    NEW = "new"
    KNOWN = "known"
    RESTORED = "restored"
    """Older than what was sent in its name, or of an origin that nobody can tell."""
    LOST = "lost"
    """New, where another store had sent something."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a start finds."""

    history: History
    store_id: str | None
    sequence: int
    mark: Mark | None


class SentMark:
    """The mark of the store that is open. Without a file (a store in memory) there is nothing to mark."""

    def __init__(self, file: MarkFile | None, failed: Callable[[StoreFaultError], None]) -> None:
        self._file = file
        self._failed = failed
        self._mark: Mark | None = None

    async def find(self, store: Store) -> Found:
        """Compare store and mark. Raises StoreError."""
        row = (await store.read("store_high_water", {}))[0]
        store_id, sequence = optional_text(row, "store_id"), integer(row, "sequence")
        if self._file is None:
            return Found(History.KNOWN, store_id, sequence, None)
        mark = await self._file.read()
        return Found(_judged(store_id, sequence, mark), store_id, sequence, mark)

    async def keep(self, store_id: str, sequence: int) -> None:
        """This is the store from now on. Raises StoreFaultError."""
        if self._file is not None:
            try:
                await self._file.write(Mark(store_id, sequence))
            except StoreFaultError as error:
                self._failed(error)
                raise
            self._mark = Mark(store_id, sequence)

    def trust(self, mark: Mark | None) -> None:
        """The mark that was found is right."""
        self._mark = mark

    async def raise_to(self, sequence: int) -> None:
        """Before the request leaves that this event tells of. Raises StoreFaultError, and then it must not leave."""
        if self._mark is not None and sequence > self._mark.sequence:
            await self.keep(self._mark.store_id, sequence)

    async def check(self, store: Store) -> None:
        """The mark can be kept, and the store that was opened anew is still the same. Raises StoreFaultError."""
        if self._mark is None:
            return
        await self.keep(self._mark.store_id, self._mark.sequence)
        row = (await store.read("store_high_water", {}))[0]
        store_id, sequence = optional_text(row, "store_id"), integer(row, "sequence")
        if store_id != self._mark.store_id or sequence < self._mark.sequence:
            text = f"the store is no longer the one that was opened; start the engine again, or {CURE}"
            error = StoreFaultError(text, StoreFault.CORRUPT)
            self._failed(error)
            raise error


def _judged(store_id: str | None, sequence: int, mark: Mark | None) -> History:
    if store_id is None:
        # A mark of nothing sent is left by a start that ended before the store knew its own id.
        return History.NEW if mark is None or mark.sequence == 0 else History.LOST
    known = mark is not None and mark.store_id == store_id and mark.sequence <= sequence
    return History.KNOWN if known else History.RESTORED
