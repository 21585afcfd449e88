"""Looks at what no job tells: lost connections, and successes that somebody else brought to failures at rest."""

from __future__ import annotations

from functools import partial

from aof_tui.domain.model import Connection
from aof_tui.domain.words import Category, EventKind, IncidentKind, Severity
from aof_tui.engine.access import Access
from aof_tui.engine.context import Context, Workspace
from aof_tui.engine.incidents import Incidents
from aof_tui.engine.recovery_read import ReadIncompleteError, RecoveryRead
from aof_tui.engine.unit import Unit
from aof_tui.store.mapping import text
from aof_tui.workato.errors import Unauthorized, WorkatoError
from aof_tui.workato.pacer import Priority

EVERY_S = 300.0
RESTING_AGE_S = 600.0
"""How old the read of a recipe with failures at rest may grow."""


class Health:
    """The slow loop of one workspace."""

    def __init__(
        self, ctx: Context, workspace: Workspace, incidents: Incidents, reader: RecoveryRead, access: Access
    ) -> None:
        self._ctx = ctx
        self._workspace = workspace
        self._incidents = incidents
        self._reader = reader
        self._access = access

    async def run(self) -> None:
        """Look round every five minutes until the engine stops."""
        while not await self._ctx.clock.wait(self._ctx.stopping, EVERY_S):
            await self.once()

    async def once(self) -> None:
        """One round; what cannot be read now is read in the next, and keeps nothing else from being read."""
        looks = [self._look_at_connections]
        rows = await self._ctx.store.read("recipes_with_resting", {"workspace": self._workspace.name})
        looks += [partial(self._look_at_resting, text(row, "recipe_id")) for row in rows]
        for look in looks:
            try:
                await look()
            except (WorkatoError, ReadIncompleteError) as error:
                await self._access.note(self._workspace, error if isinstance(error, WorkatoError) else None)
                if isinstance(error, Unauthorized):
                    return

    async def _look_at_connections(self) -> None:
        connections = await self._workspace.client.connections(Priority.SLOW)
        await self._ctx.write(lambda unit: self._compare(unit, connections))

    async def _look_at_resting(self, recipe_id: str) -> None:
        if self._reader.age(recipe_id) > RESTING_AGE_S:
            await self._reader.read(recipe_id, Priority.SLOW, resting=True)

    async def _compare(self, unit: Unit, connections: tuple[Connection, ...]) -> None:
        rows = await unit.tx.fetch("connections_all", {"workspace": self._workspace.name})
        was_healthy = {text(row, "connection_id"): bool(row["healthy"]) for row in rows}
        for connection in connections:
            await unit.tx.execute(
                "connection_put",
                {
                    "workspace": self._workspace.name,
                    "connection_id": connection.connection_id,
                    "name": connection.name,
                    "application": connection.application,
                    "healthy": int(connection.healthy),
                    "lost_at": connection.lost_at,
                    "lost_reason": connection.lost_reason,
                    "seen_at": unit.now,
                },
            )
            before = was_healthy.get(connection.connection_id)
            # One that was never authorised is unfinished work, not a loss.
            turned = connection.healthy != before if before is not None else connection.lost_at is not None
            if turned:
                await self._turned(unit, connection)

    async def _turned(self, unit: Unit, connection: Connection) -> None:
        name, scope = self._workspace.name, f"connection:{connection.connection_id}"
        called = f"connection {connection.name or connection.connection_id} ({connection.application})"
        if connection.healthy:
            await unit.event(EventKind.CONNECTION_RESTORED, f"{called} works again", workspace=name)
            await self._incidents.end_alarm(unit, name, IncidentKind.CONNECTION_LOST, scope)
            return
        why = f": {connection.lost_reason}" if connection.lost_reason else ""
        await unit.event(EventKind.CONNECTION_LOST, f"{called} is lost{why}", workspace=name)
        await self._incidents.raise_alarm(
            unit,
            name,
            IncidentKind.CONNECTION_LOST,
            f"{called} is lost{why}",
            scope=scope,
            category=Category.AUTH_CONNECTION,
            severity=Severity.ERROR,
        )
