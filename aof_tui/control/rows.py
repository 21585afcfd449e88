"""Rows of plain values, built once by a store query and carried unchanged to the screen and to `--json`.

Times are UTC seconds since 1970; durations end in `_s`; ids are strings.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar

from aof_tui.control.breaker_rows import BreakerRow
from aof_tui.control.metric_rows import NO_FIGURES, Figures, MetricsRow, TaskRow
from aof_tui.control.value import Value
from aof_tui.domain.words import FailureStatus

Row = TypeVar("Row")


class Page(Value, Generic[Row], frozen=True):
    """A slice of a listing.

    `total` counts all rows that match the filter. `cursor` continues after the last row, None at the end. `at` is the
    wall time at which the rows were true.
    """

    rows: tuple[Row, ...]
    total: int
    cursor: str | None
    at: float


class FailureRow(Value, frozen=True):
    """One failure as listings show it."""

    workspace: str
    recipe_id: str
    recipe: str
    master_job_id: str
    newest_job_id: str
    title: str
    status: str
    reason: str | None
    category: str
    severity: str
    fingerprint: str
    error: str
    attempts: int
    max_attempts: int
    forced: int
    external: int
    first_failed_at: float
    last_failed_at: float
    next_action_at: float | None
    incident: str | None
    incident_status: str | None
    repeatable_until: float | None = None
    """When Workato is reckoned to have lost the job; None where nobody knows."""
    repeat_tasks: int | None = None
    """What a repeat is reckoned to cost in Workato's tasks."""
    undecided_until: float | None = None
    """Until when its decision waits for the detail of a new error; None once it is decided."""

    @property
    def deciding(self) -> bool:
        """Whether its next action is a decision, and no repeat that is planned."""
        return self.undecided_until is not None and self.status == FailureStatus.SCHEDULED


class IncidentRow(Value, frozen=True):
    """One incident as listings show it; `incident` is `I` and a number."""

    workspace: str
    incident: str
    kind: str
    status: str
    novelty: str
    category: str
    severity: str
    title: str
    recipe_id: str | None
    recipe: str | None
    fingerprint: str
    open_failures: int
    total: int
    level: int
    first_seen_at: float
    last_seen_at: float
    escalate_at: float | None
    remind_at: float | None
    acknowledged_by: str | None
    snoozed_until: float | None
    assignee: str | None
    resolved_at: float | None


class EventRow(Value, frozen=True):
    """One line of the global log; `text` says it in words for a person."""

    sequence: int
    at: float
    workspace: str
    kind: str
    level: str
    actor: str
    subject: str
    recipe_id: str | None
    recipe: str | None
    master_job_id: str | None
    incident: str | None
    text: str
    data: Mapping[str, object] = {}


class NotificationRow(Value, frozen=True):
    """One notification to one receiver's channel."""

    notification: str
    workspace: str
    kind: str
    receiver: str
    channel: str
    state: str
    attempts: int
    created_at: float
    next_try_at: float | None
    delivered_at: float | None
    incident: str | None
    summary: str
    error: str | None


class RunRow(Value, frozen=True):
    """One run of a lineage."""

    job_id: str
    status: str
    source: str
    """`original`, `engine`, `person` (forced through aof-tui) or `external` (somebody else, in Workato)."""
    started_at: float | None
    completed_at: float | None
    error: str | None


class AttemptRow(Value, frozen=True):
    """One attempt with the dispatch that carried it."""

    number: int
    forced: bool
    actor: str
    state: str
    decided_at: float
    sent_job_id: str
    new_job_id: str | None
    outcome: str | None
    dispatch_id: str
    dispatch_state: str
    sending_at: float | None
    settle_until: float | None
    http_status: int | None


class FallbackRow(Value, frozen=True):
    """One start of a fallback recipe for a failure. A plan that nothing was sent for yet has no dispatch."""

    name: str
    recipe_id: str
    recipe: str | None
    forced: bool
    state: str
    dispatch_id: str | None
    decided_at: float
    next_at: float | None
    """When it is started, or its job is looked for again."""
    sending_at: float | None
    http_status: int | None
    outcome: str | None
    job_id: str | None
    """The job it began, where Workato shows which one that is."""


class Story(Value, frozen=True):
    """Everything known of one failure."""

    failure: FailureRow
    plan: Mapping[str, str]
    """Why it is treated as it is: rule, policy, repeat choice, when in doubt, what to do next."""
    runs: tuple[RunRow, ...]
    attempts: tuple[AttemptRow, ...]
    events: tuple[EventRow, ...]
    notifications: tuple[NotificationRow, ...]
    fallbacks: tuple[FallbackRow, ...] = ()


class WorkspaceState(Value, frozen=True):
    """One workspace as the header shows it."""

    workspace: str
    production: bool
    paused_by: str | None
    paused_at: float | None
    acting_stopped: str | None
    """Why acting stopped by itself (401, 403, changed workspace), else None."""
    swept_at: float | None
    """End of the last completed sweep."""
    counts: Mapping[str, int]
    """Failures by status, final ones of the last 24 hours only."""
    open_incidents: int
    queue: int
    """Recipes that wait to be read."""
    oldest_mark_at: float | None
    """Since when one of them waits that is known to have new failures."""
    last_day: Figures = NO_FIGURES
    """What was counted in the last 24 hours and the rest of the hour before."""
    tasks: TaskRow | None = None
    """What the repeats of this month cost."""
    first_reads: int = 0
    """Recipes among those that wait that were never read before."""


class Status(Value, frozen=True):
    """State of the engine and its workspaces at wall time `at`."""

    at: float
    rate: float
    """Engine seconds in one real second; a screen computes countdowns from `at` and this."""
    version: str
    engine: str
    """`running`, `stopping`, `failed`, or `absent` when the store is read without an engine."""
    mode: str
    read_only: bool
    epoch: int
    started_at: float | None
    engine_error: str | None
    workspaces: tuple[WorkspaceState, ...]
    open_dispatches: int
    notices_pending: int
    notices_dead: int
    breakers: tuple[BreakerRow, ...] = ()
    """Those that are not closed."""


class CommandResult(Value, frozen=True):
    """What became of a command, in one sentence for a person."""

    done: bool
    message: str


class ReportRow(Value, frozen=True):
    """A periodic job report over [since, until), per workspace."""

    workspace: str
    since: float
    until: float
    recorded: int
    recovered: int
    exhausted: int
    needs_person: int
    held: int
    still_open: int
    repeats_accepted: int
    healed_by_repeat_share: float | None
    """Of the failures that recovered or were exhausted, those that a repeat healed."""
    median_time_to_recovery_s: float | None
    by_category: Mapping[str, int]
    top_errors: tuple[Mapping[str, object], ...]
    """Each: fingerprint, error, recipe, count, novelty."""
    open_incidents: tuple[IncidentRow, ...]
    metrics: MetricsRow | None = None
    """Figures by recipe, category and downstream, by the hour."""
    open_by_status: Mapping[str, int] = {}
    """What is still open now, by its status; the figures above count what happened in the time."""
