"""The simulated workspace of the request benchmark: thousands of recipes, most of them busy, none failing by itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from aof_tui.domain.words import Category
from aof_tui.simulator.scenario import ConnectionShape, GroupShape, Jobs, Scenario
from aof_tui.simulator.switches import Switches

CONNECTION = "erp"
BUSY_EVERY_S = 240.0
"""Several times in each interval between two sweeps some of the busy recipes have run, in ten minutes all of them."""
BURST_OVER_S = 30.0


class Shape(StrEnum):
    """Where the failures of a burst are."""

    SPREAD = "spread"
    """One in each of many recipes, all over the recipe list."""
    ONE_PAGE = "one page"
    """One in each of many recipes that stand together in the recipe list."""
    ONE_RECIPE = "one recipe"


@dataclass(frozen=True, slots=True)
class Size:
    """How large the workspace is, and how many failures come at once."""

    recipes: int = 5_000
    busy: int = 3_000
    """Recipes that run and succeed, besides the failing ones."""
    burst: int = 50

    @property
    def block(self) -> int:
        """The list is made of as many equal blocks as a burst has failures."""
        return self.recipes // self.burst


def workspace(size: Size) -> Scenario:
    """A failing recipe, then busy ones, then idle ones, and so on: what fails is spread over the whole list."""
    groups: list[GroupShape] = []
    busy = size.busy // size.burst
    for number in range(size.burst):
        groups += [
            _group(f"orders-{number}", 1),
            _group(f"sync-{number}", busy, every=BUSY_EVERY_S),
            _group(f"archive-{number}", size.block - busy - 1),
        ]
    return Scenario(
        description="A large workspace at rest.",
        connections=(ConnectionShape(key=CONNECTION, name="NetSuite production", application="netsuite"),),
        groups=tuple(groups),
        switches=Switches(latency=(0.05, 0.4)),
    )


def burst(size: Size, shape: Shape, error: Category, at: float) -> list[Jobs]:
    """The failures of one burst; `at` is in seconds since the start of the world."""

    def jobs(group: str, recipes: int, each: int) -> Jobs:
        return Jobs(do="jobs", at=at, group=group, recipes=recipes, count=each, over=BURST_OVER_S, error=error, heals=1)

    middle = size.burst // 2
    match shape:
        case Shape.SPREAD:
            return [jobs(f"orders-{number}", 1, 1) for number in range(size.burst)]
        case Shape.ONE_PAGE:
            return [jobs(f"sync-{middle}", size.burst, 1)]
        case Shape.ONE_RECIPE:
            return [jobs(f"orders-{middle}", 1, size.burst)]


def _group(key: str, count: int, every: float | None = None) -> GroupShape:
    name, _, number = key.partition("-")
    return GroupShape(
        key=key,
        name=f"{name.capitalize()} {number}/{{n}}",
        count=count,
        connections=(CONNECTION,),
        tags=("safe-to-repeat",),
        every=every,
    )
