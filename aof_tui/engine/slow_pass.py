"""Reads every recipe's failed jobs again, slowly and with the budget that nobody else wants: counters can hide some."""

from __future__ import annotations

from dataclasses import dataclass, replace

from aof_tui.base.wording import counted
from aof_tui.domain.event_kinds import EventKind
from aof_tui.domain.model import Run
from aof_tui.domain.words import IncidentKind, IncidentStatus
from aof_tui.engine.access import Access
from aof_tui.engine.backoff import Backoff
from aof_tui.engine.collation import MAX_PAGES, Collation
from aof_tui.engine.context import Context, Workspace
from aof_tui.engine.facts import facts_from
from aof_tui.engine.incidents import Incidents
from aof_tui.engine.unit import Unit
from aof_tui.store.mapping import incident_from, integer, moment, text
from aof_tui.store.port import Params, Row
from aof_tui.workato.errors import WorkatoError
from aof_tui.workato.pacer import Priority
from aof_tui.workato.rows import JobsPage

PASSES_PER_LOOKBACK = 4
"""How often every recipe is read while a failure is young enough to be cared for."""
TICK_S = 60.0
SCOPE = "counters"


@dataclass(frozen=True, slots=True)
class Found:
    """How a walk went so far."""

    seen: int = 0
    hidden: int = 0


class SlowPass:
    """The loop over the recipes of one workspace whose whole lookback was read the longest ago."""

    def __init__(
        self, ctx: Context, workspace: Workspace, collation: Collation, incidents: Incidents, access: Access
    ) -> None:
        self._ctx = ctx
        self._workspace = workspace
        self._collation = collation
        self._incidents = incidents
        self._access = access
        self._unread = Backoff(ctx.clock)
        self._period_s = ctx.settings.collation.lookback / PASSES_PER_LOOKBACK

    async def run(self) -> None:
        """Read one recipe after the other, spread over the time of a pass, until the engine stops."""
        while not await self._ctx.clock.wait(self._ctx.stopping, await self._pause()):
            await self.once()

    async def _pause(self) -> float:
        """Twice as fast as a pass needs, so that it ends in time also after a rest."""
        rows = await self._ctx.store.read("recipes_present", {"workspace": self._workspace.name})
        return min(TICK_S, self._period_s / 2 / max(1, integer(rows[0], "amount")))

    async def once(self) -> bool:
        """Read the recipe whose turn it is; False when none is due."""
        until = self._ctx.clock.wall() - self._period_s
        params: Params = {"workspace": self._workspace.name, "until": until, "skipped": self._unread.waiting()}
        rows = await self._ctx.store.read("recipe_next_slow", params)
        if not rows:
            return False
        recipe_id = text(rows[0], "recipe_id")
        try:
            await self._walk(rows[0])
        except WorkatoError as error:
            self._unread.failed(recipe_id)
            await self._access.note(self._workspace, error)
        else:
            self._unread.succeeded(recipe_id)
        return True

    async def _walk(self, recipe: Row) -> None:
        """Walk from the newest failed job back over the whole lookback, whatever the watermark says.

        A list in the order of starts shows a job that ran for hours deep below jobs that ended before it.
        """
        recipe_id = text(recipe, "recipe_id")
        found = Found()
        offset: str | None = None
        for number in range(MAX_PAGES):
            page = await self._workspace.client.jobs_page(
                recipe_id, status="failed", offset_job_id=offset, priority=Priority.SLOW
            )
            seen = found.seen + len(page.runs)
            ended = self._is_end(page, seen) or number == MAX_PAGES - 1
            found = await self._record_page(recipe, page, replace(found, seen=seen), ended)
            if ended:
                return
            offset = page.next_offset

    async def _record_page(self, recipe: Row, page: JobsPage, found: Found, ended: bool) -> Found:
        return await self._ctx.write(lambda unit: self._record(unit, recipe, page, found, ended))

    def _is_end(self, page: JobsPage, seen: int) -> bool:
        """Whether nothing of the lookback can follow: a page that is empty, complete, or older as a whole."""
        if page.scope_count is not None and seen == len(page.runs) >= page.scope_count:
            return True
        oldest = self._ctx.cared_for_since(self._ctx.clock.wall())
        return all(run.completed_at is not None and run.completed_at < oldest for run in page.runs)

    async def _record(self, unit: Unit, recipe: Row, page: JobsPage, found: Found, ended: bool) -> Found:
        name, recipe_id = self._workspace.name, text(recipe, "recipe_id")
        marked = await unit.tx.fetch("recipe_get", {"workspace": name, "recipe_id": recipe_id})
        facts = facts_from(recipe)
        counted_until = await self._counted_until(unit)
        fresh = [run for run in page.runs if await self._collation.record_failed(unit, run, facts)]
        if marked and marked[0]["marked_at"] is None:
            oldest = self._ctx.cared_for_since(unit.now)
            hidden = sum(1 for run in fresh if oldest <= _failed_at(run) < counted_until)
            found = replace(found, hidden=found.hidden + hidden)
        if ended:
            await unit.tx.execute("recipe_read_whole", {"workspace": name, "recipe_id": recipe_id, "at": unit.now})
            await self._judge(unit, recipe_id, facts.name or recipe_id, found.hidden)
        return found

    async def _counted_until(self, unit: Unit) -> float:
        """Failures up to this time had their chance to move a counter that a sweep has seen."""
        row = (await unit.tx.fetch("workspace_get", {"name": self._workspace.name}))[0]
        return min(moment(row, "swept_at"), moment(row, "sweep_started_at")) - self._ctx.settings.collation.max_wait

    async def _judge(self, unit: Unit, recipe_id: str, called: str, hidden: int) -> None:
        """Failures that no counter showed are a trouble of their own, until a whole pass has found none."""
        name = self._workspace.name
        kind = IncidentKind.COLLATION_BEHIND
        if hidden:
            said = f"{counted(hidden, 'failed job')} of {called} had not moved its count of failed jobs"
            await unit.event(
                EventKind.COUNTER_DISTRUSTED, said, workspace=name, recipe_id=recipe_id, data={"hidden": hidden}
            )
            await self._incidents.raise_alarm(unit, name, kind, said, scope=SCOPE)
            return
        rows = await unit.tx.fetch(
            "incident_latest", {"workspace": name, "kind": kind, "scope": SCOPE, "fingerprint": kind}
        )
        for incident in map(incident_from, rows):
            if incident.status is not IncidentStatus.RESOLVED and unit.now - incident.last_seen_at > self._period_s:
                await self._incidents.end_alarm(unit, name, kind, SCOPE)


def _failed_at(run: Run) -> float:
    """When it failed; one that does not say is taken for new."""
    return run.completed_at if run.completed_at is not None else float("inf")
