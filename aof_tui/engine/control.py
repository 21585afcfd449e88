"""The engine's side of Control."""

from __future__ import annotations

from aof_tui.control.feed import FeedHub
from aof_tui.control.metric_rows import MetricsRow
from aof_tui.control.protocol import Feed
from aof_tui.control.requests import Command, EventQuery, FailureQuery, IncidentQuery, NotificationQuery
from aof_tui.control.rows import (
    CommandResult,
    EventRow,
    FailureRow,
    IncidentRow,
    NotificationRow,
    Page,
    ReportRow,
    Status,
    Story,
)
from aof_tui.engine.commands import Commands
from aof_tui.store.queries import StoreQueries


class EngineControl:
    """Implements `control.protocol.Control` in the engine's own loop."""

    def __init__(self, queries: StoreQueries, commands: Commands, hub: FeedHub) -> None:
        self._queries = queries
        self._commands = commands
        self._hub = hub

    async def status(self) -> Status:
        return await self._queries.status()

    async def failures(self, query: FailureQuery) -> Page[FailureRow]:
        return await self._queries.failures(query)

    async def incidents(self, query: IncidentQuery) -> Page[IncidentRow]:
        return await self._queries.incidents(query)

    async def events(self, query: EventQuery) -> Page[EventRow]:
        return await self._queries.events(query)

    async def notifications(self, query: NotificationQuery) -> Page[NotificationRow]:
        return await self._queries.notifications(query)

    async def story(self, workspace: str, master_job_id: str) -> Story | None:
        return await self._queries.story(workspace, master_job_id)

    async def report(self, workspace: str, since: float, until: float) -> ReportRow:
        return await self._queries.report(workspace, since, until)

    async def metrics(self, workspace: str, since: float, until: float) -> MetricsRow:
        return await self._queries.metrics(workspace, since, until)

    async def command(self, command: Command) -> CommandResult:
        return await self._commands.run(command)

    def subscribe(self) -> Feed:
        return self._hub.subscribe()
