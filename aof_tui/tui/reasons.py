"""Why something cannot be done now, in one sentence for the person who pressed its key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from aof_tui.control.rows import FailureRow
from aof_tui.domain.words import RESTING, FailureStatus, IncidentKind, IncidentStatus, Mode, Reason
from aof_tui.tui.situation import Situation

WhyNot = Callable[[Situation], str | None]


def always(_: Situation) -> str | None:
    """Nothing stands in the way."""
    return None


def cannot_act(now: Situation) -> str | None:
    """What stands in the way of everything that changes something."""
    if now.read_only:
        return now.read_only_why
    if now.fault is not None:
        return f"The engine does not answer: {now.fault}."
    if now.engine != "running":
        return f"The engine is not running (it is {now.engine})."
    return None


def no_failure(now: Situation) -> str | None:
    return "No failure is selected." if now.failure is None and not now.row_named else None


def no_incident(now: Situation) -> str | None:
    if now.incident is not None:
        return None
    if now.failure is not None:
        return "This failure belongs to no incident yet."
    return None if now.row_named else "No incident is selected."


def nothing_to_open(now: Situation) -> str | None:
    if now.breaker is not None:
        return "There is no more to a breaker: b closes it, or keeps it open."
    return None if now.incident or now.failure or now.row_named else "Nothing is selected."


_RETRY_WAITS: Mapping[str, str] = MappingProxyType(
    {
        FailureStatus.REPEATING: "A repeat of this job is being sent now.",
        FailureStatus.WATCHING: "A repeat of this job is running: its end is awaited.",
        FailureStatus.IN_DOUBT: "It is being found out whether the last repeat was accepted.",
        FailureStatus.RECOVERED: "This failure has recovered.",
        FailureStatus.CLOSED: "This failure is closed.",
    }
)


_NO_RETRY: Mapping[str, str] = MappingProxyType(
    {
        Reason.POLL_ERROR: "Its trigger failed before there was a job: there is nothing to repeat.",
        Reason.HANDLED_BY_ROOT: "It was called by another recipe's job: that one is repeated, not this.",
    }
)


def _nothing_is_sent(now: Situation, aim: str) -> str | None:
    if now.mode == Mode.OBSERVE:
        return f"The engine only observes: nothing is sent to Workato. Set “mode: act” to {aim}."
    if now.workspace is not None and now.workspace.paused_by is not None:
        return f"Repeats of {now.workspace.workspace} are paused by {now.workspace.paused_by}: P resumes them."
    if now.workspace is not None and now.workspace.acting_stopped is not None:
        return f"Acting stopped by itself: {now.workspace.acting_stopped}."
    return None


# Of a failure


def retry(now: Situation) -> str | None:
    nothing = _nothing_is_sent(now, "repeat jobs")
    if nothing or now.failure is None:
        return nothing
    return _RETRY_WAITS.get(now.failure.status) or _NO_RETRY.get(now.failure.reason or "")


def cancel(now: Situation) -> str | None:
    if now.failure is None or now.failure.status == FailureStatus.SCHEDULED:
        return None
    return "No repeat is planned for this failure."


def close(now: Situation) -> str | None:
    if now.failure is not None and now.failure.status in (FailureStatus.RECOVERED, FailureStatus.CLOSED):
        return _RETRY_WAITS[now.failure.status]
    return None


def release(now: Situation) -> str | None:
    if now.failure is not None and now.failure.status != FailureStatus.HELD:
        return "Only a held failure can be released."
    return _nothing_is_sent(now, "repeat jobs")


def fallback(now: Situation) -> str | None:
    if now.failure is not None and now.failure.status not in RESTING:
        status = now.failure.status.replace("_", " ")
        return f"A fallback is only for a failure that nothing moves any more: this one is {status}."
    return _nothing_is_sent(now, "start recipes")


# Of an incident


def _resolved(now: Situation) -> str | None:
    row = now.incident_row
    return f"{row.incident} is resolved already." if row and row.status == IncidentStatus.RESOLVED else None


def on_incident(now: Situation) -> str | None:
    """What an incident that is over does not take."""
    return _resolved(now)


def acknowledge(now: Situation) -> str | None:
    row = now.incident_row
    status = row.status if row else now.failure.incident_status if now.failure else None
    return f"{now.incident} is acknowledged already." if status == IncidentStatus.ACKNOWLEDGED else _resolved(now)


def resolve(now: Situation) -> str | None:
    row = now.incident_row
    if row is None or not row.open_failures:
        return _resolved(now)
    amount = "One failure of it is" if row.open_failures == 1 else f"{row.open_failures:,} failures of it are"
    return f"{amount} still open: it is resolved by itself once they are not."


def held_for_stopped_recipe(failure: FailureRow | None) -> bool:
    """Whether the failure waits for its recipe to run again."""
    return failure is not None and failure.reason == Reason.RECIPE_STOPPED


def start(now: Situation) -> str | None:
    row = now.incident_row
    if row is not None and row.kind != IncidentKind.RECIPE_STOPPED:
        return f"{row.incident} is not about a stopped recipe."
    if row is None and not held_for_stopped_recipe(now.failure) and (now.failure or now.incident is None):
        return "Nothing here is about a stopped recipe: i shows all incidents."
    return _resolved(now) or _nothing_is_sent(now, "start recipes")


# Of a workspace


def backlog(now: Situation) -> str | None:
    if now.workspace is None:
        return "No workspace is known yet."
    if not now.workspace.counts.get(FailureStatus.HELD):
        return f"Nothing of {now.workspace.workspace} is held."
    return _nothing_is_sent(now, "repeat jobs")


def on_workspace(now: Situation) -> str | None:
    return "No workspace is known yet." if now.workspace is None else None
