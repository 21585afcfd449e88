"""A Control in memory: filters, sorts and pages like an engine, records commands, and can be made to fail."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable

from msgspec.structs import replace

from aof_tui.base.clock import SystemClock
from aof_tui.base.errors import AofError, UsageError
from aof_tui.control.feed import FeedHub, HubFeed
from aof_tui.control.metric_rows import MetricsRow
from aof_tui.control.requests import (
    Command,
    EventQuery,
    FailureQuery,
    FailureSort,
    IncidentQuery,
    IncidentSort,
    NotificationQuery,
    Topic,
)
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
from aof_tui.domain.words import FINAL, IncidentStatus
from tests.tui import rows

MAX_LIMIT = 300


class FakeControl:
    """Starts with a calm data set; tests change its lists and call `publish`."""

    def __init__(self, failures: int = 24, events: int = 400, notices: int = 18) -> None:
        self.failure_rows = [rows.failure(number) for number in range(failures)]
        self.event_rows = [rows.event(sequence) for sequence in range(1, events + 1)]
        self.notice_rows = [rows.notice(number) for number in range(notices)]
        self.incident_rows: list[IncidentRow] = rows.queue() if failures else []
        self.workspace = rows.workspace()
        self.engine = rows.status(self.workspace)
        self.at = rows.NOW
        self.rate = 1.0
        self.commands: list[Command] = []
        self.result = CommandResult(True, "Done.")
        self.fault: AofError | None = None
        self.hold: asyncio.Event | None = None
        self.queries: Counter[str] = Counter()
        self.hub = FeedHub(SystemClock())

    def publish(self, *topics: Topic) -> None:
        """Tells the terminal that these have changed, or that all has."""
        self.hub.publish(topics or tuple(Topic))

    async def _answer(self, name: str) -> None:
        self.queries[name] += 1
        if self.hold is not None:
            await self.hold.wait()
        if self.fault is not None:
            raise self.fault

    async def status(self) -> Status:
        await self._answer("status")
        counts = Counter(row.status for row in self.failure_rows)
        state = replace(self.workspace, counts=dict(counts))
        return replace(self.engine, at=self.at, rate=self.rate, workspaces=(state,))

    async def failures(self, query: FailureQuery) -> Page[FailureRow]:
        await self._answer("failures")
        assert query.limit <= MAX_LIMIT
        found = [row for row in self.failure_rows if _failure_matches(row, query)]
        found.sort(key=_failure_key(query.sort), reverse=query.descending)
        return Page(tuple(found[query.skip : query.skip + query.limit]), len(found), None, self.at)

    async def incidents(self, query: IncidentQuery) -> Page[IncidentRow]:
        await self._answer("incidents")
        assert query.limit <= MAX_LIMIT
        found = [row for row in self.incident_rows if _incident_matches(row, query)]
        found.sort(key=_urgency if query.sort is IncidentSort.URGENCY else _last_seen, reverse=True)
        return Page(tuple(found[query.skip : query.skip + query.limit]), len(found), None, self.at)

    async def events(self, query: EventQuery) -> Page[EventRow]:
        await self._answer("events")
        assert query.limit <= MAX_LIMIT
        matching = [row for row in self.event_rows if _event_matches(row, query)]
        found = [
            row
            for row in matching
            if (query.after is None or row.sequence > query.after)
            and (query.before is None or row.sequence < query.before)
        ]
        chosen = found[-query.limit :] if query.newest else found[: query.limit]
        return Page(tuple(chosen), len(matching), None, self.at)

    async def notifications(self, query: NotificationQuery) -> Page[NotificationRow]:
        await self._answer("notifications")
        assert query.limit <= MAX_LIMIT
        found = [
            row
            for row in self.notice_rows
            if (not query.workspaces or row.workspace in query.workspaces)
            and (not query.states or row.state in query.states)
            and (not query.receivers or row.receiver in query.receivers)
            and _has_words(f"{row.summary} {row.receiver}", query.text, query.without)
        ]
        return Page(tuple(found[query.skip : query.skip + query.limit]), len(found), None, self.at)

    async def story(self, workspace: str, master_job_id: str) -> Story | None:
        await self._answer("story")
        for row in self.failure_rows:
            if row.master_job_id == master_job_id:
                events = tuple(line for line in self.event_rows if line.master_job_id == master_job_id)[-8:]
                notices = tuple(line for line in self.notice_rows if line.incident == row.incident)[:3]
                return rows.story_of(row, events, notices)
        return None

    async def report(self, workspace: str, since: float, until: float) -> ReportRow:
        raise UsageError("the terminal asks for no report")

    async def metrics(self, workspace: str, since: float, until: float) -> MetricsRow:
        await self._answer("metrics")
        return rows.metrics_of(workspace, since, until)

    async def command(self, command: Command) -> CommandResult:
        await self._answer("command")
        self.commands.append(command)
        return self.result

    def subscribe(self) -> HubFeed:
        return self.hub.subscribe()


def _has_words(text: str, words: tuple[str, ...], without: tuple[str, ...]) -> bool:
    lower = text.lower()
    return all(word.lower() in lower for word in words) and not any(word.lower() in lower for word in without)


def _failure_matches(row: FailureRow, query: FailureQuery) -> bool:
    return (
        (not query.workspaces or row.workspace in query.workspaces)
        and (not query.statuses or row.status in query.statuses)
        and (not query.categories or row.category in query.categories)
        and (not query.recipes or row.recipe_id in query.recipes or row.recipe in query.recipes)
        and (not query.master_job_ids or row.master_job_id in query.master_job_ids)
        and (query.incident is None or row.incident == query.incident)
        and not (query.only_open and row.status in FINAL)
        and _has_words(f"{row.title} {row.error} {row.recipe} {row.master_job_id}", query.text, query.without)
    )


def _event_matches(row: EventRow, query: EventQuery) -> bool:
    return (
        (not query.workspaces or row.workspace in query.workspaces)
        and (not query.kinds or row.kind in query.kinds)
        and (not query.levels or row.level in query.levels)
        and (query.master_job_id is None or row.master_job_id == query.master_job_id)
        and (query.incident is None or row.incident == query.incident)
        and _has_words(row.text, query.text, query.without)
    )


def _incident_matches(row: IncidentRow, query: IncidentQuery) -> bool:
    return (
        (not query.workspaces or row.workspace in query.workspaces)
        and (not query.kinds or row.kind in query.kinds)
        and (not query.statuses or row.status in query.statuses)
        and (not query.categories or row.category in query.categories)
        and (not query.severities or row.severity in query.severities)
        and (query.incident is None or row.incident == query.incident)
        and not (query.only_open and row.status == IncidentStatus.RESOLVED)
        and _has_words(f"{row.title} {row.recipe}", query.text, query.without)
    )


def _last_seen(row: IncidentRow) -> tuple[float, int]:
    return row.last_seen_at, int(row.incident[1:])


def _urgency(row: IncidentRow) -> tuple[bool, int, int, float, int]:
    severity = ("info", "warning", "error", "critical").index(row.severity)
    return row.status != IncidentStatus.SNOOZED, severity, row.level, *_last_seen(row)


def _failure_key(sort: FailureSort) -> Callable[[FailureRow], tuple[float, str]]:
    if sort is FailureSort.NEXT_ACTION:
        return lambda row: (row.next_action_at or float("inf"), row.master_job_id)
    return lambda row: (row.last_failed_at, row.master_job_id)
