"""The closed vocabularies. Their values are stored and printed: renaming one is a breaking change."""

from __future__ import annotations

from enum import StrEnum


class Category(StrEnum):
    """What kind of error it is; decides policy and who is told."""

    AUTH_CONNECTION = "auth_connection"
    PERMISSION_QUOTA = "permission_quota"
    RATE_LIMIT = "rate_limit"
    TIMEOUT_NETWORK = "timeout_network"
    DOWNSTREAM_5XX = "downstream_5xx"
    VALIDATION_DATA = "validation_data"
    DUPLICATE_CONFLICT = "duplicate_conflict"
    NOT_FOUND = "not_found"
    RECIPE_LOGIC = "recipe_logic"
    ON_PREM_AGENT = "on_prem_agent"
    UNKNOWN = "unknown"


class RepeatChoice(StrEnum):
    """Whether a failure may be repeated without asking."""

    AUTO = "auto"
    ASK = "ask"
    NEVER = "never"


class Severity(StrEnum):
    """How much a failure matters to people."""

    CRITICAL = "critical"
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Curve(StrEnum):
    """How the delay between attempts grows."""

    WINDOW = "window"
    FIXED = "fixed"
    EXPONENTIAL = "exponential"
    LONG_OUTAGE = "long-outage"


class WhenInDoubt(StrEnum):
    """What happens to an attempt of which it stays unprovable whether Workato accepted it."""

    HOLD = "hold"
    REPEAT = "repeat"


class PartialRun(StrEnum):
    """What happens to a failure whose run got past its first action, or may have written."""

    ASK = "ask"
    REPEAT = "repeat"


class Mode(StrEnum):
    """Whether the engine acts on Workato or only says what it would do."""

    OBSERVE = "observe"
    ACT = "act"


class RunStatus(StrEnum):
    """State of one run of a job, normalised from Workato's words."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"

    @property
    def ended(self) -> bool:
        return self in (RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.CANCELLED)


class FailureStatus(StrEnum):
    """Where a failure stands. Moving ones have a next action time, resting ones an unresolved incident."""

    SCHEDULED = "scheduled"
    REPEATING = "repeating"
    IN_DOUBT = "in_doubt"
    WATCHING = "watching"
    HELD = "held"
    EXHAUSTED = "exhausted"
    NEEDS_PERSON = "needs_person"
    RECOVERED = "recovered"
    CLOSED = "closed"

    @property
    def moving(self) -> bool:
        return self in MOVING

    @property
    def resting(self) -> bool:
        return self in RESTING

    @property
    def final(self) -> bool:
        return self in FINAL


MOVING = frozenset({FailureStatus.SCHEDULED, FailureStatus.REPEATING, FailureStatus.IN_DOUBT, FailureStatus.WATCHING})
RESTING = frozenset({FailureStatus.HELD, FailureStatus.EXHAUSTED, FailureStatus.NEEDS_PERSON})
FINAL = frozenset({FailureStatus.RECOVERED, FailureStatus.CLOSED})


class Reason(StrEnum):
    """Why a failure rests or ended."""

    # held
    STAYED_IN_DOUBT = "stayed_in_doubt"
    BREAKER_OPEN = "breaker_open"
    RECIPE_STOPPED = "recipe_stopped"
    ACTING_STOPPED = "acting_stopped"
    PAUSED = "paused"
    BACKLOG = "backlog"
    OBSERVE = "observe"
    PLAN_CANCELLED = "plan_cancelled"
    TASK_CAP = "task_cap"
    NEVER_APPEARED = "never_appeared"
    HANDLED_BY_ROOT = "handled_by_root"
    # exhausted
    ATTEMPTS_USED = "attempts_used"
    TIME_LIMIT = "time_limit"
    # needs_person
    POLICY_NEVER = "policy_never"
    POLICY_ASK = "policy_ask"
    PARTIAL_RUN = "partial_run"
    CALLED_BY_OTHER = "called_by_other"
    POLL_ERROR = "poll_error"
    REJECTED_TWICE = "rejected_twice"
    NOT_REPEATABLE = "not_repeatable"
    RUN_CANCELLED = "run_cancelled"
    FAILED_AFTER_SUCCESS = "failed_after_success"
    RECIPE_GONE = "recipe_gone"
    RECIPE_CHANGED = "recipe_changed"
    RUN_STUCK = "run_stuck"
    JOB_GONE = "job_gone"
    # recovered
    REPEAT_SUCCEEDED = "repeat_succeeded"
    FORCED_REPEAT_SUCCEEDED = "forced_repeat_succeeded"
    EXTERNAL_SUCCESS = "external_success"
    ROOT_SUCCEEDED = "root_succeeded"
    # closed
    CLOSED_BY_PERSON = "closed_by_person"
    HISTORY = "history"
    HANDLED_BY_FALLBACK = "handled_by_fallback"


class AttemptState(StrEnum):
    """What became of one decided repeat."""

    PREPARED = "prepared"
    SENDING = "sending"
    ACCEPTED = "accepted"
    UNKNOWN = "unknown"
    CONFIRMED = "confirmed"
    ABSENT = "absent"
    NOT_SENT = "not_sent"
    REJECTED = "rejected"

    @property
    def open(self) -> bool:
        """No further attempt of the lineage may begin while one is open."""
        return self in (AttemptState.PREPARED, AttemptState.SENDING, AttemptState.UNKNOWN)

    @property
    def uses_budget(self) -> bool:
        return self not in (AttemptState.NOT_SENT, AttemptState.REJECTED)


class DispatchState(StrEnum):
    """How far one acting HTTP request came, as committed."""

    PREPARED = "prepared"
    SENDING = "sending"
    ANSWERED = "answered"
    UNKNOWN = "unknown"
    NOT_SENT = "not_sent"
    SETTLED = "settled"


class IncidentStatus(StrEnum):
    """How people deal with an incident."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"


class Novelty(StrEnum):
    """Whether an incident's error was seen before."""

    NEW = "new"
    RECURRING = "recurring"
    REGRESSED = "regressed"


class BreakerState(StrEnum):
    """Whether repeats go to a downstream."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class BreakerCause(StrEnum):
    """What opened a breaker: failures in a row, a report that it is gone, or a person."""

    FAILURES = "failures"
    LOST = "lost"
    PERSON = "person"


class IncidentKind(StrEnum):
    """Failed jobs, or a failure that is no job."""

    JOBS = "jobs"
    RECIPE_STOPPED = "recipe_stopped"
    CONNECTION_LOST = "connection_lost"
    RECIPE_SILENT = "recipe_silent"
    AGENT_DOWN = "agent_down"
    COLLATION_BEHIND = "collation_behind"
    BACKLOG = "backlog"
    ENGINE_ERROR = "engine_error"
    TASK_CAP_REACHED = "task_cap_reached"
    FALLBACK_FAILED = "fallback_failed"


class ActorKind(StrEnum):
    """Who did something, and through which channel."""

    ENGINE = "engine"
    TERMINAL = "terminal"
    CLI = "cli"
    SLACK = "slack"


class OutboxState(StrEnum):
    """How far a notification came."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"


class NoticeKind(StrEnum):
    """What a notification tells."""

    OPENED = "opened"
    RECOVERED = "recovered"
    EXHAUSTED = "exhausted"
    NEEDS_PERSON = "needs_person"
    HELD = "held"
    ESCALATED = "escalated"
    REMINDED = "reminded"
    RESOLVED = "resolved"
    REPORT = "report"
    ALARM = "alarm"
    DIGEST = "digest"
