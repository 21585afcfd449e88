"""Ways in which a job could be repeated twice, lost, or forgotten, and are not."""

from __future__ import annotations

import httpx

from aof_tui.base.errors import StoreError
from aof_tui.control.requests import Verb
from aof_tui.engine.points import Point
from tests.engine.scene import HOUR, MINUTE, Scene, play
from tests.engine.test_guard import interrupted
from tests.harness.scripted import Answer

DAY = 86_400.0


def test_a_recovery_loop_that_failed_once_goes_on() -> None:
    async def fail(_scene: Scene) -> None:
        raise StoreError("the database is locked")

    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("recovered")
        assert await scene.events("engine.failed") == ["engine.failed"]

    interrupted(Point.PREPARE, fail, story)


def test_a_count_that_shrinks_during_a_walk_ends_none() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.page_size = 10
        for number in range(40):
            scene.workato.fail(f"j-{number}")
            await scene.clock.sleep(1.0)

        def shrinking(request: httpx.Request) -> Answer | None:
            if "status=failed" not in str(request.url):
                return None
            answer = scene.workato._jobs(request, 7)
            first = "offset_job_id" not in request.url.params
            return httpx.Response(200, json=answer | {"job_scope_count": 40 if first else 15})

        scene.workato.instead["recipes/7/jobs"] = shrinking
        await scene.clock.sleep(5 * MINUTE)
        rows = await scene.bench.rows("SELECT COUNT(*) AS amount FROM failure")
        assert rows == [{"amount": 40}]

    play(story)


def test_what_was_closed_as_history_and_fails_again_waits_in_sight() -> None:
    async def story(scene: Scene) -> None:
        old = scene.workato.fail("j-1")
        old.started -= 3 * DAY
        old.ended = old.started + 1
        await scene.until_status("closed")
        scene.workato.rerun("j-1", "failed")
        scene.workato.failed_count += 1
        await scene.until_status("needs_person")
        assert (await scene.failure()).incident_status == "open"
        assert "needs_person>oncall" in await scene.told()

    play(story)


def test_a_failure_behind_an_equal_count_is_found_when_its_recipe_heals() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("scheduled")

        def heal_and_fail(jobs: list[str]) -> Answer:
            answer = scene.workato.accept(jobs)
            scene.workato.failed_count -= 1
            scene.workato.fail("j-2")
            return answer

        scene.workato.on_repeat = heal_and_fail
        await scene.until_status("recovered")
        scene.workato.on_repeat = scene.workato.accept
        await scene.until_status("scheduled", "recovered", job_id="j-2")

    play(story)


def test_a_success_beyond_the_last_read_stops_a_forced_repeat_of_another_lineage() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-old")
        await scene.until_status("scheduled", job_id="j-old")
        assert (await scene.do(Verb.CANCEL, "j-old")).done
        await scene.clock.sleep(HOUR)
        for number in range(30):
            scene.workato.rerun(f"j-x{number}", "failed")
        scene.workato.jobs[-30].master = "j-old"
        scene.workato.jobs[-30].status = "succeeded"
        scene.workato.jobs[-30].started -= 5 * MINUTE
        scene.workato.jobs[-30].ended = scene.workato.jobs[-30].started + 1
        scene.workato.fail("j-new")

        async def new_is_sent() -> bool:
            return bool(scene.workato.repeats)

        await scene.until(new_is_sent)
        await scene.do(Verb.RETRY, "j-old")
        await scene.clock.sleep(10 * MINUTE)
        sent = [job for _, _, jobs in scene.workato.repeats for job in jobs]
        assert "j-new" in sent
        assert "j-old" not in sent

    play(story)


def test_a_recipe_list_that_cannot_be_read_for_long_is_an_incident() -> None:
    async def story(scene: Scene) -> None:
        await scene.clock.sleep(2 * MINUTE)
        scene.workato.instead["recipes"] = lambda _request: httpx.Response(500, json={"message": "Server error"})
        await scene.clock.sleep(30 * MINUTE)
        rows = await scene.bench.rows("SELECT kind, status FROM incident")
        assert rows == [{"kind": "collation_behind", "status": "open"}]
        scene.workato.instead.clear()
        await scene.clock.sleep(5 * MINUTE)
        assert (await scene.bench.rows("SELECT status FROM incident")) == [{"status": "resolved"}]

    play(story)


def test_a_resume_leaves_nothing_held_behind() -> None:
    async def resume(scene: Scene) -> None:
        await scene.do(Verb.RESUME, None)

    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("scheduled")
        await scene.do(Verb.PAUSE, None)
        await scene.until_status("held")
        await scene.do(Verb.RESUME, None)
        await scene.until_status("recovered")

    interrupted(Point.PREPARE, resume, story)
