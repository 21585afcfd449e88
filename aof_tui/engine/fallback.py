"""Starts planned fallback recipes of one workspace, one after the other (the second seed's fallback recipes)."""

from __future__ import annotations

from collections.abc import Collection

from aof_tui.domain.fallback import Fallback
from aof_tui.domain.words import IncidentKind, Mode
from aof_tui.engine.context import Context, Workspace
from aof_tui.engine.fallback_conclude import conclude_start
from aof_tui.engine.fallback_dispatch import FallbackDispatch
from aof_tui.engine.incidents import Incidents
from aof_tui.engine.points import FallbackPoint
from aof_tui.engine.unit import Unit
from aof_tui.store.fallback_rows import fallback_from
from aof_tui.store.mapping import text
from aof_tui.workato.answers import RequestOutcome
from aof_tui.workato.starts import StartAnswer

IDLE_S = 30.0

LEFT_SENDING = StartAnswer(RequestOutcome.AMBIGUOUS, why="the engine ended before the answer was known")
LEFT_PREPARED = StartAnswer(RequestOutcome.NOT_SENT, why="the engine ended before it was sent")


class Fallbacks:
    """The loop that starts fallback recipes."""

    def __init__(self, ctx: Context, workspace: Workspace, dispatch: FallbackDispatch, incidents: Incidents) -> None:
        self._ctx = ctx
        self._workspace = workspace
        self._dispatch = dispatch
        self._incidents = incidents

    async def run(self) -> None:
        """Settle what an ended engine left open, then start what is planned until the engine stops."""
        await self._ctx.reach(FallbackPoint.LOOP)
        await self._take_up()
        while not self._ctx.stopping.is_set():
            await self._ctx.reach(FallbackPoint.LOOP)
            over = await self._ctx.store.read("fallback_alarms_over", {"workspace": self._workspace.name})
            if over:
                await self._ctx.reach(FallbackPoint.LOOP)
                await self._take_up()
            await self._ctx.reach(FallbackPoint.LOOP)
            await self._step()

    async def _take_up(self) -> None:
        await self._ctx.reach(FallbackPoint.LOOP)
        await self._ctx.write(
            lambda unit: take_up_open_starts(unit, self._incidents, self._workspace.name, self._dispatch.in_flight)
        )

    async def _step(self) -> None:
        await self._ctx.reach(FallbackPoint.DUE)
        fallback = await self._first()
        now = self._ctx.clock.wall()
        if fallback is None or fallback.next_at is None:
            await self._ctx.reach(FallbackPoint.DUE)
            await self._workspace.fallback.wait(IDLE_S)
        elif fallback.next_at > now:
            await self._ctx.reach(FallbackPoint.DUE)
            await self._workspace.fallback.wait(min(IDLE_S, fallback.next_at - now))
        elif self._workspace.mode is Mode.OBSERVE:
            await self._ctx.reach(FallbackPoint.DUE)
            await self._ctx.write(lambda unit: self._dispatch.observe(unit, fallback.master_job_id))
        elif self._ctx.refusal(self._workspace) is not None:
            # What is paused or not allowed waits: nothing is lost by it, and it ends by itself.
            await self._ctx.reach(FallbackPoint.DUE)
            await self._workspace.fallback.wait(IDLE_S)
        else:
            await self._ctx.reach(FallbackPoint.DUE)
            await self._ctx.shielded(self._dispatch.start(fallback))

    async def _first(self) -> Fallback | None:
        await self._ctx.reach(FallbackPoint.DUE)
        rows = await self._ctx.store.read("fallback_first_planned", {"workspace": self._workspace.name})
        return fallback_from(rows[0]) if rows else None


async def take_up_open_starts(unit: Unit, incidents: Incidents, workspace: str, in_flight: Collection[str]) -> None:
    """Conclude starts that have no outcome and nobody who will bring one.

    One that was only prepared has proven not to be sent; one marked as sending may have started the recipe, and is
    never sent again by itself. Alarms end whose failures were ended in other ways.
    """
    await unit.reach(FallbackPoint.TAKE_UP_INSIDE)
    for row in await unit.tx.fetch("fallback_dispatches_left", {"workspace": workspace}):
        dispatch_id = text(row, "dispatch_id")
        if dispatch_id not in in_flight:
            answer = LEFT_SENDING if row["state"] == "sending" else LEFT_PREPARED
            await conclude_start(unit, incidents, workspace, text(row, "master_job_id"), dispatch_id, answer)
    for row in await unit.tx.fetch("fallback_alarms_over", {"workspace": workspace}):
        await incidents.end_alarm(unit, workspace, IncidentKind.FALLBACK_FAILED, text(row, "scope"))
