"""The notification history, newest first."""

from __future__ import annotations

from aof_tui.control.requests import NotificationQuery
from aof_tui.control.rows import NotificationRow, Page
from aof_tui.store.builder import Conditions, bounded_limit, bounded_skip, count, order_by, select
from aof_tui.store.columns import NotificationColumn
from aof_tui.store.cursors import decode_cursor, encode_cursor
from aof_tui.store.mapping import integer, moment, optional_integer, optional_moment, optional_text, text
from aof_tui.store.names import incident_name
from aof_tui.store.port import Reader, Row

ORDER_NAME = "notifications"
KEY = (NotificationColumn.NOTIFICATION,)
SEARCHED = (
    NotificationColumn.SUMMARY,
    NotificationColumn.KIND,
    NotificationColumn.RECEIVER,
    NotificationColumn.CHANNEL,
    NotificationColumn.ERROR,
    NotificationColumn.JOB_TEXT,
)


async def list_notifications(reader: Reader, query: NotificationQuery, at: float) -> Page[NotificationRow]:
    """One page of notifications. Raises UsageError for a filter that makes no sense."""
    limit, skip = bounded_limit(query.limit), bounded_skip(query.skip)
    total = await count(reader, "outbox", _conditions(query))
    listed = _conditions(query)
    if query.cursor is not None:
        listed.beyond(KEY, decode_cursor(query.cursor, ORDER_NAME, (int,)), descending=True)
    rows = await reader.select(
        select("*", "outbox", listed.where(), order_by(KEY, descending=True), listed.slice(limit, skip)),
        listed.params,
    )
    cursor = encode_cursor(ORDER_NAME, [rows[limit - 1]["notification_id"]]) if len(rows) > limit else None
    return Page(tuple(notification_row(row) for row in rows[:limit]), total, cursor, at)


def notification_row(row: Row) -> NotificationRow:
    """A row of `outbox.*`."""
    return NotificationRow(
        notification=str(integer(row, "notification_id")),
        workspace=text(row, "workspace"),
        kind=text(row, "kind"),
        receiver=text(row, "receiver"),
        channel=text(row, "channel"),
        state=text(row, "state"),
        attempts=integer(row, "attempts"),
        created_at=moment(row, "created_at"),
        next_try_at=optional_moment(row, "next_try_at"),
        delivered_at=optional_moment(row, "delivered_at"),
        incident=incident_name(optional_integer(row, "incident_id")),
        summary=text(row, "summary"),
        error=optional_text(row, "error"),
    )


def _conditions(query: NotificationQuery) -> Conditions:
    conditions = Conditions()
    conditions.among(NotificationColumn.WORKSPACE, query.workspaces)
    conditions.among(NotificationColumn.STATE, query.states)
    conditions.among(NotificationColumn.RECEIVER, query.receivers)
    conditions.words(SEARCHED, query.text)
    conditions.no_words(SEARCHED, query.without)
    return conditions
