"""Control's queries answered from the store, with or without an engine."""

from __future__ import annotations

from collections.abc import Callable

from aof_tui.base.clock import Clock
from aof_tui.control.metric_rows import MetricsRow
from aof_tui.control.requests import EventQuery, FailureQuery, IncidentQuery, NotificationQuery
from aof_tui.control.rows import (
    EventRow,
    FailureRow,
    IncidentRow,
    NotificationRow,
    Page,
    ReportRow,
    Status,
    Story,
)
from aof_tui.store.event_queries import list_events
from aof_tui.store.facts import EngineFacts
from aof_tui.store.failure_queries import list_failures
from aof_tui.store.incident_queries import list_incidents
from aof_tui.store.metric_queries import read_metrics
from aof_tui.store.notification_queries import list_notifications
from aof_tui.store.port import Reader
from aof_tui.store.report_queries import read_report
from aof_tui.store.status_queries import read_status
from aof_tui.store.story_queries import read_story


class StoreQueries:
    """Implements `control.protocol.Queries`. A senseless filter raises UsageError, a broken store StoreError."""

    def __init__(self, reader: Reader, clock: Clock, facts: Callable[[], EngineFacts]) -> None:
        self._reader = reader
        self._clock = clock
        self._facts = facts

    async def status(self) -> Status:
        return await read_status(self._reader, self._facts(), self._clock.wall())

    async def failures(self, query: FailureQuery) -> Page[FailureRow]:
        return await list_failures(self._reader, query, self._clock.wall())

    async def incidents(self, query: IncidentQuery) -> Page[IncidentRow]:
        return await list_incidents(self._reader, query, self._clock.wall())

    async def events(self, query: EventQuery) -> Page[EventRow]:
        return await list_events(self._reader, query, self._clock.wall())

    async def notifications(self, query: NotificationQuery) -> Page[NotificationRow]:
        return await list_notifications(self._reader, query, self._clock.wall())

    async def story(self, workspace: str, master_job_id: str) -> Story | None:
        return await read_story(self._reader, workspace, master_job_id)

    async def report(self, workspace: str, since: float, until: float) -> ReportRow:
        return await read_report(self._reader, workspace, since, until, self._clock.wall())

    async def metrics(self, workspace: str, since: float, until: float) -> MetricsRow:
        return await read_metrics(self._reader, workspace, since, until, self._clock.wall())
