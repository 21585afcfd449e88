"""Once a day what is over its time is deleted, and what is still needed stays."""

from __future__ import annotations

from aof_tui.control.requests import Verb
from tests.engine.downstreams import DOWNSTREAM, Downstream
from tests.engine.scene import HOUR, MINUTE, Scene, play_around

DAY = 24 * HOUR
INVALID = {"adapter": "rest", "error_type": "Request error", "message": "422 Unprocessable Entity: name is missing"}


async def applied_at(scene: Scene) -> float:
    rows = await scene.bench.rows("SELECT value FROM meta WHERE key = 'retention_at'")
    return float(str(rows[0]["value"]))


def test_retention_runs_once_a_day_also_over_restarts() -> None:
    async def story(scene: Scene) -> None:
        began = scene.clock.wall()
        await scene.bench.run_for(MINUTE)
        assert await applied_at(scene) - began < 1
        await scene.clock.sleep(22.5 * HOUR)
        await scene.bench.run_for(MINUTE)
        assert await applied_at(scene) - began < 1
        # It looks once an hour whether the day is over.
        await scene.bench.run_for(3 * HOUR)
        assert DAY <= await applied_at(scene) - began <= DAY + 1.1 * HOUR

    play_around(story)


def test_what_is_over_its_time_goes_and_what_is_open_stays() -> None:
    async def story(scene: Scene) -> None:
        async def both(_control: object) -> None:
            scene.workato.fail("healed")
            scene.workato.fail("open").error_parts = dict(INVALID)
            await scene.until_status("recovered", job_id="healed")
            await scene.until_status("needs_person", job_id="open")

        await scene.bench.run(both)
        # What the log says of each row holds until retention takes its lines.
        scene.bench.checked = False
        await scene.clock.sleep(100 * DAY)
        scene.workato.jobs.clear()
        await scene.bench.run_for(MINUTE)
        # Events live for 90 days, those of an open failure as long as it is open.
        old = "SELECT DISTINCT master_job_id FROM event WHERE at < :then AND master_job_id IS NOT NULL"
        assert await scene.bench.rows(old, then=_ago(scene, 90)) == [{"master_job_id": "open"}]
        assert len(await scene.bench.rows("SELECT 1 FROM failure")) == 2
        await scene.clock.sleep(100 * DAY)
        await scene.bench.run_for(MINUTE)
        assert await scene.bench.rows("SELECT master_job_id FROM failure") == [{"master_job_id": "open"}]
        rows = await scene.bench.rows("SELECT text FROM event WHERE kind = 'retention.applied' ORDER BY sequence")
        assert "1 failure," in str(rows[-1]["text"])
        left = await scene.bench.rows("SELECT DISTINCT master_job_id FROM run")
        assert left == [{"master_job_id": "open"}]
        assert await scene.bench.rows("SELECT 1 FROM attempt") == []
        assert await scene.bench.rows("SELECT 1 FROM dispatch") == []

    play_around(story, reports=[])


def test_a_breaker_that_nobody_needs_any_more_is_forgotten_and_an_open_one_is_not() -> None:
    async def around(scene: Scene) -> None:
        async def stories(_control: object) -> None:
            Downstream(scene)
            scene.workato.heals = True
            scene.workato.fail("j-1").error_parts = {"adapter": "jira", "message": "503 Service Unavailable"}
            await scene.until_status("recovered", job_id="j-1")
            assert (await scene.do(Verb.OPEN_BREAKER, None, value=DOWNSTREAM)).done
            assert len(await breakers()) == 2

        async def breakers() -> list[str]:
            return [str(row["downstream"]) for row in await scene.bench.rows("SELECT downstream FROM breaker")]

        await scene.bench.run(stories)
        # What the log says of each row holds until retention takes its lines.
        scene.bench.checked = False
        scene.workato.jobs.clear()
        await scene.clock.sleep(85 * DAY)
        await scene.bench.run_for(MINUTE)
        assert len(await breakers()) == 2
        await scene.clock.sleep(6 * DAY)
        await scene.bench.run_for(MINUTE)
        assert await breakers() == [DOWNSTREAM]

    play_around(around, reports=[])


def _ago(scene: Scene, days: float) -> float:
    return scene.clock.wall() - days * DAY
