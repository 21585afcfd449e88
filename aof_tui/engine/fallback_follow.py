"""Looks for the jobs that fallback recipes began, and follows them to their end, as far as Workato shows it.

A start is answered without a job's id. Its job is told by the dispatch id that was sent along, where a job's detail
shows what the job began with; whether it does is not established, so that a job not found proves nothing.
"""

from __future__ import annotations

from dataclasses import replace

from aof_tui.domain.event_kinds import EventKind
from aof_tui.domain.fallback import Fallback, FallbackState
from aof_tui.domain.model import Run
from aof_tui.domain.words import DispatchState, FailureStatus, Reason, RunStatus
from aof_tui.engine.access import Access
from aof_tui.engine.context import Context, Workspace
from aof_tui.engine.facts import recipe_facts
from aof_tui.engine.fallback_conclude import end_fallback_alarm
from aof_tui.engine.fallback_plan import put_fallback
from aof_tui.engine.orchestrator import Orchestrator
from aof_tui.engine.points import FallbackPoint
from aof_tui.engine.unit import Unit
from aof_tui.policy.fallback import fallback_named
from aof_tui.store.fallback_rows import fallback_from
from aof_tui.workato.errors import WorkatoError
from aof_tui.workato.pacer import Priority

IDLE_S = 30.0
LOOK_FIRST_S = 15.0
LOOK_MOST_S = 300.0
LOOK_FOR_S = 2 * 3600.0
"""How long the job of a start is looked for."""
SLACK_S = 3600.0
"""How much earlier than its start by our clock a job may seem to have begun by Workato's."""
MOST_DETAILS = 20
"""Details read in one look; the rest comes with the next."""
MOST_KNOWN = 2_000


class FallbackFollow:
    """The loop that looks for the jobs of started fallbacks."""

    def __init__(self, ctx: Context, workspace: Workspace, orchestrator: Orchestrator, access: Access) -> None:
        self._ctx = ctx
        self._workspace = workspace
        self._orchestrator = orchestrator
        self._access = access
        self._looked_into: dict[str, None] = {}
        """Ids of ended jobs whose detail was read; read once more after a restart."""

    async def run(self) -> None:
        """Look at each fallback recipe when its turn comes, until the engine stops."""
        while not self._ctx.stopping.is_set():
            await self._ctx.reach(FallbackPoint.LOOK)
            first = await self._first()
            wait = IDLE_S if first is None or first.next_at is None else first.next_at - self._ctx.clock.wall()
            if first is None or wait > 0:
                await self._ctx.reach(FallbackPoint.LOOK)
                await self._workspace.fallback_followed.wait(min(IDLE_S, wait))
                continue
            await self._ctx.reach(FallbackPoint.LOOK)
            await self._look(first.recipe_id)

    async def _first(self) -> Fallback | None:
        await self._ctx.reach(FallbackPoint.LOOK)
        rows = await self._ctx.store.read("fallback_first_followed", {"workspace": self._workspace.name})
        return fallback_from(rows[0]) if rows else None

    async def _look(self, recipe_id: str) -> None:
        """Read what the recipe ran since; what cannot be read is looked at again later like what is not there yet."""
        params = {"workspace": self._workspace.name, "recipe_id": recipe_id}
        await self._ctx.reach(FallbackPoint.LOOK)
        rows = await self._ctx.store.read("fallbacks_followed_of_recipe", params)
        awaited = {str(row["dispatch_id"]): fallback_from(row) for row in rows}
        found: dict[str, Run] = {}
        try:
            await self._ctx.reach(FallbackPoint.LOOK)
            await self._find(recipe_id, awaited, found)
        except WorkatoError as error:
            await self._ctx.reach(FallbackPoint.LOOK)
            await self._access.note(self._workspace, error)
        await self._ctx.reach(FallbackPoint.LOOK)
        await self._ctx.write(lambda unit: self._record_look(unit, recipe_id, found))
        await self._ctx.reach(FallbackPoint.LOOKED)

    async def _find(self, recipe_id: str, awaited: dict[str, Fallback], found: dict[str, Run]) -> None:
        """Put into `found` which dispatch began which ended job. Raises WorkatoError; what was found then stays."""
        began = min((fallback.sent_at or fallback.planned_at for fallback in awaited.values()), default=0.0)
        # Workato's clock went on evenly where ours jumped ahead.
        since = began - SLACK_S - self._ctx.timekeeper.ahead_s(self._ctx.clock.wall())
        await self._ctx.reach(FallbackPoint.LOOK)
        page = await self._workspace.client.jobs_page(recipe_id, priority=Priority.WATCH)
        ended = [run for run in page.runs if run.status.ended and not run.is_repeat and (run.started_at or 0.0) > since]
        fresh = [run for run in ended if run.job_id not in self._looked_into]
        for run in fresh[-MOST_DETAILS:]:
            await self._ctx.reach(FallbackPoint.LOOK)
            named = await self._workspace.client.job_mentions(recipe_id, run.job_id, tuple(awaited))
            self._remember(run.job_id)
            if named is not None:
                found[named] = run

    def _remember(self, job_id: str) -> None:
        self._looked_into[job_id] = None
        if len(self._looked_into) > MOST_KNOWN:
            del self._looked_into[next(iter(self._looked_into))]

    async def _record_look(self, unit: Unit, recipe_id: str, found: dict[str, Run]) -> None:
        await unit.reach(FallbackPoint.LOOK_INSIDE)
        params = {"workspace": self._workspace.name, "recipe_id": recipe_id}
        for row in await unit.tx.fetch("fallbacks_followed_of_recipe", params):
            fallback = fallback_from(row)
            run = found.get(fallback.dispatch_id or "")
            age = unit.now - (fallback.sent_at or fallback.planned_at)
            if run is not None:
                await self._ended(unit, fallback, run)
            elif age > LOOK_FOR_S:
                await self._give_up(unit, fallback)
            elif (fallback.next_at or 0.0) <= unit.now:
                pause = min(LOOK_MOST_S, max(LOOK_FIRST_S, age / 4))
                await put_fallback(unit, replace(fallback, next_at=unit.now + pause))

    async def _ended(self, unit: Unit, fallback: Fallback, run: Run) -> None:
        """Its job has ended, which also proves that a doubtful start was one."""
        succeeded = run.status is RunStatus.SUCCEEDED
        state = FallbackState.SUCCEEDED if succeeded else FallbackState.FAILED
        await put_fallback(unit, replace(fallback, state=state, next_at=None, job_id=run.job_id))
        await self._settle(unit, fallback)
        failure = await unit.failure(fallback.workspace, fallback.master_job_id)
        if failure is None:
            return
        kind = EventKind.FALLBACK_SUCCEEDED if succeeded else EventKind.FALLBACK_FAILED
        said = f"job {run.job_id} of fallback {fallback.name} {run.status}"
        data = {"fallback": fallback.name, "job": run.job_id, "fallback_recipe": fallback.recipe_id}
        await unit.failure_event(kind, failure, said, dispatch_id=fallback.dispatch_id, data=data)
        rule = fallback_named(self._ctx.book.fallbacks, fallback.name, fallback.workspace)
        if succeeded and rule is not None and rule.resolves and failure.status.resting:
            recipe = await recipe_facts(unit, failure.workspace, failure.recipe_id)
            text = f"closed: handled by job {run.job_id} of fallback {fallback.name}"
            reason = Reason.HANDLED_BY_FALLBACK
            await self._orchestrator.rest(unit, failure, FailureStatus.CLOSED, reason, recipe, text=text)

    async def _give_up(self, unit: Unit, fallback: Fallback) -> None:
        """It stays as it is; a doubtful one needs a person."""
        await put_fallback(unit, replace(fallback, next_at=None))
        await self._settle(unit, fallback)
        failure = await unit.failure(fallback.workspace, fallback.master_job_id)
        if failure is None:
            return
        said = f"the job of fallback {fallback.name} could not be told from others: look at recipe {fallback.recipe_id}"
        data = {"fallback": fallback.name, "fallback_recipe": fallback.recipe_id}
        await unit.failure_event(EventKind.FALLBACK_MISSED, failure, said, dispatch_id=fallback.dispatch_id, data=data)

    async def _settle(self, unit: Unit, fallback: Fallback) -> None:
        """Nothing more will become known of the request."""
        if fallback.state is FallbackState.DOUBTED and fallback.dispatch_id is not None:
            change = {"dispatch_id": fallback.dispatch_id, "state": DispatchState.SETTLED}
            await unit.tx.execute("dispatch_state", change)
            await end_fallback_alarm(unit, self._orchestrator.incidents, fallback)
