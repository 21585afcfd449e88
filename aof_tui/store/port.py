"""The store port: transactions and single-statement reads over named SQL."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Protocol, TypeAlias, TypeVar

Value: TypeAlias = str | int | float | None
Row: TypeAlias = Mapping[str, Value]
Params: TypeAlias = Mapping[str, Value]

T = TypeVar("T")


class Tx(Protocol):
    """One open transaction. It can only execute and fetch, so that nothing else is ever awaited inside one."""

    async def execute(self, name: str, params: Params) -> int:
        """Run a named statement; returns the number of rows it changed."""
        ...

    async def insert(self, name: str, params: Params) -> int:
        """Run a named INSERT; returns the new row's integer id."""
        ...

    async def fetch(self, name: str, params: Params) -> list[Row]:
        """Run a named query (or a statement with RETURNING); returns its rows."""
        ...


class Reader(Protocol):
    """Single statements on committed data."""

    async def read(self, name: str, params: Params) -> list[Row]:
        """One named query on committed data, outside the writer."""
        ...

    async def select(self, sql: str, params: Params) -> list[Row]:
        """One query built by the whitelisting builder of this package; never text from outside."""
        ...

    async def close(self) -> None: ...


class Store(Reader, Protocol):
    """One database with one writer."""

    async def write(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        """Run `work` as one transaction with one commit, in the order of calls.

        The transaction commits even when the caller is cancelled meanwhile; it rolls back whole when `work` raises.
        """
        ...

    async def renew(self) -> None:
        """Between two transactions, check the database whole and open it anew. Raises StoreFaultError.

        After a failed write or flush, what SQLite and the system keep in memory may not be what lies on the disk.
        """
        ...

    async def copy(self, target: Path) -> None:
        """Write all that is committed as one whole, compact, private file. Raises StoreFaultError.

        The file appears under its name when it is complete and on the disk; one of that name is replaced.
        """
        ...
