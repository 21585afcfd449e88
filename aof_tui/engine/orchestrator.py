"""Decides for each failed run what becomes of its failure (CALL-000)."""

from __future__ import annotations

from dataclasses import replace

from aof_tui.base.durations import human_duration
from aof_tui.domain.event_kinds import EventKind
from aof_tui.domain.lifecycle import move
from aof_tui.domain.model import Failure, JobDetail
from aof_tui.domain.words import BreakerCause, FailureStatus, Reason
from aof_tui.engine.breakers import Breakers
from aof_tui.engine.called import ROOT_WAIT_S, UNANSWERED, Outcome, followers, outcome_of_called
from aof_tui.engine.context import Context
from aof_tui.engine.downstream import barring, resumed
from aof_tui.engine.facts import backlog_from, recipe_facts
from aof_tui.engine.fallback_plan import has_fallback, plan_fallback
from aof_tui.engine.incidents import Incidents
from aof_tui.engine.rollups import count_reclassified
from aof_tui.engine.unit import Unit
from aof_tui.policy.breaker import downstream_of
from aof_tui.policy.decide import Choice, Exhaust, Refer, Schedule, Standing, choose_plan, next_step
from aof_tui.policy.match import RecipeFacts
from aof_tui.policy.retention_clock import comes_too_late, repeatable_until
from aof_tui.policy.retry import Draw
from aof_tui.store.mapping import detail_from
from aof_tui.store.port import Params

DETAIL_WAIT_S = 60.0
"""How long a failure of a new (recipe, fingerprint) pair waits for its job detail before it is decided without."""


RECONSIDERED = 500
"""How many failures that were left to people a lost connection takes back at most."""


class Orchestrator:
    """All decisions of the engine about failures, each inside the transaction of what caused it."""

    def __init__(self, ctx: Context, incidents: Incidents) -> None:
        self._ctx = ctx
        self.incidents = incidents
        self.breakers = Breakers(ctx, incidents, self.rest)

    async def decide(
        self, unit: Unit, failure: Failure, recipe: RecipeFacts, detail: JobDetail | None, *, is_news: bool = True
    ) -> Failure:
        """Decide on the newest failed run; the failure is written with its new status, event and incident.

        `is_news`: the run was not decided on before, so it also counts for the breaker of its downstream.
        """
        called = await outcome_of_called(unit, failure) if failure.called else UNANSWERED
        if called is None:
            return await self._await_root(unit, failure)
        choice = choose_plan(self._ctx.book, failure.error, detail, recipe)
        recorded = failure
        downstream = downstream_of(choice.adapter, recipe.accounts)
        failure = replace(failure, plan=choice.plan, downstream=downstream, undecided_until=None, forced_by=None)
        failure = resumed(failure, unit.now)
        await self.breakers.weigh(unit, failure, is_news=is_news)
        failure = await self.incidents.attach(unit, failure, recipe)
        await count_reclassified(unit.tx, recorded, failure)
        if failure.poll_error:
            return await self.rest(unit, failure, FailureStatus.NEEDS_PERSON, Reason.POLL_ERROR, recipe)
        if failure.called:
            return await self.rest(unit, failure, *called, recipe, text=_said_of(called, failure))
        breaker = await barring(unit, failure)
        if breaker is not None and breaker.cause is BreakerCause.LOST:
            choice = replace(choice, refusal=choice.restored_refusal)
        hindrance = Reason.BREAKER_OPEN if breaker is not None else await self._backlog(unit, failure)
        standing = self._standing(failure, hindrance)
        decision = next_step(choice, standing, failure.recorded_at, self._draw(failure, choice))
        match decision:
            case Schedule(at) if self._comes_too_late(failure, max(at, unit.now)):
                text = "needs a person: Workato no longer keeps the job when its next attempt would be due"
                reason = Reason.NOT_REPEATABLE
                return await self.rest(unit, failure, FailureStatus.NEEDS_PERSON, reason, recipe, text=text)
            case Schedule(at):
                return await self._schedule(unit, failure, max(at, unit.now))
            case Exhaust(reason):
                return await self.rest(unit, failure, FailureStatus.EXHAUSTED, reason, recipe)
            case Refer(reason):
                return await self.rest(unit, failure, FailureStatus.NEEDS_PERSON, reason, recipe)
            case _ if breaker is not None:
                return await self.breakers.hold(unit, failure, breaker, recipe)
            case hold:
                return await self.rest(unit, failure, FailureStatus.HELD, hold.reason, recipe)

    async def _backlog(self, unit: Unit, failure: Failure) -> Reason | None:
        watch = backlog_from((await unit.tx.fetch("workspace_get", {"name": failure.workspace}))[0])
        held = watch is not None and watch.holds(failure, self._ctx.settings.collation.backlog)
        return Reason.BACKLOG if held else None

    async def _await_root(self, unit: Unit, failure: Failure) -> Failure:
        """A called failure waits until its root can have been recorded, whatever else is known of it."""
        until = failure.recorded_at + ROOT_WAIT_S
        waiting = move(replace(failure, undecided_until=until), FailureStatus.SCHEDULED, next_action_at=until)
        await unit.put(waiting)
        unit.wake(self._ctx.workspaces[failure.workspace].undecided)
        return waiting

    async def lead(self, unit: Unit, root: Failure) -> None:
        """What was called in a lineage's failed runs follows it."""
        for failure, outcome in await followers(unit, root):
            recipe = await recipe_facts(unit, failure.workspace, failure.recipe_id)
            await self.rest(unit, failure, *outcome, recipe, text=_said_of(outcome, failure))

    async def decide_or_wait(self, unit: Unit, failure: Failure, recipe: RecipeFacts) -> Failure:
        """Decide at once where the job detail of the (recipe, fingerprint) pair is known, else when it is read."""
        choice = choose_plan(self._ctx.book, failure.error, None, recipe)
        key = {
            "workspace": failure.workspace,
            "recipe_id": failure.recipe_id,
            "fingerprint": choice.plan.fingerprint,
        }
        rows = await unit.tx.fetch("detail_get", key)
        if rows and not await may_be_test(unit, failure):
            return await self.decide(unit, failure, recipe, detail_from(rows[0]))
        until = failure.recorded_at + DETAIL_WAIT_S
        recorded = failure
        downstream = downstream_of(choice.adapter, recipe.accounts)
        failure = replace(failure, plan=choice.plan, downstream=downstream, undecided_until=until)
        failure = await self.incidents.attach(unit, failure, recipe)
        await count_reclassified(unit.tx, recorded, failure)
        waiting = move(failure, FailureStatus.SCHEDULED, next_action_at=until)
        await unit.put(waiting)
        unit.wake(self._ctx.workspaces[failure.workspace].undecided)
        return waiting

    async def decide_again(self, unit: Unit, failure: Failure, recipe: RecipeFacts) -> Failure:
        """Decide anew on the same failed run, because its repeat did not happen."""
        detail = await self._detail(unit, failure)
        failure = replace(failure, recorded_at=unit.now, draw=draw_key(failure.recipe_id, unit.now))
        return await self.decide(unit, failure, recipe, detail, is_news=False)

    async def reconsider_lost(self, unit: Unit, workspace: str, downstream: str, since: float) -> None:
        """Hold what was left to people since then only because this connection was already lost."""
        key: Params = {"workspace": workspace, "downstream": downstream, "since": since, "limit": RECONSIDERED}
        for failure in await unit.failures("breaker_refused", **key):
            recipe = await recipe_facts(unit, workspace, failure.recipe_id)
            breaker = await barring(unit, failure)
            choice = choose_plan(self._ctx.book, failure.error, await self._detail(unit, failure), recipe)
            left_to_people = failure.called or await has_fallback(unit, failure)
            if breaker is not None and choice.restored_refusal is None and not left_to_people:
                await self.breakers.hold(unit, failure, breaker, recipe)

    async def _detail(self, unit: Unit, failure: Failure) -> JobDetail | None:
        """The stored detail of the failure's kind, without which nobody knows how far its run got."""
        key = {
            "workspace": failure.workspace,
            "recipe_id": failure.recipe_id,
            "fingerprint": failure.plan.fingerprint,
        }
        rows = await unit.tx.fetch("detail_get", key)
        return detail_from(rows[0]) if rows else None

    async def rest(
        self,
        unit: Unit,
        failure: Failure,
        to: FailureStatus,
        reason: Reason,
        recipe: RecipeFacts,
        *,
        actor: str = "engine",
        text: str | None = None,
    ) -> Failure:
        """The failure waits, is used up, or ended; its incident follows."""
        if reason is not Reason.BREAKER_OPEN:
            failure = resumed(failure, unit.now)
        if to.resting:
            failure = await self.incidents.ensure(unit, failure, recipe)
        rested = replace(move(failure, to, reason=reason), undecided_until=None, forced_by=None)
        if to is FailureStatus.RECOVERED:
            rested = replace(rested, succeeded_at=unit.now)
            # A healed repeat may lower the count of failed jobs, and so hide a job that failed since.
            key: Params = {"workspace": failure.workspace, "recipe_id": failure.recipe_id}
            await unit.tx.execute("recipe_mark", {**key, "marked_at": unit.now})
            unit.wake(self._ctx.workspaces[failure.workspace].marked)
        await unit.put(rested)
        kind, words = REST_EVENTS[to]
        await unit.failure_event(kind, rested, text or f"{words}: {reason.replace('_', ' ')}", actor=actor)
        if to.final:
            await self.incidents.eased(unit, rested, recipe)
        await self.breakers.note_rest(unit, rested)
        if not to.final:
            await self.incidents.rested(unit, rested, recipe)
            await plan_fallback(unit, self._ctx, rested)
        if to.final:
            await self.lead(unit, rested)
        unit.wake(self._ctx.workspaces[failure.workspace].concerned)
        return rested

    async def _schedule(self, unit: Unit, failure: Failure, at: float) -> Failure:
        planned = move(failure, FailureStatus.SCHEDULED, next_action_at=at)
        await unit.put(planned)
        number = planned.attempts + 1
        await unit.failure_event(
            EventKind.FAILURE_SCHEDULED,
            planned,
            f"attempt {number} of {planned.plan.max_attempts} in {human_duration(round(at - unit.now))}",
            data={"attempt": number},
        )
        unit.wake(self._ctx.workspaces[failure.workspace].due)
        return planned

    def _comes_too_late(self, failure: Failure, at: float) -> bool:
        """Whether Workato will have lost the job by then."""
        kept_s = self._ctx.workspaces[failure.workspace].settings.job_retention
        return comes_too_late(at, repeatable_until(failure.first_failed_at, kept_s))

    def _standing(self, failure: Failure, hindrance: Reason | None) -> Standing:
        return Standing(
            attempts=failure.attempts,
            forced=failure.forced,
            external=failure.external,
            rejections=failure.rejections,
            first_recorded_at=failure.first_failed_at + self._ctx.timekeeper.ahead_s(failure.recorded_at),
            hindrance=hindrance,
            stood_still_s=failure.stood_still_s,
        )

    def _draw(self, failure: Failure, choice: Choice) -> Draw:
        def draw(low: float, high: float) -> float:
            return self._ctx.randomness.uniform(low, high, failure.workspace, failure.draw, choice.plan.policy)

        return draw


REST_EVENTS = {
    FailureStatus.HELD: (EventKind.FAILURE_HELD, "held"),
    FailureStatus.EXHAUSTED: (EventKind.FAILURE_EXHAUSTED, "exhausted"),
    FailureStatus.NEEDS_PERSON: (EventKind.FAILURE_REFERRED, "needs a person"),
    FailureStatus.RECOVERED: (EventKind.FAILURE_RECOVERED, "recovered"),
    FailureStatus.CLOSED: (EventKind.FAILURE_CLOSED, "closed"),
}


def _said_of(outcome: Outcome, failure: Failure) -> str:
    """What the log says of a called failure."""
    status, reason = outcome
    words = REST_EVENTS[status][1]
    return f"{words}: {reason.replace('_', ' ')}, which is {failure.root_job_id}"


async def may_be_test(unit: Unit, failure: Failure) -> bool:
    """Whether only the job's own detail can tell that it is no test: lists may not say it (Workato docs: jobs)."""
    key: Params = {"workspace": failure.workspace, "master_job_id": failure.master_job_id}
    return failure.newest_job_id == failure.master_job_id and bool(await unit.tx.fetch("failure_may_be_test", key))


def draw_key(recipe_id: str, now: float) -> str:
    """Failures of one recipe recorded at one moment share their random draw."""
    return f"{recipe_id}@{now:.6f}"
