"""Reads one recipe's failed jobs, each exactly once (CALL-006)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from aof_tui.base.text import one_line
from aof_tui.base.wording import counted
from aof_tui.domain.event_kinds import EventKind
from aof_tui.domain.lifecycle import move
from aof_tui.domain.model import ErrorParts, Failure, Run
from aof_tui.domain.words import FailureStatus, Reason, RunStatus
from aof_tui.engine.access import Access
from aof_tui.engine.backlog import Backlog
from aof_tui.engine.backoff import Backoff
from aof_tui.engine.context import Context, Workspace
from aof_tui.engine.facts import account_from, facts_from
from aof_tui.engine.lineages import Lineages
from aof_tui.engine.orchestrator import Orchestrator, draw_key
from aof_tui.engine.runs import record_run
from aof_tui.engine.unit import Unit
from aof_tui.policy.account import settle_account
from aof_tui.policy.decide import choose_plan
from aof_tui.policy.match import RecipeFacts
from aof_tui.store.mapping import integer, optional_moment, optional_text, text
from aof_tui.store.port import Params, Row
from aof_tui.workato.errors import WorkatoError
from aof_tui.workato.rows import JobsPage

MAX_PAGES = 100
IDLE_S = 30.0


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a walk stands: the newest job it began with, and whether it has met the former walk's newest."""

    newest: Run | None
    past_watermark: bool
    seen: int
    fresh: int = 0
    """Failed runs that were not known before this walk."""


class Collation:
    """The loop over the moved recipes of one workspace, the oldest mark first."""

    def __init__(
        self, ctx: Context, workspace: Workspace, orchestrator: Orchestrator, lineages: Lineages, access: Access
    ) -> None:
        self._ctx = ctx
        self._workspace = workspace
        self._orchestrator = orchestrator
        self._lineages = lineages
        self._access = access
        self._backlog = Backlog(ctx, workspace, orchestrator)
        self._unread = Backoff(ctx.clock)

    async def run(self) -> None:
        """Read marked recipes until the engine stops."""
        while not self._ctx.stopping.is_set():
            if not await self.once():
                self._workspace.undecided.raise_()
                await self._workspace.marked.wait(IDLE_S)

    async def once(self) -> bool:
        """Read the recipe whose mark is the oldest; False when none waits."""
        rows = await self._ctx.store.read(
            "recipes_marked",
            {"workspace": self._workspace.name, "now": self._ctx.clock.wall(), "limit": 1},
        )
        if not rows:
            return False
        try:
            await self._walk(rows[0])
        except WorkatoError as error:
            await self._failed(rows[0], error)
        else:
            self._unread.succeeded(text(rows[0], "recipe_id"))
        return True

    async def _walk(self, recipe: Row) -> None:
        """Walk from the newest failed job back until past the watermark by a whole page, the lookback, or the end.

        The watermark moves and the mark is cleared only in the transaction that completes the walk.
        """
        recipe_id = text(recipe, "recipe_id")
        progress = Progress(None, False, 0)
        offset: str | None = None
        for _ in range(MAX_PAGES):
            page = await self._workspace.client.jobs_page(recipe_id, status="failed", offset_job_id=offset)
            newest = progress.newest or (page.runs[0] if page.runs else None)
            seen = progress.seen + len(page.runs)
            ended = self._is_end(page, seen, progress.past_watermark)
            met = progress.past_watermark or any(self._is_watermark(run, recipe) for run in page.runs)
            progress = Progress(newest, met, seen, progress.fresh)
            record = partial(self._record, recipe=recipe, runs=page.runs, progress=progress, ended=ended)
            progress = await self._ctx.write(record)
            if ended:
                return
            offset = page.next_offset
        # The mark stays: the next walk begins anew, and an incident tells when it stays too long.
        await self._postpone(recipe, f"more than {MAX_PAGES} pages of failed jobs")

    def _is_watermark(self, run: Run, recipe: Row) -> bool:
        """Whether the row is the newest job of the last completed walk, or older than it."""
        at = optional_moment(recipe, "watermark_at")
        ended = run.completed_at or run.started_at
        older = at is not None and ended is not None and ended < at
        return older or run.job_id == optional_text(recipe, "watermark_job_id")

    def _is_end(self, page: JobsPage, seen: int, past_watermark: bool) -> bool:
        """Whether nothing unread can follow; `past_watermark`: an earlier page had met it, so this one is beyond."""
        if not page.runs or past_watermark:
            return True
        # Believed of the first page alone: the count is today's and shrinks while failures heal during the walk.
        if page.scope_count is not None and seen == len(page.runs) >= page.scope_count:
            return True
        oldest = self._ctx.cared_for_since(self._ctx.clock.wall())
        return any(run.completed_at is not None and run.completed_at < oldest for run in page.runs)

    async def _record(self, unit: Unit, recipe: Row, runs: Sequence[Run], progress: Progress, ended: bool) -> Progress:
        facts = facts_from(recipe)
        named: Params = {"workspace": self._workspace.name, "job_ids": json.dumps([run.job_id for run in runs])}
        known = {row["job_id"] for row in await unit.tx.fetch("runs_known", named) if row["status"] == RunStatus.FAILED}
        fresh = progress.fresh + sum(run.status is RunStatus.FAILED and run.job_id not in known for run in runs)
        progress = replace(progress, fresh=fresh)
        recorded = sum([await self.record_failed(unit, run, facts) for run in runs])
        if not ended:
            return progress
        newest = progress.newest
        account = settle_account(account_from(recipe), integer(recipe, "failed_count"), progress.fresh)
        await unit.tx.execute(
            "recipe_walk_completed",
            {
                "workspace": self._workspace.name,
                "recipe_id": facts.recipe_id,
                "watermark_job_id": newest.job_id if newest else None,
                "watermark_at": (newest.completed_at or newest.started_at) if newest else None,
                "read_at": unit.now,
                "mark_count": integer(recipe, "mark_count"),
                "again_at": None if account.wait_s is None else unit.now + account.wait_s,
                "walked_count": account.count,
                "unaccounted": account.missing,
                "rereads": account.rereads,
            },
        )
        await unit.event(
            EventKind.COLLATION_COMPLETED,
            f"{counted(progress.seen, 'failed job')} of {facts.name or facts.recipe_id} read",
            workspace=self._workspace.name,
            recipe_id=facts.recipe_id,
            data={"read": progress.seen, "new_on_last_page": recorded},
        )
        return progress

    async def record_failed(self, unit: Unit, run: Run, facts: RecipeFacts) -> bool:
        """Take one listed run into care; True if its lineage is new to us."""
        if run.status is not RunStatus.FAILED:
            return False
        name = self._workspace.name
        await record_run(unit, name, run, walked=False)
        failure = await unit.failure(name, run.master_job_id)
        if failure is not None:
            await self._lineages.follow(unit, failure, {run.job_id: run})
            return False
        await self._take_in(unit, run, facts)
        return True

    async def _take_in(self, unit: Unit, run: Run, facts: RecipeFacts) -> None:
        failed_at = run.completed_at or run.started_at or unit.now
        error = run.error or ErrorParts("")
        failure = Failure(
            workspace=self._workspace.name,
            master_job_id=run.master_job_id,
            recipe_id=run.recipe_id,
            status=FailureStatus.SCHEDULED,
            reason=None,
            title=run.title,
            error=error,
            plan=choose_plan(self._ctx.book, error, None, facts).plan,
            attempts=0,
            forced=0,
            external=int(run.is_repeat),
            rejections=0,
            first_failed_at=failed_at,
            last_failed_at=failed_at,
            recorded_at=unit.now,
            next_action_at=unit.now,
            newest_job_id=run.job_id,
            newest_status=run.status,
            incident_id=None,
            draw=draw_key(run.recipe_id, unit.now),
            called=run.calling_job_id is not None,
            root_job_id=(run.root_job_id or run.calling_job_id) if run.calling_job_id is not None else None,
            version_no=facts.version_no,
            poll_error=run.is_poll_error,
        )
        oldest = self._ctx.cared_for_since(unit.now)
        if failed_at < oldest:
            await self._close_as_history(unit, failure)
            return
        await unit.failure_event(
            EventKind.FAILURE_RECORDED,
            failure,
            f"failed: {one_line(error.message or error.text)[:200]}",
            data={"run": run.job_id},
        )
        if run.erased or run.is_test:
            failure = await self._orchestrator.incidents.attach(unit, failure, facts)
            why = "a test job: left alone" if run.is_test else "its data was erased: nothing is left to repeat"
            refer = FailureStatus.NEEDS_PERSON
            await self._orchestrator.rest(unit, failure, refer, Reason.NOT_REPEATABLE, facts, text=why)
            return
        await self._backlog.count(unit, failure)
        # Repeats of it may be known already: read before the job itself was listed.
        followed = await self._lineages.follow(unit, failure, {run.job_id: run})
        if (followed.status, followed.newest_job_id) == (failure.status, failure.newest_job_id):
            await self._orchestrator.decide_or_wait(unit, followed, facts)

    async def _close_as_history(self, unit: Unit, failure: Failure) -> None:
        closed = move(failure, FailureStatus.CLOSED, reason=Reason.HISTORY)
        await unit.put(closed)
        await unit.failure_event(EventKind.FAILURE_CLOSED, closed, "failed before the lookback: kept as history")

    async def _failed(self, recipe: Row, error: WorkatoError) -> None:
        """The mark stays; where the recipe is gone, the sweep finds out."""
        await self._access.note(self._workspace, error)
        await self._postpone(recipe, str(error))

    async def _postpone(self, recipe: Row, why: str) -> None:
        recipe_id = text(recipe, "recipe_id")
        pause = self._unread.failed(recipe_id)
        first = integer(recipe, "read_errors") == 0
        await self._ctx.write(lambda unit: self._record_postponed(unit, recipe_id, pause, why, first))

    async def _record_postponed(self, unit: Unit, recipe_id: str, pause: float, why: str, first: bool) -> None:
        change: Params = {"workspace": self._workspace.name, "recipe_id": recipe_id, "retry_read_at": unit.now + pause}
        await unit.tx.execute("recipe_walk_failed", change)
        if first:
            await unit.event(
                EventKind.COLLATION_FAILED,
                f"the failed jobs of recipe {recipe_id} could not be read: {why}",
                workspace=self._workspace.name,
                recipe_id=recipe_id,
            )
