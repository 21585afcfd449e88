"""Rows for the terminal's tests: a calm data set, and texts that try to get out."""

from __future__ import annotations

from msgspec.structs import replace

from aof_tui.control.breaker_rows import BreakerRow
from aof_tui.control.metric_rows import (
    AvailabilityRow,
    DayAvailability,
    ErrorRow,
    Figures,
    MetricRow,
    MetricsRow,
    TaskRow,
)
from aof_tui.control.rows import (
    AttemptRow,
    EventRow,
    FailureRow,
    IncidentRow,
    NotificationRow,
    RunRow,
    Status,
    Story,
    WorkspaceState,
)
from aof_tui.domain.words import FailureStatus

NOW = 1_763_769_600.0
"""2025-11-22T00:00:00Z, the engine's time in all pictures."""

TORTURE = (
    "bad [/foo] x",
    "[/]",
    "[link=https://evil.example.com]a[/link]",
    "[ERROR] job failed",
    "map[key] [red]hot",
    "[@click=app.quit]press[/]",
    "C:\\temp\\[x]",
    "\x1b]0;stolen title\x07",
    "\x1b]52;c;c3RvbGVu\x1b\\",
    "\x1b[31mred\x1b[0m \x9b31m",
    "line one\nline two\ttab\rback",
    "rtl \u202eevil\u202c \u2066x\u2069 zero\u200bwidth",
    "wide 日本語 👩\u200d👩\u200d👧 é e\u0301",
    "x" * 100_000,
    "nul \x00 del \x7f",
)

_RECIPES = (
    ("101", "Order sync to ERP"),
    ("102", "Invoice export"),
    ("103", "Employee onboarding"),
    ("104", "Ticket escalation to Slack"),
)

_KINDS: tuple[tuple[FailureStatus, str | None, str, str, str], ...] = (
    (
        FailureStatus.SCHEDULED,
        None,
        "downstream_5xx",
        "error",
        "503 Service Unavailable: the ERP is down for maintenance",
    ),
    (
        FailureStatus.SCHEDULED,
        None,
        "rate_limit",
        "warning",
        "429 Too Many Requests: request limit of 100 per minute reached",
    ),
    (FailureStatus.WATCHING, None, "timeout_network", "error", "Net::ReadTimeout after 120 seconds"),
    (
        FailureStatus.NEEDS_PERSON,
        "policy_never",
        "validation_data",
        "error",
        "400 Bad Request: “country” must be two letters",
    ),
    (FailureStatus.HELD, "stayed_in_doubt", "downstream_5xx", "critical", "502 Bad Gateway"),
    (
        FailureStatus.EXHAUSTED,
        "attempts_used",
        "auth_connection",
        "critical",
        "401 Unauthorized: the token has expired",
    ),
    (FailureStatus.SCHEDULED, None, "downstream_5xx", "error", "500 Internal Server Error"),
)


def failure(number: int, *, at: float = NOW) -> FailureRow:
    """The failure with this number, always the same one."""
    status, reason, category, severity, error = _KINDS[number % len(_KINDS)]
    recipe_id, recipe = _RECIPES[number % len(_RECIPES)]
    waiting = status in (FailureStatus.SCHEDULED, FailureStatus.WATCHING)
    attempts = {FailureStatus.EXHAUSTED: 5, FailureStatus.NEEDS_PERSON: 0, FailureStatus.HELD: 2}.get(
        status, number % 4
    )
    return FailureRow(
        workspace="prod",
        recipe_id=recipe_id,
        recipe=recipe,
        master_job_id=f"j-{number:04d}",
        newest_job_id=f"j-{number:04d}" if not attempts else f"j-{number:04d}-r{attempts}",
        title=f"Order {5000 + number}",
        status=status,
        reason=reason,
        category=category,
        severity=severity,
        fingerprint=f"v1:{number % 5:08x}",
        error=error,
        attempts=attempts,
        max_attempts=5,
        forced=1 if number % 9 == 4 else 0,
        external=0,
        first_failed_at=at - 3_600 - 60 * number,
        last_failed_at=at - 20 - 37 * number,
        next_action_at=at + 41 + 53 * number if waiting else None,
        incident=f"I{1 + number % 5}",
        incident_status="acknowledged" if number % 5 == 3 else "open",
    )


def event(sequence: int, *, at: float = NOW) -> EventRow:
    """The event with this sequence number."""
    row = failure(sequence % 12)
    kinds = (
        ("failure.recorded", "warning", f"Order {sequence} of {row.recipe} failed: {row.error}"),
        ("failure.scheduled", "info", f"Attempt {1 + sequence % 5} of 5 for {row.master_job_id} in 7m 12s"),
        ("repeat.accepted", "info", f"Workato accepted the repeat of {row.master_job_id}"),
        ("failure.recovered", "info", f"{row.master_job_id} recovered with attempt {1 + sequence % 5}"),
        ("failure.exhausted", "error", f"{row.master_job_id} is exhausted after 5 attempts"),
    )
    kind, level, text = kinds[sequence % len(kinds)]
    return EventRow(
        sequence=sequence,
        at=at - 3 * max(0, 400 - sequence),
        workspace="prod",
        kind=kind,
        level=level,
        actor="engine",
        subject=row.master_job_id,
        recipe_id=row.recipe_id,
        recipe=row.recipe,
        master_job_id=row.master_job_id,
        incident=row.incident,
        text=text,
    )


def incident(number: int, **changes: object) -> IncidentRow:
    """The incident with this number: a recipe that Workato stopped."""
    row = IncidentRow(
        workspace="prod",
        incident=f"I{number}",
        kind="recipe_stopped",
        status="open",
        novelty="new",
        category="unknown",
        severity="error",
        title="Order sync to ERP was stopped by Workato: trigger_errors_limit",
        recipe_id="5200101",
        recipe="Order sync to ERP",
        fingerprint="recipe_stopped",
        open_failures=0,
        total=1,
        level=0,
        first_seen_at=NOW - 600,
        last_seen_at=NOW - 600,
        escalate_at=NOW + 1200,
        remind_at=NOW + 13_800,
        acknowledged_by=None,
        snoozed_until=None,
        assignee=None,
        resolved_at=None,
    )
    return replace(row, **changes)


def incident_of_failures(number: int) -> IncidentRow:
    """The incident that the failures of the data set with this number belong to."""
    row = failure(number - 1)
    taken = number == 4
    return incident(
        number,
        kind="jobs",
        status="acknowledged" if taken else "open",
        novelty=("new", "recurring", "regressed")[number % 3],
        category=row.category,
        severity=row.severity,
        title=f"{row.recipe}: {row.error}",
        recipe_id=row.recipe_id,
        recipe=row.recipe,
        fingerprint=row.fingerprint,
        open_failures=5,
        total=5 + number,
        level=1 if number == 5 else 0,
        first_seen_at=NOW - 3_600 * number,
        last_seen_at=row.last_failed_at,
        escalate_at=None if taken else NOW + 240 * number,
        acknowledged_by="terminal:ben" if taken else None,
    )


def queue() -> list[IncidentRow]:
    """Incidents of many kinds, as an engine keeps them."""
    lost = "ERP (netsuite) is lost: the token has expired"
    behind = "failed jobs of 3 recipes have waited longer than 10 minutes to be read"
    alarm: dict[str, object] = {"recipe_id": None, "recipe": None, "severity": "critical"}
    return [
        *(incident_of_failures(number) for number in range(1, 6)),
        incident(6),
        incident(7, kind="connection_lost", title=lost, open_failures=12, total=12, assignee="ana", **alarm),
        incident(8, kind="collation_behind", title=behind, **{**alarm, "severity": "warning"}),
        incident(
            9,
            kind="recipe_silent",
            status="snoozed",
            title="Invoice export has had no job for 6h",
            snoozed_until=NOW + 5_400,
            recipe="Invoice export",
        ),
        incident(10, kind="backlog", title="214 jobs failed while nobody watched", **alarm),
    ]


def breakers() -> tuple[BreakerRow, ...]:
    """Downstreams that nothing goes to, each for another cause."""
    return (
        BreakerRow("prod", "connection:1", "ERP (netsuite)", "open", "lost", 12, NOW - 900, "engine", None, None),
        BreakerRow(
            "prod", "connection:2", "Ticketing (jira)", "open", "failures", 7, NOW - 300, "engine", NOW + 95, None
        ),
        BreakerRow(
            "prod",
            "application:slack",
            "application slack",
            "half_open",
            "failures",
            1,
            NOW - 60,
            "engine",
            None,
            "j-0007",
        ),
        BreakerRow(
            "prod", "connection:9", "Warehouse (sap)", "open", "person", 0, NOW - 9_000, "terminal:ben", None, None
        ),
    )


def notice(number: int, *, at: float = NOW) -> NotificationRow:
    """The notification with this number."""
    state = ("delivered", "delivered", "pending", "delivered", "dead")[number % 5]
    return NotificationRow(
        notification=f"n-{number:04d}",
        workspace="prod",
        kind=("exhausted", "needs_person", "escalated", "recovered", "opened")[number % 5],
        receiver="admins" if number % 3 == 0 else "oncall",
        channel="email" if number % 3 == 0 else "slack",
        state=state,
        attempts=1 + number % 3,
        created_at=at - 90 * number - 15,
        next_try_at=at + 30 if state == "pending" else None,
        delivered_at=at - 90 * number - 14 if state == "delivered" else None,
        incident=f"I{1 + number % 5}",
        summary=f"I{1 + number % 5} {failure(number).recipe}: {failure(number).error}",
        error="channel_not_found" if state == "dead" else None,
    )


def workspace(**changes: object) -> WorkspaceState:
    """The one workspace of the data set."""
    state = WorkspaceState(
        workspace="prod",
        production=False,
        paused_by=None,
        paused_at=None,
        acting_stopped=None,
        swept_at=NOW - 12,
        counts={},
        open_incidents=10,
        queue=0,
        oldest_mark_at=None,
    )
    return replace(state, **changes)


def status(state: WorkspaceState) -> Status:
    """A healthy engine that acts."""
    return Status(
        at=NOW,
        rate=1.0,
        version="0.1.0",
        engine="running",
        mode="act",
        read_only=False,
        epoch=3,
        started_at=NOW - 7_200,
        engine_error=None,
        workspaces=(state,),
        open_dispatches=0,
        notices_pending=0,
        notices_dead=0,
    )


def story_of(row: FailureRow, events: tuple[EventRow, ...], notices: tuple[NotificationRow, ...]) -> Story:
    """A story as full as the failure is old."""
    runs = [RunRow(row.master_job_id, "failed", "original", row.first_failed_at - 9, row.first_failed_at, row.error)]
    attempts: list[AttemptRow] = []
    for number in range(1, row.attempts + 1):
        decided = row.first_failed_at + 400 * number
        new = f"{row.master_job_id}-r{number}"
        doubtful = row.reason == "stayed_in_doubt" and number == row.attempts
        attempts.append(
            AttemptRow(
                number=number,
                forced=False,
                actor="engine",
                state="unknown" if doubtful else "confirmed",
                decided_at=decided,
                sent_job_id=row.master_job_id,
                new_job_id=None if doubtful else new,
                outcome=None if doubtful else "failed",
                dispatch_id=f"d-{row.master_job_id[2:]}-{number}",
                dispatch_state="unknown" if doubtful else "settled",
                sending_at=decided + 1,
                settle_until=None,
                http_status=None if doubtful else 200,
            )
        )
        if not doubtful:
            runs.append(RunRow(new, "failed", "engine", decided + 2, decided + 20, row.error))
    plan = {"rule": "http-5xx", "policy": "retry", "repeat": "auto", "when_in_doubt": "hold", "next": "repeat in 7m"}
    return Story(row, plan, tuple(runs), tuple(attempts), events, notices)


def metrics_of(workspace: str, since: float, until: float) -> MetricsRow:
    """A day's figures."""
    figures = tuple(
        Figures(
            12 - 3 * rank,
            9 - 3 * rank,
            rank,
            1,
            0,
            10,
            9 - 3 * rank,
            1 + rank,
            4_200,
            12,
            380.0,
            1_260.0,
            0.9 - rank / 5,
        )
        for rank in range(3)
    )

    def named(*names: str) -> tuple[MetricRow, ...]:
        return tuple(MetricRow(name, name, counted) for name, counted in zip(names, figures, strict=True))

    total = Figures(27, 18, 3, 3, 0, 30, 18, 6, 12_600, 36, 380.0, 1_260.0, 0.75)
    days = (DayAvailability("2025-11-21", 86_400.0, 1_560.0, 0.9819),)
    return MetricsRow(
        workspace=workspace,
        since=since,
        until=until,
        total=total,
        recipes=named(*(name for _, name in _RECIPES[:3])),
        categories=named("downstream_5xx", "rate_limit", "timeout_network"),
        downstreams=tuple(
            replace(row, subject=f"connection:{number}")
            for number, row in enumerate(named("ERP (netsuite)", "Ticketing (jira)", "slack"), 1)
        ),
        top_errors=(
            ErrorRow("101", "Order sync to ERP", "v1:a", "Order sync to ERP: 503 Service Unavailable", "new", 8, 0),
            ErrorRow("102", "Invoice export", "v1:b", "Invoice export: 429 Too Many Requests", "recurring", 5, 7),
        ),
        availability=(AvailabilityRow("connection:1", "ERP (netsuite)", False, 86_400.0, 1_560.0, 0.9819, days),),
        tasks=TaskRow("2025-11", 120, 8, 2, 5_000),
    )
