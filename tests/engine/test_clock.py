"""Clocks that jump and machines that sleep: waits keep their length, and nothing comes all at once."""

from __future__ import annotations

import pytest

from aof_tui.engine.points import Point
from aof_tui.simulator.virtual_time import VirtualClock
from tests.engine.scene import HOUR, MINUTE, Scene, play, play_around
from tests.engine.test_guard import Once, interrupted

DAY = 24 * HOUR
JUMPS = [DAY, -DAY, HOUR, -HOUR, 288.0, -288.0, -1_700_000_000.0]
"""As time servers, people and machines without a clock of their own make them."""


class Unmoved(VirtualClock):
    """Workato's own clock: it goes on evenly, whatever happens to the engine's machine."""

    def __init__(self, clock: VirtualClock) -> None:
        self.__dict__.update(clock.__dict__)
        self._theirs = clock
        self._began = clock.wall() - clock.boot()

    def wall(self) -> float:
        return self._began + self._theirs.boot()


def steady(scene: Scene) -> None:
    scene.workato.clock = Unmoved(scene.clock)


@pytest.mark.parametrize("jump", JUMPS)
def test_a_planned_repeat_keeps_its_time_whatever_the_wall_clock_does(jump: float) -> None:
    async def story(scene: Scene) -> None:
        steady(scene)
        scene.workato.fail("j-1")
        await scene.until_status("scheduled")
        recorded = scene.clock.boot()
        await scene.clock.sleep(2 * MINUTE)
        scene.clock.jump_wall(jump)
        await scene.clock.sleep(1.0)
        while not scene.workato.repeats:
            await scene.clock.sleep(1.0)
        assert 5 * MINUTE - 2 <= scene.clock.boot() - recorded <= 10 * MINUTE + 20
        assert await scene.events("clock.jumped") == ["clock.jumped"]
        await scene.until_status("recovered")
        assert len(scene.workato.repeats) == 1

    play(story)


@pytest.mark.parametrize("jump", [DAY, -DAY])
def test_a_jump_neither_hurries_nor_delays_an_escalation(jump: float) -> None:
    async def story(scene: Scene) -> None:
        steady(scene)
        scene.workato.on_repeat = lambda jobs: scene.workato.results([(job, "failed") for job in jobs])
        scene.workato.fail("j-1")
        await scene.until_status("needs_person")
        since = scene.clock.boot()
        scene.clock.jump_wall(jump)
        while "escalated>admins" not in await scene.told():
            await scene.clock.sleep(5.0)
        assert 29 * MINUTE <= scene.clock.boot() - since <= 32 * MINUTE
        swept = [at for at, path in scene.workato.reads if path.startswith("recipes?")]
        assert len(swept) > 25

    play(story)


def test_an_undecided_failure_keeps_its_delay_and_a_small_step_changes_nothing() -> None:
    async def story(scene: Scene) -> None:
        steady(scene)
        scene.clock.jump_wall(30.0)
        scene.workato.fail("j-1")
        await scene.until_status("scheduled")
        recorded = scene.clock.boot()
        scene.clock.jump_wall(DAY)
        await scene.clock.sleep(1.0)
        await scene.until_status("recovered")
        assert scene.clock.boot() - recorded >= 5 * MINUTE
        assert await scene.events("clock.jumped") == ["clock.jumped"]

    play(story)


@pytest.mark.parametrize(("jump", "history"), [(DAY, False), (400 * DAY, True)])
def test_a_clock_that_runs_a_day_ahead_makes_no_history_of_fresh_failures(jump: float, history: bool) -> None:
    async def story(scene: Scene) -> None:
        steady(scene)
        scene.workato.fail("j-0")
        await scene.until_status("recovered", job_id="j-0")
        scene.clock.jump_wall(jump)
        await scene.clock.sleep(2 * MINUTE)
        scene.workato.fail("j-1")
        await scene.until_status("closed" if history else "recovered")

    play(story, retry={"time_limit": "2h"})


def test_a_jump_while_no_engine_runs_is_noticed_by_the_next_one() -> None:
    async def around(scene: Scene) -> None:
        steady(scene)
        scene.workato.fail("j-1")
        await scene.bench.run_for(2 * MINUTE)
        [planned] = await scene.bench.rows("SELECT next_action_at FROM failure")
        scene.clock.jump_wall(DAY)
        await scene.bench.run_for(MINUTE)
        assert scene.workato.repeats == []
        [moved] = await scene.bench.rows("SELECT next_action_at FROM failure")
        assert float(str(moved["next_action_at"])) == pytest.approx(float(str(planned["next_action_at"])) + DAY)

    play_around(around)


def test_plans_move_once_though_the_first_transaction_that_noticed_was_undone() -> None:
    async def around(scene: Scene) -> None:
        steady(scene)

        async def fail() -> None:
            raise RuntimeError("planted")

        async def jump() -> None:
            scene.clock.jump_wall(DAY)
            scene.bench.failpoints = broken

        broken = Once(Point.READ_INSIDE, fail)

        class Both:
            async def reach(self, name: str) -> None:
                await first.reach(name)
                if first.done:
                    await broken.reach(name)

        class First(Once):
            done = False

            async def reach(self, name: str) -> None:
                await super().reach(name)
                self.done = self.done or name == Point.READ_RECORD

        first = First(Point.READ_RECORD, jump)
        scene.bench.failpoints = Both()

        async def story() -> None:
            began = scene.clock.boot()
            scene.workato.fail("j-1")
            await scene.until_status("recovered", within=DAY + 2 * HOUR)
            assert await scene.events("engine.failed", "clock.jumped") == ["clock.jumped", "engine.failed"]
            assert len(scene.workato.repeats) == 1
            assert 5 * MINUTE <= scene.clock.boot() - began <= 15 * MINUTE

        await scene.bench.run(lambda _control: story())

    play_around(around)


def test_after_a_sleep_nothing_is_sent_on_old_reads_and_what_is_overdue_is_spread() -> None:
    async def story(scene: Scene) -> None:
        steady(scene)
        for number in range(20):
            scene.workato.recipe(100 + number)
        await scene.clock.sleep(MINUTE)
        for number in range(20):
            scene.workato.fail(f"j-{number}", 100 + number)
        await scene.until(lambda: _planned(scene, 20))
        scene.clock.suspend(8 * HOUR)
        woke = scene.workato.clock.wall()
        await scene.until_status("recovered", job_id="j-19", within=20 * MINUTE)
        await scene.clock.sleep(10 * MINUTE)
        sent = [at for at, _, _ in scene.workato.repeats]
        assert len(sent) == 20
        assert max(sent) - min(sent) > 2 * MINUTE
        assert len([at for at in sent if at < woke + 30.0]) < 5
        for at, _, [job] in scene.workato.repeats:
            listed = f"recipes/{100 + int(job[2:])}/jobs"
            reads = [read for read, path in scene.workato.reads if listed in path and "rerun_only" in path]
            assert any(0.0 <= at - read <= 10.0 for read in reads)
        assert await scene.events("engine.resumed", "clock.jumped") == ["engine.resumed"]

    play(story)


async def _planned(scene: Scene, amount: int) -> bool:
    rows = await scene.bench.rows(
        "SELECT COUNT(*) AS n FROM failure WHERE status = 'scheduled' AND undecided_until IS NULL"
    )
    return rows[0]["n"] == amount


def test_a_sleep_between_intent_and_sending_stops_the_request() -> None:
    async def sleep(scene: Scene) -> None:
        scene.clock.suspend(8 * HOUR)

    async def story(scene: Scene) -> None:
        steady(scene)
        scene.workato.fail("j-1")
        await scene.until_status("recovered", within=10 * HOUR)
        assert await scene.attempts() == ["not_sent", "accepted"]

    interrupted(Point.SENDING, sleep, story)


def test_after_a_sleep_incidents_wait_for_the_first_reads() -> None:
    async def story(scene: Scene) -> None:
        steady(scene)
        scene.workato.on_repeat = lambda jobs: scene.workato.results([(job, "failed") for job in jobs])
        scene.workato.fail("j-1")
        await scene.until_status("needs_person")
        # Somebody repairs it in Workato while the machine sleeps.
        scene.clock.suspend(8 * HOUR)
        scene.workato.rerun("j-1", "succeeded")
        scene.workato.failed_count += 1
        await scene.clock.sleep(20 * MINUTE)
        assert await scene.state() == ("recovered", "external_success")
        assert "escalated>admins" not in await scene.told()

    play(story)
