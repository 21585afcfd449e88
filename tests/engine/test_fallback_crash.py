"""Fallback recipes over crashes, and on a simulated Workato that loses answers."""

from __future__ import annotations

import httpx
import pytest

from aof_tui.base.failpoints import NoFailpoints
from aof_tui.base.secret import Secret
from aof_tui.engine.points import FallbackPoint
from aof_tui.simulator.oracle import judge
from aof_tui.simulator.scenario_file import load_scenario
from aof_tui.simulator.simulator import Simulator
from aof_tui.simulator.virtual_time import VirtualClock, run_virtual
from tests.engine.fallback_scene import (
    around,
    until_state,
)
from tests.engine.scene import HOUR, Scene
from tests.harness.virtual import settings, simulated


class KillAt:
    """Lets the engine come to its end at a point: what it does there never ends, a transaction is rolled back."""

    def __init__(self, point: FallbackPoint, clock: VirtualClock) -> None:
        self._point = point
        self._clock = clock
        self.reached = False

    async def reach(self, name: str) -> None:
        if name != self._point:
            return
        self.reached = True
        if name.endswith("_inside"):
            raise RuntimeError("the engine dies in a transaction")
        await self._clock.sleep(1e9)


NEVER_SENT_AGAIN = (FallbackPoint.SENDING, FallbackPoint.SEND)
"""Killed between "sending" and the sending itself: nobody knows that it was not sent."""
CRASHES = [(point, False) for point in FallbackPoint if point is not FallbackPoint.OBSERVE_INSIDE]
CRASHES += [(point, True) for point in (FallbackPoint.ANSWERED, FallbackPoint.OUTCOME_INSIDE, FallbackPoint.OUTCOME)]


@pytest.mark.parametrize(("point", "lost"), CRASHES)
def test_a_crash_at_any_point_starts_it_at_most_once_and_forgets_nothing(point: FallbackPoint, lost: bool) -> None:
    async def story(scene: Scene) -> None:
        killer = KillAt(point, scene.clock)
        scene.bench.failpoints = killer
        scene.workato.on_start = lambda _start: httpx.ReadError("reset") if lost else httpx.Response(200)
        scene.workato.fail("j-1")

        async def wait(_control: object) -> None:
            end = scene.clock.wall() + HOUR
            while not killer.reached and scene.clock.wall() < end:
                await scene.clock.sleep(5.0)

        await scene.bench.run_until_killed(wait)
        assert killer.reached
        scene.bench.failpoints = NoFailpoints()
        scene.workato.failed_count += 1
        await scene.bench.run(lambda _control: until_state(scene, "started", "doubted"))
        assert len(scene.workato.starts) == (0 if point in NEVER_SENT_AGAIN else 1)
        ids = [row["dispatch_id"] for row in await scene.bench.rows("SELECT dispatch_id FROM dispatch")]
        assert {start.correlation for start in scene.workato.starts} <= set(ids)

    around(story)


def test_a_simulated_workato_sees_each_fallback_once_and_none_of_a_fallback() -> None:
    async def main(clock: VirtualClock) -> None:
        simulator = Simulator(load_scenario("fallback"), "1", clock)
        ids = {name: group[0].recipe_id for name, group in simulator.world.place.groups.items()}
        ways: list[dict[str, object]] = [
            {"name": "by-hand", "recipe": ids["by_hand"], "webhook": "env:BY_HAND_URL", "resolves": True},
            {"name": "reload", "recipe": ids["reload"], "force_run": True},
        ]
        policies: list[dict[str, object]] = [
            {"name": "bills", "match": {"recipe": ["Invoices to billing 1"]}, "max_attempts": 1, "fallback": "by-hand"},
            {"name": "others", "repeat": "never", "max_attempts": 1, "fallback": "reload"},
        ]
        ways[1]["when"] = ["policy_never"]
        bench = simulated(clock, simulator, settings(fallbacks=ways, policies=policies))
        bench.secrets["BY_HAND_URL"] = Secret(f"http://127.0.0.1:1{simulator.webhook_of(ids['by_hand'])}")
        await bench.run_for(3 * HOUR)
        truth = simulator.truth()
        verdict = judge(truth, 1)
        assert verdict.clean
        assert verdict.fallbacks >= 4
        dispatched = {str(row["dispatch_id"]) for row in await bench.rows("SELECT dispatch_id FROM dispatch")}
        assert {str(start.correlation) for start in truth.starts} <= dispatched
        handled = await bench.rows("SELECT 1 FROM failure WHERE reason = 'handled_by_fallback'")
        assert handled

    run_virtual(main)
