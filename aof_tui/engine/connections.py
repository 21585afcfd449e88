"""Looks at what no job tells of a downstream: connections that Workato reports lost, and restored."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from aof_tui.domain.breaker import connection_key
from aof_tui.domain.event_kinds import EventKind
from aof_tui.domain.model import Connection
from aof_tui.domain.words import Category, IncidentKind, Severity
from aof_tui.engine.access import Access
from aof_tui.engine.connection_names import name_incidents
from aof_tui.engine.context import Context, Workspace
from aof_tui.engine.downstream import name_of
from aof_tui.engine.orchestrator import Orchestrator
from aof_tui.engine.unit import Unit
from aof_tui.store.mapping import text
from aof_tui.workato.errors import Forbidden, NotFound, WorkatoError
from aof_tui.workato.pacer import Priority

EVERY_S = 300.0
ASKED_APART_S = 30.0
"""How soon the list is read again at the earliest, whatever errors of authorisation come."""
GONE_AFTER_S = 300.0
"""How far apart the first and the last read that list a lost connection no more must be for it to count as gone."""
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
        self._unlisted_since: dict[str, float] = {}
        """Lost connections that the last read did not list, with the boot time of the first such read."""

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
        gone = await self._gone(connections)
        await self._ctx.write(partial(self._compare, connections=connections, gone=gone))

    async def _gone(self, connections: Sequence[Connection]) -> list[str]:
        """The lost connections that a whole list has left out for long enough: somebody deleted them."""
        rows = await self._ctx.store.read("connections_all", {"workspace": self._workspace.name})
        listed = {connection.connection_id for connection in connections}
        lost = [text(row, "connection_id") for row in rows if not row["healthy"]]
        now = self._ctx.clock.boot()
        since = self._unlisted_since
        self._unlisted_since = {one: since.get(one, now) for one in lost if one not in listed}
        return [one for one, first in self._unlisted_since.items() if now - first >= GONE_AFTER_S]

    async def _record_skipped(self, unit: Unit, why: str) -> None:
        said = f"connections are not watched: {why}"
        await unit.event(EventKind.CONNECTION_SKIPPED, said, workspace=self._workspace.name)

    async def _compare(self, unit: Unit, connections: Sequence[Connection], gone: Sequence[str]) -> None:
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
            if before is None:
                await name_incidents(unit, self._workspace.name, connection)
            # One that was never authorised is unfinished work, not a loss.
            turned = connection.healthy != before if before is not None else connection.lost_at is not None
            if turned:
                await self._turned(unit, connection)
        for connection_id in gone:
            await self._vanished(unit, connection_id)

    async def _vanished(self, unit: Unit, connection_id: str) -> None:
        """Nobody will restore it: what it refused is a person's, the rest is tried again."""
        name, scope = self._workspace.name, connection_key(connection_id)
        incidents, breakers = self._orchestrator.incidents, self._orchestrator.breakers
        said = f"{await name_of(unit, name, scope)} was lost and is no longer in the workspace"
        await unit.event(EventKind.CONNECTION_VANISHED, said, workspace=name, data={"downstream": scope})
        await breakers.refer_refused(unit, name, scope, said)
        await breakers.release_downstream(unit, name, scope, "its connection is gone, so one repeat tries what is left")
        await incidents.end_alarm(unit, name, IncidentKind.CONNECTION_LOST, scope)
        await unit.tx.execute("connection_delete", {"workspace": name, "connection_id": connection_id})

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
