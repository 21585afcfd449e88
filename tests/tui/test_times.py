"""Countdowns, ages and the engine's time."""

from __future__ import annotations

import pytest

from aof_tui.tui.engine_time import EngineTime
from aof_tui.tui.times import age, countdown
from tests.tui.driving import HeldClock


@pytest.mark.parametrize(
    ("left", "text"),
    [
        (-5.0, "now"),
        (0.0, "now"),
        (0.4, "0:01"),
        (41.0, "0:41"),
        (725.0, "12:05"),
        (3_599.0, "59:59"),
        (10_931.0, "3:02:11"),
        (400_000.0, "4d 15h"),
    ],
)
def test_countdown(left: float, text: str) -> None:
    assert countdown(1_000.0 + left, 1_000.0) == text


def test_without_an_end_there_is_nothing_to_count() -> None:
    assert countdown(None, 0.0) == "–"


@pytest.mark.parametrize(
    ("ago", "text"), [(-3.0, "0s"), (8.0, "8s"), (250.0, "4m"), (7_300.0, "2h"), (300_000.0, "3d")]
)
def test_age(ago: float, text: str) -> None:
    assert age(1_000.0 - ago, 1_000.0) == text


def test_engine_time_runs_by_the_steady_clock_at_the_engines_rate() -> None:
    clock = HeldClock()
    time = EngineTime(clock)
    assert not time.known
    assert time.now() == 0.0
    time.anchor(5_000.0, 120.0)
    clock.passed_s += 2.0
    assert time.now() == 5_240.0
    assert time.silence_s() == 2.0
    time.anchor(5_100.0, 1.0)
    assert time.now() == 5_100.0
