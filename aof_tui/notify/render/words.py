"""The words people read for the closed vocabularies, and for times and numbers."""

from __future__ import annotations

from aof_tui.base.clock import utc
from aof_tui.domain.words import NoticeKind, Reason

STATES: dict[NoticeKind, tuple[str, str]] = {
    NoticeKind.OPENED: ("●", "failing"),
    NoticeKind.RECOVERED: ("✓", "recovered"),
    NoticeKind.EXHAUSTED: ("✗", "attempts used up"),
    NoticeKind.NEEDS_PERSON: ("◆", "needs a person"),
    NoticeKind.HELD: ("■", "held"),
    NoticeKind.ESCALATED: ("▲", "escalated"),
    NoticeKind.REMINDED: ("◷", "still open"),
    NoticeKind.RESOLVED: ("✓", "resolved"),
    NoticeKind.REPORT: ("▤", "job report"),
    NoticeKind.ALARM: ("▲", "alarm"),
    NoticeKind.DIGEST: ("≡", "digest"),
}
"""A glyph and words for each kind, so that no meaning hangs on the glyph alone."""

REASONS: dict[str, str] = {
    Reason.STAYED_IN_DOUBT: "it cannot be proved whether Workato accepted the last repeat",
    Reason.BREAKER_OPEN: "the application behind it fails for everybody",
    Reason.RECIPE_STOPPED: "the recipe is stopped",
    Reason.ACTING_STOPPED: "acting on this workspace stopped",
    Reason.PAUSED: "repeats are paused",
    Reason.BACKLOG: "the backlog waits for a person's word",
    Reason.OBSERVE: "the engine only observes",
    Reason.PLAN_CANCELLED: "a person cancelled the planned repeat",
    Reason.TASK_CAP: "its repeat would pass the monthly cap on tasks",
    Reason.NEVER_APPEARED: "the accepted repeat never appeared",
    Reason.HANDLED_BY_ROOT: "the job that called it is repeated in its place",
    Reason.ATTEMPTS_USED: "all attempts are used",
    Reason.TIME_LIMIT: "the time limit has passed",
    Reason.POLICY_NEVER: "errors of this kind are not repeated",
    Reason.POLICY_ASK: "errors of this kind are repeated only when a person says so",
    Reason.PARTIAL_RUN: "the job got past its first action, so a repeat may do things twice",
    Reason.CALLED_BY_OTHER: "another recipe called it, so that one is to be repeated",
    Reason.POLL_ERROR: "the trigger failed before there was a job, so there is nothing to repeat",
    Reason.REJECTED_TWICE: "Workato rejected the repeat twice",
    Reason.NOT_REPEATABLE: "Workato says that the job cannot be repeated",
    Reason.RUN_CANCELLED: "somebody cancelled the run",
    Reason.FAILED_AFTER_SUCCESS: "it failed again after a success",
    Reason.RECIPE_GONE: "the recipe is gone",
    Reason.RECIPE_CHANGED: "the recipe was changed since the job failed",
    Reason.RUN_STUCK: "a run of it has been under way for a day",
    Reason.JOB_GONE: "Workato no longer knows a run of it, so nothing tells how that ended",
    Reason.REPEAT_SUCCEEDED: "the repeat succeeded",
    Reason.FORCED_REPEAT_SUCCEEDED: "the repeat a person asked for succeeded",
    Reason.EXTERNAL_SUCCESS: "a repeat by somebody else succeeded",
    Reason.ROOT_SUCCEEDED: "the job that called it was repeated and succeeded",
    Reason.CLOSED_BY_PERSON: "a person closed it",
    Reason.HANDLED_BY_FALLBACK: "its fallback recipe succeeded",
    Reason.HISTORY: "it is older than what is looked back on",
}


def moment(wall: float) -> str:
    """A time to the minute, in UTC."""
    return f"{utc(wall):%Y-%m-%d %H:%M} UTC"
