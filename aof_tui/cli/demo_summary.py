"""What a demo comes to: counted by the stand-ins where they can count, and compared with the store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

from aof_tui.control.protocol import Queries
from aof_tui.control.requests import EventQuery, FailureQuery, IncidentQuery, NotificationQuery
from aof_tui.control.rows import FailureRow
from aof_tui.domain.event_kinds import EventKind
from aof_tui.domain.words import FailureStatus, NoticeKind, OutboxState
from aof_tui.simulator.oracle import judge, shown_failures
from aof_tui.simulator.truth import Truth

SETTLE_S = 120.0
"""Failures shown within these seconds of the demo's clock before its end may be on their way into the store."""
PAGE = 500


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures in the order in which they are told."""

    seed: str
    speed: float
    seconds: float
    detected: int
    recovered: int
    exhausted: int
    needs_person: int
    repeats_accepted: int
    forced_repeats: int
    notifications_delivered: int
    escalations: int
    reports: int
    events: int
    lost: int
    quota_violations: int
    lineages_over_budget: int
    repeats_after_success: int

    @property
    def good(self) -> bool:
        """Whether every promise was kept."""
        return not (self.lost or self.quota_violations or self.lineages_over_budget or self.repeats_after_success)


async def summarise(
    queries: Queries, truth: Truth, *, seed: str, speed: float, seconds: float, max_attempts: int, settle_s: float
) -> Summary:
    """Count and compare; `queries` reads the store of an engine that has ended."""
    failures = {failure.master_job_id: failure async for failure in all_failures(queries)}
    reminded = await _reminded(queries)
    forced = await _forced(queries, failures.values())
    verdict = judge(truth, max_attempts, forced)
    shown = shown_failures(truth, truth.now - settle_s)
    lost = [master for master in shown if not _is_kept(failures.get(master), reminded)]
    statuses = [failure.status for failure in failures.values()]
    reports = NotificationQuery(states=(OutboxState.DELIVERED,), text=(NoticeKind.REPORT,), limit=1)
    return Summary(
        seed=seed,
        speed=speed,
        seconds=round(seconds, 1),
        detected=len(failures),
        recovered=statuses.count(FailureStatus.RECOVERED),
        exhausted=statuses.count(FailureStatus.EXHAUSTED),
        needs_person=statuses.count(FailureStatus.NEEDS_PERSON),
        repeats_accepted=verdict.accepted,
        forced_repeats=len(forced),
        notifications_delivered=sum(delivery.accepted for delivery in truth.deliveries),
        escalations=(await queries.events(EventQuery(kinds=(EventKind.INCIDENT_ESCALATED,), limit=1))).total,
        reports=(await queries.notifications(reports)).total,
        events=(await queries.events(EventQuery(limit=1))).total,
        lost=len(lost),
        quota_violations=verdict.quota_violations,
        lineages_over_budget=len(verdict.over_budget),
        repeats_after_success=len(verdict.after_success),
    )


async def all_failures(queries: Queries) -> AsyncIterator[FailureRow]:
    """Every failure of the store."""
    cursor: str | None = None
    while True:
        page = await queries.failures(FailureQuery(only_open=False, cursor=cursor, limit=PAGE))
        for row in page.rows:
            yield row
        cursor = page.cursor
        if cursor is None:
            return


async def _reminded(queries: Queries) -> frozenset[str]:
    """Unresolved incidents that somebody will be reminded of."""
    found: set[str] = set()
    cursor: str | None = None
    while True:
        page = await queries.incidents(IncidentQuery(cursor=cursor, limit=PAGE))
        found.update(row.incident for row in page.rows if row.remind_at is not None)
        cursor = page.cursor
        if cursor is None:
            return frozenset(found)


async def _forced(queries: Queries, failures: Iterable[FailureRow]) -> tuple[str, ...]:
    """Requests that a person asked for."""
    found: dict[str, None] = {}
    for failure in failures:
        if failure.forced:
            story = await queries.story(failure.workspace, failure.master_job_id)
            attempts = story.attempts if story else ()
            found.update(dict.fromkeys(attempt.dispatch_id for attempt in attempts if attempt.forced))
    return tuple(found)


def _is_kept(failure: FailureRow | None, reminded: frozenset[str]) -> bool:
    """Whether a failure ended, moves at a known time, or rests where a person is reminded of it."""
    if failure is None:
        return False
    status = FailureStatus(failure.status)
    if status.moving:
        return failure.next_action_at is not None
    return status.final or failure.incident in reminded
