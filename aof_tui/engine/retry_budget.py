"""Slows repeats down where they keep failing, whatever downstream they fail at; the store keeps the tokens."""

from __future__ import annotations

from aof_tui.base.durations import human_duration
from aof_tui.domain.event_kinds import EventKind
from aof_tui.domain.lineage import Lineage, Source
from aof_tui.domain.model import Failure
from aof_tui.domain.words import RunStatus
from aof_tui.engine.context import Context, Workspace
from aof_tui.engine.unit import Unit
from aof_tui.policy.retry_budget import MOST, SLOWED_EVERY_S, RetryBudget
from aof_tui.store.mapping import moment
from aof_tui.store.port import Params, Row

ENDS = frozenset({RunStatus.SUCCEEDED, RunStatus.FAILED})


async def count_end(unit: Unit, before: Failure, after: Failure, lineage: Lineage) -> None:
    """Count the end of a repeat that the engine made by itself, when it is news in this transaction."""
    news = (before.newest_job_id, before.newest_status) != (after.newest_job_id, after.newest_status)
    own = lineage.sources.get(after.newest_job_id) is Source.ENGINE
    if not news or not own or after.newest_status not in ENDS:
        return
    known = budget_from((await unit.tx.fetch("workspace_get", {"name": after.workspace}))[0])
    healed = after.newest_status is RunStatus.SUCCEEDED
    if healed and known.now(unit.now).tokens == MOST and not known.slowed:
        # Nothing to earn: the usual case costs no writing.
        return
    budget = known.ended(unit.now, healed)
    change: Params = {"name": after.workspace, "tokens": budget.tokens, "at": budget.at, "slowed": int(budget.slowed)}
    await unit.tx.execute("workspace_retry_budget", change)
    if budget.slowed != known.slowed:
        await _say(unit, after.workspace, budget)


async def _say(unit: Unit, workspace: str, budget: RetryBudget) -> None:
    if budget.slowed:
        text = f"too many repeats failed: one request each {human_duration(SLOWED_EVERY_S)} until they heal again"
        await unit.event(EventKind.REPEATS_SLOWED, text, workspace=workspace)
    else:
        await unit.event(EventKind.REPEATS_RESTORED, "repeats go on at their pace", workspace=workspace)


class Throttle:
    """When the next automatic repeat of one workspace may go. A restart begins with a pause."""

    def __init__(self, ctx: Context, workspace: Workspace) -> None:
        self._ctx = ctx
        self._workspace = workspace
        self._sent_boot = ctx.clock.boot()

    def sent(self) -> None:
        """A request went, or might have."""
        self._sent_boot = self._ctx.clock.boot()

    async def pause_s(self) -> float:
        """Seconds to wait first; 0 unless repeats are slowed down."""
        rows = await self._ctx.store.read("workspace_get", {"name": self._workspace.name})
        if not budget_from(rows[0]).now(self._ctx.clock.wall()).slowed:
            return 0.0
        return max(0.0, self._sent_boot + SLOWED_EVERY_S - self._ctx.clock.boot())


def budget_from(row: Row) -> RetryBudget:
    """What a workspace's row keeps of it."""
    return RetryBudget(moment(row, "retry_tokens"), moment(row, "retry_tokens_at"), bool(row["retries_slowed"]))
