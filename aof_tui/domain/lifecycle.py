"""The state machine of a failure: which status may follow which, and for what reasons it may rest or end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from aof_tui.domain.model import Failure
from aof_tui.domain.words import FailureStatus as Status
from aof_tui.domain.words import Reason

ALLOWED: Mapping[Status, frozenset[Status]] = {
    Status.SCHEDULED: frozenset(Status) - {Status.IN_DOUBT},
    Status.REPEATING: frozenset(
        {Status.WATCHING, Status.IN_DOUBT, Status.SCHEDULED, Status.NEEDS_PERSON, Status.RECOVERED, Status.EXHAUSTED}
    ),
    Status.IN_DOUBT: frozenset(Status) - {Status.REPEATING, Status.CLOSED},
    Status.WATCHING: frozenset(Status) - {Status.REPEATING, Status.IN_DOUBT},
    Status.HELD: frozenset(Status) - {Status.REPEATING, Status.IN_DOUBT},
    Status.EXHAUSTED: frozenset(Status) - {Status.REPEATING, Status.IN_DOUBT},
    Status.NEEDS_PERSON: frozenset(Status) - {Status.REPEATING, Status.IN_DOUBT},
    Status.RECOVERED: frozenset({Status.NEEDS_PERSON}),
    Status.CLOSED: frozenset({Status.RECOVERED, Status.NEEDS_PERSON}),
}
"""What may follow each status. A failure is repeated only from `scheduled`, so that one path guards every repeat."""

REASONS: Mapping[Status, frozenset[Reason]] = {
    Status.HELD: frozenset(
        {
            Reason.STAYED_IN_DOUBT,
            Reason.BREAKER_OPEN,
            Reason.RECIPE_STOPPED,
            Reason.ACTING_STOPPED,
            Reason.PAUSED,
            Reason.BACKLOG,
            Reason.OBSERVE,
            Reason.PLAN_CANCELLED,
            Reason.TASK_CAP,
            Reason.NEVER_APPEARED,
            Reason.HANDLED_BY_ROOT,
        }
    ),
    Status.EXHAUSTED: frozenset({Reason.ATTEMPTS_USED, Reason.TIME_LIMIT}),
    Status.NEEDS_PERSON: frozenset(
        {
            Reason.POLICY_NEVER,
            Reason.POLICY_ASK,
            Reason.PARTIAL_RUN,
            Reason.CALLED_BY_OTHER,
            Reason.POLL_ERROR,
            Reason.REJECTED_TWICE,
            Reason.NOT_REPEATABLE,
            Reason.RUN_CANCELLED,
            Reason.FAILED_AFTER_SUCCESS,
            Reason.RECIPE_GONE,
            Reason.RECIPE_CHANGED,
            Reason.RUN_STUCK,
            Reason.JOB_GONE,
        }
    ),
    Status.RECOVERED: frozenset(
        {
            Reason.REPEAT_SUCCEEDED,
            Reason.FORCED_REPEAT_SUCCEEDED,
            Reason.EXTERNAL_SUCCESS,
            Reason.ROOT_SUCCEEDED,
        }
    ),
    Status.CLOSED: frozenset({Reason.CLOSED_BY_PERSON, Reason.HISTORY, Reason.HANDLED_BY_FALLBACK}),
}
"""The closed list of reasons of each status that carries one."""


class IllegalMoveError(ValueError):
    """A change of status that the lifecycle does not know: a defect of the program, never of the data."""


def move(failure: Failure, to: Status, *, reason: Reason | None = None, next_action_at: float | None = None) -> Failure:
    """The failure in its new status.

    A moving status needs a next action time, any other one of its reasons. Raises IllegalMoveError.
    """
    if to not in ALLOWED[failure.status]:
        raise IllegalMoveError(f"{failure.status} -> {to}")
    if to.moving != (next_action_at is not None):
        raise IllegalMoveError(f"{to} with next action time {next_action_at}")
    if reason not in REASONS.get(to, frozenset({None})):
        raise IllegalMoveError(f"{to} because of {reason}")
    return replace(failure, status=to, reason=reason, next_action_at=next_action_at)
