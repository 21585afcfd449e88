"""Dispatches left open by an ended process or a failed loop: what was not sent is given back, the rest is doubted."""

from __future__ import annotations

from collections.abc import Collection

from aof_tui.domain.model import Dispatch
from aof_tui.domain.words import AttemptState, DispatchState
from aof_tui.engine.context import Context, Workspace
from aof_tui.engine.orchestrator import Orchestrator
from aof_tui.engine.points import Point
from aof_tui.engine.recovery_conclude import Verdict, conclude
from aof_tui.engine.unit import Unit
from aof_tui.store.mapping import attempt_from, dispatch_from


async def take_up_open(
    unit: Unit, ctx: Context, workspace: Workspace, orchestrator: Orchestrator, in_flight: Collection[str]
) -> int:
    """Conclude what has no outcome and nobody who will bring one; returns how many dispatches that were.

    A dispatch that was only prepared has proven not to be sent. One marked as sending may have reached Workato, so
    nothing of its lineages is repeated until they have been read after the settle time.
    """
    await unit.reach(Point.LOOP)
    rows = await unit.tx.fetch("dispatches_left", {"workspace": workspace.name})
    left = [dispatch for dispatch in map(dispatch_from, rows) if dispatch.dispatch_id not in in_flight]
    for dispatch in left:
        await _conclude_left(unit, ctx, orchestrator, dispatch)
    return len(left)


async def _conclude_left(unit: Unit, ctx: Context, orchestrator: Orchestrator, dispatch: Dispatch) -> None:
    sent = dispatch.state is DispatchState.SENDING
    settle_until = dispatch.settle_until if dispatch.settle_until is not None else unit.now
    if sent:
        verdict = Verdict(AttemptState.UNKNOWN, "the engine ended before the answer was known", settle_until)
    else:
        verdict = Verdict(AttemptState.NOT_SENT, "the engine ended before it was sent", unit.now)
    await unit.tx.execute(
        "dispatch_outcome",
        {
            "dispatch_id": dispatch.dispatch_id,
            "state": DispatchState.UNKNOWN if sent else DispatchState.NOT_SENT,
            "answered_at": None,
            "http_status": None,
            "outcome": verdict.why,
            "settle_until": None,
        },
    )
    for row in await unit.tx.fetch("attempts_of_dispatch", {"dispatch_id": dispatch.dispatch_id}):
        await conclude(unit, ctx, orchestrator, attempt_from(row), verdict)
