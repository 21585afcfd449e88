"""Which worlds there are, and where and when the engines in them die."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Literal

from aof_tui.domain.words import WhenInDoubt
from aof_tui.engine.points import Point

KILLS_PER_WORLD = 11
LATEST_RANDOM_S = 1.5
"""Real seconds of life before a random kill, at most: starting takes half of one."""

RepeatRow = Literal["new", "in_place"]
REPEAT_ROWS: tuple[RepeatRow, ...] = ("new", "in_place")


@dataclass(frozen=True, slots=True)
class Combination:
    """What every point is tried in: a mode of the engine and a behaviour of Workato's list."""

    when_in_doubt: WhenInDoubt
    repeat_row: RepeatRow

    def __str__(self) -> str:
        return f"{self.when_in_doubt}/{self.repeat_row}"


COMBINATIONS = tuple(Combination(when_in_doubt, row) for when_in_doubt, row in product(WhenInDoubt, REPEAT_ROWS))


@dataclass(frozen=True, slots=True)
class PointKill:
    """The engine kills itself when it reaches the point for the nth time."""

    point: Point
    nth: int

    def __str__(self) -> str:
        return f"{self.point}#{self.nth}"


@dataclass(frozen=True, slots=True)
class TimedKill:
    """The engine is killed from outside so many real seconds after its start."""

    after_s: float

    def __str__(self) -> str:
        return f"after {self.after_s:.2f} s"


Kill = PointKill | TimedKill


@dataclass(frozen=True, slots=True)
class WorldPlan:
    """One world and the deaths in it, one after the other."""

    number: int
    seed: str
    combination: Combination
    kills: tuple[Kill, ...]

    @property
    def name(self) -> str:
        return f"world {self.number} ({self.combination}, seed {self.seed})"


def plan_worlds(seed: str, kills: int) -> tuple[WorldPlan, ...]:
    """Worlds in which each point of each combination is a place of death, and random deaths make up the number."""
    chance = random.Random(f"{seed}/plan")
    directed = {combination: _at_each_point(chance) for combination in COMBINATIONS}
    timed = max(0, kills - sum(map(len, directed.values())))
    queues: list[list[tuple[Combination, tuple[Kill, ...]]]] = []
    for number, (combination, deaths) in enumerate(directed.items()):
        share = timed // len(directed) + (number < timed % len(directed))
        deaths += [TimedKill(chance.uniform(0.0, LATEST_RANDOM_S)) for _ in range(share)]
        chance.shuffle(deaths)
        queues.append([(combination, portion) for portion in _portions(deaths)])
    rounds = max(map(len, queues))
    dealt = [queue[index] for index in range(rounds) for queue in queues if index < len(queue)]
    return tuple(
        WorldPlan(number, f"{seed}.{number}", combination, portion)
        for number, (combination, portion) in enumerate(dealt, 1)
    )


def _at_each_point(chance: random.Random) -> list[Kill]:
    return [PointKill(point, chance.choice((1, 1, 2))) for point in Point]


def _portions(deaths: list[Kill]) -> Iterator[tuple[Kill, ...]]:
    """The deaths in worlds of about equal size."""
    worlds = -(-len(deaths) // KILLS_PER_WORLD)
    for number in range(worlds):
        yield tuple(deaths[number::worlds])
