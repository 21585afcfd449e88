"""What is remembered of a store outside of it, so that a restored or replaced one is noticed: `STORE.mark`.

Before anything is sent to Workato, the number of the event that says so is written here. A database whose log does not
reach that number is older than what was done in its name.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from aof_tui.store.faults import clear_os_errors

MOST_BYTES = 256
"""The record has this length whatever it says: rewriting it needs no space on a full disk."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The store's own random id, and the highest event number before which something was sent."""

    store_id: str
    sequence: int


class MarkFile(Protocol):
    """Where the mark is kept."""

    async def read(self) -> Mark | None:
        """The mark; None where there is none that can be read. Raises StoreFaultError."""
        ...

    async def write(self, mark: Mark) -> None:
        """Keep the mark, also over a power cut. Raises StoreFaultError."""
        ...


class BesideStore:
    """The file beside the store."""

    def __init__(self, store: Path, in_thread: Callable[..., Awaitable[object]] = asyncio.to_thread) -> None:
        store = store.resolve()
        self.path = store.with_name(f"{store.name}.mark")
        self._in_thread = in_thread

    async def read(self) -> Mark | None:
        with clear_os_errors(f"the mark {self.path} cannot be read"):
            try:
                content = self.path.read_bytes()[: MOST_BYTES + 1]
            except FileNotFoundError:
                return None
        return _parse(content)

    async def write(self, mark: Mark) -> None:
        # Shielded, for a write that goes on behind a cancelled caller could be overtaken by the next one.
        await asyncio.shield(asyncio.ensure_future(self._write_in_thread(mark)))

    async def _write_in_thread(self, mark: Mark) -> None:
        await self._in_thread(self._write, mark)

    def _write(self, mark: Mark) -> None:
        line = json.dumps({"store_id": mark.store_id, "sequence": mark.sequence}).ljust(MOST_BYTES - 1) + "\n"
        with clear_os_errors(f"the mark {self.path} cannot be written"):
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            try:
                os.pwrite(descriptor, line.encode("ascii"), 0)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def _parse(content: bytes) -> Mark | None:
    try:
        values = json.loads(content)
        return Mark(str(values["store_id"]), int(values["sequence"]))
    except (ValueError, TypeError, KeyError):
        return None
