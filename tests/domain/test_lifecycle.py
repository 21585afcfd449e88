"""The state machine refuses what it does not know."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aof_tui.domain.lifecycle import ALLOWED, REASONS, IllegalMoveError, move
from aof_tui.domain.words import FINAL, MOVING, RESTING, FailureStatus, Reason
from tests.domain.builders import failure

STATUSES = st.sampled_from(list(FailureStatus))


def test_every_status_is_moving_resting_or_final() -> None:
    assert frozenset(FailureStatus) == MOVING | RESTING | FINAL
    assert not MOVING & RESTING
    assert not MOVING & FINAL
    assert not RESTING & FINAL
    assert all(status.moving or status.resting or status.final for status in FailureStatus)
    assert set(ALLOWED) == set(FailureStatus)


def test_every_reason_belongs_to_exactly_one_status() -> None:
    listed = [reason for reasons in REASONS.values() for reason in reasons]
    assert sorted(listed) == sorted(Reason)


def test_a_repeat_begins_only_from_scheduled() -> None:
    assert [status for status, after in ALLOWED.items() if FailureStatus.REPEATING in after] == [
        FailureStatus.SCHEDULED
    ]


def test_a_recovered_failure_is_never_repeated_by_itself() -> None:
    assert ALLOWED[FailureStatus.RECOVERED] == {FailureStatus.NEEDS_PERSON}


@given(STATUSES, STATUSES, st.none() | st.sampled_from(list(Reason)), st.none() | st.floats(0, 1e9))
def test_a_move_keeps_the_rules(
    before: FailureStatus, after: FailureStatus, reason: Reason | None, at: float | None
) -> None:
    start = failure(status=before)
    legal = (
        after in ALLOWED[before]
        and after.moving == (at is not None)
        and (reason is None if after.moving else reason in REASONS[after])
    )
    if not legal:
        with pytest.raises(IllegalMoveError):
            move(start, after, reason=reason, next_action_at=at)
        return
    moved = move(start, after, reason=reason, next_action_at=at)
    assert (moved.status, moved.reason, moved.next_action_at) == (after, reason, at)
    assert moved.attempts == start.attempts
