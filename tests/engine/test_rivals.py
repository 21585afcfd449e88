"""Two engines on one workspace: each sees the other's repeats near its own times, and stops."""

from __future__ import annotations

import asyncio

import httpx

from aof_tui.control.requests import Verb
from aof_tui.simulator.scenario_file import load_scenario
from aof_tui.simulator.simulator import Simulator
from aof_tui.simulator.virtual_time import VirtualClock, run_virtual
from tests.engine.scene import HOUR, MINUTE, Scene, play, play_around
from tests.harness.virtual import Bench, settings, simulated

SUSPECTED = "SELECT COUNT(DISTINCT json_extract(data, '$.draw')) AS n FROM event WHERE kind = 'rival.suspected'"
STOPPED = "SELECT json_extract(data, '$.reason') AS reason FROM event WHERE kind = 'acting.stopped'"


async def plan(scene: Scene, job_id: str) -> float:
    """A failure whose repeat is planned; returns when it is due."""
    scene.workato.fail(job_id)
    await scene.until(lambda: decided(scene, job_id))
    return (await scene.failure(job_id)).next_action_at or 0.0


async def decided(scene: Scene, job_id: str) -> bool:
    sql = "SELECT 1 FROM failure WHERE master_job_id = :job AND status = 'scheduled' AND undecided_until IS NULL"
    return bool(await scene.bench.rows(sql, job=job_id))


async def repeated_by_others(scene: Scene, job_id: str, before_due: float) -> None:
    """Somebody else repeats it that many seconds before its time here, and it heals."""
    due = await plan(scene, job_id)
    await scene.clock.sleep(due - before_due - scene.clock.wall())
    scene.workato.rerun(job_id, "succeeded")
    await scene.until_status("recovered", job_id=job_id)


def test_three_repeats_by_others_close_to_our_own_times_stop_all_acting() -> None:
    async def story(scene: Scene) -> None:
        for number in range(2):
            await repeated_by_others(scene, f"j-{number}", before_due=20.0)
            assert (await scene.control.status()).workspaces[0].acting_stopped is None
        await repeated_by_others(scene, "j-2", before_due=50.0)
        assert (await scene.control.status()).workspaces[0].acting_stopped == "rival_engine"
        assert [told for told in await scene.told() if "alarm" in told] == ["alarm>oncall", "alarm>admins"]
        scene.workato.fail("j-3")
        await scene.until_status("held", job_id="j-3")
        assert await scene.state("j-3") == ("held", "acting_stopped")
        await scene.clock.sleep(MINUTE)
        assert scene.workato.repeats == []
        assert await scene.events("acting.stopped") == ["acting.stopped"]
        # A person has ended the other one, and what was seen of it counts no more.
        assert (await scene.do(Verb.RESUME, None)).done
        await scene.until_status("recovered", job_id="j-3")
        await repeated_by_others(scene, "j-4", before_due=20.0)
        assert (await scene.control.status()).workspaces[0].acting_stopped is None
        assert len(await scene.events("rival.suspected")) == 4

    play(story)


def test_a_repeat_by_others_counts_once_however_many_rows_its_lineage_has() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.heals = False
        scene.workato.fail("j-1")
        await scene.until_status("watching")
        # Nothing but the list of failed jobs shows what follows: it holds the job, our repeat and theirs.
        scene.workato.instead["jobs"] = lambda asked: httpx.Response(503) if "rerun_only" in asked.url.params else None
        theirs = scene.workato.rerun("j-1", "failed")
        scene.workato.failed_count += 2

        async def seen() -> bool:
            return (await scene.failure()).newest_job_id == theirs.job_id

        await scene.until(seen)
        assert await scene.events("rival.suspected") == ["rival.suspected"]

    play(story)


def test_a_stop_because_of_a_rival_outlives_a_restart() -> None:
    async def story(scene: Scene) -> None:
        async def three(_control: object) -> None:
            for number in range(3):
                await repeated_by_others(scene, f"j-{number}", before_due=20.0)

        async def second(_control: object) -> None:
            await scene.clock.sleep(10 * MINUTE)
            assert (await scene.control.status()).workspaces[0].acting_stopped == "rival_engine"

        await scene.bench.run(three)
        await scene.bench.run(second)

    play_around(story)


def test_what_a_person_repeats_together_counts_once() -> None:
    async def story(scene: Scene) -> None:
        for number in range(10):
            scene.workato.fail(f"j-{number}")
        due = await plan(scene, "j-x")
        await scene.clock.sleep(due - 20.0 - scene.clock.wall())
        for number in range(10):
            scene.workato.rerun(f"j-{number}", "succeeded")
        await scene.until_status("recovered", job_id="j-9")
        assert len(await scene.events("rival.suspected")) == 10
        assert await scene.bench.rows(SUSPECTED) == [{"n": 1}]
        assert await scene.events("acting.stopped") == []

    play(story)


def test_repeats_by_others_at_other_times_are_nothing_strange() -> None:
    async def story(scene: Scene) -> None:
        for number in range(4):
            await repeated_by_others(scene, f"j-{number}", before_due=90.0)
        assert await scene.events("rival.suspected", "acting.stopped") == []

    play(story)


def test_three_collisions_count_only_within_an_hour() -> None:
    async def story(scene: Scene) -> None:
        for number in range(4):
            await repeated_by_others(scene, f"j-{number}", before_due=20.0)
            await scene.clock.sleep(35 * MINUTE)
        assert len(await scene.events("rival.suspected")) == 4
        assert await scene.events("acting.stopped") == []

    play(story)


def test_two_engines_on_one_workspace_stop_within_three_collisions() -> None:
    async def main(clock: VirtualClock) -> None:
        simulator = Simulator(load_scenario("storm"), "7", clock)
        benches = [simulated(clock, simulator, settings(), seed=seed) for seed in ("one", "two")]

        async def live(bench: Bench) -> None:
            await bench.run_for(HOUR)

        await asyncio.gather(*(live(bench) for bench in benches))
        stopped = [await bench.rows(STOPPED) for bench in benches]
        assert [{"reason": "rival_engine"}] in stopped
        for bench in benches:
            assert int(str((await bench.rows(SUSPECTED))[0]["n"])) <= 3

    run_virtual(main)
