"""Reads what a lineage has become and brings its failure in line with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from aof_tui.domain.event_kinds import EventKind
from aof_tui.domain.lifecycle import move
from aof_tui.domain.lineage import Lineage, Meaning, Source, read_lineage
from aof_tui.domain.model import Attempt, Failure, Run
from aof_tui.domain.words import AttemptState, FailureStatus, Reason
from aof_tui.engine.context import Context
from aof_tui.engine.facts import recipe_facts
from aof_tui.engine.orchestrator import Orchestrator, draw_key
from aof_tui.engine.retry_budget import count_end
from aof_tui.engine.rivals import Rivals
from aof_tui.engine.unit import Unit
from aof_tui.policy.match import RecipeFacts
from aof_tui.store.mapping import attempt_from, moment, optional_moment, run_from, text
from aof_tui.store.port import Params

WATCH_FIRST_S = 15.0
WATCH_MOST_S = 120.0
STUCK_AFTER_S = 24 * 3600.0
"""A run that has been under way for so long is a person's matter; its end is still followed."""
LAG_HALF_LIFE_S = 24 * 3600.0
"""How fast it is forgotten that a run once took long to show."""
APPEAR_WITHIN_S = 15 * 60.0
"""An accepted repeat that was not seen by then is held: a person has to look."""

AWAITING = frozenset({FailureStatus.WATCHING, FailureStatus.IN_DOUBT})
"""A failure in one of these waits for a run: when there is none to wait for, it is decided anew."""

ENDLESS = frozenset({Reason.RUN_STUCK, Reason.JOB_GONE})
"""Reasons to leave a run that is under way to a person: seeing it again is no news."""

SUCCESS_REASON = {
    Source.ENGINE: Reason.REPEAT_SUCCEEDED,
    Source.PERSON: Reason.FORCED_REPEAT_SUCCEEDED,
    Source.EXTERNAL: Reason.EXTERNAL_SUCCESS,
    Source.ORIGINAL: Reason.EXTERNAL_SUCCESS,
}


class Lineages:
    """Follows failures through the recorded runs of their lineages, inside the transaction that recorded them."""

    def __init__(self, ctx: Context, orchestrator: Orchestrator, rivals: Rivals) -> None:
        self._ctx = ctx
        self.orchestrator = orchestrator
        self._rivals = rivals

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
        new = {text(row, "job_id") for row in known if row["seen_at"] == unit.now}
        await self._rivals.note(unit, failure, lineage, attempts, new)
        followed = replace(failure, external=lineage.external)
        changed = await self._apply(unit, followed, lineage, attempts, fresh)
        await count_end(unit, failure, changed, lineage)
        if changed is followed and followed != failure:
            await unit.put(followed)
        if not changed.status.final:
            await self.orchestrator.lead(unit, changed)
        return changed

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
        known = (decisive.job_id, decisive.status) == (failure.newest_job_id, failure.newest_status)
        if known and failure.status not in AWAITING:
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
        return await self.orchestrator.rest(unit, failure, FailureStatus.RECOVERED, reason, recipe, text=text)

    async def _running(self, unit: Unit, failure: Failure, run: Run, attempts: list[Attempt]) -> Failure:
        """A run of the lineage is under way: nothing is repeated until it has ended."""
        if failure.status.final or failure.status is FailureStatus.REPEATING:
            return failure
        same = run.job_id == failure.newest_job_id
        if same and failure.reason in ENDLESS:
            return failure
        if failure.status is FailureStatus.WATCHING and same:
            if await self._is_stuck(unit, failure):
                recipe = await recipe_facts(unit, failure.workspace, failure.recipe_id)
                refer = FailureStatus.NEEDS_PERSON
                return await self.orchestrator.rest(unit, failure, refer, Reason.RUN_STUCK, recipe)
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

    async def _is_stuck(self, unit: Unit, failure: Failure) -> bool:
        """Whether the run that is waited for was first seen under way a day ago."""
        run = {"workspace": failure.workspace, "job_ids": json.dumps([failure.newest_job_id])}
        rows = await unit.tx.fetch("runs_known", run)
        return unit.now - moment(rows[0], "seen_at") > STUCK_AFTER_S

    async def _awaited(self, unit: Unit, failure: Failure, attempts: list[Attempt]) -> Failure:
        """The end of a repeat is awaited: look again later, or hand over one that never appeared."""
        if failure.status is not FailureStatus.WATCHING:
            return failure
        latest = max((attempt.decided_at for attempt in attempts), default=failure.last_failed_at)
        unseen = any(attempt.state is AttemptState.ACCEPTED and attempt.new_job_id is None for attempt in attempts)
        if unseen and unit.now - latest > APPEAR_WITHIN_S:
            recipe = await recipe_facts(unit, failure.workspace, failure.recipe_id)
            return await self.orchestrator.rest(unit, failure, FailureStatus.HELD, Reason.NEVER_APPEARED, recipe)
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
            version_no=recipe.version_no,
            last_failed_at=max(failure.last_failed_at, failed_at),
            recorded_at=unit.now,
            draw=draw_key(failure.recipe_id, unit.now),
            error=newest.error or failure.error,
            rejections=0,
        )
        if meaning is Meaning.CANCELLED:
            return await self.orchestrator.rest(unit, failure, FailureStatus.NEEDS_PERSON, Reason.RUN_CANCELLED, recipe)
        await unit.failure_event(
            EventKind.RUN_FAILED, failure, f"repeat {newest.job_id} failed", data={"run": newest.job_id}
        )
        if meaning is Meaning.FAILED_AFTER_SUCCESS or failure.status.final:
            return await self.orchestrator.rest(
                unit, failure, FailureStatus.NEEDS_PERSON, Reason.FAILED_AFTER_SUCCESS, recipe
            )
        return await self.orchestrator.decide_or_wait(unit, failure, recipe)

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
        """The longest lag seen counts, and fades with the days as others are seen: one bad hour is not for ever."""
        known = self._ctx.workspaces[workspace]
        row = (await unit.tx.fetch("workspace_get", {"name": workspace}))[0]
        age = max(0.0, unit.now - (optional_moment(row, "lag_at") or unit.now))
        longest = max(lag_s, moment(row, "max_lag_s") * 0.5 ** (age / LAG_HALF_LIFE_S))
        await unit.tx.execute("workspace_lag", {"name": workspace, "lag_s": longest, "lag_at": unit.now})
        known.lag_s = longest

    def _next_look(self, now: float, since: float | None) -> float:
        """Look soon after a repeat began, and ever more rarely at one that takes its time."""
        age = now - since if since is not None else 0.0
        return now + min(WATCH_MOST_S, max(WATCH_FIRST_S, age / 4))
