"""One repeat request from its intent to its outcome: written down before it is sent, and never sent on a doubt."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from http import HTTPStatus

from aof_tui.domain.event_kinds import EventKind
from aof_tui.domain.lifecycle import move
from aof_tui.domain.model import ENGINE, Failure
from aof_tui.domain.words import FailureStatus, Reason
from aof_tui.engine.access import Access
from aof_tui.engine.context import Context, Workspace
from aof_tui.engine.facts import recipe_facts
from aof_tui.engine.holding import say_what_would_be_sent
from aof_tui.engine.orchestrator import Orchestrator
from aof_tui.engine.points import Point
from aof_tui.engine.ration import WORDS, open_ration, pay, tell_of_cap
from aof_tui.engine.recovery_conclude import conclude, settle_after
from aof_tui.engine.recovery_objection import began, kind_of, objection
from aof_tui.engine.recovery_read import GUARD_AGE_S
from aof_tui.engine.recovery_verdict import dispatch_state, verdict_on
from aof_tui.engine.unit import Unit
from aof_tui.store.mapping import attempt_from, optional_integer, text
from aof_tui.store.port import Row
from aof_tui.workato.answers import JobAnswer, JobOutcome, RepeatAnswer, RequestOutcome
from aof_tui.workato.client import REPEAT_DEADLINE_S
from aof_tui.workato.errors import NotSent
from aof_tui.workato.pacer import Priority, RepeatTurn


@dataclass(frozen=True, slots=True)
class Batch:
    """The jobs of one request: one recipe, one mode, all forced or none."""

    dispatch_id: str
    recipe_id: str
    job_ids: tuple[str, ...]
    forced: bool
    read_began: float
    """Boot time at which the read began that its jobs were chosen on."""


class RecoveryDispatch:
    """Sends repeats of one workspace (CALL-004)."""

    def __init__(self, ctx: Context, workspace: Workspace, orchestrator: Orchestrator, access: Access) -> None:
        self._ctx = ctx
        self._workspace = workspace
        self._orchestrator = orchestrator
        self._access = access
        self.in_flight: set[str] = set()
        """Dispatches of this process that have no outcome yet."""

    async def send_due(self, recipe_id: str, forced: bool) -> bool:
        """Repeat up to one request's worth of a recipe's due failures; False when none was left to repeat.

        Runs to its end once begun, whoever gives up waiting for it: between the two commits and the outcome nothing
        may be cut off.
        """
        priority = Priority.PERSON if forced else Priority.COLLATE
        await self._ctx.reach(Point.TURN)
        async with AsyncExitStack() as held:
            await self._ctx.reach(Point.TURN)
            turn = await self._turn(held, priority)
            if turn is None:
                return False
            await self._ctx.reach(Point.PREPARE)
            batch = await self._ctx.write(lambda unit: self._prepare(unit, recipe_id, forced))
            if batch is None:
                turn.give_back()
                return False
            self.in_flight.add(batch.dispatch_id)
            try:
                await self._ctx.reach(Point.PREPARED)
                answer = await self._send(batch)
                if answer.outcome is RequestOutcome.NOT_SENT:
                    turn.give_back()
                await self._ctx.reach(Point.ANSWERED)
                await self._ctx.write(lambda unit: self._outcome(unit, batch, answer))
            finally:
                self.in_flight.discard(batch.dispatch_id)
        if answer.http_status == HTTPStatus.CONFLICT:
            # Somebody else acts on these jobs: what was read before that is of no use.
            self._workspace.reads.pop(recipe_id, None)
        await self._ctx.reach(Point.OUTCOME)
        await self._access.note(self._workspace, answer.error)
        return True

    async def _turn(self, held: AsyncExitStack, priority: Priority) -> RepeatTurn | None:
        """The turn to send, held by `held`; None where the engine stops first: Workato may ask for minutes."""
        entering = asyncio.ensure_future(held.enter_async_context(self._workspace.client.pacers.repeats.turn(priority)))
        stopping = asyncio.ensure_future(self._ctx.stopping.wait())
        await self._ctx.reach(Point.TURN)
        await asyncio.wait([entering, stopping], return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        entering.cancel()
        await self._ctx.reach(Point.TURN)
        await asyncio.wait([entering])
        return None if entering.cancelled() else entering.result()

    async def _send(self, batch: Batch) -> RepeatAnswer:
        await self._ctx.reach(Point.PREPARED)
        await self._ctx.write(lambda unit: self._mark_sending(unit, batch))
        await self._ctx.reach(Point.SENDING)
        refusal = self._guard(batch)
        if refusal is not None:
            jobs = tuple(JobAnswer(job_id, JobOutcome.NOT_SENT, refusal) for job_id in batch.job_ids)
            return RepeatAnswer(RequestOutcome.NOT_SENT, jobs, why=refusal)
        await self._ctx.reach(Point.SEND)
        return await self._workspace.client.repeat(batch.recipe_id, batch.job_ids, batch.dispatch_id)

    def _guard(self, batch: Batch) -> str | None:
        """Why the request must not leave now. In memory and without a pause, so that nothing changes behind it."""
        refusal = self._ctx.refusal(self._workspace)
        if refusal is not None:
            return refusal
        age = self._ctx.clock.boot() - batch.read_began
        return None if age <= GUARD_AGE_S else "the read it rests on is too old"

    async def _prepare(self, unit: Unit, recipe_id: str, forced: bool) -> Batch | None:
        if self._ctx.refusal(self._workspace) is not None:
            return None
        # What another read shows from here on is not what the jobs are chosen on.
        read = self._workspace.last_read(recipe_id)
        due = await self._repeatable(unit, recipe_id, forced, read.reaches)
        if not due:
            return None
        dispatch_id = self._ctx.randomness.new_id()
        first = due[0][0]
        await unit.tx.execute(
            "dispatch_insert",
            {
                "dispatch_id": dispatch_id,
                "workspace": self._workspace.name,
                "recipe_id": recipe_id,
                "epoch": self._ctx.epoch,
                "when_in_doubt": first.plan.when_in_doubt,
                "forced": int(forced),
                "prepared_at": unit.now,
                "boot_id": self._ctx.clock.boot_id,
            },
        )
        await unit.reach(Point.PREPARE_INSIDE)
        for failure, runs in due:
            await self._intend(unit, failure, runs, dispatch_id)
        return Batch(dispatch_id, recipe_id, tuple(failure.newest_job_id for failure, _ in due), forced, read.began)

    async def _repeatable(
        self, unit: Unit, recipe_id: str, forced: bool, reaches: float
    ) -> list[tuple[Failure, list[Row]]]:
        """Due failures that still may be repeated, all of the first one's kind, each with its lineage's runs.

        What was checked for a person's wish (a stopped recipe does not hinder it) holds for no other.
        """
        limit = self._workspace.client.pacers.jobs_per_repeat
        rows = await unit.failures(
            "failures_due_of_recipe", workspace=self._workspace.name, recipe_id=recipe_id, until=unit.now, limit=limit
        )
        rows = [failure for failure in rows if (failure.forced_by is not None) is forced]
        kind = [kind_of(failure) for failure in rows[:1]]
        shown = await unit.tx.fetch("recipe_get", {"workspace": self._workspace.name, "recipe_id": recipe_id})
        version_no = optional_integer(shown[0], "version_no") if shown else None
        ration = await open_ration(unit, self._workspace, recipe_id)
        chosen: list[tuple[Failure, list[Row]]] = []
        for failure in (failure for failure in rows if [kind_of(failure)] == kind):
            if not forced and await self._orchestrator.breakers.holds(unit, failure):
                continue
            lineage = {"workspace": failure.workspace, "master_job_id": failure.master_job_id}
            runs = await unit.tx.fetch("runs_of_lineage", lineage)
            if reaches > began(failure, runs):
                # The read did not come back to this lineage: it became due after it.
                continue
            refusal = objection(failure, runs, version_no) or ration.objection(failure, unit.now)
            if refusal is None and not forced and self._ctx.book.observes(failure.plan.policy):
                refusal = FailureStatus.HELD, Reason.OBSERVE
            if refusal is None:
                chosen.append((failure, runs))
            else:
                await self._refuse(unit, failure, *refusal)
        return chosen

    async def _refuse(self, unit: Unit, failure: Failure, to: FailureStatus, reason: Reason) -> None:
        recipe = await recipe_facts(unit, failure.workspace, failure.recipe_id)
        rested = await self._orchestrator.rest(unit, failure, to, reason, recipe, text=WORDS.get(reason))
        if reason is Reason.TASK_CAP:
            await tell_of_cap(unit, self._orchestrator.incidents, self._workspace)
        if reason is Reason.OBSERVE:
            await say_what_would_be_sent(unit, rested)

    async def _intend(self, unit: Unit, failure: Failure, runs: list[Row], dispatch_id: str) -> None:
        forced = failure.forced_by is not None
        number = failure.forced + 1 if forced else failure.attempts + 1
        actor = failure.forced_by or str(ENGINE)
        paid = await pay(unit, self._workspace, failure)
        await unit.tx.insert(
            "attempt_insert",
            {
                "workspace": failure.workspace,
                "master_job_id": failure.master_job_id,
                "number": number,
                "forced": int(forced),
                "actor": actor,
                "dispatch_id": dispatch_id,
                "sent_job_id": failure.newest_job_id,
                "baseline": json.dumps([text(row, "job_id") for row in runs]),
                "decided_at": unit.now,
                "tasks": paid.tasks,
            },
        )
        counted = (
            replace(failure, forced=failure.forced + 1) if forced else replace(failure, attempts=failure.attempts + 1)
        )
        repeating = move(counted, FailureStatus.REPEATING, next_action_at=unit.now + REPEAT_DEADLINE_S)
        await unit.put(repeating)
        named = f"forced repeat {number}" if forced else f"attempt {number} of {failure.plan.max_attempts}"
        await unit.failure_event(
            EventKind.REPEAT_PREPARED,
            repeating,
            f"{named}: repeating {failure.newest_job_id}{', beyond the cap on tasks' * paid.passes_cap}",
            actor=actor,
            dispatch_id=dispatch_id,
            data={"attempt": number, "forced": forced, "tasks": paid.tasks},
        )

    async def _mark_sending(self, unit: Unit, batch: Batch) -> None:
        changed = await unit.tx.execute(
            "dispatch_sending",
            {
                "dispatch_id": batch.dispatch_id,
                "sending_at": unit.now,
                "sending_boot": self._ctx.clock.boot(),
                "settle_until": unit.now + REPEAT_DEADLINE_S + settle_after(self._workspace.lag_s),
            },
        )
        if changed != 1:
            raise RuntimeError(f"dispatch {batch.dispatch_id} is not the one that was prepared")
        await unit.reach(Point.SENDING_INSIDE)
        await unit.tx.execute("attempts_sending", {"dispatch_id": batch.dispatch_id})
        await unit.event(
            EventKind.REPEAT_SENT,
            f"sending {len(batch.job_ids)} job{'s' * (len(batch.job_ids) > 1)} to Workato",
            workspace=self._workspace.name,
            recipe_id=batch.recipe_id,
            dispatch_id=batch.dispatch_id,
            data={"jobs": list(batch.job_ids)},
        )

    async def _outcome(self, unit: Unit, batch: Batch, answer: RepeatAnswer) -> None:
        rows = await unit.tx.fetch("dispatch_get", {"dispatch_id": batch.dispatch_id})
        settle_until = max(unit.now, float(rows[0]["sending_at"] or 0) + REPEAT_DEADLINE_S)
        settle_until += settle_after(self._workspace.lag_s)
        await unit.tx.execute(
            "dispatch_outcome",
            {
                "dispatch_id": batch.dispatch_id,
                "state": dispatch_state(answer),
                "answered_at": unit.now,
                "http_status": answer.http_status,
                "outcome": answer.why or answer.outcome,
                "settle_until": settle_until,
            },
        )
        await unit.reach(Point.OUTCOME_INSIDE)
        attempts = [
            attempt_from(row) for row in await unit.tx.fetch("attempts_of_dispatch", {"dispatch_id": batch.dispatch_id})
        ]
        self._workspace.unsent = self._workspace.unsent + 1 if isinstance(answer.error, NotSent) else 0
        again_at = unit.now + self._pause(answer)
        for attempt, job in zip(attempts, answer.jobs, strict=True):
            verdict = verdict_on(job, answer, settle_until, again_at)
            await conclude(unit, self._ctx, self._orchestrator, attempt, verdict)

    def _pause(self, answer: RepeatAnswer) -> float:
        """Seconds until jobs that were not taken are tried again; a guard that stopped them costs none."""
        if isinstance(answer.error, NotSent):
            return min(600.0, 15.0 * 2.0 ** min(self._workspace.unsent, 6))
        return 0.0 if answer.error is None else 60.0
