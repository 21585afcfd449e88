"""Gives incidents the name of their connection, where it became known only after they had opened."""

from __future__ import annotations

from dataclasses import replace

from aof_tui.domain.breaker import connection_key
from aof_tui.domain.event_kinds import EventKind
from aof_tui.domain.model import Connection
from aof_tui.engine.downstream import name_of
from aof_tui.engine.unit import Unit
from aof_tui.store.mapping import incident_from
from aof_tui.store.names import incident_name


async def name_incidents(unit: Unit, workspace: str, connection: Connection) -> None:
    """In the transaction that writes a connection for the first time: what is called by its number gets its name."""
    scope = connection_key(connection.connection_id)
    unnamed = f"connection {connection.connection_id} "
    called = await name_of(unit, workspace, scope)
    for row in await unit.tx.fetch("incidents_of_scope", {"workspace": workspace, "scope": scope}):
        incident = incident_from(row)
        if incident.title.startswith(unnamed):
            named = replace(incident, title=f"{called} {incident.title.removeprefix(unnamed)}")
            await unit.put_incident(named)
            await unit.event(
                EventKind.INCIDENT_RENAMED,
                f"{incident_name(named.incident_id)} is about {called}",
                workspace=workspace,
                incident_id=named.incident_id,
                data={"title": named.title},
            )
