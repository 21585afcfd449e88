"""The smallest Control a bridge can be tried on: it can answer, hang, and count."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from aof_tui.base.clock import SystemClock
from aof_tui.base.errors import UsageError
from aof_tui.control.feed import FeedHub, HubFeed
from aof_tui.control.metric_rows import MetricsRow
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


def empty_status() -> Status:
    return Status(
        at=1_000.0,
        rate=1.0,
        version="0",
        engine="running",
        mode="act",
        read_only=False,
        epoch=1,
        started_at=1_000.0,
        engine_error=None,
        workspaces=(),
        open_dispatches=0,
        notices_pending=0,
        notices_dead=0,
    )


@dataclass
class BareControl:
    """Answers with nothing; `hang` makes every answer wait for `let_go`."""

    hang: bool = False
    let_go: asyncio.Event = field(default_factory=asyncio.Event)
    hub: FeedHub = field(default_factory=lambda: FeedHub(SystemClock()))
    commands: list[Command] = field(default_factory=list)
    calls: int = 0

    async def _turn(self) -> None:
        self.calls += 1
        if self.hang:
            await self.let_go.wait()

    async def status(self) -> Status:
        await self._turn()
        return empty_status()

    async def failures(self, query: FailureQuery) -> Page[FailureRow]:
        await self._turn()
        return Page((), 0, None, 1_000.0)

    async def incidents(self, query: IncidentQuery) -> Page[IncidentRow]:
        await self._turn()
        if query.text:
            raise LookupError(query.text[0])
        return Page((), 0, None, 1_000.0)

    async def events(self, query: EventQuery) -> Page[EventRow]:
        await self._turn()
        return Page((), 0, None, 1_000.0)

    async def notifications(self, query: NotificationQuery) -> Page[NotificationRow]:
        await self._turn()
        return Page((), 0, None, 1_000.0)

    async def story(self, workspace: str, master_job_id: str) -> Story | None:
        await self._turn()
        return None

    async def report(self, workspace: str, since: float, until: float) -> ReportRow:
        raise UsageError("this control makes no reports")

    async def metrics(self, workspace: str, since: float, until: float) -> MetricsRow:
        raise UsageError("this control counts nothing")

    async def command(self, command: Command) -> CommandResult:
        await self._turn()
        self.commands.append(command)
        return CommandResult(True, "done")

    def subscribe(self) -> HubFeed:
        return self.hub.subscribe()
