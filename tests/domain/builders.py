"""Small makers of domain rows for tests."""

from __future__ import annotations

from dataclasses import replace

from aof_tui.domain.model import Attempt, ErrorParts, Failure, Plan, Run
from aof_tui.domain.words import (
    AttemptState,
    Category,
    FailureStatus,
    RepeatChoice,
    RunStatus,
    Severity,
    WhenInDoubt,
)

PLAN = Plan(
    category=Category.RATE_LIMIT,
    classify_rule="rule",
    fingerprint="v1:f",
    repeat=RepeatChoice.AUTO,
    policy="default",
    max_attempts=5,
    severity=Severity.ERROR,
    when_in_doubt=WhenInDoubt.HOLD,
)


def failure(**changes: object) -> Failure:
    made = Failure(
        workspace="prod",
        master_job_id="j-1",
        recipe_id="7",
        status=FailureStatus.SCHEDULED,
        reason=None,
        title="",
        error=ErrorParts("429 Too Many Requests"),
        plan=PLAN,
        attempts=0,
        forced=0,
        external=0,
        rejections=0,
        first_failed_at=100.0,
        last_failed_at=100.0,
        recorded_at=110.0,
        next_action_at=400.0,
        newest_job_id="j-1",
        newest_status=RunStatus.FAILED,
        incident_id=None,
        draw="7@110",
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # tests name fields freely


def run(job_id: str, status: RunStatus, started_at: float | None, *, master: str = "j-1", ended: float = 1.0) -> Run:
    completed = started_at + ended if started_at is not None and status.ended else None
    return Run("7", job_id, master, status, started_at, completed)


def attempt(number: int, state: AttemptState, **changes: object) -> Attempt:
    made = Attempt(
        attempt_id=number,
        workspace="prod",
        master_job_id="j-1",
        number=number,
        forced=False,
        actor="engine",
        state=state,
        dispatch_id=f"d-{number}",
        sent_job_id="j-1",
        baseline=("j-1",),
        decided_at=200.0,
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # tests name fields freely
