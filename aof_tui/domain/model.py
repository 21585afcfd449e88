"""The rows the engine decides on. All times are UTC seconds since 1970; ids are strings."""

from __future__ import annotations

from dataclasses import dataclass

from aof_tui.domain.words import (
    ActorKind,
    AttemptState,
    Category,
    DispatchState,
    FailureStatus,
    IncidentKind,
    IncidentStatus,
    Novelty,
    Reason,
    RepeatChoice,
    RunStatus,
    Severity,
    WhenInDoubt,
)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: the engine, or a person with a channel."""

    kind: ActorKind
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}" if self.name else str(self.kind)


ENGINE = Actor(ActorKind.ENGINE)


@dataclass(frozen=True, slots=True)
class ErrorParts:
    """What a job says of its error, cleaned, redacted and cut; None where Workato left a part out."""

    text: str
    error_type: str | None = None
    adapter: str | None = None
    message: str | None = None
    http_code: int | None = None
    line_number: int | None = None
    action: str | None = None
    error_id: str | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a job as a list or a detail shows it: the original, or a repeat of it.

    `master_job_id` is the lineage it belongs to: the original's id, which is its own for an original.
    """

    recipe_id: str
    job_id: str
    master_job_id: str
    status: RunStatus
    started_at: float | None
    completed_at: float | None
    title: str = ""
    error: ErrorParts | None = None
    is_poll_error: bool = False
    is_test: bool = False
    erased: bool = False
    calling_job_id: str | None = None
    root_job_id: str | None = None
    root_recipe_id: str | None = None

    @property
    def is_repeat(self) -> bool:
        return self.master_job_id != self.job_id


@dataclass(frozen=True, slots=True)
class JobDetail:
    """What only a job's detail tells: the failed step and the HTTP code it met."""

    http_code: int | None
    failed_line: int | None
    adapter: str | None
    operation: str | None
    is_test: bool = False


@dataclass(frozen=True, slots=True)
class Recipe:
    """A recipe as the recipe list shows it."""

    recipe_id: str
    name: str
    running: bool
    failed_count: int
    succeeded_count: int
    project_id: str | None = None
    folder_id: str | None = None
    stop_cause: str | None = None
    stopped_at: float | None = None
    last_run_at: float | None = None
    version_no: int | None = None
    lifetime_tasks: int | None = None
    """Tasks that its jobs have cost since March 2021 (Workato docs: recipes); None where the list leaves it out."""
    applications: tuple[str, ...] = ()
    accounts: tuple[tuple[str, str], ...] = ()
    """The adapters it uses, each with its connection's id, or with "" where it has none."""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection to a downstream application."""

    connection_id: str
    name: str
    application: str
    authorized: bool
    lost_at: float | None = None
    lost_reason: str | None = None

    @property
    def healthy(self) -> bool:
        return self.authorized and self.lost_at is None


@dataclass(frozen=True, slots=True)
class Plan:
    """What policy decided for the present error of a failure."""

    category: Category
    classify_rule: str
    fingerprint: str
    repeat: RepeatChoice
    policy: str
    max_attempts: int
    severity: Severity
    when_in_doubt: WhenInDoubt
    same_version: bool = False
    """Repeated only while the recipe is the one that failed."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A lineage under care."""

    workspace: str
    master_job_id: str
    recipe_id: str
    status: FailureStatus
    reason: Reason | None
    title: str
    error: ErrorParts
    plan: Plan
    attempts: int
    forced: int
    external: int
    rejections: int
    first_failed_at: float
    last_failed_at: float
    recorded_at: float
    next_action_at: float | None
    newest_job_id: str
    newest_status: RunStatus
    incident_id: int | None
    draw: str
    """Failures recorded by one read under one policy carry the same draw key, so they fall due together."""
    succeeded_at: float | None = None
    downstream: str | None = None
    """What its newest error speaks against: a connection or an application."""
    held_by: str | None = None
    """The downstream whose breaker holds it, since `held_since`."""
    held_since: float | None = None
    stood_still_s: float = 0.0
    """Seconds that its time limit does not count, because a breaker held it."""
    undecided_until: float | None = None
    """Set while the job detail of a new (recipe, fingerprint) pair is awaited."""
    forced_by: str | None = None
    """The person who asked for a repeat that is not yet sent."""
    called: bool = False
    """The job was called by another recipe's job: its root is what may be repeated."""
    poll_error: bool = False
    root_job_id: str | None = None
    """The run at the top of the calls that led to a called job; it is repeated in its place."""
    version_no: int | None = None
    """The recipe's version as the list showed it when the newest failed run was recorded."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One decided repeat of a failure."""

    attempt_id: int
    workspace: str
    master_job_id: str
    number: int
    forced: bool
    actor: str
    state: AttemptState
    dispatch_id: str
    sent_job_id: str
    baseline: tuple[str, ...]
    """Ids of all runs of the lineage known when the attempt was decided: what is new afterwards came of it."""
    decided_at: float
    new_job_id: str | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One HTTP request that acts on Workato, written down before it is sent."""

    dispatch_id: str
    workspace: str
    recipe_id: str
    epoch: int
    state: DispatchState
    when_in_doubt: WhenInDoubt
    prepared_at: float
    sending_at: float | None
    sending_boot: float | None
    boot_id: str
    settle_until: float | None
    http_status: int | None
    outcome: str | None
    absent_reads: int = 0
    absent_read_boot: float | None = None


@dataclass(frozen=True, slots=True)
class Incident:
    """Open failures of one (workspace, scope, fingerprint), or a failure that is no job."""

    incident_id: int
    workspace: str
    kind: IncidentKind
    scope: str
    fingerprint: str
    status: IncidentStatus
    novelty: Novelty
    category: Category
    severity: Severity
    title: str
    level: int
    first_seen_at: float
    last_seen_at: float
    total: int
    escalate_at: float | None
    remind_at: float | None
    check_at: float | None = None
    """When the engine next looks whether it can be resolved."""
    told_at: float | None = None
    told_kind: str | None = None
    acknowledged_by: str | None = None
    snoozed_until: float | None = None
    assignee: str | None = None
    resolved_at: float | None = None
