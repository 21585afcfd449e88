"""Watches what runs out: the time Workato keeps jobs, and the month's tasks."""

from __future__ import annotations

from aof_tui.base.clock import rfc3339
from aof_tui.domain.event_kinds import EventKind
from aof_tui.domain.model import Failure
from aof_tui.domain.words import IncidentKind, Reason
from aof_tui.engine.context import Context, Workspace
from aof_tui.engine.holding import release_held
from aof_tui.engine.incidents import Incidents
from aof_tui.engine.telling import Telling
from aof_tui.engine.unit import Unit
from aof_tui.policy.price import month_of
from aof_tui.policy.retention_clock import expiring_before
from aof_tui.store.mapping import optional_moment, text

EVERY_S = 300.0
AT_ONCE = 100


class Limits:
    """The loop of one workspace."""

    def __init__(self, ctx: Context, workspace: Workspace, incidents: Incidents, telling: Telling) -> None:
        self._ctx = ctx
        self._workspace = workspace
        self._incidents = incidents
        self._telling = telling

    async def run(self) -> None:
        """Look at the limits every five minutes until the engine stops."""
        await self._ctx.write(self._note_settings)
        while not self._ctx.stopping.is_set():
            await self._ctx.write(self._look_at_cap)
            while await self._ctx.write(self._announce) == AT_ONCE:
                pass
            await self._ctx.clock.wait(self._ctx.stopping, EVERY_S)

    async def _note_settings(self, unit: Unit) -> None:
        """Readers without an engine reckon with the same limits."""
        settings = self._workspace.settings
        limits = {"job_retention_s": settings.job_retention, "task_cap": settings.task_cap}
        await unit.tx.execute("workspace_limits", {"name": self._workspace.name, **limits})

    async def _look_at_cap(self, unit: Unit) -> None:
        """Another month, or another cap: what was held for its price is tried again."""
        name = self._workspace.name
        key, terms = f"task_cap/{name}", f"{month_of(unit.now)} {self._workspace.settings.task_cap}"
        rows = await unit.tx.fetch("meta_get", {"key": key})
        if rows and text(rows[0], "value") == terms:
            return
        await unit.tx.execute("meta_put", {"key": key, "value": terms})
        await self._incidents.end_alarm(unit, name, IncidentKind.TASK_CAP_REACHED)
        await release_held(unit, self._ctx, self._workspace, Reason.TASK_CAP)

    async def _announce(self, unit: Unit) -> int:
        """Say of failures at rest that their jobs are soon lost, once each; people hear it by incident."""
        kept_s = self._workspace.settings.job_retention
        failed_until = expiring_before(kept_s, unit.now)
        if kept_s is None or failed_until is None:
            return 0
        expiring = await unit.failures(
            "expiring_failures",
            workspace=self._workspace.name,
            failed_until=failed_until,
            limit=AT_ONCE,
        )
        for failure in expiring:
            await self._announce_one(unit, failure, failure.first_failed_at + kept_s)
        return len(expiring)

    async def _announce_one(self, unit: Unit, failure: Failure, until: float) -> None:
        if failure.incident_id is not None:
            rows = await unit.tx.fetch("expiry_last_told", {"incident_id": failure.incident_id})
            told_at = optional_moment(rows[0], "at")
            if told_at is None or unit.now - told_at >= self._ctx.settings.incidents.remind_after:
                incident = await unit.incident(failure.incident_id)
                await self._telling.expiring(unit, incident, failure, until)
        gone = "can no longer be repeated: Workato kept the job until"
        said = gone if until <= unit.now else "can be repeated until"
        await unit.failure_event(
            EventKind.EXPIRY_ANNOUNCED, failure, f"{said} {rfc3339(until)}", data={"repeatable_until": until}
        )
