"""Reading the repeated runs with as few pages as the list's behaviour allows."""

from __future__ import annotations

from tests.engine.scene import HOUR, Scene, play

DAY = 86_400.0


def test_a_list_in_order_of_its_own_time_is_left_at_the_first_known_page() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.heals = False
        for number in range(40):
            scene.workato.fail(f"j-{number}")
            await scene.clock.sleep(1.0)
        await scene.until_status("exhausted", job_id="j-39")
        rows = await scene.bench.rows("SELECT list_in_place FROM workspace")
        assert rows == [{"list_in_place": 0}]
        await scene.clock.sleep(HOUR)
        before = len(scene.workato.reads)
        await scene.clock.sleep(HOUR)
        pages = [path for _, path in scene.workato.reads[before:] if "rerun_only" in path]
        # 200 repeated runs fill eight pages; each look at the resting failures reads one.
        assert pages
        assert not [path for path in pages if "offset_job_id" in path]

    play(story)


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
