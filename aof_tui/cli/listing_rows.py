"""Rows of listings as cells for people, and the fields that `--json` promises."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeVar

from aof_tui.base.clock import utc
from aof_tui.base.durations import human_duration
from aof_tui.cli.output import json_line, note, print_columns, say_buffered
from aof_tui.control.breaker_rows import BreakerRow
from aof_tui.control.incident_words import kind_words, told_category
from aof_tui.control.requests import DECIDING
from aof_tui.control.rows import EventRow, FailureRow, FallbackRow, IncidentRow, NotificationRow
from aof_tui.domain.words import Reason

Row = TypeVar("Row")

NOTHING = "–"
FAILURE_FIELDS = (
    "workspace", "recipe_id", "recipe", "master_job_id", "newest_job_id", "status", "reason", "category",
    "fingerprint", "error", "attempts", "max_attempts", "forced", "external", "first_failed_at", "last_failed_at",
    "next_action_at", "incident", "repeatable_until", "repeat_tasks",
)  # fmt: skip
"""What `failures` prints as JSON, in this order. Renaming one is a breaking change."""

FAILURE_HEADINGS = ("JOB", "STATUS", "CATEGORY", "TRIES", "NEXT", "INCIDENT", "RECIPE", "ERROR")
INCIDENT_HEADINGS = ("INCIDENT", "STATUS", "SEVERITY", "KIND", "CATEGORY", "OPEN", "LAST SEEN (UTC)", "WHO", "TITLE")
INCIDENT_SPARED = ("CATEGORY", "LAST SEEN (UTC)", "WHO")
"""What a terminal too narrow for its titles does without, the first first."""
EVENT_HEADINGS = ("TIME (UTC)", "LEVEL", "KIND", "SUBJECT", "TEXT")
NOTIFICATION_HEADINGS = ("TIME (UTC)", "STATE", "RECEIVER", "CHANNEL", "INCIDENT", "SUMMARY")

SAID: Mapping[str, str] = MappingProxyType({Reason.HANDLED_BY_ROOT: "handled by its calling job"})
"""Reasons whose own word could be misread."""

BREAKER_HEADINGS = ("BREAKER", "DOWNSTREAM", "WORKSPACE", "STATE", "OPENED BY", "HELD", "NEXT PROBE")


def moment(at: float | None) -> str:
    """A time for people, to the second."""
    return NOTHING if at is None else f"{utc(at):%Y-%m-%d %H:%M:%S}"


def due(at: float | None, now: float) -> str:
    """How long until a time."""
    if at is None:
        return NOTHING
    return f"in {human_duration(at - now)}" if at > now else "now"


def standing(row: FailureRow) -> str:
    """Where a failure stands and why, for people."""
    if row.deciding:
        return DECIDING
    return row.status if row.reason is None else f"{row.status}: {SAID.get(row.reason, row.reason)}"


def failure_cells(row: FailureRow, now: float) -> tuple[str, ...]:
    """One failure in the order of its headings."""
    return (
        row.master_job_id,
        standing(row),
        row.category,
        f"{row.attempts}/{row.max_attempts}",
        due(row.next_action_at, now),
        row.incident or NOTHING,
        row.recipe,
        row.error,
    )


def fallback_cells(row: FallbackRow) -> tuple[str, ...]:
    """One start of a fallback recipe, as the story of a failure shows it."""
    return (
        f"{row.name}{' forced' if row.forced else ''}",
        row.state,
        row.recipe or row.recipe_id,
        moment(row.decided_at),
        NOTHING if row.http_status is None else f"HTTP {row.http_status}",
        row.job_id or NOTHING,
        row.dispatch_id or NOTHING,
    )


def incident_cells(row: IncidentRow) -> tuple[str, ...]:
    """One incident in the order of its headings."""
    who = row.assignee or row.acknowledged_by or NOTHING
    return (
        row.incident,
        row.status,
        row.severity,
        kind_words(row),
        told_category(row) or NOTHING,
        f"{row.open_failures}/{row.total}",
        moment(row.last_seen_at),
        who,
        row.title,
    )


def event_cells(row: EventRow) -> tuple[str, ...]:
    """One event in the order of its headings."""
    return (moment(row.at), row.level, row.kind, row.subject, row.text)


def notification_cells(row: NotificationRow) -> tuple[str, ...]:
    """One notification in the order of its headings."""
    return (moment(row.created_at), row.state, row.receiver, row.channel, row.incident or NOTHING, row.summary)


def breaker_cells(row: BreakerRow, now: float) -> tuple[str, ...]:
    """One breaker that is not closed, in the order of its headings."""
    return (
        row.name,
        row.downstream,
        row.workspace,
        row.state.replace("_", " "),
        f"{row.opened_by} at {moment(row.opened_at)} UTC",
        str(row.held),
        NOTHING if row.next_probe_at is None else _probe(row.next_probe_at, now),
    )


def _probe(at: float, now: float) -> str:
    return f"{moment(at)} UTC" if at > now else "due"


def print_rows(
    rows: Sequence[Row],
    headings: Sequence[str],
    cells: Callable[[Row], Sequence[str]],
    *,
    workspace: Callable[[Row], str] | None,
    spared: Sequence[str] = (),
) -> None:
    """Columns for people; `workspace` names each row's where there are several, `spared`: see `print_columns`."""
    if not rows:
        note("aof-tui: nothing to show")
        return
    if workspace is None:
        print_columns(headings, [cells(row) for row in rows], spared)
    else:
        print_columns(("WORKSPACE", *headings), [(workspace(row), *cells(row)) for row in rows], spared)


def print_json(rows: Sequence[object], only: Sequence[str] | None = None) -> None:
    """One object per line."""
    for row in rows:
        say_buffered(json_line(row, only=only))
