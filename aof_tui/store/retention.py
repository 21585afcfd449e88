"""Deletes what is older than it has to be kept, in small transactions between which others get their turn."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from aof_tui.store.mapping import text
from aof_tui.store.port import Params, Row, Store, Tx

DAY_S = 86_400.0
CHUNK = 200


@dataclass(frozen=True, slots=True)
class Retention:
    """How long what is no longer needed is kept, in seconds."""

    events_s: float = 90 * DAY_S
    failures_s: float = 180 * DAY_S


@dataclass(frozen=True, slots=True)
class Deleted:
    """How many rows a retention took away. A failure goes with its runs, attempts and dispatches."""

    failures: int
    runs: int
    events: int
    notifications: int
    incidents: int
    details: int
    breakers: int

    @property
    def any(self) -> bool:
        others = (self.notifications, self.incidents, self.details, self.breakers)
        return any((self.failures, self.runs, self.events, *others))


async def apply_retention(store: Store, now: float, retention: Retention, chunk: int = CHUNK) -> Deleted:
    """Delete all whose time is over at wall time `now`; what an open failure or incident refers to stays.

    What may go is found by reads outside the writer; each deletion checks again inside its transaction.
    """
    old_events = {"before": now - retention.events_s}
    old_failures = {"before": now - retention.failures_s}
    simple = partial(_in_chunks, store, chunk)
    return Deleted(
        failures=await simple("retention_failures", old_failures, _delete_failure),
        runs=await simple("retention_runs", old_failures, _deleting("retention_delete_run")),
        events=await simple("retention_events", old_events, _deleting("retention_delete_event")),
        notifications=await simple("retention_notifications", old_events, _deleting("retention_delete_notification")),
        incidents=await simple("retention_incidents", old_failures, _deleting("retention_delete_incident")),
        details=await simple("retention_details", old_failures, _deleting("retention_delete_detail")),
        breakers=await simple("retention_breakers", old_events, _deleting("retention_delete_breaker")),
    )


async def _in_chunks(
    store: Store, chunk: int, find: str, before: Params, delete: Callable[[Tx, Params], Awaitable[int]]
) -> int:
    deleted = 0
    while True:
        rows = await store.read(find, {**before, "most": chunk})
        gone = await store.write(partial(_delete_rows, rows, before, delete)) if rows else 0
        deleted += gone
        # A chunk of which nothing could be deleted would be found again and again.
        if len(rows) < chunk or gone == 0:
            return deleted


async def _delete_rows(
    rows: Sequence[Row], before: Params, delete: Callable[[Tx, Params], Awaitable[int]], tx: Tx
) -> int:
    return sum([await delete(tx, {**row, **before}) for row in rows])


def _deleting(statement: str) -> Callable[[Tx, Params], Awaitable[int]]:
    async def delete(tx: Tx, row: Params) -> int:
        return await tx.execute(statement, row)

    return delete


async def _delete_failure(tx: Tx, row: Params) -> int:
    if not await tx.execute("retention_delete_failure", row):
        return 0
    dispatches = await tx.fetch("retention_dispatches", row)
    await tx.execute("retention_delete_attempts", row)
    await tx.execute("retention_delete_fallback", row)
    for dispatch in dispatches:
        await tx.execute("retention_delete_dispatch", {"dispatch_id": text(dispatch, "dispatch_id")})
    await tx.execute("retention_delete_runs", row)
    return 1
