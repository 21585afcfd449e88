"""Where and when engines die."""

from __future__ import annotations

import pytest

from aof_tui.engine.points import Point
from tests.crash.plan import COMBINATIONS, Kill, PointKill, TimedKill, plan_worlds

DIRECTED = len(Point) * len(COMBINATIONS)


def deaths(seed: str, kills: int) -> list[Kill]:
    return [kill for plan in plan_worlds(seed, kills) for kill in plan.kills]


@pytest.mark.parametrize("kills", [0, 1, DIRECTED, DIRECTED + 7, 3 * DIRECTED])
def test_there_are_as_many_deaths_as_asked_for_but_never_less_than_one_at_each_point(kills: int) -> None:
    assert len(deaths("s", kills)) == max(DIRECTED, kills)


def test_every_point_is_used_in_every_combination_once() -> None:
    used = sorted(
        (str(plan.combination), kill.point)
        for plan in plan_worlds("s", 200)
        for kill in plan.kills
        if isinstance(kill, PointKill)
    )
    assert used == sorted((str(combination), point) for combination in COMBINATIONS for point in Point)


def test_random_deaths_are_shared_out_evenly() -> None:
    timed = [
        plan.combination for plan in plan_worlds("s", DIRECTED + 40) for k in plan.kills if isinstance(k, TimedKill)
    ]
    assert {combination: timed.count(combination) for combination in COMBINATIONS} == dict.fromkeys(COMBINATIONS, 10)


def test_the_first_worlds_are_of_different_combinations() -> None:
    assert {plan.combination for plan in plan_worlds("s", 0)[:4]} == set(COMBINATIONS)


def test_a_seed_says_all() -> None:
    assert plan_worlds("s", 300) == plan_worlds("s", 300)
    assert plan_worlds("s", 300) != plan_worlds("t", 300)
