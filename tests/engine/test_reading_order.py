"""What is read first when more waits than a minute's requests can read."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from aof_tui.domain.words import Category
from aof_tui.simulator.scenario import ConnectionShape, GroupShape, Jobs, Scenario
from aof_tui.simulator.simulator import Simulator
from aof_tui.simulator.virtual_time import VirtualClock, run_virtual
from tests.harness.virtual import Bench, settings, simulated

LIST = re.compile(r"/api/recipes/\d+/jobs")
DETAIL = re.compile(r"/api/recipes/\d+/jobs/[^/]+")
READ_EVERY_S = 1.25
"""One request to a family at the default share of its limit."""


def workspace(recipes: int, failing: int) -> Scenario:
    """Recipes with a past, and some more; all are read once after the first sweep, those that fail here last."""
    return Scenario(
        description="recipes at rest",
        connections=(ConnectionShape(key="erp", name="NetSuite", application="netsuite"),),
        groups=(
            GroupShape(key="resting", name="Archive {n}", count=recipes, connections=("erp",)),
            GroupShape(key="failing", name="Orders {n}", count=failing, connections=("erp",)),
        ),
    )


def fail(simulator: Simulator) -> None:
    """Every failing recipe fails now."""
    at = simulator.now() - simulator.world.start
    happening = Jobs(do="jobs", at=at, group="failing", error=Category.RATE_LIMIT, heals=1)
    simulator.world.let_happen(happening)


def play(scenario: Scenario, story: Callable[[VirtualClock, Simulator, Bench], Awaitable[None]]) -> None:
    async def main(clock: VirtualClock) -> None:
        simulator = Simulator(scenario, "1", clock)
        bench = simulated(clock, simulator, settings())
        await bench.run(lambda _control: story(clock, simulator, bench))

    run_virtual(main)


async def until_event(clock: VirtualClock, bench: Bench, kind: str, amount: int = 1) -> float:
    """Wait for so many events; when the last of them came."""
    for _ in range(600):
        rows = await bench.rows("SELECT at FROM event WHERE kind = :kind ORDER BY sequence", kind=kind)
        if len(rows) >= amount:
            return float(str(rows[-1]["at"]))
        await clock.sleep(0.5)
    raise AssertionError(f"no {amount} events {kind}")


async def unread(bench: Bench) -> int:
    return len(await bench.rows("SELECT 1 FROM recipe WHERE marked_at IS NOT NULL"))


def test_a_new_failure_goes_before_recipes_seen_for_the_first_time() -> None:
    async def story(clock: VirtualClock, simulator: Simulator, bench: Bench) -> None:
        await until_event(clock, bench, "sweep.completed")
        seen = len(await bench.rows("SELECT 1 FROM event WHERE kind = 'recipe.moved'"))
        fail(simulator)
        swept = await until_event(clock, bench, "recipe.moved", seen + 1)
        recorded = await until_event(clock, bench, "failure.recorded")
        assert recorded - swept <= 2 * READ_EVERY_S
        assert await unread(bench) > 100

    play(workspace(recipes=250, failing=1), story)


def test_a_detail_comes_in_time_while_lists_wait() -> None:
    async def story(clock: VirtualClock, simulator: Simulator, bench: Bench) -> None:
        await until_event(clock, bench, "sweep.completed")
        fail(simulator)
        recorded = await until_event(clock, bench, "failure.recorded")
        decided = await until_event(clock, bench, "failure.scheduled")
        assert 60.0 <= decided - recorded <= 60.0 + 3 * READ_EVERY_S
        assert await bench.rows("SELECT 1 FROM detail") != []
        assert await unread(bench) > 50

    play(workspace(recipes=250, failing=1), story)


def test_failures_are_recorded_before_their_details_are_read() -> None:
    async def story(clock: VirtualClock, simulator: Simulator, bench: Bench) -> None:
        while await unread(bench) or not await bench.rows("SELECT 1 FROM recipe"):
            await clock.sleep(5.0)
        fail(simulator)
        await until_event(clock, bench, "failure.scheduled", 20)
        paths = [request.path for request in simulator.truth().requests]
        details = [number for number, path in enumerate(paths) if DETAIL.fullmatch(path)]
        lists = [number for number, path in enumerate(paths) if LIST.fullmatch(path)]
        assert len(details) == 20
        assert max(lists) < min(details)

    play(workspace(recipes=1, failing=20), story)
