"""Decides for each failed run what becomes of its failure (CALL-000), and reads what its lineage has become."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from aof_tui.domain.lifecycle import move
from aof_tui.domain.lineage import Lineage, Meaning, Source, read_lineage
from aof_tui.domain.model import Attempt, Failure, JobDetail, Run
from aof_tui.domain.words import AttemptState, EventKind, FailureStatus, Reason
from aof_tui.engine.context import Context
from aof_tui.engine.facts import recipe_facts
from aof_tui.engine.incidents import Incidents
from aof_tui.engine.unit import Unit
from aof_tui.policy.decide import Choice, Exhaust, Refer, Schedule, Standing, choose_plan, next_step
from aof_tui.policy.match import RecipeFacts
from aof_tui.policy.retry import Draw
from aof_tui.store.mapping import attempt_from, detail_from, optional_moment, run_from, text
from aof_tui.store.port import Params

DETAIL_WAIT_S = 60.0
"""How long a failure of a new (recipe, fingerprint) pair waits for its job detail before it is decided without."""
WATCH_FIRST_S = 15.0
WATCH_MOST_S = 120.0
APPEAR_WITHIN_S = 15 * 60.0
"""An accepted repeat that was not seen by then is held: a person has to look."""

SUCCESS_REASON = {
    Source.ENGINE: Reason.REPEAT_SUCCEEDED,
    Source.PERSON: Reason.FORCED_REPEAT_SUCCEEDED,
    Source.EXTERNAL: Reason.EXTERNAL_SUCCESS,
    Source.ORIGINAL: Reason.EXTERNAL_SUCCESS,
}


class Orchestrator:
    """All decisions of the engine about failures, each inside the transaction of what caused it."""

    def __init__(self, ctx: Context, incidents: Incidents) -> None:
        self._ctx = ctx
        self.incidents = incidents

    async def decide(self, unit: Unit, failure: Failure, recipe: RecipeFacts, detail: JobDetail | None) -> Failure:
        """Decide on the newest failed run; the failure is written with its new status, event and incident."""
        choice = choose_plan(self._ctx.book, failure.error, detail, recipe)
        failure = replace(failure, plan=choice.plan, undecided_until=None, forced_by=None)
        failure = await self.incidents.attach(unit, failure, recipe)
        refusal = _own_refusal(failure)
        if refusal is not None:
            return await self.rest(unit, failure, FailureStatus.NEEDS_PERSON, refusal, recipe)
        decision = next_step(choice, self._standing(failure), failure.recorded_at, self._draw(failure, choice))
        match decision:
            case Schedule(at):
                return await self._schedule(unit, failure, max(at, unit.now))
            case Exhaust(reason):
                return await self.rest(unit, failure, FailureStatus.EXHAUSTED, reason, recipe)
            case Refer(reason):
                return await self.rest(unit, failure, FailureStatus.NEEDS_PERSON, reason, recipe)
            case hold:
                return await self.rest(unit, failure, FailureStatus.HELD, hold.reason, recipe)

    async def decide_or_wait(self, unit: Unit, failure: Failure, recipe: RecipeFacts) -> Failure:
        """Decide at once where the job detail of the (recipe, fingerprint) pair is known, else when it is read."""
        choice = choose_plan(self._ctx.book, failure.error, None, recipe)
        key = {
            "workspace": failure.workspace,
            "recipe_id": failure.recipe_id,
            "fingerprint": choice.plan.fingerprint,
        }
        rows = await unit.tx.fetch("detail_get", key)
        if rows:
            return await self.decide(unit, failure, recipe, detail_from(rows[0]))
        until = failure.recorded_at + DETAIL_WAIT_S
        failure = replace(failure, plan=choice.plan, undecided_until=until)
        failure = await self.incidents.attach(unit, failure, recipe)
        waiting = move(failure, FailureStatus.SCHEDULED, next_action_at=until)
        await unit.put(waiting)
        unit.wake(self._ctx.workspaces[failure.workspace].undecided)
        return waiting

    async def decide_again(self, unit: Unit, failure: Failure, recipe: RecipeFacts) -> Failure:
        """Decide anew on the same failed run, because its repeat did not happen."""
        key = {
            "workspace": failure.workspace,
            "recipe_id": failure.recipe_id,
            "fingerprint": failure.plan.fingerprint,
        }
        rows = await unit.tx.fetch("detail_get", key)
        failure = replace(failure, recorded_at=unit.now, draw=draw_key(failure.recipe_id, unit.now))
        return await self.decide(unit, failure, recipe, detail_from(rows[0]) if rows else None)

    async def follow(self, unit: Unit, failure: Failure, fresh: Mapping[str, Run]) -> Failure:
        """Bring a failure in line with the recorded runs of its lineage; `fresh` holds runs with their full errors."""
        key = {"workspace": failure.workspace, "master_job_id": failure.master_job_id}
        known = await unit.tx.fetch("runs_of_lineage", key)
        runs = [run_from(row) for row in known]
        rows = await unit.tx.fetch("attempts_of_lineage", key)
        attempts = [attempt_from(row) for row in rows]
        if not runs:
            return failure
        lineage = read_lineage(runs, attempts)
        answered = {
            attempt.attempt_id: optional_moment(row, "answered_at") for attempt, row in zip(attempts, rows, strict=True)
        }
        await self._attribute(unit, failure, lineage, attempts, answered)
        for row in known:
            if row["source"] != lineage.sources[text(row, "job_id")]:
                source = {"job_id": row["job_id"], "source": lineage.sources[text(row, "job_id")]}
                await unit.tx.execute("run_source", {"workspace": failure.workspace, **source})
        followed = replace(failure, external=lineage.external)
        changed = await self._apply(unit, followed, lineage, attempts, fresh)
        if changed is followed and followed != failure:
            await unit.put(followed)
        return changed

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
        rested = replace(move(failure, to, reason=reason), undecided_until=None, forced_by=None)
        if to is FailureStatus.RECOVERED:
            rested = replace(rested, succeeded_at=unit.now)
        await unit.put(rested)
        kind, words = REST_EVENTS[to]
        await unit.failure_event(kind, rested, text or f"{words}: {reason.replace('_', ' ')}", actor=actor)
        if to.final:
            await self.incidents.eased(unit, rested, recipe)
        else:
            await self.incidents.rested(unit, rested, recipe)
        unit.wake(self._ctx.workspaces[failure.workspace].concerned)
        return rested

    async def _apply(
        self,
        unit: Unit,
        failure: Failure,
        lineage: Lineage,
        attempts: list[Attempt],
        fresh: Mapping[str, Run],
    ) -> Failure:
        decisive = lineage.decisive
        match lineage.meaning:
            case Meaning.RECOVERED:
                return await self._recovered(unit, failure, lineage)
            case Meaning.RUNNING:
                return await self._running(unit, failure, decisive, attempts)
            case Meaning.AWAITED:
                return await self._awaited(unit, failure, attempts)
            case Meaning.DOUBTED:
                return failure
        if (decisive.job_id, decisive.status) == (failure.newest_job_id, failure.newest_status):
            return failure
        newest = fresh.get(decisive.job_id, decisive)
        recipe = await recipe_facts(unit, failure.workspace, failure.recipe_id)
        return await self._ended_badly(unit, failure, lineage.meaning, newest, recipe)

    async def _recovered(self, unit: Unit, failure: Failure, lineage: Lineage) -> Failure:
        if failure.status is FailureStatus.RECOVERED:
            return failure
        success = lineage.decisive
        reason = SUCCESS_REASON[lineage.sources[success.job_id]]
        recipe = await recipe_facts(unit, failure.workspace, failure.recipe_id)
        failure = replace(failure, newest_job_id=success.job_id, newest_status=success.status)
        text = f"recovered by {success.job_id}: {reason.replace('_', ' ')}"
        return await self.rest(unit, failure, FailureStatus.RECOVERED, reason, recipe, text=text)

    async def _running(self, unit: Unit, failure: Failure, run: Run, attempts: list[Attempt]) -> Failure:
        """A run of the lineage is under way: nothing is repeated until it has ended."""
        if failure.status.final or failure.status is FailureStatus.REPEATING:
            return failure
        if failure.status is FailureStatus.WATCHING and run.job_id == failure.newest_job_id:
            return await self._awaited(unit, failure, attempts)
        watched = replace(
            failure, newest_job_id=run.job_id, newest_status=run.status, forced_by=None, undecided_until=None
        )
        watched = move(watched, FailureStatus.WATCHING, next_action_at=self._next_look(unit.now, run.started_at))
        await unit.put(watched)
        await unit.failure_event(
            EventKind.RUN_SEEN, watched, f"repeat {run.job_id} is running", data={"run": run.job_id}
        )
        unit.wake(self._ctx.workspaces[failure.workspace].awaited)
        return watched

    async def _awaited(self, unit: Unit, failure: Failure, attempts: list[Attempt]) -> Failure:
        """The end of a repeat is awaited: look again later, or hand over one that never appeared."""
        if failure.status is not FailureStatus.WATCHING:
            return failure
        latest = max((attempt.decided_at for attempt in attempts), default=failure.last_failed_at)
        unseen = any(attempt.state is AttemptState.ACCEPTED and attempt.new_job_id is None for attempt in attempts)
        if unseen and unit.now - latest > APPEAR_WITHIN_S:
            recipe = await recipe_facts(unit, failure.workspace, failure.recipe_id)
            return await self.rest(unit, failure, FailureStatus.HELD, Reason.NEVER_APPEARED, recipe)
        at = failure.next_action_at
        if at is not None and at > unit.now:
            return failure
        watched = replace(failure, next_action_at=self._next_look(unit.now, latest))
        await unit.put(watched)
        return watched

    async def _ended_badly(
        self, unit: Unit, failure: Failure, meaning: Meaning, newest: Run, recipe: RecipeFacts
    ) -> Failure:
        """The newest run of the lineage failed or was cancelled, and that is news."""
        failed_at = newest.completed_at or newest.started_at or unit.now
        failure = replace(
            failure,
            newest_job_id=newest.job_id,
            newest_status=newest.status,
            last_failed_at=max(failure.last_failed_at, failed_at),
            recorded_at=unit.now,
            draw=draw_key(failure.recipe_id, unit.now),
            error=newest.error or failure.error,
            rejections=0,
        )
        if meaning is Meaning.CANCELLED:
            return await self.rest(unit, failure, FailureStatus.NEEDS_PERSON, Reason.RUN_CANCELLED, recipe)
        await unit.failure_event(
            EventKind.RUN_FAILED, failure, f"repeat {newest.job_id} failed", data={"run": newest.job_id}
        )
        if meaning is Meaning.FAILED_AFTER_SUCCESS or failure.status.final:
            return await self.rest(unit, failure, FailureStatus.NEEDS_PERSON, Reason.FAILED_AFTER_SUCCESS, recipe)
        return await self.decide_or_wait(unit, failure, recipe)

    async def _attribute(
        self,
        unit: Unit,
        failure: Failure,
        lineage: Lineage,
        attempts: list[Attempt],
        answered: Mapping[int, float | None],
    ) -> None:
        for attempt in attempts:
            claimed = lineage.claims.get(attempt.attempt_id)
            if claimed is None or attempt.new_job_id is not None:
                continue
            doubted = attempt.state in (AttemptState.UNKNOWN, AttemptState.SENDING)
            state = AttemptState.CONFIRMED if doubted else attempt.state
            seen: Params = {
                "attempt_id": attempt.attempt_id,
                "new_job_id": claimed,
                "seen_at": unit.now,
                "state": state,
            }
            await unit.tx.execute("attempt_seen", seen)
            accepted_at = answered[attempt.attempt_id]
            if accepted_at is not None and not doubted:
                await self._note_lag(unit, failure.workspace, unit.now - accepted_at)
            kind = EventKind.REPEAT_CONFIRMED if doubted else EventKind.RUN_SEEN
            text = f"attempt {attempt.number} is run {claimed}" + (": Workato did accept it" if doubted else "")
            await unit.failure_event(
                kind, failure, text, dispatch_id=attempt.dispatch_id, data={"run": claimed, "attempt": attempt.number}
            )

    async def _note_lag(self, unit: Unit, workspace: str, lag_s: float) -> None:
        await unit.tx.execute("workspace_lag", {"name": workspace, "lag_s": lag_s})
        known = self._ctx.workspaces[workspace]
        known.lag_s = max(known.lag_s, lag_s)

    async def _schedule(self, unit: Unit, failure: Failure, at: float) -> Failure:
        planned = move(failure, FailureStatus.SCHEDULED, next_action_at=at)
        await unit.put(planned)
        number = planned.attempts + 1
        await unit.failure_event(
            EventKind.FAILURE_SCHEDULED,
            planned,
            f"attempt {number} of {planned.plan.max_attempts} in {at - unit.now:.0f} s",
            data={"attempt": number},
        )
        unit.wake(self._ctx.workspaces[failure.workspace].due)
        return planned

    def _standing(self, failure: Failure) -> Standing:
        return Standing(
            attempts=failure.attempts,
            forced=failure.forced,
            external=failure.external,
            rejections=failure.rejections,
            first_recorded_at=failure.first_failed_at,
        )

    def _draw(self, failure: Failure, choice: Choice) -> Draw:
        def draw(low: float, high: float) -> float:
            return self._ctx.randomness.uniform(low, high, failure.workspace, failure.draw, choice.plan.policy)

        return draw

    def _next_look(self, now: float, since: float | None) -> float:
        """Look soon after a repeat began, and ever more rarely at one that takes its time."""
        age = now - since if since is not None else 0.0
        return now + min(WATCH_MOST_S, max(WATCH_FIRST_S, age / 4))


REST_EVENTS = {
    FailureStatus.HELD: (EventKind.FAILURE_HELD, "held"),
    FailureStatus.EXHAUSTED: (EventKind.FAILURE_EXHAUSTED, "exhausted"),
    FailureStatus.NEEDS_PERSON: (EventKind.FAILURE_REFERRED, "needs a person"),
    FailureStatus.RECOVERED: (EventKind.FAILURE_RECOVERED, "recovered"),
    FailureStatus.CLOSED: (EventKind.FAILURE_CLOSED, "closed"),
}


def _own_refusal(failure: Failure) -> Reason | None:
    if failure.poll_error:
        return Reason.POLL_ERROR
    return Reason.CALLED_BY_OTHER if failure.called else None


def draw_key(recipe_id: str, now: float) -> str:
    """Failures of one recipe recorded at one moment share their random draw."""
    return f"{recipe_id}@{now:.6f}"
