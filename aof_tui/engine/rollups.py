"""Counts what happens in the transaction of what happened: failures, recoveries, repeats, executions, outages.

So the figures are exact after any crash, and a reader without an engine sees them as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aof_tui.domain.event_kinds import EventKind
from aof_tui.domain.metrics import Measure, Scope, hour_of, time_measure
from aof_tui.domain.model import Failure, Recipe
from aof_tui.domain.words import FailureStatus, Reason
from aof_tui.policy.recovery_times import bucket_of
from aof_tui.store.mapping import integer
from aof_tui.store.port import Row, Tx

COUNTED: Mapping[str, Measure] = {
    EventKind.FAILURE_RECORDED: Measure.RECORDED,
    EventKind.FAILURE_RECOVERED: Measure.RECOVERED,
    EventKind.FAILURE_EXHAUSTED: Measure.EXHAUSTED,
    EventKind.FAILURE_REFERRED: Measure.NEEDS_PERSON,
    EventKind.FAILURE_HELD: Measure.HELD,
    EventKind.REPEAT_ACCEPTED: Measure.REPEATS_ACCEPTED,
}
OUTAGES: Mapping[str, tuple[str, str]] = {
    "connection.lost": ("outage_begin", "connection"),
    "connection.restored": ("outage_end", "connection"),
    "connection.vanished": ("outage_end", "connection"),
    "breaker.opened": ("outage_begin", "breaker"),
    "breaker.closed": ("outage_end", "breaker"),
}
"""What an event means for a downstream, and by what it is known: its connection, or its breaker."""
OUR_SUCCESS = frozenset({Reason.REPEAT_SUCCEEDED, Reason.FORCED_REPEAT_SUCCEEDED})


def downstream_of(failure: Failure) -> str:
    """The connection or application that a failure came from; empty where the error names none."""
    if failure.downstream is not None:
        return failure.downstream
    return f"application:{failure.error.adapter}" if failure.error.adapter else ""


async def count_failure(
    tx: Tx, now: float, kind: EventKind, failure: Failure, data: Mapping[str, object]
) -> dict[str, object]:
    """Count an event about a failure; returns what the event has to say so that the log alone gives the same sums."""
    said: dict[str, object] = {}
    measures: list[str] = [COUNTED[kind]] if kind in COUNTED else []
    if kind is EventKind.FAILURE_RECORDED:
        said["fingerprint"] = failure.plan.fingerprint
        subject = f"{failure.recipe_id} {failure.plan.fingerprint}"
        await _add(tx, now, failure.workspace, Scope.FINGERPRINT, subject, Measure.RECORDED)
    if kind is EventKind.FAILURE_RECOVERED:
        said["took_s"] = max(0.0, now - failure.first_failed_at)
        measures.append(time_measure(bucket_of(max(0.0, now - failure.first_failed_at))))
    ended = await _ended_repeat(tx, kind, failure, data)
    if ended is not None:
        said["repeat"] = ended.removeprefix("repeats_")
        measures.append(ended)
    if measures or kind is EventKind.FAILURE_SCHEDULED:
        said["downstream"] = downstream_of(failure)
    if measures:
        await _add_everywhere(tx, now, failure, measures)
    return said


async def _ended_repeat(tx: Tx, kind: EventKind, failure: Failure, data: Mapping[str, object]) -> Measure | None:
    """Whether the event is the end of a repeat through this program, and which."""
    if kind is EventKind.FAILURE_RECOVERED:
        return Measure.REPEATS_SUCCEEDED if failure.reason in OUR_SUCCESS else None
    if kind is EventKind.RUN_FAILED:
        run = data.get("run")
    elif kind is EventKind.FAILURE_REFERRED and failure.reason is Reason.RUN_CANCELLED:
        run = failure.newest_job_id
    else:
        return None
    lineage = {"workspace": failure.workspace, "master_job_id": failure.master_job_id, "run": str(run)}
    return Measure.REPEATS_FAILED if await tx.fetch("repeat_is_ours", lineage) else None


async def count_reclassified(tx: Tx, before: Failure, after: Failure) -> None:
    """A recorded failure turns out, once its detail is known, to be of another kind than it was counted under."""
    if before.status is not FailureStatus.SCHEDULED or before.newest_job_id != before.master_job_id:
        return
    for scope, old, new in (
        (Scope.CATEGORY, str(before.plan.category), str(after.plan.category)),
        (Scope.DOWNSTREAM, downstream_of(before), downstream_of(after)),
    ):
        for subject, amount in ((old, -1), (new, 1)):
            if old != new and subject:
                await _add(tx, before.recorded_at, before.workspace, scope, subject, Measure.RECORDED, amount)


async def count_executions(tx: Tx, now: float, workspace: str, recipe: Recipe, known: Row) -> None:
    """Count the jobs that a recipe's counters say have ended since they were last stored.

    A counter that went down (a repeat that healed, jobs that were deleted) counts nothing.
    """
    for measure, delta in (
        (Measure.JOBS_SUCCEEDED, recipe.succeeded_count - integer(known, "succeeded_count")),
        (Measure.JOBS_FAILED, recipe.failed_count - integer(known, "failed_count")),
    ):
        if delta > 0:
            await _add(tx, now, workspace, Scope.RECIPE, recipe.recipe_id, measure, delta)
            await _add(tx, now, workspace, Scope.WORKSPACE, "", measure, delta)


async def count_outage(tx: Tx, now: float, kind: EventKind, workspace: str, data: Mapping[str, object]) -> None:
    """Keep the history of a downstream that an event says was lost or is back; others leave it alone."""
    downstream = data.get("downstream")
    if kind in OUTAGES and isinstance(downstream, str):
        statement, cause = OUTAGES[kind]
        await tx.execute(statement, {"workspace": workspace, "downstream": downstream, "cause": cause, "at": now})


async def _add_everywhere(tx: Tx, now: float, failure: Failure, measures: Sequence[str]) -> None:
    places = [
        (Scope.WORKSPACE, ""),
        (Scope.RECIPE, failure.recipe_id),
        (Scope.CATEGORY, str(failure.plan.category)),
    ]
    downstream = downstream_of(failure)
    if downstream:
        places.append((Scope.DOWNSTREAM, downstream))
    for scope, subject in places:
        for measure in measures:
            await _add(tx, now, failure.workspace, scope, subject, measure)


async def _add(tx: Tx, at: float, workspace: str, scope: Scope, subject: str, measure: str, amount: int = 1) -> None:
    await tx.execute(
        "metric_add",
        {
            "workspace": workspace,
            "scope": scope,
            "start": hour_of(at),
            "subject": subject,
            "measure": measure,
            "amount": amount,
        },
    )
