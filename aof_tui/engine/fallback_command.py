"""A person starts a fallback recipe by hand: named, once more where that is wanted, and never against the fuse."""

from __future__ import annotations

from aof_tui.base.wording import nearest
from aof_tui.control.rows import CommandResult
from aof_tui.domain.event_kinds import EventKind
from aof_tui.domain.fallback import Fallback, FallbackState
from aof_tui.domain.model import Failure
from aof_tui.domain.words import DispatchState
from aof_tui.engine.context import Context, Workspace
from aof_tui.engine.fallback_plan import is_fused, known_fallback, put_fallback
from aof_tui.engine.unit import Unit
from aof_tui.policy.fallback import fallback_named
from aof_tui.store.port import Params

UNDER_WAY = frozenset({FallbackState.PLANNED, FallbackState.STARTING})


async def start_fallback(
    unit: Unit, ctx: Context, workspace: Workspace, failure: Failure, name: str, actor: str
) -> CommandResult:
    """Plan the fallback of that name, or without one that of the failure's policy, as this person's wish."""
    rules = ctx.book.fallbacks
    rule = (
        fallback_named(rules, name, workspace.name)
        if name
        else ctx.book.fallback_of(failure.plan.policy, workspace.name)
    )
    if rule is None:
        known = [rule.name for rule in rules if rule.is_of(workspace.name)]
        there = f"there is no fallback {name!r}{nearest(name, known)}" if name else "its policy names no fallback"
        return CommandResult(False, f"{there}; there are: {', '.join(known) or 'none'}")
    fallback = await known_fallback(unit, workspace.name, failure.master_job_id)
    why_not = await _why_not(unit, ctx, workspace, failure, fallback)
    if why_not is not None:
        return CommandResult(False, why_not)
    wish = Fallback(
        workspace=workspace.name,
        master_job_id=failure.master_job_id,
        name=rule.name,
        recipe_id=rule.recipe_id,
        state=FallbackState.PLANNED,
        planned_at=unit.now,
        next_at=unit.now,
        forced_by=actor,
    )
    if fallback is not None and fallback.state is FallbackState.DOUBTED:
        # The person has decided on the doubt: nobody looks for its job any more.
        change: Params = {"dispatch_id": fallback.dispatch_id, "state": DispatchState.SETTLED}
        await unit.tx.execute("dispatch_state", change)
    await put_fallback(unit, wish)
    again = ", although it may have been started before" if _may_have_begun(fallback) else ""
    text = f"start of fallback {rule.name} asked for{again}"
    data = {"fallback": rule.name, "fallback_recipe": rule.recipe_id}
    await unit.failure_event(EventKind.FALLBACK_FORCED, failure, text, actor=actor, data=data)
    unit.wake(workspace.fallback)
    return CommandResult(True, f"starting fallback {rule.name}{again}")


async def _why_not(
    unit: Unit, ctx: Context, workspace: Workspace, failure: Failure, fallback: Fallback | None
) -> str | None:
    if not failure.status.resting:
        return f"it does not rest: it is {failure.status.replace('_', ' ')}"
    if await is_fused(unit, ctx, failure):
        return "its recipe is a fallback itself: none is ever started for one"
    if fallback is not None and fallback.state in UNDER_WAY:
        return f"fallback {fallback.name} is about to be started"
    hindrance = workspace.hindrance()
    if hindrance is not None:
        return f"nothing is sent to {workspace.name} now: {hindrance.replace('_', ' ')}"
    return None


def _may_have_begun(fallback: Fallback | None) -> bool:
    return fallback is not None and not (fallback.state.nothing_sent or fallback.state is FallbackState.REJECTED)
