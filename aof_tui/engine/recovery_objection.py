"""What speaks against repeating a failure in the transaction of the intent, however it came to be due."""

from __future__ import annotations

from aof_tui.domain.model import Failure
from aof_tui.domain.words import FailureStatus, Reason, RunStatus, WhenInDoubt
from aof_tui.store.port import Row


def kind_of(failure: Failure) -> tuple[bool, WhenInDoubt]:
    """What all jobs of one request have in common."""
    return failure.forced_by is not None, failure.plan.when_in_doubt


def began(failure: Failure, runs: list[Row]) -> float:
    """When the lineage began; an original that was never listed may have begun at any time."""
    starts = [float(row["started_at"] or 0.0) for row in runs if row["job_id"] == failure.master_job_id]
    return min(starts, default=0.0)


def objection(failure: Failure, runs: list[Row], version_no: int | None) -> tuple[FailureStatus, Reason] | None:
    """What a lineage says against being repeated by itself, on a recipe that is now of this version.

    A person's wish stands above.
    """
    if failure.forced_by is not None:
        return None
    if failure.attempts + failure.forced + failure.external >= failure.plan.max_attempts:
        return FailureStatus.EXHAUSTED, Reason.ATTEMPTS_USED
    if any(row["status"] == RunStatus.SUCCEEDED for row in runs):
        # An older run's success can come to light after a newer one's failure, which had been decided on.
        return FailureStatus.NEEDS_PERSON, Reason.FAILED_AFTER_SUCCESS
    if failure.plan.same_version and failure.version_no != version_no:
        return FailureStatus.NEEDS_PERSON, Reason.RECIPE_CHANGED
    return None
