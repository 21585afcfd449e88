"""Looks at what no job tells of a downstream: connections that Workato reports lost, and restored."""

from __future__ import annotations

from functools import partial

from aof_tui.domain.breaker import connection_key
from aof_tui.domain.model import Connection
from aof_tui.domain.words import Category, EventKind, IncidentKind, Severity
from aof_tui.engine.access import Access
from aof_tui.engine.context import Context, Workspace
from aof_tui.engine.orchestrator import Orchestrator
from aof_tui.engine.unit import Unit
from aof_tui.store.mapping import text
from aof_tui.workato.errors import Forbidden, NotFound, WorkatoError
from aof_tui.workato.pacer import Priority

EVERY_S = 300.0
ASKED_APART_S = 30.0
"""How soon the list is read again at the earliest, whatever errors of authorisation come."""
BLAMED_BEFORE_S = 900.0
"""How long before Workato reports the loss its failures may have begun: the report comes after them."""


class Connections:
    """The loop over the connections of one workspace."""

    def __init__(self, ctx: Context, workspace: Workspace, orchestrator: Orchestrator, access: Access) -> None:
        self._ctx = ctx
        self._workspace = workspace
        self._orchestrator = orchestrator
        self._access = access
        self._skipped = False

    async def run(self) -> None:
        """Read the list every five minutes, and when an error speaks of a lost authorisation."""
        while not self._ctx.stopping.is_set():
            await self._workspace.connections.wait(EVERY_S)
            if self._ctx.stopping.is_set():
                return
            await self.once()
            await self._ctx.clock.wait(self._ctx.stopping, ASKED_APART_S)

    async def once(self) -> None:
        """One look; a list that cannot be read now is read next time."""
        try:
            connections = await self._workspace.client.connections(Priority.SLOW)
        except (Forbidden, NotFound) as error:
            # Many tokens may not see connections: failures alone then speak for them, no reason to stop repeating jobs.
            if not self._skipped:
                await self._ctx.write(partial(self._record_skipped, why=str(error)))
            self._skipped = True
            return
        except WorkatoError as error:
            await self._access.note(self._workspace, error)
            return
        self._skipped = False
        await self._ctx.write(lambda unit: self._compare(unit, connections))

    async def _record_skipped(self, unit: Unit, why: str) -> None:
        said = f"connections are not watched: {why}"
        await unit.event(EventKind.CONNECTION_SKIPPED, said, workspace=self._workspace.name)

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
        name, scope = self._workspace.name, connection_key(connection.connection_id)
        incidents, breakers = self._orchestrator.incidents, self._orchestrator.breakers
        called = f"connection {connection.name or connection.connection_id} ({connection.application})"
        if connection.healthy:
            await unit.event(
                EventKind.CONNECTION_RESTORED, f"{called} works again", workspace=name, data={"downstream": scope}
            )
            await breakers.release_downstream(unit, name, scope)
            await incidents.end_alarm(unit, name, IncidentKind.CONNECTION_LOST, scope)
            return
        why = f": {connection.lost_reason}" if connection.lost_reason else ""
        await unit.event(
            EventKind.CONNECTION_LOST, f"{called} is lost{why}", workspace=name, data={"downstream": scope}
        )
        await incidents.raise_alarm(
            unit,
            name,
            IncidentKind.CONNECTION_LOST,
            f"{called} is lost{why}",
            scope=scope,
            category=Category.AUTH_CONNECTION,
            severity=Severity.ERROR,
        )
        await breakers.hold_downstream(unit, name, scope, f"Workato reports it lost{why}", IncidentKind.CONNECTION_LOST)
        since = min(unit.now, connection.lost_at or unit.now) - BLAMED_BEFORE_S
        await self._orchestrator.reconsider_lost(unit, name, scope, since)
