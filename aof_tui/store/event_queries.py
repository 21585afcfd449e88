"""The log."""

from __future__ import annotations

import json
from collections.abc import Mapping

from msgspec.structs import replace

from aof_tui.control.requests import EventQuery
from aof_tui.control.rows import EventRow, Page
from aof_tui.store.builder import Conditions, bounded_limit, count, order_by, select
from aof_tui.store.columns import EventColumn
from aof_tui.store.mapping import integer, moment, optional_integer, optional_text, text
from aof_tui.store.names import incident_name, incident_number
from aof_tui.store.port import Reader, Row

KEY = (EventColumn.SEQUENCE,)
SEARCHED = (
    EventColumn.TEXT,
    EventColumn.KIND,
    EventColumn.ACTOR,
    EventColumn.RECIPE,
    EventColumn.JOB_TEXT,
)
WITH_RECIPE = "LEFT JOIN recipe ON recipe.workspace = event.workspace AND recipe.recipe_id = event.recipe_id"


async def list_events(reader: Reader, query: EventQuery, at: float) -> Page[EventRow]:
    """One slice of the log. `total` leaves `after` and `before` out of account; the cursor is a sequence for `after`.

    Raises UsageError for a filter that makes no sense.
    """
    limit = bounded_limit(query.limit)
    total = await _count(reader, query)
    listed = _conditions(query)
    if query.after is not None:
        listed.above(EventColumn.SEQUENCE, query.after)
    if query.before is not None:
        listed.below(EventColumn.SEQUENCE, query.before)
    rows = await reader.select(
        select(
            "event.*, recipe.name AS recipe",
            f"event {WITH_RECIPE}",
            listed.where(),
            order_by(KEY, descending=query.newest),
            listed.slice(limit),
        ),
        listed.params,
    )
    events = [event_row(row) for row in rows[:limit]]
    if query.newest:
        return Page(tuple(reversed(events)), total, None, at)
    return Page(tuple(events), total, str(events[-1].sequence) if len(rows) > limit else None, at)


def event_row(row: Row) -> EventRow:
    """A row of `event.*` with its recipe's name."""
    return EventRow(
        sequence=integer(row, "sequence"),
        at=moment(row, "at"),
        workspace=text(row, "workspace"),
        kind=text(row, "kind"),
        level=text(row, "level"),
        actor=text(row, "actor"),
        subject=_subject(row),
        recipe_id=optional_text(row, "recipe_id"),
        recipe=optional_text(row, "recipe") or optional_text(row, "recipe_id"),
        master_job_id=optional_text(row, "master_job_id"),
        incident=incident_name(optional_integer(row, "incident_id")),
        text=text(row, "text"),
        data=_data(text(row, "data")),
    )


async def _count(reader: Reader, query: EventQuery) -> int:
    if query == replace(EventQuery(), workspaces=query.workspaces, after=query.after, before=query.before,
                        newest=query.newest, limit=query.limit):  # fmt: skip
        totals = await reader.read("event_totals", {})
        wanted = [row for row in totals if not query.workspaces or row["workspace"] in query.workspaces]
        return sum(integer(row, "amount") for row in wanted)
    joined = f" {WITH_RECIPE}" if query.text or query.without else ""
    return await count(reader, f"event{joined}", _conditions(query))


def _conditions(query: EventQuery) -> Conditions:
    conditions = Conditions()
    conditions.among(EventColumn.WORKSPACE, query.workspaces)
    conditions.among(EventColumn.KIND, query.kinds)
    conditions.among(EventColumn.LEVEL, query.levels)
    if query.master_job_id is not None:
        conditions.equal(EventColumn.MASTER_JOB, query.master_job_id)
    if query.incident is not None:
        conditions.equal(EventColumn.INCIDENT, incident_number(query.incident))
    conditions.words(SEARCHED, query.text)
    conditions.no_words(SEARCHED, query.without)
    return conditions


def _subject(row: Row) -> str:
    """What the event is about, the nearest thing first, written like an actor: kind and name."""
    for kind, name in (
        ("job", row["master_job_id"]),
        ("incident", incident_name(optional_integer(row, "incident_id"))),
        ("dispatch", row["dispatch_id"]),
        ("recipe", row["recipe_id"]),
    ):
        if name is not None:
            return f"{kind}:{name}"
    return f"workspace:{row['workspace']}"


def _data(stored: str) -> Mapping[str, object]:
    data = json.loads(stored)
    return data if isinstance(data, dict) else {}
