"""A recipe that is gone leaves nothing to read: what was planned, awaited or doubted there is a person's matter."""

from __future__ import annotations

from aof_tui.domain.words import AttemptState, DispatchState, FailureStatus, Reason
from aof_tui.engine.context import Context, Workspace
from aof_tui.engine.facts import facts_from
from aof_tui.engine.orchestrator import Orchestrator
from aof_tui.engine.points import Point
from aof_tui.engine.recovery_conclude import Verdict, conclude
from aof_tui.engine.recovery_unread import note_readable
from aof_tui.engine.unit import Unit
from aof_tui.store.mapping import attempt_from, text

REFERRED = frozenset({FailureStatus.SCHEDULED, FailureStatus.IN_DOUBT, FailureStatus.WATCHING, FailureStatus.HELD})
"""A failure in the middle of its request gets its answer first."""


async def refer_gone(
    unit: Unit, ctx: Context, workspace: Workspace, orchestrator: Orchestrator, recipe_id: str
) -> bool:
    """Hand over the failures of a recipe that two sweeps left out and that was not found by its id; else False.

    An attempt in doubt counts as used: nothing will ever tell what became of it.
    """
    key = {"workspace": workspace.name, "recipe_id": recipe_id}
    rows = await unit.tx.fetch("recipe_get", key)
    if not rows or rows[0]["gone_at"] is None:
        return False
    await unit.reach(Point.SETTLE_INSIDE)
    for failure in await unit.failures("failures_unfinished_of_recipe", **key):
        if failure.status in REFERRED:
            await orchestrator.rest(unit, failure, FailureStatus.NEEDS_PERSON, Reason.RECIPE_GONE, facts_from(rows[0]))
    for dispatch in await unit.tx.fetch("dispatches_in_doubt", key):
        dispatch_id = text(dispatch, "dispatch_id")
        for row in await unit.tx.fetch("attempts_of_dispatch", {"dispatch_id": dispatch_id}):
            attempt = attempt_from(row)
            if attempt.state is AttemptState.UNKNOWN:
                verdict = Verdict(AttemptState.ABSENT, "its recipe is gone, so nothing can be read of it", unit.now)
                await conclude(unit, ctx, orchestrator, attempt, verdict)
        await unit.tx.execute("dispatch_state", {"dispatch_id": dispatch_id, "state": DispatchState.SETTLED})
    await note_readable(unit, orchestrator.incidents, workspace.name, recipe_id)
    return True
