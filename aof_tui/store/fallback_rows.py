"""Rows of the table of fallbacks as the domain's dataclass, and back."""

from __future__ import annotations

from aof_tui.domain.fallback import Fallback, FallbackState
from aof_tui.store.mapping import integer, moment, optional_moment, optional_text, text
from aof_tui.store.port import Params, Row


def fallback_from(row: Row) -> Fallback:
    return Fallback(
        workspace=text(row, "workspace"),
        master_job_id=text(row, "master_job_id"),
        name=text(row, "name"),
        recipe_id=text(row, "recipe_id"),
        state=FallbackState(text(row, "state")),
        planned_at=moment(row, "planned_at"),
        next_at=optional_moment(row, "next_at"),
        forced_by=optional_text(row, "forced_by"),
        unsent=integer(row, "unsent"),
        dispatch_id=optional_text(row, "dispatch_id"),
        sent_at=optional_moment(row, "sent_at"),
        job_id=optional_text(row, "job_id"),
    )


def fallback_params(fallback: Fallback) -> Params:
    return {
        "workspace": fallback.workspace,
        "master_job_id": fallback.master_job_id,
        "name": fallback.name,
        "recipe_id": fallback.recipe_id,
        "state": fallback.state,
        "planned_at": fallback.planned_at,
        "next_at": fallback.next_at,
        "forced_by": fallback.forced_by,
        "unsent": fallback.unsent,
        "dispatch_id": fallback.dispatch_id,
        "sent_at": fallback.sent_at,
        "job_id": fallback.job_id,
    }
