"""Says once when Workato cannot be read at all, and when it can again."""

from __future__ import annotations

from aof_tui.domain.event_kinds import EventKind
from aof_tui.domain.words import IncidentKind
from aof_tui.engine.context import Context, Signal, Workspace
from aof_tui.engine.incidents import Incidents
from aof_tui.engine.unit import Unit

TITLE = "Workato does not answer: nothing is read or repeated until it does"


class Reading:
    """The loop that follows the circuit of a workspace's reads."""

    def __init__(self, ctx: Context, workspace: Workspace, incidents: Incidents) -> None:
        self._ctx = ctx
        self._workspace = workspace
        self._incidents = incidents
        self._circuit = workspace.client.pacers.circuit
        self._changed = Signal(ctx.clock)
        self._circuit.listen(self._changed.raise_)
        self._said_open = False
        self._told = False

    async def run(self) -> None:
        """Note each change until the engine stops. A pause is said at once, people are told when its probe fails."""
        while not self._ctx.stopping.is_set():
            if self._circuit.is_open != self._said_open:
                self._said_open = self._circuit.is_open
                self._told = False
                await self._ctx.write(self._say)
            elif self._circuit.probes_failed and not self._told:
                self._told = True
                await self._ctx.write(self._tell)
            else:
                await self._changed.wait(None)

    async def _say(self, unit: Unit) -> None:
        name = self._workspace.name
        if self._said_open:
            await unit.event(EventKind.READS_PAUSED, "Workato does not answer: reads pause", workspace=name)
        else:
            await unit.event(EventKind.READS_RESUMED, "Workato answers again: reads go on", workspace=name)

    async def _tell(self, unit: Unit) -> None:
        """The sweep that is completed next ends it."""
        await self._incidents.raise_alarm(unit, self._workspace.name, IncidentKind.COLLATION_BEHIND, TITLE)
