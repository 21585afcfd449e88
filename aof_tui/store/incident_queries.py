"""The incident listing."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from aof_tui.control.requests import IncidentQuery, IncidentSort
from aof_tui.control.rows import IncidentRow, Page
from aof_tui.store.builder import Conditions, bounded_limit, bounded_skip, count, order_by, select
from aof_tui.store.columns import IncidentColumn
from aof_tui.store.cursors import decode_cursor, encode_cursor
from aof_tui.store.mapping import integer, moment, optional_moment, optional_text, text
from aof_tui.store.names import incident_number
from aof_tui.store.port import Reader, Row

BY_TIME = (IncidentColumn.LAST_SEEN, IncidentColumn.INCIDENT)
SORT_KEYS: Mapping[IncidentSort, tuple[IncidentColumn, ...]] = MappingProxyType(
    {IncidentSort.LAST_SEEN: BY_TIME, IncidentSort.URGENCY: (IncidentColumn.URGENCY, *BY_TIME)}
)
SEARCHED = (IncidentColumn.TITLE, IncidentColumn.RECIPE, IncidentColumn.CATEGORY)
SOURCE = (
    "incident LEFT JOIN recipe "
    "ON recipe.workspace = incident.workspace AND recipe.recipe_id = substr(incident.scope, 8) "
    "AND substr(incident.scope, 1, 7) = 'recipe:'"
)
COLUMNS = (
    "incident.*, recipe.recipe_id AS recipe_id, recipe.name AS recipe, "
    "(SELECT count(*) FROM failure WHERE failure.incident_id = incident.incident_id "
    "AND failure.status NOT IN ('recovered', 'closed')) AS open_failures"
)


async def list_incidents(reader: Reader, query: IncidentQuery, at: float) -> Page[IncidentRow]:
    """One page of incidents. Raises UsageError for a filter that makes no sense."""
    limit, skip = bounded_limit(query.limit), bounded_skip(query.skip)
    key, order_name = SORT_KEYS[query.sort], f"incidents {query.sort}"
    total = await count(reader, SOURCE, _conditions(query))
    listed = _conditions(query)
    if query.cursor is not None:
        kinds = (float, int) if query.sort is IncidentSort.LAST_SEEN else (int, float, int)
        listed.beyond(key, decode_cursor(query.cursor, order_name, kinds), descending=True)
    rows = await reader.select(
        select(
            f"{COLUMNS}, {IncidentColumn.URGENCY} AS urgency",
            SOURCE,
            listed.where(),
            order_by(key, descending=True),
            listed.slice(limit, skip),
        ),
        listed.params,
    )
    cursor = None
    if len(rows) > limit:
        last = rows[limit - 1]
        ranks = [last["last_seen_at"], last["incident_id"]]
        cursor = encode_cursor(order_name, ranks if len(key) == len(ranks) else [last["urgency"], *ranks])
    return Page(tuple(incident_row(row) for row in rows[:limit]), total, cursor, at)


def incident_row(row: Row) -> IncidentRow:
    """A row of `incident.*` with its recipe, if its scope is one, and the number of its open failures."""
    scope = text(row, "scope")
    return IncidentRow(
        workspace=text(row, "workspace"),
        incident=f"I{integer(row, 'incident_id')}",
        kind=text(row, "kind"),
        status=text(row, "status"),
        novelty=text(row, "novelty"),
        category=text(row, "category"),
        severity=text(row, "severity"),
        title=text(row, "title"),
        recipe_id=scope.removeprefix("recipe:") if scope.startswith("recipe:") else None,
        recipe=optional_text(row, "recipe"),
        fingerprint=text(row, "fingerprint"),
        open_failures=integer(row, "open_failures"),
        total=integer(row, "total"),
        level=integer(row, "level"),
        first_seen_at=moment(row, "first_seen_at"),
        last_seen_at=moment(row, "last_seen_at"),
        escalate_at=optional_moment(row, "escalate_at"),
        remind_at=optional_moment(row, "remind_at"),
        acknowledged_by=optional_text(row, "acknowledged_by"),
        snoozed_until=optional_moment(row, "snoozed_until"),
        assignee=optional_text(row, "assignee"),
        resolved_at=optional_moment(row, "resolved_at"),
    )


def _conditions(query: IncidentQuery) -> Conditions:
    conditions = Conditions()
    if query.only_open:
        conditions.always("incident.status != 'resolved'")
    conditions.among(IncidentColumn.WORKSPACE, query.workspaces)
    conditions.among(IncidentColumn.KIND, query.kinds)
    conditions.among(IncidentColumn.STATUS, query.statuses)
    conditions.among(IncidentColumn.CATEGORY, query.categories)
    conditions.among(IncidentColumn.SEVERITY, query.severities)
    if query.incident is not None:
        conditions.equal(IncidentColumn.INCIDENT, incident_number(query.incident))
    conditions.words(SEARCHED, query.text)
    conditions.no_words(SEARCHED, query.without)
    return conditions
