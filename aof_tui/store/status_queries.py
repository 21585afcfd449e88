"""The header's figures."""

from __future__ import annotations

from collections.abc import Iterable

from aof_tui.control.rows import Status, WorkspaceState
from aof_tui.domain.words import FailureStatus
from aof_tui.store.breaker_queries import read_breakers
from aof_tui.store.facts import EngineFacts
from aof_tui.store.mapping import integer, optional_moment, optional_text, text
from aof_tui.store.metric_queries import bounds, read_figures, read_tasks
from aof_tui.store.port import Reader, Row

FINAL_SHOWN_FOR_S = 24 * 3600.0


async def read_status(reader: Reader, facts: EngineFacts, at: float) -> Status:
    """The engine's facts with what the store counts."""
    workspaces = await reader.read("status_workspaces", {})
    failures = await reader.read("status_failures", {"ended_since": at - FINAL_SHOWN_FOR_S})
    totals = (await reader.read("status_totals", {}))[0]
    return Status(
        at=at,
        rate=facts.rate,
        version=facts.version,
        engine=facts.engine,
        mode=facts.mode,
        read_only=facts.read_only,
        epoch=facts.epoch,
        started_at=facts.started_at,
        engine_error=facts.engine_error,
        workspaces=tuple([await _workspace(reader, row, failures, facts, at) for row in workspaces]),
        open_dispatches=integer(totals, "open_dispatches"),
        notices_pending=integer(totals, "notices_pending"),
        notices_dead=integer(totals, "notices_dead"),
        breakers=await read_breakers(reader),
    )


async def _workspace(
    reader: Reader, row: Row, failures: Iterable[Row], facts: EngineFacts, at: float
) -> WorkspaceState:
    name = text(row, "name")
    counts = {str(status): 0 for status in FailureStatus}
    counts |= {text(count, "status"): integer(count, "amount") for count in failures if count["workspace"] == name}
    return WorkspaceState(
        workspace=name,
        production=name in facts.production,
        paused_by=optional_text(row, "paused_by"),
        paused_at=optional_moment(row, "paused_at"),
        acting_stopped=optional_text(row, "acting_stopped"),
        swept_at=optional_moment(row, "swept_at"),
        counts=counts,
        open_incidents=integer(row, "open_incidents"),
        queue=integer(row, "queue"),
        oldest_mark_at=optional_moment(row, "oldest_mark_at"),
        first_reads=integer(row, "first_reads"),
        last_day=await read_figures(reader, name, *bounds(at - FINAL_SHOWN_FOR_S, at, at)),
        tasks=await read_tasks(reader, name, at),
    )
