"""The fallbacks in a failure's story: what is planned, and every start with what came of it."""

from __future__ import annotations

from aof_tui.control.rows import FallbackRow
from aof_tui.domain.fallback import Fallback, FallbackState
from aof_tui.store.fallback_rows import fallback_from
from aof_tui.store.mapping import moment, optional_integer, optional_moment, optional_text, text
from aof_tui.store.port import Params, Reader, Row

MOST_STARTS = 50
FORMER = {"unknown": FallbackState.DOUBTED, "settled": FallbackState.DOUBTED}
"""What the state of a request says of a start that another one followed."""


async def read_fallbacks(reader: Reader, workspace: str, master_job_id: str) -> tuple[FallbackRow, ...]:
    """Oldest first; what is planned, observed or cancelled stands last, without a dispatch."""
    lineage: Params = {"workspace": workspace, "master_job_id": master_job_id}
    known = await reader.read("story_fallback", lineage)
    if not known:
        return ()
    starts = await reader.read("story_fallback_dispatches", {**lineage, "most": MOST_STARTS})
    present = fallback_from(known[0])
    rows = [_start(row, present) for row in reversed(starts)]
    if present.state is FallbackState.PLANNED or present.state.nothing_sent:
        rows.append(_without_start(present, optional_text(known[0], "recipe")))
    return tuple(rows)


def _start(row: Row, present: Fallback) -> FallbackRow:
    """One request; the state of the fallback is that of its newest one, those before it tell their own."""
    newest = row["dispatch_id"] == present.dispatch_id and present.state is not FallbackState.PLANNED
    return FallbackRow(
        name=present.name,
        recipe_id=text(row, "recipe_id"),
        recipe=optional_text(row, "recipe"),
        forced=bool(row["forced"]),
        state=str(present.state) if newest else FORMER.get(text(row, "state"), text(row, "state")),
        dispatch_id=text(row, "dispatch_id"),
        decided_at=moment(row, "prepared_at"),
        next_at=present.next_at if newest else None,
        sending_at=optional_moment(row, "sending_at"),
        http_status=optional_integer(row, "http_status"),
        outcome=optional_text(row, "outcome"),
        job_id=present.job_id if newest else None,
    )


def _without_start(present: Fallback, recipe: str | None) -> FallbackRow:
    return FallbackRow(
        name=present.name,
        recipe_id=present.recipe_id,
        recipe=recipe,
        forced=present.forced_by is not None,
        state=str(present.state),
        dispatch_id=None,
        decided_at=present.planned_at,
        next_at=present.next_at,
        sending_at=None,
        http_status=None,
        outcome=None,
        job_id=None,
    )
