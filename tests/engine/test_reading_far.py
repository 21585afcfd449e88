"""Recipes with more repeated runs than can be read while a repeat may wait."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx

from aof_tui.control.requests import Verb
from tests.engine.scene import HOUR, MINUTE, Scene, play, play_around
from tests.harness.scripted import Answer

AMOUNT = 300


def shown_under_way(scene: Scene, runs_s: float) -> None:
    """Repeats are listed while they are under way, and all take the same time but those that are made to differ."""

    def listed(request: httpx.Request) -> Answer | None:
        now = scene.clock.wall()
        for job in scene.workato.jobs:
            if job.master is None or job.job_id.startswith("long"):
                continue
            if now < job.started + runs_s:
                job.status, job.ended = "pending", None
            elif job.status == "pending":
                job.status, job.ended = "succeeded", job.started + runs_s
        return None

    scene.workato.instead["recipes/7/jobs"] = listed


async def states(scene: Scene) -> dict[object, object]:
    rows = await scene.bench.rows("SELECT status, COUNT(*) AS amount FROM failure GROUP BY status")
    return {row["status"]: row["amount"] for row in rows}


def test_a_recipe_is_repeated_whose_repeats_fill_more_pages_than_a_guard_can_read() -> None:
    async def story(scene: Scene) -> None:
        shown_under_way(scene, 3.0)
        for number in range(AMOUNT):
            scene.workato.fail(f"j-{number:03}")
            await scene.clock.sleep(2.0)
        await scene.clock.sleep(20 * MINUTE)
        assert await states(scene) == {"recovered": AMOUNT}
        sent = [job for _, _, jobs in scene.workato.repeats for job in jobs]
        assert sorted(sent) == [f"j-{number:03}" for number in range(AMOUNT)]
        reads = [at for at, path in scene.workato.reads if path.startswith("recipes/7/jobs")]
        assert max(sum(at <= other < at + MINUTE for other in reads) for at in reads) <= 48

    play(story, collation={"backlog": 100_000})


def test_a_run_under_way_is_read_again_however_many_have_come_since() -> None:
    async def story(scene: Scene) -> None:
        shown_under_way(scene, 3.0)
        scene.workato.page_size = 5
        scene.workato.fail("j-long")
        scene.workato.rerun("j-long", "pending", job_id="long-1")
        await scene.until_status("watching", job_id="j-long")
        for number in range(90):
            scene.workato.fail(f"j-{number:02}")
            await scene.clock.sleep(4.0)
        await scene.clock.sleep(20 * MINUTE)
        long = next(job for job in scene.workato.jobs if job.job_id == "long-1")
        long.status, long.ended = "succeeded", scene.clock.wall()
        await scene.clock.sleep(20 * MINUTE)
        assert (await scene.failure("j-long")).status == "recovered"
        assert "long-1" not in [job for _, _, jobs in scene.workato.repeats for job in jobs]
        assert (await states(scene))["recovered"] == 91

    play(story, collation={"backlog": 100_000})


def play_knowing(facts: str, story: Callable[[Scene], Awaitable[None]]) -> None:
    """Play a story whose engine has learned these facts of the lists before."""

    async def around(scene: Scene) -> None:
        await scene.bench.run_for(MINUTE)
        scene.bench.store._connection.raw.execute("UPDATE workspace SET list_facts = ?", (facts,))
        await scene.bench.run(lambda _control: story(scene))

    play_around(around, collation={"backlog": 100_000})


def test_repeats_that_show_only_at_their_end_are_looked_for_everywhere() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.page_size = 5
        for number in range(90):
            scene.workato.fail(f"j-{number:02}")
            await scene.clock.sleep(4.0)
        await scene.clock.sleep(20 * MINUTE)
        rows = await scene.bench.rows("SELECT master_job_id FROM failure WHERE status = 'scheduled' ORDER BY 1")
        waiting = [str(row["master_job_id"]) for row in rows]
        assert waiting
        hidden = scene.workato.rerun(waiting[0], "succeeded", ended=scene.clock.wall())
        hidden.started = min(job.started for job in scene.workato.jobs if job.job_id == waiting[0]) + 2.0
        await scene.until_status("recovered", job_id=waiting[0])
        assert (await scene.failure(waiting[0])).reason == "external_success"

    play_knowing('["not_in_place"]', story)


def test_what_a_walk_did_not_come_back_to_is_not_known_by_the_order_of_ends() -> None:
    async def story(scene: Scene) -> None:
        async def new_is_sent() -> bool:
            return bool(scene.workato.repeats)

        scene.workato.by_end = True
        scene.workato.fail("j-old")
        await scene.until_status("scheduled", job_id="j-old")
        assert (await scene.do(Verb.CANCEL, "j-old")).done
        # Just after a look at all that rests, so that none comes between.
        await scene.clock.sleep(HOUR + 400.0)
        success = scene.workato.rerun("j-old", "succeeded")
        success.started -= 5 * MINUTE
        success.ended = success.started + 1
        scene.workato.fail("j-new")
        for number in range(60):
            ended = scene.clock.wall() + number / 100 - (2 * MINUTE if number < 30 else 0.0)
            scene.workato.rerun(f"j-x{number}", "failed", ended=ended).started = ended - 1
        await scene.until(new_is_sent)
        await scene.do(Verb.RETRY, "j-old")
        await scene.clock.sleep(10 * MINUTE)
        sent = [job for _, _, jobs in scene.workato.repeats for job in jobs]
        assert "j-new" in sent
        assert "j-old" not in sent
        assert (await scene.failure("j-old")).status == "recovered"

    play_knowing('["not_by_start", "not_in_place"]', story)


def test_a_list_in_the_order_of_no_time_is_read_back_to_the_oldest_lineage() -> None:
    facts = '["not_by_end", "not_by_start", "not_in_place", "under_way"]'

    async def story(scene: Scene) -> None:
        scene.workato.page_size = 5
        for number in range(20):
            scene.workato.fail(f"j-{number:02}")
            await scene.clock.sleep(4.0)
        await scene.clock.sleep(20 * MINUTE)
        assert await states(scene) == {"recovered": 20}
        pages = [path for _, path in scene.workato.reads if "rerun_only" in path]
        assert sum("offset_job_id" in path for path in pages) >= 3
        assert await scene.bench.rows("SELECT list_facts FROM workspace") == [{"list_facts": facts}]

    play_knowing(facts, story)
