"""The failure listing."""

from __future__ import annotations

from aof_tui.control.requests import DECIDING, FailureQuery, FailureSort
from aof_tui.control.rows import FailureRow, Page
from aof_tui.domain.words import FailureStatus
from aof_tui.policy.price import tasks_per_job
from aof_tui.store.builder import Conditions, bounded_limit, bounded_skip, count, order_by, select
from aof_tui.store.columns import FailureColumn
from aof_tui.store.cursors import decode_cursor, encode_cursor
from aof_tui.store.mapping import integer, moment, optional_integer, optional_moment, optional_text, text
from aof_tui.store.names import incident_name, incident_number
from aof_tui.store.port import Reader, Row

IS_OPEN = "failure.status NOT IN ('recovered', 'closed')"
"""Word for word the condition of the partial indexes, else SQLite does not use them."""

IS_DECIDING = "(failure.status = 'scheduled' AND failure.undecided_until IS NOT NULL)"

SORT_COLUMNS = {
    FailureSort.LAST_FAILED: (FailureColumn.LAST_FAILED, float),
    FailureSort.NEXT_ACTION: (FailureColumn.NEXT_ACTION, float),
    FailureSort.RECIPE: (FailureColumn.RECIPE, str),
    FailureSort.STATUS: (FailureColumn.STATUS, str),
    FailureSort.CATEGORY: (FailureColumn.CATEGORY, str),
    FailureSort.ATTEMPTS: (FailureColumn.ATTEMPTS, int),
}
OPEN_INDEXES = {
    FailureSort.NEXT_ACTION: "failure_open_by_next_action",
    FailureSort.STATUS: "failure_open_by_status",
    FailureSort.CATEGORY: "failure_open_by_category",
    FailureSort.ATTEMPTS: "failure_open_by_attempts",
}
SEARCHED = (
    FailureColumn.TITLE,
    FailureColumn.ERROR,
    FailureColumn.RECIPE,
    FailureColumn.MASTER_JOB,
    FailureColumn.NEWEST_JOB,
)
WITH_RECIPE = "LEFT JOIN recipe ON recipe.workspace = failure.workspace AND recipe.recipe_id = failure.recipe_id"
WITH_INCIDENT = "LEFT JOIN incident ON incident.incident_id = failure.incident_id"
COLUMNS = (
    "failure.*, recipe.name AS recipe, incident.status AS incident_status, recipe.lifetime_tasks,"
    " recipe.succeeded_count, (SELECT failure.first_failed_at + job_retention_s FROM workspace"
    " WHERE workspace.name = failure.workspace) AS repeatable_until"
)


async def list_failures(reader: Reader, query: FailureQuery, at: float) -> Page[FailureRow]:
    """One page of failures. Raises UsageError for a filter that makes no sense."""
    limit, skip = bounded_limit(query.limit), bounded_skip(query.skip)
    column, kind = SORT_COLUMNS[query.sort]
    order_name = f"failures {query.sort} {'down' if query.descending else 'up'}"
    key = (column, FailureColumn.WORKSPACE, FailureColumn.MASTER_JOB)

    total = await count(reader, _counted_source(query), _conditions(query))
    listed = _conditions(query)
    if query.cursor is not None:
        listed.beyond(key, decode_cursor(query.cursor, order_name, (kind, str, str)), descending=query.descending)
    order = order_by(key, descending=query.descending)
    # The inner query reads indexes alone; only the rows of the page are then fetched whole.
    hits = select(
        "failure.workspace, failure.master_job_id",
        _source(query),
        listed.where(),
        order,
        listed.slice(limit, skip),
    )
    whole = f"({hits}) AS hit JOIN failure USING (workspace, master_job_id) {WITH_RECIPE} {WITH_INCIDENT}"
    rows = await reader.select(select(f"{COLUMNS}, {column} AS sort_value", whole, order), listed.params)
    cursor = None
    if len(rows) > limit:
        last = rows[limit - 1]
        cursor = encode_cursor(order_name, [last["sort_value"], last["workspace"], last["master_job_id"]])
    return Page(tuple(failure_row(row) for row in rows[:limit]), total, cursor, at)


def failure_row(row: Row) -> FailureRow:
    """A row of `failure.*` with its recipe's name and its incident's status."""
    return FailureRow(
        workspace=text(row, "workspace"),
        recipe_id=text(row, "recipe_id"),
        recipe=optional_text(row, "recipe") or text(row, "recipe_id"),
        master_job_id=text(row, "master_job_id"),
        newest_job_id=text(row, "newest_job_id"),
        title=text(row, "title"),
        status=text(row, "status"),
        reason=optional_text(row, "reason"),
        category=text(row, "category"),
        severity=text(row, "severity"),
        fingerprint=text(row, "fingerprint"),
        error=text(row, "error"),
        attempts=integer(row, "attempts"),
        max_attempts=integer(row, "max_attempts"),
        forced=integer(row, "forced"),
        external=integer(row, "external"),
        first_failed_at=moment(row, "first_failed_at"),
        last_failed_at=moment(row, "last_failed_at"),
        next_action_at=optional_moment(row, "next_action_at"),
        incident=incident_name(optional_integer(row, "incident_id")),
        incident_status=optional_text(row, "incident_status"),
        repeatable_until=optional_moment(row, "repeatable_until"),
        repeat_tasks=tasks_per_job(
            optional_integer(row, "lifetime_tasks"), optional_integer(row, "succeeded_count") or 0
        ),
        undecided_until=optional_moment(row, "undecided_until"),
    )


def _conditions(query: FailureQuery) -> Conditions:
    conditions = Conditions()
    if query.only_open:
        conditions.always(IS_OPEN)
    conditions.among(
        FailureColumn.WORKSPACE if query.master_job_ids else FailureColumn.WORKSPACE_VALUE, query.workspaces
    )
    _stand(conditions, query.statuses)
    conditions.among(FailureColumn.CATEGORY, query.categories)
    conditions.among(FailureColumn.RECIPE_ID, query.recipes)
    conditions.among(FailureColumn.MASTER_JOB, query.master_job_ids)
    if query.incident is not None:
        conditions.equal(FailureColumn.INCIDENT, incident_number(query.incident))
    conditions.words(SEARCHED, query.text)
    conditions.no_words(SEARCHED, query.without)
    return conditions


def _stand(conditions: Conditions, statuses: tuple[str, ...]) -> None:
    if DECIDING not in statuses:
        conditions.among(FailureColumn.STATUS, statuses)
        return
    others = ", ".join(conditions.bind(status) for status in FailureStatus if status in statuses)
    conditions.always(f"({IS_DECIDING} OR {FailureColumn.STATUS} IN ({others}))" if others else IS_DECIDING)


def _source(query: FailureQuery) -> str:
    """The table with the index that was measured to be best, because SQLite's guess costs 3 to 20 times as much.

    A text filter needs every row whole, which one walk over the table gives; everything else is in the listing indexes.
    """
    joined = f" {WITH_RECIPE}" if _searches(query) or query.sort is FailureSort.RECIPE else ""
    if query.incident is not None or (query.workspaces and query.master_job_ids):
        return f"failure{joined}"
    if _searches(query):
        return f"failure NOT INDEXED{joined}"
    index = OPEN_INDEXES.get(query.sort, "failure_open_by_last_failed") if query.only_open else "failure_listed"
    return f"failure INDEXED BY {index}{joined}"


def _counted_source(query: FailureQuery) -> str:
    if _searches(query):
        return f"failure NOT INDEXED {WITH_RECIPE}"
    if not query.only_open or query.incident is not None or query.master_job_ids:
        return "failure"
    narrow = not (query.categories or query.recipes)
    return f"failure INDEXED BY {'failure_open_counted' if narrow else 'failure_open_by_category'}"


def _searches(query: FailureQuery) -> bool:
    return bool(query.text or query.without)
