"""Everything known of one failure."""

from __future__ import annotations

from collections.abc import Mapping

from aof_tui.base.clock import rfc3339
from aof_tui.control.rows import AttemptRow, FailureRow, RunRow, Story
from aof_tui.domain.words import FailureStatus, Reason
from aof_tui.store.event_queries import event_row
from aof_tui.store.failure_queries import failure_row
from aof_tui.store.fallback_queries import read_fallbacks
from aof_tui.store.mapping import integer, moment, optional_integer, optional_moment, optional_text, text
from aof_tui.store.notification_queries import notification_row
from aof_tui.store.port import Params, Reader, Row

MOST_RUNS = 200
MOST_ATTEMPTS = 200
MOST_EVENTS = 500
MOST_NOTIFICATIONS = 100


async def read_story(reader: Reader, workspace: str, master_job_id: str) -> Story | None:
    """The failure of this original job with the newest of everything around it, oldest first; None if there is none."""
    lineage: Params = {"workspace": workspace, "master_job_id": master_job_id}
    found = await reader.read("story_failure", lineage)
    if not found:
        return None
    runs = await reader.read("story_runs", {**lineage, "most": MOST_RUNS})
    attempts = await reader.read("story_attempts", {**lineage, "most": MOST_ATTEMPTS})
    events = await reader.read("story_events", {**lineage, "most": MOST_EVENTS})
    about = {**lineage, "incident_id": found[0]["incident_id"], "most": MOST_NOTIFICATIONS}
    notifications = await reader.read("story_notifications", about)
    failure = failure_row(found[0])
    return Story(
        failure=failure,
        plan=_plan(found[0], failure),
        runs=tuple(_run(row) for row in reversed(runs)),
        attempts=tuple(_attempt(row) for row in reversed(attempts)),
        events=tuple(event_row(row) for row in reversed(events)),
        notifications=tuple(notification_row(row) for row in reversed(notifications)),
        fallbacks=await read_fallbacks(reader, workspace, master_job_id),
    )


def next_step(failure: FailureRow) -> str:
    """What happens next, in words for a person."""
    status = FailureStatus(failure.status)
    due = "" if failure.next_action_at is None else f" at {rfc3339(failure.next_action_at)}"
    why = f" ({failure.reason})" if failure.reason else ""
    if failure.undecided_until is not None:
        return f"its job's details are read, then it is decided; without them{due}"
    if failure.reason == Reason.BREAKER_OPEN:
        return "held until its downstream works again; a person may close the breaker, retry or close it"
    return {
        FailureStatus.SCHEDULED: f"attempt {failure.attempts + 1} of {failure.max_attempts}{due}",
        FailureStatus.REPEATING: f"a repeat is being sent; looked at again{due}",
        FailureStatus.IN_DOUBT: f"an answer was lost; the lineage is read again{due}",
        FailureStatus.WATCHING: f"the end of an accepted repeat is awaited; looked at again{due}",
        FailureStatus.HELD: f"held{why}; a person may release, retry or close it",
        FailureStatus.EXHAUSTED: f"all automatic attempts are over{why}; a person may retry or close it",
        FailureStatus.NEEDS_PERSON: f"a person decides{why}: retry or close",
        FailureStatus.RECOVERED: f"nothing; it recovered{why}",
        FailureStatus.CLOSED: f"nothing; it was closed{why}",
    }[status]


def _plan(row: Row, failure: FailureRow) -> Mapping[str, str]:
    return {
        "category": failure.category,
        "rule": text(row, "classify_rule"),
        "policy": text(row, "policy"),
        "repeat": text(row, "repeat_choice"),
        "when_in_doubt": text(row, "when_in_doubt"),
        "severity": failure.severity,
        "next": next_step(failure),
        **_circumstances(row),
    }


def _circumstances(row: Row) -> Mapping[str, str]:
    """What a person must know before repeating it, where there is such a thing."""
    found: dict[str, str] = {}
    failed, present = optional_integer(row, "version_no"), optional_integer(row, "present_version")
    if failed is not None and present is not None and failed != present:
        found["recipe"] = f"changed since the failure: version {failed}, now {present}"
    root = optional_text(row, "root_job_id")
    if root is not None:
        found["called by"] = root
    return found


def _run(row: Row) -> RunRow:
    return RunRow(
        job_id=text(row, "job_id"),
        status=text(row, "status"),
        source=text(row, "source"),
        started_at=optional_moment(row, "started_at"),
        completed_at=optional_moment(row, "completed_at"),
        error=optional_text(row, "error"),
    )


def _attempt(row: Row) -> AttemptRow:
    return AttemptRow(
        number=integer(row, "number"),
        forced=bool(row["forced"]),
        actor=text(row, "actor"),
        state=text(row, "state"),
        decided_at=moment(row, "decided_at"),
        sent_job_id=text(row, "sent_job_id"),
        new_job_id=optional_text(row, "new_job_id"),
        outcome=optional_text(row, "outcome"),
        dispatch_id=text(row, "dispatch_id"),
        dispatch_state=text(row, "dispatch_state"),
        sending_at=optional_moment(row, "sending_at"),
        settle_until=optional_moment(row, "settle_until"),
        http_status=optional_integer(row, "http_status"),
    )
