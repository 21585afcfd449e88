"""Failures that would be repeated but may not be now: held, and released with spread."""

from __future__ import annotations

from dataclasses import replace

from aof_tui.base.durations import human_duration
from aof_tui.domain.event_kinds import EventKind
from aof_tui.domain.lifecycle import move
from aof_tui.domain.model import Failure
from aof_tui.domain.words import FailureStatus, Reason
from aof_tui.engine.context import Context, Workspace
from aof_tui.engine.downstream import resumed
from aof_tui.engine.facts import recipe_facts
from aof_tui.engine.orchestrator import Orchestrator
from aof_tui.engine.unit import Unit

MANY = 1_000_000
SPREAD_LEAST_S = 60.0


def spread_s(ctx: Context) -> float:
    """Over how long what is released at once is spread: the retry window, so that nothing comes as a burst."""
    return max(SPREAD_LEAST_S, ctx.settings.retry.max)


async def hold_due(unit: Unit, orchestrator: Orchestrator, workspace: Workspace, recipe_id: str) -> None:
    """Hold what of a recipe is due; in observe mode the log says what would have been sent.

    The hindrance is looked up in this transaction: one that ended meanwhile has released what it held, and nobody
    would release what is held for it afterwards.
    """
    rows = await unit.tx.fetch("recipe_get", {"workspace": workspace.name, "recipe_id": recipe_id})
    stopped = bool(rows) and not rows[0]["running"]
    reason = workspace.hindrance() or (Reason.RECIPE_STOPPED if stopped else None)
    if reason is None:
        return
    due = await unit.failures(
        "failures_due_of_recipe", workspace=workspace.name, recipe_id=recipe_id, until=unit.now, limit=MANY
    )
    recipe = await recipe_facts(unit, workspace.name, recipe_id)
    for failure in due:
        held = await orchestrator.rest(unit, failure, FailureStatus.HELD, reason, recipe)
        if failure.forced_by is not None:
            # Released, it is still that person's wish: by itself the engine may not be allowed to repeat it.
            await unit.put(replace(held, forced_by=failure.forced_by))
        if reason is Reason.OBSERVE:
            await say_what_would_be_sent(unit, held)


async def say_what_would_be_sent(unit: Unit, held: Failure) -> None:
    """The log's line about a repeat that observing kept from being sent."""
    number = held.attempts + 1
    text = f"would have sent attempt {number} of {held.plan.max_attempts}: repeat {held.newest_job_id}"
    await unit.failure_event(EventKind.REPEAT_OBSERVED, held, text, data={"attempt": number})


async def release(unit: Unit, ctx: Context, failure: Failure, actor: str) -> Failure:
    """Give a held failure a new time within the shortest delay of a retry."""
    return await release_within(unit, ctx, failure, actor, ctx.settings.retry.min, "release")


async def release_within(unit: Unit, ctx: Context, failure: Failure, actor: str, spread_s: float, draw: str) -> Failure:
    """Give a held failure a new time within `spread_s` seconds; what is released at once under one `draw` shares it."""
    wait = ctx.randomness.uniform(0.0, spread_s, draw, failure.workspace, failure.recipe_id, f"{unit.now:.6f}")
    failure = resumed(failure, unit.now)
    released = move(failure, FailureStatus.SCHEDULED, next_action_at=unit.now + wait)
    await unit.put(released)
    await unit.failure_event(
        EventKind.FAILURE_RELEASED, released, f"released, repeat in {human_duration(round(wait))}", actor=actor
    )
    unit.wake(ctx.workspaces[failure.workspace].due)
    return released


async def release_held(
    unit: Unit, ctx: Context, workspace: Workspace, reason: Reason, recipe_id: str | None = None, actor: str = "engine"
) -> int:
    """Release all failures that were held for this reason, of one recipe or of all; returns how many."""
    held = await unit.failures("failures_held_because", workspace=workspace.name, reason=reason, recipe_id=recipe_id)
    for failure in held:
        await release_within(unit, ctx, failure, actor, spread_s(ctx), "release")
    return len(held)
