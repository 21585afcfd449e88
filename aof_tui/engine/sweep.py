"""Finds which recipes have new failures with the fewest requests (REC-001): the recipe list against what is stored."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from aof_tui.base.wording import counted
from aof_tui.domain.event_kinds import EventKind
from aof_tui.domain.model import Recipe
from aof_tui.domain.words import Category, FailureStatus, IncidentKind, Reason, Severity
from aof_tui.engine.access import Access
from aof_tui.engine.backlog import Backlog
from aof_tui.engine.catalogue import CatalogueReader
from aof_tui.engine.context import Context, Workspace
from aof_tui.engine.facts import facts_from, facts_of
from aof_tui.engine.holding import release_held
from aof_tui.engine.incidents import recipe_scope
from aof_tui.engine.orchestrator import Orchestrator
from aof_tui.engine.rollups import count_executions
from aof_tui.engine.unit import Unit
from aof_tui.store.mapping import integer, optional_moment, optional_text, text
from aof_tui.store.port import Params, Row
from aof_tui.workato.errors import BadPage, NotFound, WorkatoError
from aof_tui.workato.pacer import Priority

PER_PAGE = 100
MAX_PAGES = 600
GONE_AFTER_SWEEPS = 2
"""How many completed sweeps in a row leave a recipe out before it is asked for by id."""
GONE_CHECKS = 5


@dataclass(frozen=True, slots=True)
class SeenPage:
    """A page of the recipe list as the last sweep showed it and the store has it."""

    digest: bytes
    recipe_ids: tuple[str, ...]


NO_PAGE = SeenPage(b"", ())


class Sweep:
    """The loop over the recipe list of one workspace."""

    def __init__(self, ctx: Context, workspace: Workspace, orchestrator: Orchestrator, access: Access) -> None:
        self._ctx = ctx
        self._workspace = workspace
        self._orchestrator = orchestrator
        self._access = access
        self._backlog = Backlog(ctx, workspace, orchestrator)
        self._catalogue = CatalogueReader(ctx.clock, workspace.client)
        self._pages: dict[int, SeenPage] = {}
        self._failing = False
        self._began_at = ctx.clock.wall()

    async def run(self) -> None:
        """Sweep at the configured interval until the engine stops."""
        interval = self._ctx.settings.collation.interval
        while not self._ctx.stopping.is_set():
            began = self._ctx.clock.boot()
            await self.once()
            took = self._ctx.clock.boot() - began
            await self._ctx.clock.wait(self._ctx.stopping, max(1.0, interval - took))

    async def once(self) -> bool:
        """One sweep; False when it could not be completed. A page that is bad ends it without losing a mark."""
        try:
            # Before the token is known to be accepted: until then nothing that fell due meanwhile is sent.
            await self._backlog.notice_gap()
            await self._access.identify(self._workspace)
            if await self._catalogue.read():
                self._pages.clear()
            await self._sweep()
            await self._check_gone()
        except WorkatoError as error:
            # Only what the sweep right before this one showed is known to be in the store.
            self._pages.clear()
            await self._access.note(self._workspace, error)
            await self._report_failure(str(error))
            return False
        self._failing = False
        return True

    async def _sweep(self) -> None:
        """Read the list to its end: a page that is empty or shows nothing new. A short page proves nothing."""
        await self._ctx.write(self._begin)
        moved = 0
        known: set[str] = set()
        for number in range(1, MAX_PAGES + 1):
            former = self._pages.get(number, NO_PAGE)
            digest, page = await self._workspace.client.recipes_page_unless(former.digest, number, PER_PAGE)
            ids = former.recipe_ids if page is None else tuple(recipe.recipe_id for recipe in page)
            before = len(known)
            known.update(ids)
            if len(known) == before:
                await self._ctx.write(partial(self._complete, seen=sorted(known), moved=moved))
                return
            if page is not None:
                moved += await self._ctx.write(partial(self._compare, page=page))
                self._pages[number] = SeenPage(digest, ids)
                self._workspace.marked.raise_()
        raise BadPage(f"the recipe list has more than {MAX_PAGES} pages")

    async def _begin(self, unit: Unit) -> None:
        await unit.tx.execute("workspace_sweep_started", {"name": self._workspace.name, "at": unit.now})

    async def _compare(self, unit: Unit, page: Sequence[Recipe]) -> int:
        """Store a page of recipes and mark those whose count of failed jobs changed; returns how many."""
        ids = json.dumps([recipe.recipe_id for recipe in page])
        rows = await unit.tx.fetch("recipes_by_id", {"workspace": self._workspace.name, "recipe_ids": ids})
        known = {text(row, "recipe_id"): row for row in rows}
        return sum([await self._store(unit, recipe, known.get(recipe.recipe_id)) for recipe in page])

    async def _store(self, unit: Unit, recipe: Recipe, known: Row | None) -> bool:
        moved = self._has_moved(recipe, known, unit.now)
        marked_at = optional_moment(known, "marked_at") if known else None
        mark_count = integer(known, "mark_count") if known else 0
        project = self._catalogue.names.projects.get(recipe.project_id or "")
        seen: Params = {
            "name": recipe.name,
            "running": int(recipe.running),
            "stop_cause": recipe.stop_cause,
            "stopped_at": recipe.stopped_at,
            "failed_count": recipe.failed_count,
            "succeeded_count": recipe.succeeded_count,
            "last_run_at": recipe.last_run_at,
            "version_no": recipe.version_no,
            "lifetime_tasks": recipe.lifetime_tasks,
            "project_id": recipe.project_id,
            # A name that could not be read again is still the name.
            "project": project or (optional_text(known, "project") if known else None),
            "folder_id": recipe.folder_id,
            "applications": json.dumps(recipe.applications),
            "accounts": json.dumps(recipe.accounts),
            "tags": json.dumps(self._tags(recipe)),
            # Waiting counts from the first move: the mark of a first read says only that it was never read.
            "marked_at": unit.now if moved and not (marked_at and mark_count) else marked_at,
            # Nothing is known to have moved in a recipe seen for the first time: others are read before it.
            "mark_count": mark_count + moved if known else 0,
            "gone_at": None,
        }
        if known is not None and all(known[column] == value for column, value in seen.items()):
            # Most recipes of most sweeps: thousands of them a minute must cost an idle engine next to nothing.
            return False
        key: Params = {"workspace": self._workspace.name, "recipe_id": recipe.recipe_id}
        await unit.tx.execute("recipe_put", {**key, **seen})
        if known is not None:
            await count_executions(unit.tx, unit.now, self._workspace.name, recipe, known)
        if moved:
            count = f"{known['failed_count'] if known else 0} to {recipe.failed_count}"
            await unit.event(
                EventKind.RECIPE_MOVED,
                f"failed jobs of {recipe.name or recipe.recipe_id} went from {count}",
                workspace=self._workspace.name,
                recipe_id=recipe.recipe_id,
            )
        await self._note_state(unit, recipe, known, project)
        return moved

    def _tags(self, recipe: Recipe) -> list[str]:
        """Handles and titles: people write either."""
        titles = [self._catalogue.names.tags[handle] for handle in recipe.tags if handle in self._catalogue.names.tags]
        return [*recipe.tags, *titles]

    def _has_moved(self, recipe: Recipe, known: Row | None, now: float) -> bool:
        if known is not None:
            return recipe.failed_count != known["failed_count"]
        # A recipe seen for the first time has history only where it ran within the lookback.
        oldest = self._ctx.cared_for_since(now)
        return recipe.failed_count > 0 and (recipe.last_run_at is None or recipe.last_run_at >= oldest)

    async def _note_state(self, unit: Unit, recipe: Recipe, known: Row | None, project: str | None) -> None:
        """A recipe that Workato stopped is an incident; one that runs again lets its failures go on."""
        was_running = bool(known["running"]) if known is not None else True
        name, recipe_id = self._workspace.name, recipe.recipe_id
        called = recipe.name or recipe_id
        if recipe.running:
            if was_running:
                return
            await unit.event(EventKind.RECIPE_STARTED, f"{called} runs again", workspace=name, recipe_id=recipe_id)
            incidents = self._orchestrator.incidents
            await incidents.end_alarm(unit, name, IncidentKind.RECIPE_STOPPED, recipe_scope(recipe_id))
            await release_held(unit, self._ctx, self._workspace, Reason.RECIPE_STOPPED, recipe_id)
            return
        if not self._is_news(recipe, known, unit.now):
            return
        cause = f"by Workato: {recipe.stop_cause}" if recipe.stop_cause else "by a person"
        text_ = f"{called} was stopped {cause}"
        await unit.event(EventKind.RECIPE_STOPPED, text_, workspace=name, recipe_id=recipe_id)
        if recipe.stop_cause is not None:
            await self._orchestrator.incidents.raise_alarm(
                unit,
                name,
                IncidentKind.RECIPE_STOPPED,
                text_,
                scope=recipe_scope(recipe_id),
                category=Category.UNKNOWN,
                severity=Severity.ERROR,
                recipe=facts_of(recipe, project),
            )

    def _is_news(self, recipe: Recipe, known: Row | None, now: float) -> bool:
        """Whether nobody heard yet that the recipe was stopped, or stopped again between two sweeps."""
        if known is None:
            # Recipes that were stopped long before anybody watched them are nobody's news.
            oldest = self._ctx.cared_for_since(now)
            return recipe.stop_cause is not None and (recipe.stopped_at is None or recipe.stopped_at >= oldest)
        if known["running"]:
            return True
        again = recipe.stopped_at is not None and recipe.stopped_at != known["stopped_at"]
        return recipe.stop_cause is not None and (again or recipe.stop_cause != known["stop_cause"])

    async def _complete(self, unit: Unit, seen: Sequence[str], moved: int) -> None:
        name = self._workspace.name
        listed: Params = {"workspace": name, "recipe_ids": json.dumps(seen)}
        await unit.tx.execute("recipes_missed", listed)
        await unit.tx.execute("recipes_back", listed)
        await unit.tx.execute("workspace_swept", {"name": name, "at": unit.now})
        await self._backlog.look(unit)
        await self._backlog.look_at_observed(unit)
        await unit.event(
            EventKind.SWEEP_COMPLETED,
            f"{counted(len(seen), 'recipe')} read, {moved:,} with new failures",
            workspace=name,
            data={"recipes": len(seen), "moved": moved},
        )
        oldest = (await unit.tx.fetch("recipe_oldest_mark", {"workspace": name}))[0]
        marked_at = optional_moment(oldest, "at")
        max_wait = self._ctx.settings.collation.max_wait
        incidents = self._orchestrator.incidents
        if marked_at is not None and unit.now - marked_at > max_wait:
            amount = integer(oldest, "amount")
            wait = "recipe with new failures waits" if amount == 1 else "recipes with new failures wait"
            title = f"{amount:,} {wait} to be read"
            await incidents.raise_alarm(unit, name, IncidentKind.COLLATION_BEHIND, title)
        else:
            await incidents.end_alarm(unit, name, IncidentKind.COLLATION_BEHIND)

    async def _check_gone(self) -> None:
        """Recipes that the list left out twice are asked for by id before they count as gone."""
        params: Params = {"workspace": self._workspace.name, "missed": GONE_AFTER_SWEEPS, "limit": GONE_CHECKS}
        for row in await self._ctx.store.read("recipes_unseen", params):
            recipe_id = text(row, "recipe_id")
            try:
                await self._workspace.client.recipe(recipe_id, Priority.SLOW)
            except NotFound:
                await self._ctx.write(partial(self._gone, recipe_id=recipe_id))
            else:
                await self._ctx.write(partial(self._still_there, recipe_id=recipe_id))

    async def _still_there(self, unit: Unit, recipe_id: str) -> None:
        listed: Params = {"workspace": self._workspace.name, "recipe_ids": json.dumps([recipe_id])}
        await unit.tx.execute("recipes_back", listed)

    async def _gone(self, unit: Unit, recipe_id: str) -> None:
        name = self._workspace.name
        rows = await unit.tx.fetch("recipe_get", {"workspace": name, "recipe_id": recipe_id})
        await unit.tx.execute("recipe_gone", {"workspace": name, "recipe_id": recipe_id, "gone_at": unit.now})
        await unit.event(
            EventKind.RECIPE_VANISHED,
            f"{text(rows[0], 'name') or recipe_id} is no longer in the workspace",
            workspace=name,
            recipe_id=recipe_id,
        )
        incidents = self._orchestrator.incidents
        await incidents.end_alarm(unit, name, IncidentKind.RECIPE_STOPPED, recipe_scope(recipe_id))
        for failure in await unit.failures("failures_unfinished_of_recipe", workspace=name, recipe_id=recipe_id):
            if failure.status in (FailureStatus.SCHEDULED, FailureStatus.WATCHING, FailureStatus.HELD):
                await self._orchestrator.rest(
                    unit, failure, FailureStatus.NEEDS_PERSON, Reason.RECIPE_GONE, facts_from(rows[0])
                )

    async def _report_failure(self, error: str) -> None:
        """One event for a row of failed sweeps, and an incident when it grows long."""
        await self._ctx.write(lambda unit: self._record_failure(unit, error))
        self._failing = True

    async def _record_failure(self, unit: Unit, error: str) -> None:
        name = self._workspace.name
        if not self._failing:
            await unit.event(EventKind.SWEEP_FAILED, f"the sweep failed: {error}", workspace=name)
        row = (await unit.tx.fetch("workspace_get", {"name": name}))[0]
        since = max(optional_moment(row, "swept_at") or 0.0, self._began_at)
        if unit.now - since > self._ctx.settings.collation.max_wait:
            title = f"the recipe list could not be read: {error}"
            await self._orchestrator.incidents.raise_alarm(unit, name, IncidentKind.COLLATION_BEHIND, title)
