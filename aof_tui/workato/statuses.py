"""Workato's words for the state of a run, normalised. Pure."""

from __future__ import annotations

from aof_tui.domain.words import RunStatus

_WORDS = {
    "succeeded": RunStatus.SUCCEEDED,
    "success": RunStatus.SUCCEEDED,
    "completed": RunStatus.SUCCEEDED,
    "failed": RunStatus.FAILED,
    "error": RunStatus.FAILED,
    "pending": RunStatus.PENDING,
    "running": RunStatus.PENDING,
    "processing": RunStatus.PENDING,
    "cancelled": RunStatus.CANCELLED,
    "canceled": RunStatus.CANCELLED,
    "aborted": RunStatus.CANCELLED,
}
_BEING_CANCELLED = frozenset({"cancelling", "canceling"})


def run_status(word: str | None, *, completed: bool, is_error: bool) -> RunStatus:
    """The status that a run's word means.

    A word we don't know has not ended unless the run has a completion time; then only a failure is certain. Without any
    word (the docs' samples of the list have none) time and error flag tell.
    """
    known = word.strip().lower() if word else ""
    if known in _WORDS:
        return _WORDS[known]
    if not completed:
        return RunStatus.PENDING
    if known in _BEING_CANCELLED:
        return RunStatus.CANCELLED
    if is_error:
        return RunStatus.FAILED
    return RunStatus.UNKNOWN if known else RunStatus.SUCCEEDED
