"""Looks at incidents when their time comes (CALL-005): escalates to the super admin, reminds, resolves."""

from __future__ import annotations

from aof_tui.engine.context import Context, Workspace
from aof_tui.engine.incidents import Incidents
from aof_tui.engine.unit import Unit
from aof_tui.store.mapping import incident_from, optional_moment
from aof_tui.store.port import Params

IDLE_S = 60.0
AT_ONCE = 50


class Escalation:
    """The loop over the incidents of one workspace."""

    def __init__(self, ctx: Context, workspace: Workspace, incidents: Incidents) -> None:
        self._ctx = ctx
        self._workspace = workspace
        self._incidents = incidents

    async def run(self) -> None:
        """Check incidents until the engine stops."""
        while not self._ctx.stopping.is_set():
            if await self._ctx.write(self._check_due) == AT_ONCE:
                continue
            await self._workspace.concerned.wait(await self._pause())

    async def _check_due(self, unit: Unit) -> int:
        params: Params = {"workspace": self._workspace.name, "now": unit.now, "limit": AT_ONCE}
        due = [incident_from(row) for row in await unit.tx.fetch("incidents_due", params)]
        for incident in due:
            await self._incidents.check(unit, incident)
        return len(due)

    async def _pause(self) -> float:
        rows = await self._ctx.store.read("incident_next_check", {"workspace": self._workspace.name})
        at = optional_moment(rows[0], "at")
        return IDLE_S if at is None else min(IDLE_S, max(0.0, at - self._ctx.clock.wall()))
