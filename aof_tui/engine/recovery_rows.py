"""Repeats that rest on single rows, where a recipe's repeated runs are too many to be read while a repeat may wait.

Where a lineage has one row, which shows its newest listed run, a row of failed jobs tells by itself that nothing newer
ran: however the list is ordered, and however far down the row stands. So the failed jobs are walked round by round, and
after each page goes what it shows. Nothing is concluded from what a page leaves out.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from aof_tui.domain.listing import ListFact, has_passed, may_show_newest, shows_newest
from aof_tui.domain.words import RunStatus
from aof_tui.engine.context import EVERYTHING, Context, LastRead, Workspace
from aof_tui.engine.lineages import Lineages
from aof_tui.engine.points import Point
from aof_tui.engine.recovery_conclude import SETTLE_MOST_S
from aof_tui.engine.recovery_order import RecoveryOrder
from aof_tui.engine.recovery_unread import note_readable, note_unread
from aof_tui.engine.runs import record_run
from aof_tui.engine.unit import Unit
from aof_tui.store.mapping import text
from aof_tui.store.port import Params
from aof_tui.workato.pacer import Priority
from aof_tui.workato.rows import JobsPage

MAX_PAGES = 200
MOST_ROWS = 1_000
"""More than any page has."""
NOT_SHOWN = "no page of its failed jobs shows what is due, so nothing proves that it may be repeated"


@dataclass
class Round:
    """One walk over a recipe's failed jobs."""

    began_at: float
    """UTC seconds."""
    oldest: float
    """When the oldest lineage began that may be repeated (UTC seconds)."""
    count: int | None = None
    """How many failed jobs there were when it began, where Workato says so."""
    offset: str | None = None
    pages: int = 0
    seen: set[str] = field(default_factory=set)
    reaches: float = float("inf")
    """Every row of a lineage that began since then (UTC seconds) was shown, should rows not move."""

    def take(self, page: JobsPage) -> bool:
        """Go on by a page; whether it was the last one."""
        self.count = page.scope_count if not self.pages else self.count
        self.pages += 1
        self.offset = page.next_offset
        fresh = {run.job_id for run in page.runs} - self.seen
        self.seen |= fresh
        # A run may be listed later than it ended, so that an older one stands above it.
        ends = [run.completed_at + SETTLE_MOST_S for run in page.runs if run.completed_at is not None]
        self.reaches = min(self.reaches, *ends, float("inf"))
        if self.count is not None and len(self.seen) >= self.count:
            self.reaches = EVERYTHING
        passed = any(has_passed(run, self.oldest - SETTLE_MOST_S) for run in page.runs)
        return passed or not fresh or self.pages >= MAX_PAGES


class RecoveryRows:
    """Walks failed jobs of one workspace for repeats that no complete read can guard."""

    def __init__(self, ctx: Context, workspace: Workspace, lineages: Lineages) -> None:
        self._ctx = ctx
        self._workspace = workspace
        self._lineages = lineages
        self._order = RecoveryOrder(ctx, workspace)
        self._rounds: dict[str, Round] = {}

    def is_under_way(self, recipe_id: str) -> bool:
        """Whether a round over the recipe has begun and not ended."""
        return recipe_id in self._rounds

    async def begin(self, recipe_id: str) -> bool:
        """Begin a round, unless lists are known to have more rows for a lineage than one."""
        if not may_show_newest(self._workspace.list_facts):
            return False
        await self._ctx.reach(Point.READ_KNOWN)
        need = await self._order.need(recipe_id, resting=False)
        self._rounds[recipe_id] = Round(self._ctx.clock.wall(), need.oldest)
        return True

    async def due_shown(self, recipe_id: str, age_s: float) -> frozenset[bool]:
        """Whether what is due, and on the last page if that is so young, is forced: either, both, or nothing."""
        read = self._workspace.last_read(recipe_id)
        if read.shown is None or self._ctx.clock.boot() - read.began > age_s:
            return frozenset()
        await self._ctx.reach(Point.READ_KNOWN)
        rows = await self._ctx.store.read("failures_due_of_recipe", self._due(recipe_id, read.shown))
        return frozenset(row["forced_by"] is not None for row in rows)

    async def read_on(self, recipe_id: str, priority: Priority) -> None:
        """Read the round's next page.

        What is new of lineages under care is recorded and followed first. Raises WorkatoError, which ends the round.
        """
        walk = self._rounds.pop(recipe_id)
        asked_at = self._ctx.clock.wall()
        await self._ctx.reach(Point.READ_PAGE)
        page = await self._workspace.client.jobs_page(
            recipe_id, status="failed", offset_job_id=walk.offset, priority=priority
        )
        await self._ctx.reach(Point.READ_RECORD)
        stale = await self._ctx.write(lambda unit: self._record(unit, recipe_id, page, asked_at))
        await self._ctx.reach(Point.READ_RECORD)
        await self._order.note(frozenset({ListFact.STALE_ROW}) if stale else frozenset())
        if not may_show_newest(self._workspace.list_facts):
            return
        if walk.take(page):
            await self._ctx.reach(Point.READ_KNOWN)
            await self._end(recipe_id, walk)
        else:
            self._rounds[recipe_id] = walk
        if shows_newest(self._workspace.list_facts):
            self._workspace.reads[recipe_id] = LastRead(page.asked_boot, float("inf"), _shown(page))

    def _due(self, recipe_id: str, shown: tuple[str, ...]) -> Params:
        return {
            "workspace": self._workspace.name,
            "recipe_id": recipe_id,
            "until": self._ctx.clock.wall(),
            "limit": MOST_ROWS,
            "shown": json.dumps(shown),
        }

    async def _record(self, unit: Unit, recipe_id: str, page: JobsPage, asked_at: float) -> bool:
        """Follow what the page tells of failures under care; whether one of its rows is older than it ought to be."""
        name = self._workspace.name
        named: Params = {"workspace": name, "job_ids": json.dumps([run.job_id for run in page.runs])}
        known = {(row["job_id"], row["status"]) for row in await unit.tx.fetch("runs_known", named)}
        await unit.reach(Point.READ_INSIDE)
        news = {run.master_job_id: run for run in page.runs if (run.job_id, run.status) not in known}
        for failure in await unit.failures("failures_unfinished_of_recipe", workspace=name, recipe_id=recipe_id):
            run = news.get(failure.master_job_id)
            if run is not None:
                await record_run(unit, name, run, walked=False)
                await self._lineages.follow(unit, failure, {run.job_id: run})
        stale = bool(await unit.tx.fetch("runs_stale", {**named, "before": asked_at}))
        if not stale and shows_newest(self._workspace.list_facts):
            shown = self._due(recipe_id, _shown(page))
            if await unit.failures("failures_due_of_recipe", **shown):
                await note_readable(unit, self._lineages.orchestrator.incidents, name, recipe_id)
        return stale

    async def _end(self, recipe_id: str, walk: Round) -> None:
        """Say when the round has left something due, and learn from what it did not show."""
        await self._ctx.reach(Point.READ_RECORD)
        await self._ctx.write(lambda unit: self._record_end(unit, recipe_id, walk))
        if ListFact.HEALED_LEAVE in self._workspace.list_facts:
            return
        since, before = max(0.0, walk.reaches), walk.began_at
        params: Params = {"workspace": self._workspace.name, "recipe_id": recipe_id, "since": since, "before": before}
        await self._ctx.reach(Point.READ_KNOWN)
        rows = await self._ctx.store.read("originals_healed", params)
        gone = [text(row, "job_id") for row in rows if row["job_id"] not in walk.seen]
        if gone:
            # One that was deleted since proves nothing.
            await self._ctx.reach(Point.READ_PAGE)
            run, _ = await self._workspace.client.job(recipe_id, gone[0], Priority.GUARD)
            is_left = run.status is RunStatus.FAILED
            await self._ctx.reach(Point.READ_RECORD)
            await self._order.note(frozenset({ListFact.HEALED_LEAVE}) if is_left else frozenset())

    async def _record_end(self, unit: Unit, recipe_id: str, walk: Round) -> None:
        await unit.reach(Point.READ_INSIDE)
        overdue = {**self._due(recipe_id, ()), "until": walk.began_at, "limit": 1, "shown": None}
        if await unit.failures("failures_due_of_recipe", **overdue):
            incidents = self._lineages.orchestrator.incidents
            await note_unread(unit, incidents, self._workspace.name, recipe_id, NOT_SHOWN)


def _shown(page: JobsPage) -> tuple[str, ...]:
    return tuple(run.job_id for run in page.runs if run.status is RunStatus.FAILED)
