"""Reads a recipe's repeated runs: the guard before a repeat, and the evidence of what became of one."""

from __future__ import annotations

import json
from dataclasses import dataclass

from aof_tui.base.errors import AofError
from aof_tui.domain.model import Run
from aof_tui.domain.words import FailureStatus, Reason
from aof_tui.engine.context import Context, LastRead, Workspace
from aof_tui.engine.facts import recipe_facts
from aof_tui.engine.lineages import Lineages
from aof_tui.engine.points import Point
from aof_tui.engine.recovery_order import RecoveryOrder
from aof_tui.engine.recovery_unread import note_readable, note_unread
from aof_tui.engine.runs import record_run
from aof_tui.engine.unit import Unit
from aof_tui.store.mapping import optional_moment, text
from aof_tui.store.port import Params, Row
from aof_tui.workato.errors import NotFound, WorkatoError
from aof_tui.workato.pacer import Priority

MAX_PAGES = 60
GUARD_AGE_S = 10.0
"""How old the read may be on which a repeat rests."""
LONGEST_GUARD_S = GUARD_AGE_S - 1.0
"""How long a read that a repeat shall rest on may take: two commits come after it."""
TOO_LONG = "it takes longer than a repeat may wait for, so nothing of it is repeated"
MISSING_APART_S = 60.0
"""How long Workato must not have known a run before it counts as gone."""
LOOKED_AT = frozenset({FailureStatus.WATCHING, FailureStatus.IN_DOUBT})


class ReadIncompleteError(AofError):
    """The list did not end within the page limit: what was read proves nothing."""


class ReadTooLongError(AofError):
    """The list is recorded, but its reading took so long that nothing may be repeated on it."""


@dataclass(frozen=True, slots=True)
class Walk:
    """A completed walk; `began` is the boot time at which its first request was sent.

    It has shown every repeat of the lineages that began at `reaches` (UTC seconds) or later.
    """

    began: float
    runs: tuple[Run, ...]
    reaches: float


class RecoveryRead:
    """Walks `rerun_only` lists of one workspace and brings failures in line with them."""

    def __init__(self, ctx: Context, workspace: Workspace, lineages: Lineages) -> None:
        self._ctx = ctx
        self._workspace = workspace
        self._lineages = lineages
        self._order = RecoveryOrder(ctx, workspace)

    def age(self, recipe_id: str) -> float:
        """Seconds since the last complete read of the recipe began."""
        return self._ctx.clock.boot() - self._workspace.last_read(recipe_id).began

    async def is_fresh(self, recipe_id: str, age_s: float) -> bool:
        """Whether a read so young is at hand that went back to every lineage that may be repeated now."""
        if self.age(recipe_id) > age_s:
            return False
        await self._ctx.reach(Point.READ_KNOWN)
        need = await self._order.need(recipe_id, resting=False)
        return self._workspace.last_read(recipe_id).reaches <= need.oldest

    async def guard(self, recipe_id: str, priority: Priority) -> None:
        """Read what a repeat shall rest on. Raises WorkatoError, ReadIncompleteError and ReadTooLongError."""
        await self._ctx.reach(Point.READ_TURN)
        began = await self.read(recipe_id, priority, guards=True)
        if self._ctx.clock.boot() - began > LONGEST_GUARD_S:
            raise ReadTooLongError(TOO_LONG)

    async def read(self, recipe_id: str, priority: Priority, *, resting: bool = False, guards: bool = False) -> float:
        """Read the list and follow the recipe's failures in one transaction; returns when the read began (boot time).

        `resting`: walk back to the oldest failure that waits for a person, too. Raises WorkatoError and
        ReadIncompleteError; of the list nothing is recorded then, because a part of it must not look like all of it.
        """
        try:
            await self._ctx.reach(Point.READ_TURN)
            walk = await self._walk(recipe_id, priority, resting)
        except (WorkatoError, ReadIncompleteError) as error:
            why = str(error)
            await self._ctx.reach(Point.READ_RECORD)
            await self._ctx.write(lambda unit: self._record_unread(unit, recipe_id, why))
            raise
        await self._ctx.reach(Point.READ_RECORD)
        await self._ctx.write(lambda unit: self._record(unit, recipe_id, walk, guards))
        self._workspace.reads[recipe_id] = LastRead(walk.began, walk.reaches)
        await self._ctx.reach(Point.READ_RECORDED)
        return walk.began

    async def _record_unread(self, unit: Unit, recipe_id: str, why: str) -> None:
        await unit.reach(Point.READ_INSIDE)
        await note_unread(unit, self._lineages.orchestrator.incidents, self._workspace.name, recipe_id, why)

    async def read_overtaken(self, recipe_id: str) -> None:
        """Read one by one the runs that were under way when a newer run of their lineage took their row.

        Only a list that keeps repeats in place hides them, and it never shows their end. One that Workato does not
        know any more is given up after two reads a minute apart, while another job can be read. Raises WorkatoError.
        """
        params: Params = {"workspace": self._workspace.name, "recipe_id": recipe_id}
        await self._ctx.reach(Point.READ_KNOWN)
        rows = await self._ctx.store.read("runs_overtaken", params)
        for row in rows:
            await self._ctx.reach(Point.READ_TURN)
            await self._read_run(recipe_id, row)

    async def _read_run(self, recipe_id: str, row: Row) -> None:
        try:
            await self._ctx.reach(Point.READ_PAGE)
            run, _ = await self._workspace.client.job(recipe_id, text(row, "job_id"), Priority.WATCH)
        except NotFound:
            since = optional_moment(row, "missing_since")
            gone = since is not None and self._ctx.clock.wall() - since >= MISSING_APART_S
            if gone:
                # A job that is surely there, so that it is not the whole workspace that is missing.
                await self._ctx.reach(Point.READ_PAGE)
                await self._workspace.client.job(recipe_id, text(row, "newest_job_id"), Priority.WATCH)
            await self._ctx.reach(Point.READ_RECORD)
            await self._ctx.write(lambda unit: self._record_missing(unit, row, gone))
            return
        await self._ctx.reach(Point.READ_RECORD)
        await self._ctx.write(lambda unit: self._record_overtaken(unit, run))

    async def _record_missing(self, unit: Unit, row: Row, gone: bool) -> None:
        """Workato does not know the run; twice so, how it ended can never be read, and a person has to look."""
        key = {"workspace": self._workspace.name, "job_id": text(row, "job_id")}
        since = optional_moment(row, "missing_since")
        await unit.tx.execute("run_missing", {**key, "since": unit.now if since is None else since})
        await unit.reach(Point.READ_INSIDE)
        failure = await unit.failure(self._workspace.name, text(row, "master_job_id"))
        if gone and failure is not None and not failure.status.final:
            orchestrator = self._lineages.orchestrator
            recipe = await recipe_facts(unit, failure.workspace, failure.recipe_id)
            await orchestrator.rest(unit, failure, FailureStatus.NEEDS_PERSON, Reason.JOB_GONE, recipe)

    async def _record_overtaken(self, unit: Unit, run: Run) -> None:
        await record_run(unit, self._workspace.name, run, walked=False)
        await unit.reach(Point.READ_INSIDE)
        for failure in await unit.failures(
            "failure_get", workspace=self._workspace.name, master_job_id=run.master_job_id
        ):
            await self._lineages.follow(unit, failure, {run.job_id: run})

    async def _walk(self, recipe_id: str, priority: Priority, resting: bool) -> Walk:
        await self._ctx.reach(Point.READ_TURN)
        need = await self._order.need(recipe_id, resting)
        seen: dict[str, Run] = {}
        began: float | None = None
        offset: str | None = None
        for _ in range(MAX_PAGES):
            await self._ctx.reach(Point.READ_PAGE)
            page = await self._workspace.client.jobs_page(
                recipe_id, rerun_only=True, offset_job_id=offset, priority=priority
            )
            began = page.asked_boot if began is None else began
            fresh = {run.job_id: run for run in page.runs if run.job_id not in seen}
            seen.update(fresh)
            await self._ctx.reach(Point.READ_KNOWN)
            await self._order.learn(tuple(seen.values()))
            await self._ctx.reach(Point.READ_KNOWN)
            reaches = await self._order.reaches(recipe_id, page, offset is None, need)
            if reaches is not None:
                return Walk(began, tuple(seen.values()), reaches)
            if not fresh:
                break
            offset = page.next_offset
        raise ReadIncompleteError(f"the list of repeated runs of recipe {recipe_id} did not end")

    async def _record(self, unit: Unit, recipe_id: str, walk: Walk, guards: bool) -> None:
        """Record what is new in the walk, and follow the failures it concerns and those whose look was due."""
        name = self._workspace.name
        ids = json.dumps([run.job_id for run in walk.runs])
        rows = await unit.tx.fetch("runs_known", {"workspace": name, "job_ids": ids})
        known = {(row["job_id"], row["status"]) for row in rows if row["walked"]}
        news = [run for run in walk.runs if (run.job_id, run.status) not in known]
        for run in news:
            await record_run(unit, name, run, walked=True)
        await unit.reach(Point.READ_INSIDE)
        walked: Params = {"workspace": name, "recipe_id": recipe_id, "walked_to": max(0.0, walk.reaches)}
        await unit.tx.execute("recipe_walked_to", walked)
        await self._note_read(unit, recipe_id, walk, guards)
        fresh = {run.job_id: run for run in news}
        touched = {run.master_job_id for run in news}
        for failure in await unit.failures("failures_unfinished_of_recipe", workspace=name, recipe_id=recipe_id):
            due = failure.status in LOOKED_AT and (failure.next_action_at or 0.0) <= unit.now
            if due or failure.master_job_id in touched:
                await self._lineages.follow(unit, failure, fresh)

    async def _note_read(self, unit: Unit, recipe_id: str, walk: Walk, guards: bool) -> None:
        """A list that takes too long to read for any repeat is as good as unreadable, however well it is recorded."""
        incidents = self._lineages.orchestrator.incidents
        if self._ctx.clock.boot() - walk.began <= LONGEST_GUARD_S:
            await note_readable(unit, incidents, self._workspace.name, recipe_id)
        elif guards:
            await note_unread(unit, incidents, self._workspace.name, recipe_id, TOO_LONG)
