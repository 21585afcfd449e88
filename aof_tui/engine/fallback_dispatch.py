"""One start of a fallback recipe, from intent to outcome: written down before it is sent, never sent on a doubt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from aof_tui.base.clock import rfc3339
from aof_tui.config.fallback import FallbackSettings
from aof_tui.domain.event_kinds import EventKind
from aof_tui.domain.fallback import Fallback, FallbackState
from aof_tui.domain.model import ENGINE, Failure
from aof_tui.engine.access import Access
from aof_tui.engine.context import Context, Workspace
from aof_tui.engine.facts import recipe_facts
from aof_tui.engine.fallback_conclude import conclude_start
from aof_tui.engine.fallback_plan import (
    cancel_fallback,
    known_fallback,
    objection,
    observe_fallback,
    only_observed,
    put_fallback,
)
from aof_tui.engine.incidents import Incidents
from aof_tui.engine.points import FallbackPoint
from aof_tui.engine.unit import Unit
from aof_tui.policy.match import RecipeFacts
from aof_tui.workato.answers import RequestOutcome
from aof_tui.workato.pacer import Priority
from aof_tui.workato.starts import START_DEADLINE_S, StartAnswer


@dataclass(frozen=True, slots=True)
class Intent:
    """A start as it was committed before it is sent."""

    dispatch_id: str
    master_job_id: str
    way: FallbackSettings
    body: Mapping[str, object]


class FallbackDispatch:
    """Starts the fallback recipes of one workspace."""

    def __init__(self, ctx: Context, workspace: Workspace, incidents: Incidents, access: Access) -> None:
        self._ctx = ctx
        self._workspace = workspace
        self._incidents = incidents
        self._access = access
        self.in_flight: set[str] = set()
        """Dispatches of this process that have no outcome yet."""

    async def start(self, fallback: Fallback) -> None:
        """Start what is planned. Runs to its end once begun: between the two commits and the outcome nothing is cut."""
        priority = Priority.COLLATE if fallback.forced_by is None else Priority.PERSON
        await self._ctx.reach(FallbackPoint.TURN)
        async with self._workspace.client.pacers.starts.turn(priority) as turn:
            await self._ctx.reach(FallbackPoint.PREPARE)
            intent = await self._ctx.write(lambda unit: self._prepare_start(unit, fallback.master_job_id))
            if intent is None:
                turn.give_back()
                return
            self.in_flight.add(intent.dispatch_id)
            try:
                await self._ctx.reach(FallbackPoint.PREPARED)
                answer = await self._send(intent)
                if answer.outcome is RequestOutcome.NOT_SENT:
                    turn.give_back()
                await self._ctx.reach(FallbackPoint.ANSWERED)
                await self._ctx.write(lambda unit: self._conclude_start(unit, intent, answer))
            finally:
                self.in_flight.discard(intent.dispatch_id)
        await self._ctx.reach(FallbackPoint.OUTCOME)
        await self._access.note(self._workspace, answer.error)

    async def _send(self, intent: Intent) -> StartAnswer:
        await self._ctx.reach(FallbackPoint.PREPARED)
        await self._ctx.write(lambda unit: self._mark_sending_start(unit, intent))
        await self._ctx.reach(FallbackPoint.SENDING)
        refusal = self._ctx.refusal(self._workspace)
        if refusal is not None:
            return StartAnswer(RequestOutcome.NOT_SENT, why=refusal)
        starts, way = self._workspace.starts, intent.way
        if way.webhook is not None:
            await self._ctx.reach(FallbackPoint.SEND)
            return await starts.webhook(
                partial(self._workspace.read_secret, way.webhook), intent.body, intent.dispatch_id
            )
        if way.endpoint is not None:
            token = partial(self._workspace.read_secret, way.endpoint.token)
            await self._ctx.reach(FallbackPoint.SEND)
            return await starts.endpoint(way.endpoint.url, token, intent.body, intent.dispatch_id)
        await self._ctx.reach(FallbackPoint.SEND)
        return await starts.force_run(way.recipe, intent.dispatch_id)

    async def observe(self, unit: Unit, master_job_id: str) -> None:
        """In place of a start: say what would have been started."""
        await unit.reach(FallbackPoint.OBSERVE_INSIDE)
        found = await self._planned(unit, master_job_id)
        if found is not None:
            await observe_fallback(unit, *found)

    async def _planned(self, unit: Unit, master_job_id: str) -> tuple[Fallback, Failure] | None:
        """The plan and its failure as they are now; what speaks against it ends it."""
        fallback = await known_fallback(unit, self._workspace.name, master_job_id)
        failure = await unit.failure(self._workspace.name, master_job_id)
        if fallback is None or failure is None or fallback.state is not FallbackState.PLANNED:
            return None
        why_not = await objection(unit, self._ctx, fallback, failure)
        if why_not is None:
            return fallback, failure
        await cancel_fallback(unit, fallback, failure, why_not)
        return None

    async def _prepare_start(self, unit: Unit, master_job_id: str) -> Intent | None:
        if self._ctx.refusal(self._workspace) is not None:
            return None
        found = await self._planned(unit, master_job_id)
        if found is None:
            return None
        fallback, failure = found
        if only_observed(self._ctx, failure):
            await observe_fallback(unit, fallback, failure)
            return None
        way = next(way for way in self._ctx.settings.fallbacks if way.name == fallback.name)
        dispatch_id = self._ctx.randomness.new_id()
        await unit.tx.execute(
            "fallback_dispatch_insert",
            {
                "dispatch_id": dispatch_id,
                "workspace": fallback.workspace,
                "recipe_id": way.recipe,
                "master_job_id": master_job_id,
                "epoch": self._ctx.epoch,
                "forced": int(fallback.forced_by is not None),
                "prepared_at": unit.now,
                "boot_id": self._ctx.clock.boot_id,
            },
        )
        await unit.reach(FallbackPoint.PREPARE_INSIDE)
        starting = replace(
            fallback, state=FallbackState.STARTING, recipe_id=way.recipe, next_at=None, dispatch_id=dispatch_id
        )
        await put_fallback(unit, starting)
        said = f"starting fallback {way.name}: recipe {way.recipe} by {way.means.replace('_', ' ')}"
        actor = fallback.forced_by or str(ENGINE)
        await unit.failure_event(
            EventKind.FALLBACK_PREPARED,
            failure,
            said,
            actor=actor,
            dispatch_id=dispatch_id,
            data={"fallback": way.name},
        )
        recipe = await recipe_facts(unit, failure.workspace, failure.recipe_id)
        return Intent(dispatch_id, master_job_id, way, facts_for(failure, recipe, dispatch_id))

    async def _mark_sending_start(self, unit: Unit, intent: Intent) -> None:
        changed = await unit.tx.execute(
            "dispatch_sending",
            {
                "dispatch_id": intent.dispatch_id,
                "sending_at": unit.now,
                "sending_boot": self._ctx.clock.boot(),
                "settle_until": unit.now + START_DEADLINE_S,
            },
        )
        fallback = await known_fallback(unit, self._workspace.name, intent.master_job_id)
        failure = await unit.failure(self._workspace.name, intent.master_job_id)
        if changed != 1 or fallback is None or failure is None:
            raise RuntimeError(f"the start {intent.dispatch_id} is not the one that was prepared")
        await unit.reach(FallbackPoint.SENDING_INSIDE)
        await put_fallback(unit, replace(fallback, sent_at=unit.now))
        said = f"sending the start of fallback {intent.way.name}"
        await unit.failure_event(EventKind.FALLBACK_SENT, failure, said, dispatch_id=intent.dispatch_id)

    async def _conclude_start(self, unit: Unit, intent: Intent, answer: StartAnswer) -> None:
        await unit.reach(FallbackPoint.OUTCOME_INSIDE)
        name = self._workspace.name
        await conclude_start(unit, self._incidents, name, intent.master_job_id, intent.dispatch_id, answer)
        unit.wake(self._workspace.fallback)
        unit.wake(self._workspace.fallback_followed)


def facts_for(failure: Failure, recipe: RecipeFacts, dispatch_id: str) -> dict[str, object]:
    """What a fallback recipe is told of the failed job; equal ids of dispatches mean one and the same start."""
    return {
        "dispatch_id": dispatch_id,
        "workspace": failure.workspace,
        "recipe_id": failure.recipe_id,
        "recipe": recipe.name,
        "job_id": failure.master_job_id,
        "newest_job_id": failure.newest_job_id,
        "status": failure.status,
        "reason": failure.reason,
        "category": failure.plan.category,
        "fingerprint": failure.plan.fingerprint,
        "error": failure.error.text,
        "http_code": failure.error.http_code,
        "policy": failure.plan.policy,
        "attempts": failure.attempts,
        "max_attempts": failure.plan.max_attempts,
        "forced": failure.forced,
        "external": failure.external,
        "first_failed_at": rfc3339(failure.first_failed_at),
        "last_failed_at": rfc3339(failure.last_failed_at),
        "incident": None if failure.incident_id is None else f"I{failure.incident_id}",
    }
