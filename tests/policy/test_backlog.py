"""Which failures are of a backlog."""

from __future__ import annotations

import pytest

from aof_tui.policy.backlog import BacklogWatch
from tests.domain.builders import failure

WATCH = BacklogWatch(began=1_000.0, until=1_100.0, count=4)
OF_IT: dict[str, object] = {"first_failed_at": 900.0, "recorded_at": 1_050.0, "attempts": 0, "forced_by": None}


@pytest.mark.parametrize(
    ("change", "has"),
    [
        ({}, True),
        ({"first_failed_at": 1_099.9, "recorded_at": 1_100.0}, True),
        ({"first_failed_at": 1_100.0, "recorded_at": 1_100.0}, False),
        ({"recorded_at": 999.9}, False),
        ({"recorded_at": 1_000.0}, True),
        ({"attempts": 1}, False),
        ({"forced_by": "terminal:ana"}, False),
    ],
)
def test_it_has_what_failed_unwatched_and_was_recorded_since_and_nobody_touched(
    change: dict[str, object], has: bool
) -> None:
    assert WATCH.has(failure(**{**OF_IT, **change})) is has
    assert WATCH.holds(failure(**{**OF_IT, **change}), 3) is has


def test_it_holds_only_above_the_threshold() -> None:
    assert WATCH.holds(failure(**OF_IT), 3)
    assert not WATCH.holds(failure(**OF_IT), 4)
