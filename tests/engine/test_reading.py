"""Reading the repeated runs with as few pages as the list's behaviour allows."""

from __future__ import annotations

import httpx

from tests.engine.scene import HOUR, MINUTE, Scene, play
from tests.harness.scripted import Answer, Job

DAY = 86_400.0


def test_a_list_proven_to_be_in_order_of_ends_is_left_at_the_first_known_page() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.heals = False
        scene.workato.by_end = True
        for number in range(40):
            scene.workato.fail(f"j-{number}")
            scene.workato.run_s = 1.0 + 40.0 * (number % 2)
            await scene.clock.sleep(1.0)
        ends = iter(range(1, 10_000))

        def uneven(jobs: list[str]) -> Answer:
            answer = scene.workato.accept(jobs)
            for job in scene.workato.jobs[-len(jobs) :]:
                job.started = scene.clock.wall() - (next(ends) * 37 % 101)
                job.ended = scene.clock.wall() + next(ends) % 7
            return answer

        scene.workato.on_repeat = uneven
        await scene.until_status("exhausted", job_id="j-39")
        rows = await scene.bench.rows("SELECT list_facts FROM workspace")
        assert rows == [{"list_facts": '["not_by_start", "not_in_place"]'}]
        await scene.clock.sleep(HOUR)
        before = len(scene.workato.reads)
        await scene.clock.sleep(HOUR)
        pages = [path for _, path in scene.workato.reads[before:] if "rerun_only" in path]
        # 200 repeated runs fill eight pages; each look at the resting failures reads one.
        assert pages
        assert not [path for path in pages if "offset_job_id" in path]

    play(story, breaker={"enabled": False})


def test_runs_older_than_every_lineage_under_care_are_not_read() -> None:
    async def story(scene: Scene) -> None:
        for number in range(60):
            old = scene.workato.rerun(f"j-old{number}", "failed")
            old.started -= 2 * DAY
            old.ended = old.started + number
        scene.workato.fail("j-1")
        await scene.until_status("recovered")
        pages = [path for _, path in scene.workato.reads if "rerun_only" in path]
        assert not [path for path in pages if "offset_job_id" in path]

    play(story)


def test_a_run_of_an_unknown_state_is_waited_for() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("scheduled")
        odd = scene.workato.rerun("j-1", "pending")
        odd.status = "thinking"
        await scene.until_status("watching")
        assert scene.workato.repeats == []
        odd.status, odd.ended = "succeeded", scene.clock.wall()
        await scene.until_status("recovered")

    play(story)


def overtaken(scene: Scene) -> Job:
    """A repeat that somebody made and that was seen under way has lost its row to another one."""
    first = next(job for job in scene.workato.jobs if job.status == "pending")
    scene.workato.jobs.remove(first)
    scene.workato.rerun("j-1", "failed")
    first.status, first.ended = "failed", scene.clock.wall()
    return first


def test_a_run_that_lost_its_row_while_it_was_under_way_is_read_by_itself() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("scheduled")
        scene.workato.rerun("j-1", "pending", job_id="j-lost")
        await scene.until_status("watching")
        first = overtaken(scene)
        scene.workato.instead["j-lost"] = lambda _: httpx.Response(200, json=first.wire() | {"lines": []})
        await scene.until_status("scheduled")
        assert (await scene.failure()).external == 2
        await scene.until_status("recovered")

    play(story)


def test_a_run_that_lost_its_row_and_cannot_be_read_is_waited_for() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("scheduled")
        scene.workato.rerun("j-1", "pending", job_id="j-lost")
        await scene.until_status("watching")
        first = overtaken(scene)
        scene.workato.instead["j-lost"] = lambda _: httpx.Response(503)
        await scene.clock.sleep(20 * MINUTE)
        assert (await scene.failure()).status == "watching"
        assert scene.workato.repeats == []
        scene.workato.instead["j-lost"] = lambda _: httpx.Response(200, json=first.wire() | {"lines": []})
        await scene.until_status("recovered")

    play(story)
