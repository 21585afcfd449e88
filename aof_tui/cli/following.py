"""Plain lines that go on: `log --follow` and `status --watch`, for pipes, screen readers and small screens."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

from msgspec.structs import replace

from aof_tui.base.clock import Clock, SystemClock
from aof_tui.base.errors import TemporaryError
from aof_tui.base.text import one_line
from aof_tui.base.wording import counted
from aof_tui.cli.history import log_query, newest_events
from aof_tui.cli.listing import PAGE, OpenStore, Wanted, opened
from aof_tui.cli.listing_rows import moment
from aof_tui.cli.output import flush, json_line, note, say, say_buffered
from aof_tui.cli.overview import counts_of, of_workspaces, status_fields
from aof_tui.cli.troubles import Check, troubles
from aof_tui.control.client import SocketControl
from aof_tui.control.protocol import Queries
from aof_tui.control.requests import EventQuery
from aof_tui.control.rows import EventRow, Status, WorkspaceState

WAIT_S = 20.0
CHANGING = {Check.COLLATION: "collation is behind", Check.STORE: "the store is nearly full"}
"""What is said of troubles whose own words hold a figure that grows."""
LOOK_EVERY_S = 1.0
"""Real seconds between two looks at a store without an engine, or for an engine that went away."""


async def follow_log(wanted: Wanted) -> None:
    """Print the newest events that match, then every new one as it comes, until interrupted."""
    wanted, query = log_query(wanted)
    async with opened(wanted) as store:
        latest = (await store.queries.events(EventQuery(limit=1))).rows
        rows = await newest_events(store.queries, query, wanted.limit)
        _print_events(rows, wanted)
        after = max((row.sequence for row in (*latest, *rows)), default=0)

        async def look() -> None:
            nonlocal after
            while True:
                page = await store.queries.events(replace(query, after=after, newest=False, limit=PAGE))
                _print_events(page.rows, wanted)
                after = max((row.sequence for row in page.rows), default=after)
                if page.cursor is None:
                    return

        await _keep_looking(store.queries, look, SystemClock())


async def watch_status(wanted: Wanted) -> None:
    """Print a line for each workspace, and again whenever it changes, until interrupted."""
    async with opened(wanted) as store:
        told: dict[str, str] = {}

        async def look() -> None:
            status = of_workspaces(await store.queries.status(), store, wanted)
            for state in status.workspaces:
                line = await _line(store, status, state)
                if told.get(state.workspace) != line:
                    told[state.workspace] = line
                    shown = replace(status, workspaces=(state,))
                    say(json.dumps(status_fields(shown)) if wanted.as_json else f"{moment(status.at)} {line}")

        await _keep_looking(store.queries, look, SystemClock())


async def _keep_looking(queries: Queries, look: Callable[[], Awaitable[None]], clock: Clock) -> None:
    """Look now and after every change; an engine that goes away is told of once and waited for."""
    feed = queries.subscribe() if isinstance(queries, SocketControl) else None
    away = False
    while True:
        try:
            await look()
            away = False
            if feed is None:
                await clock.sleep(LOOK_EVERY_S)
            else:
                await feed.wait(WAIT_S)
        except TemporaryError as error:
            if not away:
                note(f"aof-tui: {error}; waiting for it")
            away = True
            await clock.sleep(LOOK_EVERY_S)


def _print_events(rows: list[EventRow] | tuple[EventRow, ...], wanted: Wanted) -> None:
    for row in rows:
        line = f"{moment(row.at)} {row.level} {row.workspace} {row.kind} {row.subject}: {row.text}"
        say_buffered(json_line(row) if wanted.as_json else one_line(line))
    flush()


async def _line(store: OpenStore, status: Status, state: WorkspaceState) -> str:
    """How a workspace is in one line, with nothing in it that changes by itself."""
    counts = [f"{amount} {word}" for word, amount in (await counts_of(store.queries, state)).items() if amount]
    found = await troubles(store, replace(status, workspaces=(state,)))
    wrong = dict.fromkeys(CHANGING.get(trouble.check, trouble.text) for trouble in found)
    parts = [
        f"engine {status.engine}",
        status.mode,
        ", ".join(counts) or "no failures",
        counted(state.open_incidents, "open incident"),
        *wrong,
    ]
    return one_line(f"{state.workspace}: {'; '.join(parts)}")
