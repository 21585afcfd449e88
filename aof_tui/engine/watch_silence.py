"""Watches for recipes that run but have had no job for far longer than they ever do, or than is declared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from aof_tui.base.durations import human_duration
from aof_tui.config.watching import silence_rules
from aof_tui.domain.event_kinds import EventKind
from aof_tui.domain.words import IncidentKind, Severity
from aof_tui.engine.context import Context, Workspace
from aof_tui.engine.facts import facts_from
from aof_tui.engine.incidents import Incidents, recipe_scope
from aof_tui.engine.unit import Unit
from aof_tui.policy.silence import Rhythm, allowed, declared, learn, silent_from
from aof_tui.store.mapping import integer, moment, optional_moment, text
from aof_tui.store.port import Params, Row

CHUNK = 200
"""Recipes in one transaction."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A recipe's rhythm as it is stored."""

    rhythm: Rhythm
    awake: bool
    awake_since: float
    silent: bool


class SilenceWatch:
    """Goes by completed sweeps alone: what was not read lately is not taken for silence."""

    def __init__(self, ctx: Context, workspace: Workspace, incidents: Incidents) -> None:
        self._ctx = ctx
        self._workspace = workspace
        self._incidents = incidents
        self._rules = silence_rules(ctx.settings.silence)
        self._swept_at: float | None = None
        """End of the sweep that was looked at last."""

    async def run(self) -> None:
        """Look after every completed sweep until the engine stops."""
        while not await self._ctx.clock.wait(self._ctx.stopping, self._ctx.settings.collation.interval):
            await self.look()

    async def look(self) -> None:
        """Learn from recipes that ran, then see which have been quiet for too long."""
        name = self._workspace.name
        swept_at = optional_moment((await self._ctx.store.read("workspace_get", {"name": name}))[0], "swept_at")
        if swept_at is None or swept_at == self._swept_at:
            return
        if self._swept_at is None:
            await self._plan_anew()
        # A gap in which nobody looked may hold runs that nobody saw.
        watched = self._swept_at is not None and swept_at - self._swept_at <= self._ctx.settings.collation.max_wait
        while await self._ctx.store.read("rhythms_changed", {"workspace": name, "limit": 1}):
            await self._ctx.write(partial(self._note_changed, watched=watched))
        while await self._ctx.store.read("rhythms_overdue", {"workspace": name, "until": swept_at, "limit": 1}):
            await self._ctx.write(partial(self._tell_overdue, until=swept_at))
        self._swept_at = swept_at

    async def _plan_anew(self) -> None:
        """What is declared may have changed since the engine ran last."""
        after = ""
        while rows := await self._ctx.store.read(
            "rhythms_awake", {"workspace": self._workspace.name, "after": after, "limit": CHUNK}
        ):
            if any(self._due_at(row, watched_from(row)) != row["due_at"] for row in rows):
                await self._ctx.write(partial(self._plan, rows=rows))
            after = text(rows[-1], "recipe_id")

    async def _plan(self, unit: Unit, rows: Sequence[Row]) -> None:
        for row in rows:
            known = watched_from(row)
            due_at = self._due_at(row, known)
            if due_at == row["due_at"]:
                continue
            over = known.silent and (due_at is None or due_at > unit.now)
            if over:
                await self._end(unit, row, "is no longer watched as before")
            change = {"workspace": self._workspace.name, "recipe_id": text(row, "recipe_id")}
            await unit.tx.execute("rhythm_plan", {**change, "due_at": due_at, "silent": int(known.silent and not over)})

    async def _note_changed(self, unit: Unit, watched: bool) -> None:
        params: Params = {"workspace": self._workspace.name, "limit": CHUNK}
        for row in await unit.tx.fetch("rhythms_changed", params):
            await self._note(unit, row, watched)

    async def _note(self, unit: Unit, row: Row, watched: bool) -> None:
        known = watched_from(row) if row["since"] is not None else None
        ran_at = optional_moment(row, "last_run_at")
        awake = bool(row["running"]) and row["gone_at"] is None
        before = known or Watched(Rhythm(unit.now), awake=False, awake_since=unit.now, silent=False)
        slept = not before.awake or before.awake_since > (before.rhythm.last_run_at or 0.0)
        told = allowed(before.rhythm, declared(self._rules, facts_from(row))) if before.silent else None
        rhythm = learn(before.rhythm, ran_at, counts=watched and not slept, at_most_s=told)
        awake_since = before.awake_since if awake and before.awake else unit.now
        ran = ran_at != before.rhythm.last_run_at
        if before.silent and (ran or not awake):
            await self._end(unit, row, "has a job again" if ran else "runs no longer")
        now = Watched(rhythm, awake, awake_since, before.silent and awake and not ran)
        await unit.tx.execute(
            "rhythm_put",
            {
                "workspace": self._workspace.name,
                "recipe_id": text(row, "recipe_id"),
                "since": rhythm.since,
                "last_run_at": rhythm.last_run_at,
                "gaps": rhythm.gaps,
                "longest_s": rhythm.longest_s,
                "awake": int(awake),
                "awake_since": awake_since,
                "due_at": self._due_at(row, now),
                "silent": int(now.silent),
            },
        )

    def _due_at(self, row: Row, watched: Watched) -> float | None:
        if not watched.awake:
            return None
        return silent_from(watched.rhythm, watched.awake_since, declared(self._rules, facts_from(row)))

    async def _tell_overdue(self, unit: Unit, until: float) -> None:
        params: Params = {"workspace": self._workspace.name, "until": until, "limit": CHUNK}
        for row in await unit.tx.fetch("rhythms_overdue", params):
            await self._tell(unit, row, until)

    async def _tell(self, unit: Unit, row: Row, until: float) -> None:
        recipe = facts_from(row)
        is_declared = declared(self._rules, recipe) is not None
        since = max(optional_moment(row, "last_run_at") or 0.0, moment(row, "awake_since"))
        title = f"{recipe.name or recipe.recipe_id} runs but has had no job for {human_duration(until - since)}"
        title += ", longer than is declared" if is_declared else ", far longer than it ever has"
        name = self._workspace.name
        await unit.event(EventKind.RECIPE_MISSED, title, workspace=name, recipe_id=recipe.recipe_id)
        await self._incidents.raise_alarm(
            unit,
            name,
            IncidentKind.RECIPE_SILENT,
            title,
            scope=recipe_scope(recipe.recipe_id),
            severity=Severity.ERROR if is_declared else Severity.WARNING,
            recipe=recipe,
        )
        told = {"workspace": name, "recipe_id": recipe.recipe_id, "due_at": row["due_at"], "silent": 1}
        await unit.tx.execute("rhythm_plan", told)

    async def _end(self, unit: Unit, row: Row, why: str) -> None:
        name, recipe_id = self._workspace.name, text(row, "recipe_id")
        said = f"{text(row, 'name') or recipe_id} {why}"
        await unit.event(EventKind.RECIPE_HEARD, said, workspace=name, recipe_id=recipe_id)
        await self._incidents.end_alarm(unit, name, IncidentKind.RECIPE_SILENT, recipe_scope(recipe_id))


def watched_from(row: Row) -> Watched:
    """What is stored of a recipe that was watched before."""
    rhythm = Rhythm(
        moment(row, "since"), optional_moment(row, "known_run_at"), integer(row, "gaps"), moment(row, "longest_s")
    )
    return Watched(rhythm, bool(row["awake"]), moment(row, "awake_since"), bool(row["silent"]))
