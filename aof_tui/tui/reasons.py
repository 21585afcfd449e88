"""Why something cannot be done now, in one sentence for the person who pressed its key."""

from __future__ import annotations

from collections.abc import Callable

from aof_tui.control import why_not
from aof_tui.control.requests import Verb
from aof_tui.control.rows import FailureRow
from aof_tui.domain.words import FailureStatus, IncidentStatus, Mode, Reason
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


def _nothing_is_sent(now: Situation, aim: str) -> str | None:
    said = why_not.nothing_is_sent(now.mode, now.workspace)
    if said is None:
        return None
    if now.mode == Mode.OBSERVE:
        return f"{said}. Set “mode: act” to {aim}."
    return f"{said}: P resumes them." if now.workspace and now.workspace.paused_by is not None else f"{said}."


# Of a failure


def _of_failure(verb: Verb, now: Situation) -> str | None:
    return None if now.failure is None else why_not.of_failure(verb, now.failure)


def retry(now: Situation) -> str | None:
    return _nothing_is_sent(now, "repeat jobs") or _of_failure(Verb.RETRY, now)


def cancel(now: Situation) -> str | None:
    return _of_failure(Verb.CANCEL, now)


def close(now: Situation) -> str | None:
    return _of_failure(Verb.CLOSE, now)


def release(now: Situation) -> str | None:
    return _of_failure(Verb.RELEASE, now) or _nothing_is_sent(now, "repeat jobs")


def fallback(now: Situation) -> str | None:
    return _of_failure(Verb.START_FALLBACK, now) or _nothing_is_sent(now, "start recipes")


# Of an incident


def _of_incident(verb: Verb, now: Situation) -> str | None:
    return None if now.incident_row is None else why_not.of_incident(verb, now.incident_row)


def on_incident(now: Situation) -> str | None:
    """What an incident that is over does not take."""
    return _of_incident(Verb.ESCALATE, now)


def acknowledge(now: Situation) -> str | None:
    if now.incident_row is None and now.failure and now.failure.incident_status == IncidentStatus.ACKNOWLEDGED:
        return f"{now.incident} is acknowledged already."
    return _of_incident(Verb.ACKNOWLEDGE, now)


def resolve(now: Situation) -> str | None:
    return _of_incident(Verb.RESOLVE, now)


def held_for_stopped_recipe(failure: FailureRow | None) -> bool:
    """Whether the failure waits for its recipe to run again."""
    return failure is not None and failure.reason == Reason.RECIPE_STOPPED


def start(now: Situation) -> str | None:
    row = now.incident_row
    if row is None and not held_for_stopped_recipe(now.failure) and (now.failure or now.incident is None):
        return "Nothing here is about a stopped recipe: i shows all incidents."
    return _of_incident(Verb.START, now) or _nothing_is_sent(now, "start recipes")


# Of a workspace


def backlog(now: Situation) -> str | None:
    if now.workspace is None:
        return "No workspace is known yet."
    if not now.workspace.counts.get(FailureStatus.HELD):
        return f"Nothing of {now.workspace.workspace} is held."
    return _nothing_is_sent(now, "repeat jobs")


def on_workspace(now: Situation) -> str | None:
    return "No workspace is known yet." if now.workspace is None else None
