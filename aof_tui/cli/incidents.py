"""`aof-tui incidents`: the listing, and one with its failures and events."""

from __future__ import annotations

from msgspec.structs import replace

from aof_tui.base.errors import AofError
from aof_tui.cli.listing import Wanted, collect, filtered, opened
from aof_tui.cli.listing_rows import (
    EVENT_HEADINGS,
    FAILURE_FIELDS,
    FAILURE_HEADINGS,
    INCIDENT_HEADINGS,
    INCIDENT_SPARED,
    event_cells,
    failure_cells,
    incident_cells,
    print_json,
    print_rows,
)
from aof_tui.cli.output import json_line, plain, print_columns, say
from aof_tui.control.filters import INCIDENT_FIELDS, incident_query
from aof_tui.control.protocol import Queries
from aof_tui.control.requests import EventQuery, FailureQuery, IncidentQuery
from aof_tui.control.rows import IncidentRow, Page


async def list_incidents(wanted: Wanted) -> None:
    """Print incidents, newest first; a filter that names a status shows resolved ones too."""
    wanted, typed = filtered(wanted, INCIDENT_FIELDS)
    query = incident_query(typed)
    query = replace(query, only_open=query.only_open and not wanted.everything)
    async with opened(wanted) as store:

        async def fetch(cursor: str | None, limit: int) -> Page[IncidentRow]:
            return await store.queries.incidents(replace(query, cursor=cursor, limit=limit))

        rows = await collect(fetch, wanted.limit)
        if wanted.as_json:
            print_json(rows)
            return
        workspace = (lambda row: row.workspace) if store.several else None
        print_rows(rows, INCIDENT_HEADINGS, incident_cells, workspace=workspace, spared=INCIDENT_SPARED)


async def show_incident(wanted: Wanted, name: str) -> None:
    """Print an incident with its open failures and newest events. Raises AofError when there is none of this name."""
    async with opened(wanted) as store:
        # Asked first: it refuses what is no incident's name.
        events = (await store.queries.events(EventQuery(incident=name))).rows
        failures = (await store.queries.failures(FailureQuery(incident=name, only_open=False))).rows
        incident = await _find(store.queries, name.upper())
        if wanted.as_json:
            listed = [{field: getattr(row, field) for field in FAILURE_FIELDS} for row in failures]
            say(json_line({"incident": plain(incident), "failures": plain(listed), "events": plain(events)}))
            return
        now = (await store.queries.status()).at
        print_columns(INCIDENT_HEADINGS, [incident_cells(incident)], INCIDENT_SPARED)
        say("")
        print_columns(FAILURE_HEADINGS, [failure_cells(row, now) for row in failures])
        say("")
        print_columns(EVENT_HEADINGS, [event_cells(event) for event in events])


async def _find(queries: Queries, name: str) -> IncidentRow:
    rows = (await queries.incidents(IncidentQuery(incident=name, only_open=False, limit=1))).rows
    if not rows:
        raise AofError(f"there is no incident {name}")
    return rows[0]
