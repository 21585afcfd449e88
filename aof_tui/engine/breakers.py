"""Circuit breakers: what failures and successes say of their downstream, and what follows for its failures."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace
from typing import Protocol

from aof_tui.base.durations import human_duration
from aof_tui.control.requests import Topic
from aof_tui.domain.breaker import Breaker
from aof_tui.domain.event_kinds import EventKind
from aof_tui.domain.model import Failure
from aof_tui.domain.words import BreakerCause, BreakerState, Category, FailureStatus, IncidentKind, Reason
from aof_tui.engine.context import Context
from aof_tui.engine.downstream import barring, breaker_of, name_of, probed_by, successes_of
from aof_tui.engine.facts import recipe_facts
from aof_tui.engine.incidents import Incidents
from aof_tui.engine.titles import unavailable
from aof_tui.engine.unit import Unit
from aof_tui.policy import breaker as policy
from aof_tui.policy.match import RecipeFacts
from aof_tui.store.breaker_mapping import breaker_params


class Rest(Protocol):
    """`Orchestrator.rest`."""

    def __call__(
        self,
        unit: Unit,
        failure: Failure,
        to: FailureStatus,
        reason: Reason,
        recipe: RecipeFacts,
        *,
        text: str | None = None,
    ) -> Awaitable[Failure]: ...


class Breakers:
    """Every change of a breaker, each inside the transaction of what caused it."""

    def __init__(self, ctx: Context, incidents: Incidents, rest: Rest) -> None:
        self._ctx = ctx
        self.incidents = incidents
        self._rest = rest
        wanted = ctx.settings.breaker
        self.enabled = wanted.enabled
        self.terms = policy.BreakerTerms(wanted.failures, wanted.window, wanted.pause, wanted.max_pause)

    # -- evidence ------------------------------------------------------------------------------------------------------

    async def weigh(self, unit: Unit, failure: Failure, *, is_news: bool) -> None:
        """A failed run was understood: it ends a probe, or counts against its downstream; `is_news`: only once."""
        counts = failure.plan.category in policy.COUNTED
        probed = await probed_by(unit, failure)
        if probed is not None and is_news:
            await self._probe_failed(unit, probed, failure, counts)
        elif counts and is_news and self.enabled and failure.downstream is not None:
            await self._count(unit, failure, failure.downstream)
        if failure.plan.category is Category.AUTH_CONNECTION:
            unit.wake(self._ctx.workspaces[failure.workspace].connections)

    async def _probe_failed(self, unit: Unit, breaker: Breaker, failure: Failure, counts: bool) -> None:
        if counts and failure.downstream == breaker.downstream:
            again = policy.failed_again(breaker, self.terms, unit.now)
            await self._say_open(unit, again, f"the probe {failure.master_job_id} failed", failure=failure)
        elif failure.downstream == breaker.downstream:
            await self.close(unit, breaker, "engine", "it answered the probe, although not as the job needs")
        else:
            await self._withdraw(unit, breaker, failure, "the probe failed elsewhere")

    async def _count(self, unit: Unit, failure: Failure, downstream: str) -> None:
        at = failure.last_failed_at
        if at < unit.now - self.terms.window_s:
            return
        breaker = await breaker_of(unit, failure.workspace, downstream)
        fresh = policy.observed(breaker, self.terms, unit.now, at, 1, 0)
        before, after = {slot.at for slot in breaker.tally}, {slot.at for slot in fresh.tally}
        # While it bars, the loop over breakers counts them: once for a whole storm of failures.
        if not fresh.barring and (before != after or policy.is_down(fresh, self.terms, unit.now)):
            fresh = await self.recount(unit, fresh, is_begin=before.isdisjoint(after))
        if fresh.barring or not policy.is_down(fresh, self.terms, unit.now):
            await self.put(unit, fresh)
            return
        why = f"jobs keep failing there, the last one with {failure.plan.category.replace('_', ' ')}"
        await self.open(unit, fresh, BreakerCause.FAILURES, "engine", why, failure=failure)

    async def recount(self, unit: Unit, breaker: Breaker, *, is_begin: bool = False) -> Breaker:
        """The breaker with the successes that the recipe list has counted since the last look."""
        total = await successes_of(unit, breaker.workspace, breaker.downstream)
        known = total if is_begin or breaker.succeeded_total is None else breaker.succeeded_total
        if total > known:
            breaker = policy.observed(breaker, self.terms, unit.now, unit.now, 0, total - known)
        return replace(breaker, succeeded_total=total)

    async def note_rest(self, unit: Unit, failure: Failure) -> None:
        """A failure rests or ended: its success ends a probe well, anything else ends it without an answer."""
        probed = await probed_by(unit, failure)
        recovered = failure.status is FailureStatus.RECOVERED
        if probed is not None and recovered:
            await self.close(unit, probed, "engine", f"the probe {failure.master_job_id} succeeded")
        elif probed is not None:
            why = f"the probe ended without an answer: {(failure.reason or '').replace('_', ' ')}"
            await self._withdraw(unit, probed, failure, why)
        elif recovered and failure.downstream is not None:
            breaker = await breaker_of(unit, failure.workspace, failure.downstream)
            if breaker.tally:
                await self.put(unit, policy.observed(breaker, self.terms, unit.now, unit.now, 0, 1))

    async def _withdraw(self, unit: Unit, breaker: Breaker, failure: Failure | None, why: str) -> None:
        await self._say_open(unit, policy.withdrawn(breaker, self.terms, unit.now), why, failure=failure)

    async def withdraw_lost_probe(self, unit: Unit, breaker: Breaker) -> None:
        """Nobody will bring the end of this probe any more."""
        await self._withdraw(unit, breaker, None, "the probe is no longer under way")

    # -- holding -------------------------------------------------------------------------------------------------------

    async def holds(self, unit: Unit, failure: Failure) -> bool:
        """Whether a breaker bars this due failure; then it is held."""
        breaker = await barring(unit, failure)
        if breaker is not None:
            await self.hold(unit, failure, breaker, await recipe_facts(unit, failure.workspace, failure.recipe_id))
        return breaker is not None

    async def hold(self, unit: Unit, failure: Failure, breaker: Breaker, recipe: RecipeFacts) -> Failure:
        """Attempts and time limit stand still until the breaker lets it go."""
        held = replace(failure, held_by=breaker.downstream, held_since=unit.now)
        held = await self.incidents.attach(unit, held, recipe)
        text = f"held: {await unavailable(unit, failure.workspace, breaker.downstream)}"
        return await self._rest(unit, held, FailureStatus.HELD, Reason.BREAKER_OPEN, recipe, text=text)

    async def leave_observed(self, unit: Unit, failure: Failure) -> Failure:
        """Held while the engine only observed, it waits for the word about all that was."""
        recipe = await recipe_facts(unit, failure.workspace, failure.recipe_id)
        text = "held: it was only observed, behind a breaker"
        return await self._rest(unit, failure, FailureStatus.HELD, Reason.OBSERVE, recipe, text=text)

    async def hold_downstream(
        self, unit: Unit, workspace: str, downstream: str, why: str, parent: IncidentKind, by: str = "engine"
    ) -> None:
        """Workato reports that a downstream is gone: hold its failures, without probes, until it is back.

        They belong to the incident of kind `parent` whose scope is the downstream; the caller raises that one.
        """
        breaker = await breaker_of(unit, workspace, downstream)
        if self.enabled and breaker.cause not in (BreakerCause.LOST, BreakerCause.PERSON):
            await self.open(unit, breaker, BreakerCause.LOST, by, why, parent=parent)

    async def refer_refused(self, unit: Unit, workspace: str, downstream: str, why: str) -> None:
        """What was held only because its lost connection would come back is left to people again."""
        key = {"workspace": workspace, "downstream": downstream}
        for failure in await unit.failures("breaker_held_refused", **key):
            recipe = await recipe_facts(unit, workspace, failure.recipe_id)
            said = f"needs a person: {why}"
            await self._rest(unit, failure, FailureStatus.NEEDS_PERSON, Reason.POLICY_NEVER, recipe, text=said)

    async def release_downstream(
        self,
        unit: Unit,
        workspace: str,
        downstream: str,
        why: str = "it is reported to work again, so one repeat tries it",
    ) -> None:
        """What was gone is back: one probe goes first, then what was held."""
        breaker = await breaker_of(unit, workspace, downstream)
        if breaker.cause is not BreakerCause.LOST:
            return
        back = policy.restored(breaker, unit.now)
        await self._say_open(unit, back, why)

    # -- turns ---------------------------------------------------------------------------------------------------------

    async def open(
        self,
        unit: Unit,
        breaker: Breaker,
        cause: BreakerCause,
        by: str,
        why: str,
        *,
        failure: Failure | None = None,
        parent: IncidentKind = IncidentKind.JOBS,
    ) -> None:
        """Hold all that goes to the downstream; people are told once, by its incident."""
        changed = policy.opened(breaker, self.terms, unit.now, cause, by, parent)
        # A loss is told of by the incident that reports it.
        if parent is IncidentKind.JOBS and cause is not BreakerCause.LOST:
            await self.incidents.open_parent(unit, changed, why, failure)
        await self._say_open(unit, changed, why, actor=by, failure=failure)

    async def probe(self, unit: Unit, breaker: Breaker, failure: Failure) -> None:
        """This failure's repeat is the one that tries the downstream."""
        changed = policy.half_opened(breaker, failure.master_job_id, unit.now)
        await self.put(unit, changed)
        text = f"{await self._name(unit, changed)}: half open, {failure.master_job_id} tries it"
        await self._event(unit, EventKind.BREAKER_PROBED, changed, text, failure=failure)

    async def close(self, unit: Unit, breaker: Breaker, by: str, why: str) -> None:
        """Repeats go on; what was held is released little by little."""
        changed = policy.closed(breaker)
        await self.put(unit, changed)
        await self.incidents.calm_parent(unit, breaker)
        text = f"{await self._name(unit, changed)}: closed, {why}"
        await self._event(unit, EventKind.BREAKER_CLOSED, changed, text, actor=by)

    async def release_done(self, unit: Unit, breaker: Breaker) -> None:
        """Nothing that the breaker held is left."""
        await self.put(unit, replace(breaker, releasing=False))

    async def put(self, unit: Unit, breaker: Breaker) -> None:
        await unit.tx.execute("breaker_put", breaker_params(breaker, unit.now))
        unit.topics.add(Topic.STATUS)

    async def _say_open(
        self, unit: Unit, breaker: Breaker, why: str, *, actor: str = "engine", failure: Failure | None = None
    ) -> None:
        await self.put(unit, breaker)
        due = breaker.next_probe_at
        until = "" if due is None else f", next probe in {human_duration(round(due - unit.now))}"
        text = f"{await self._name(unit, breaker)}: open, {why}{until}"
        await self._event(unit, EventKind.BREAKER_OPENED, breaker, text, actor=actor, failure=failure)

    async def _event(
        self,
        unit: Unit,
        kind: EventKind,
        breaker: Breaker,
        text: str,
        *,
        actor: str = "engine",
        failure: Failure | None = None,
    ) -> None:
        data: dict[str, object] = {"downstream": breaker.downstream, "state": breaker.state}
        if breaker.state is not BreakerState.CLOSED:
            data |= {"cause": breaker.cause, "next_probe_at": breaker.next_probe_at, "pause_s": breaker.pause_s}
        if failure is not None:
            data["master_job_id"] = failure.master_job_id
        await unit.event(kind, text, workspace=breaker.workspace, actor=actor, data=data)
        unit.wake(self._ctx.workspaces[breaker.workspace].breakers)

    async def _name(self, unit: Unit, breaker: Breaker) -> str:
        return await name_of(unit, breaker.workspace, breaker.downstream)
