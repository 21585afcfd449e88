"""A fallback: another recipe that is started once for a failure whose attempts did not help."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from aof_tui.domain.words import FailureStatus, Reason


class FallbackMeans(StrEnum):
    """How a fallback recipe is started."""

    WEBHOOK = "webhook"
    ENDPOINT = "endpoint"
    FORCE_RUN = "force_run"


class FallbackState(StrEnum):
    """How far the fallback of one failure has come."""

    PLANNED = "planned"
    STARTING = "starting"
    STARTED = "started"
    DOUBTED = "doubted"
    """Nobody knows whether it was started: it is never started again by itself."""
    REJECTED = "rejected"
    OBSERVED = "observed"
    CANCELLED = "cancelled"
    SUCCEEDED = "succeeded"
    FAILED = "failed"

    @property
    def nothing_sent(self) -> bool:
        """Whether a further plan may take its place, because no request of it can have started anything."""
        return self in (FallbackState.OBSERVED, FallbackState.CANCELLED)


STARTED_FOR: Mapping[Reason, FailureStatus] = {
    Reason.ATTEMPTS_USED: FailureStatus.EXHAUSTED,
    Reason.TIME_LIMIT: FailureStatus.EXHAUSTED,
    Reason.POLICY_NEVER: FailureStatus.NEEDS_PERSON,
    Reason.REJECTED_TWICE: FailureStatus.NEEDS_PERSON,
    Reason.NOT_REPEATABLE: FailureStatus.NEEDS_PERSON,
    Reason.RUN_CANCELLED: FailureStatus.NEEDS_PERSON,
}
"""The reasons for resting for which a rule may start a fallback: those that no repeat ends."""


@dataclass(frozen=True, slots=True)
class Fallback:
    """The fallback of one failure; times are UTC seconds."""

    workspace: str
    master_job_id: str
    name: str
    recipe_id: str
    """The recipe that is started."""
    state: FallbackState
    planned_at: float
    next_at: float | None
    """When it is started, or its job is looked for; None when nothing more is to be done."""
    forced_by: str | None = None
    unsent: int = 0
    """Starts in a row that never left this machine, or were refused for the moment."""
    dispatch_id: str | None = None
    sent_at: float | None = None
    job_id: str | None = None
    """The job that it started, as far as Workato shows it."""
