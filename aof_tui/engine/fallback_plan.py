"""Plans the fallback of a failure that rests, and says what speaks against starting one."""

from __future__ import annotations

from dataclasses import replace

from aof_tui.domain.event_kinds import EventKind
from aof_tui.domain.fallback import Fallback, FallbackState
from aof_tui.domain.model import Failure
from aof_tui.domain.words import Mode
from aof_tui.engine.context import Context
from aof_tui.engine.facts import backlog_from
from aof_tui.engine.unit import Unit
from aof_tui.policy.fallback import fallback_named, is_fallback
from aof_tui.store.fallback_rows import fallback_from, fallback_params
from aof_tui.store.mapping import text
from aof_tui.store.port import Params

RESTORED_KEY = "restored_at"
"""Where the store keeps when it was last put in the place of another."""


async def plan_fallback(unit: Unit, ctx: Context, failure: Failure) -> None:
    """In the transaction in which the failure came to rest: plan what its policy's fallback asks for, once."""
    rule = ctx.book.fallback_of(failure.plan.policy, failure.workspace)
    if rule is None or failure.reason not in rule.when or await is_fused(unit, ctx, failure):
        return
    known = await known_fallback(unit, failure.workspace, failure.master_job_id)
    observed_only = only_observed(ctx, failure)
    if known is not None and (
        not known.state.nothing_sent or (known.state is FallbackState.OBSERVED and observed_only)
    ):
        return
    planned = Fallback(
        workspace=failure.workspace,
        master_job_id=failure.master_job_id,
        name=rule.name,
        recipe_id=rule.recipe_id,
        state=FallbackState.PLANNED,
        planned_at=unit.now,
        next_at=unit.now,
    )
    await put_fallback(unit, planned)
    said = f"fallback {rule.name} is to be started: recipe {rule.recipe_id}"
    await unit.failure_event(EventKind.FALLBACK_PLANNED, failure, said, data=_named(planned))
    unit.wake(ctx.workspaces[failure.workspace].fallback)


def only_observed(ctx: Context, failure: Failure) -> bool:
    """Whether nothing may be started for the failure because it is only observed."""
    return ctx.workspaces[failure.workspace].mode is Mode.OBSERVE or ctx.book.observes(failure.plan.policy)


async def is_fused(unit: Unit, ctx: Context, failure: Failure) -> bool:
    """Whether the failed recipe is a fallback itself, or was ever started as one: it never gets a fallback."""
    if is_fallback(ctx.book.fallbacks, failure.workspace, failure.recipe_id):
        return True
    key: Params = {"workspace": failure.workspace, "recipe_id": failure.recipe_id}
    return bool(await unit.tx.fetch("fallback_was_started", key))


async def objection(unit: Unit, ctx: Context, fallback: Fallback, failure: Failure) -> str | None:
    """Why a planned start may not happen any more; asked again in the transaction of its intent."""
    rule = fallback_named(ctx.book.fallbacks, fallback.name, fallback.workspace)
    if rule is None:
        return "it is no longer configured"
    if await is_fused(unit, ctx, failure):
        return "the failed recipe is a fallback itself"
    if fallback.forced_by is None and await _is_of_backlog(unit, ctx, failure):
        return "its failure is part of a backlog: start it by hand if it is still wanted"
    if fallback.forced_by is None and await _may_be_forgotten(unit, failure):
        return "the store was restored, and may have forgotten that it was started: start it by hand if it was not"
    wanted = failure.status.resting and (fallback.forced_by is not None or failure.reason in rule.when)
    return None if wanted else f"the failure is {failure.status.replace('_', ' ')}"


async def _is_of_backlog(unit: Unit, ctx: Context, failure: Failure) -> bool:
    """Whether nobody watched when it failed, and so many others: then only a person lets anything happen."""
    watch = backlog_from((await unit.tx.fetch("workspace_get", {"name": failure.workspace}))[0])
    return watch is not None and watch.holds(failure, ctx.settings.collation.backlog)


async def _may_be_forgotten(unit: Unit, failure: Failure) -> bool:
    """Whether the failure is older than the store's last restoring: no list tells what was started for it."""
    rows = await unit.tx.fetch("meta_get", {"key": RESTORED_KEY})
    return bool(rows) and failure.first_failed_at < float(text(rows[0], "value"))


async def has_fallback(unit: Unit, failure: Failure) -> bool:
    """Whether a fallback is to be started for the failure, or may have been."""
    known = await known_fallback(unit, failure.workspace, failure.master_job_id)
    return known is not None and not (known.state.nothing_sent or known.state is FallbackState.REJECTED)


async def cancel_fallback(unit: Unit, fallback: Fallback, failure: Failure, why: str) -> None:
    """Nothing is started: what was planned is over."""
    await put_fallback(unit, replace(fallback, state=FallbackState.CANCELLED, next_at=None))
    said = f"fallback {fallback.name} is not started: {why}"
    await unit.failure_event(EventKind.FALLBACK_CANCELLED, failure, said, data=_named(fallback))


async def observe_fallback(unit: Unit, fallback: Fallback, failure: Failure) -> None:
    """Say what would have been started."""
    await put_fallback(unit, replace(fallback, state=FallbackState.OBSERVED, next_at=None))
    said = f"would have started fallback {fallback.name}: recipe {fallback.recipe_id}"
    await unit.failure_event(EventKind.FALLBACK_OBSERVED, failure, said, data=_named(fallback))


async def known_fallback(unit: Unit, workspace: str, master_job_id: str) -> Fallback | None:
    rows = await unit.tx.fetch("fallback_get", {"workspace": workspace, "master_job_id": master_job_id})
    return fallback_from(rows[0]) if rows else None


async def put_fallback(unit: Unit, fallback: Fallback) -> None:
    await unit.tx.execute("fallback_put", fallback_params(fallback))


def _named(fallback: Fallback) -> dict[str, object]:
    return {"fallback": fallback.name, "fallback_recipe": fallback.recipe_id}
