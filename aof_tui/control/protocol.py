"""The only door between an engine and whoever looks at it or acts on it."""

from __future__ import annotations

from typing import Protocol

from aof_tui.control.metric_rows import MetricsRow
from aof_tui.control.requests import Changes, Command, EventQuery, FailureQuery, IncidentQuery, NotificationQuery
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


class Feed(Protocol):
    """A pulled change feed: a bounded set of what changed and one wake-up flag."""

    async def wait(self, timeout_s: float) -> Changes:
        """What changed since the last call, as soon as anything did, else nothing after `timeout_s` real seconds."""
        ...

    def close(self) -> None:
        """Ends the subscription."""
        ...


class Queries(Protocol):
    """What can be read. A store without an engine answers these too."""

    async def status(self) -> Status: ...

    async def failures(self, query: FailureQuery) -> Page[FailureRow]: ...

    async def incidents(self, query: IncidentQuery) -> Page[IncidentRow]: ...

    async def events(self, query: EventQuery) -> Page[EventRow]: ...

    async def notifications(self, query: NotificationQuery) -> Page[NotificationRow]: ...

    async def story(self, workspace: str, master_job_id: str) -> Story | None: ...

    async def report(self, workspace: str, since: float, until: float) -> ReportRow: ...

    async def metrics(self, workspace: str, since: float, until: float) -> MetricsRow: ...


class Control(Queries, Protocol):
    """Queries, commands and the feed of a living engine."""

    async def command(self, command: Command) -> CommandResult: ...

    def subscribe(self) -> Feed: ...
