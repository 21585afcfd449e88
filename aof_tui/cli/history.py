"""`aof-tui log` and `aof-tui notifications`: what happened, and what was told to whom."""

from __future__ import annotations

from msgspec.structs import replace

from aof_tui.cli.listing import PAGE, Wanted, collect, filtered, opened, tell_rest
from aof_tui.cli.listing_rows import (
    EVENT_HEADINGS,
    NOTIFICATION_HEADINGS,
    event_cells,
    notification_cells,
    print_json,
    print_rows,
)
from aof_tui.control.filters import EVENT_FIELDS, NOTICE_FIELDS, event_query, notification_query
from aof_tui.control.protocol import Queries
from aof_tui.control.requests import EventQuery
from aof_tui.control.rows import EventRow, NotificationRow, Page


async def list_log(wanted: Wanted) -> None:
    """Print the newest events, the oldest of them first."""
    wanted, query = log_query(wanted)
    async with opened(wanted) as store:
        rows = await newest_events(store.queries, query, wanted.limit)
        if wanted.as_json:
            print_json(rows)
            return
        workspace = (lambda row: row.workspace) if store.several else None
        print_rows(rows, EVENT_HEADINGS, event_cells, workspace=workspace)


async def list_notifications(wanted: Wanted) -> None:
    """Print notifications, newest first."""
    wanted, typed = filtered(wanted, NOTICE_FIELDS)
    query = notification_query(typed)
    async with opened(wanted) as store:

        async def fetch(cursor: str | None, limit: int) -> Page[NotificationRow]:
            return await store.queries.notifications(replace(query, cursor=cursor, limit=limit))

        rows = await collect(fetch, wanted.limit)
        if wanted.as_json:
            print_json(rows)
            return
        workspace = (lambda row: row.workspace) if store.several else None
        print_rows(rows, NOTIFICATION_HEADINGS, notification_cells, workspace=workspace)


def log_query(wanted: Wanted) -> tuple[Wanted, EventQuery]:
    """Which events are wanted, of which workspaces. Raises UsageError."""
    wanted, typed = filtered(wanted, EVENT_FIELDS)
    return wanted, event_query(typed)


async def newest_events(queries: Queries, query: EventQuery, limit: int | None) -> list[EventRow]:
    """The last events that match, read backwards page by page."""
    pages: list[tuple[EventRow, ...]] = []
    before: int | None = None
    found = total = 0
    while limit is None or found < limit:
        size = PAGE if limit is None else min(PAGE, limit - found)
        page = await queries.events(replace(query, before=before, limit=size))
        total = max(total, page.total)
        pages.append(page.rows)
        found += len(page.rows)
        if len(page.rows) < size:
            break
        before = page.rows[0].sequence
    if limit is not None:
        tell_rest(found, total)
    return [row for rows in reversed(pages) for row in rows]
