"""What rows alone show to stand in the way of a person's wish, in one sentence. The engine decides; it knows more."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from aof_tui.control.requests import Verb
from aof_tui.control.rows import FailureRow, IncidentRow, WorkspaceState
from aof_tui.domain.words import RESTING, FailureStatus, IncidentKind, IncidentStatus, Mode, Reason

ENGINE_READ_ONLY = "The engine lets you only look: you are a viewer, or it was started read-only."
SENDING = frozenset({Verb.RETRY, Verb.START_FALLBACK, Verb.START})
"""What asks for a request to Workato at once."""

_UNDER_WAY: Mapping[str, str] = MappingProxyType(
    {
        FailureStatus.REPEATING: "A repeat of this job is being sent now.",
        FailureStatus.IN_DOUBT: "It is being found out whether the last repeat was accepted.",
    }
)
_OVER: Mapping[str, str] = MappingProxyType(
    {
        FailureStatus.RECOVERED: "This failure has recovered.",
        FailureStatus.CLOSED: "This failure is closed.",
    }
)
_WATCHED = "A repeat of this job is running: its end is awaited."
_NO_REPEAT: Mapping[str, str] = MappingProxyType(
    {
        Reason.POLL_ERROR: "Its trigger failed before there was a job: there is nothing to repeat.",
        Reason.HANDLED_BY_ROOT: "It was called by another recipe's job: that one is repeated, not this.",
    }
)


def nothing_is_sent(mode: str, workspace: WorkspaceState | None) -> str | None:
    """Why no request that acts leaves for a workspace; without a full stop, so that advice can follow."""
    if mode == Mode.OBSERVE:
        return "The engine only observes: nothing is sent to Workato"
    if workspace is None:
        return None
    if workspace.paused_by is not None:
        return f"Repeats of {workspace.workspace} are paused by {workspace.paused_by}"
    if workspace.acting_stopped is not None:
        return f"Acting stopped by itself: {workspace.acting_stopped}"
    return None


def of_failure(verb: Verb, row: FailureRow) -> str | None:
    """Why this failure does not take it now; nothing where only the engine can tell."""
    match verb:
        case Verb.RETRY if row.status == FailureStatus.WATCHING:
            return _WATCHED
        case Verb.RETRY:
            return _UNDER_WAY.get(row.status) or _OVER.get(row.status) or _NO_REPEAT.get(row.reason or "")
        case Verb.CANCEL if row.status != FailureStatus.SCHEDULED:
            return "No repeat is planned for this failure."
        case Verb.CLOSE:
            return _UNDER_WAY.get(row.status) or _OVER.get(row.status)
        case Verb.RELEASE:
            return _no_release(row)
        case Verb.START_FALLBACK if row.status not in RESTING:
            status = row.status.replace("_", " ")
            return f"A fallback is only for a failure that nothing moves any more: this one is {status}."
    return None


def _no_release(row: FailureRow) -> str | None:
    if row.status != FailureStatus.HELD:
        return "Only a held failure can be released."
    if row.reason == Reason.HANDLED_BY_ROOT:
        return _NO_REPEAT[row.reason]
    if row.attempts + row.forced + row.external >= row.max_attempts:
        return "Its attempts are used up: retry it by hand, or close it."
    return None


def of_incident(verb: Verb, row: IncidentRow) -> str | None:
    """Why this incident does not take it now; nothing where only the engine can tell."""
    if row.status == IncidentStatus.RESOLVED:
        return f"{row.incident} is resolved already."
    if verb is Verb.START and row.kind != IncidentKind.RECIPE_STOPPED:
        return f"{row.incident} is not about a stopped recipe."
    if verb is Verb.ACKNOWLEDGE and row.status == IncidentStatus.ACKNOWLEDGED:
        return f"{row.incident} is acknowledged already."
    if verb is Verb.RESOLVE and row.open_failures:
        amount = "One failure of it is" if row.open_failures == 1 else f"{row.open_failures:,} failures of it are"
        return f"{amount} still open: it is resolved by itself once they are not."
    return None
