"""The slow pass: what counters hide is found within the lookback, and said."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx

from aof_tui.control.requests import IncidentQuery
from aof_tui.engine import slow_pass
from tests.engine.scene import HOUR, MINUTE, Scene, play
from tests.harness.scripted import Answer

LOOKBACK = 4 * HOUR
PASS = LOOKBACK / slow_pass.PASSES_PER_LOOKBACK
SHORT = {"collation": {"lookback": "4h"}}


def told(story: Callable[[Scene], Awaitable[None]]) -> None:
    """Play with passes of an hour."""
    play(story, **SHORT)


async def hide(scene: Scene, job_id: str = "j-hidden", ran_s: float = 1.0) -> None:
    """A failed job that moves no counter."""
    scene.workato.fail(job_id, ran_s=ran_s)
    scene.workato.failed_count -= 1


async def trust(scene: Scene) -> list[str]:
    page = await scene.control.incidents(IncidentQuery(only_open=False))
    return [row.status for row in page.rows if row.kind == "collation_behind"]


def test_a_failure_that_moved_no_counter_is_found_recovered_and_said() -> None:
    async def story(scene: Scene) -> None:
        await scene.clock.sleep(5 * MINUTE)
        await hide(scene)
        await scene.clock.sleep(PASS / 2)
        assert await scene.bench.rows("SELECT 1 FROM failure") == []
        await scene.until_status("recovered", job_id="j-hidden")
        assert await scene.events("counter.distrusted") == ["counter.distrusted"]
        assert await trust(scene) == ["open"]
        await scene.clock.sleep(2.5 * PASS)
        assert await trust(scene) == ["resolved"]

    told(story)


def test_a_job_that_ran_for_hours_is_found_far_below_the_watermark() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.page_size = 3
        for number in range(12):
            scene.workato.fail(f"j-{number}")
        await scene.clock.sleep(3 * MINUTE)
        # Its start puts it below all of them, and the walk that its count causes ends above it.
        scene.workato.fail("j-hours", ran_s=2 * HOUR)
        await scene.clock.sleep(10 * MINUTE)
        found = "SELECT 1 FROM failure WHERE master_job_id = 'j-hours'"
        assert await scene.bench.rows(found) == []
        await scene.until_status("recovered", job_id="j-hours")
        assert await trust(scene) == ["open"]

    told(story)


def test_what_counters_show_is_never_called_hidden_and_a_pass_costs_one_read_of_each_recipe() -> None:
    async def story(scene: Scene) -> None:
        for recipe_id in (8, 9, 10):
            scene.workato.recipe(recipe_id)
        await scene.clock.sleep(PASS)
        assert [path for _, path in scene.workato.reads if "status=failed" in path] == []
        for number in range(6):
            scene.workato.fail(f"j-{number}", recipe_id=8 + number % 3)
            await scene.clock.sleep(PASS / 3)
        assert await trust(scene) == []
        first = [path for at, path in scene.workato.reads if "recipes/7/jobs" in path]
        assert len(first) in (1, 2)

    told(story)


def test_a_walk_goes_on_past_old_jobs_until_a_whole_page_is_older_than_the_lookback() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.page_size = 2
        await scene.clock.sleep(10 * MINUTE)
        for number in range(6):
            await hide(scene, f"j-old{number}")
            scene.workato.jobs[-1].ended = scene.clock.wall() - LOOKBACK - HOUR
            await scene.clock.sleep(2.0)
        # By its start it stands on the same page as an old one.
        await hide(scene, "j-hidden")
        await scene.until_status("scheduled", job_id="j-hidden")
        await scene.clock.sleep(MINUTE)
        walked = [path for _, path in scene.workato.reads if "status=failed" in path]
        assert len(walked) == 2
        assert await scene.events("counter.distrusted") == ["counter.distrusted"]

    told(story)


def test_a_recipe_that_cannot_be_read_keeps_no_other_from_being_read() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.recipe(8)
        scene.workato.instead["recipes/7/jobs"] = lambda _request: httpx.Response(502, text="<html>")
        await scene.clock.sleep(5 * MINUTE)
        scene.workato.fail("j-hidden", 8)
        scene.workato.recipes[8]["job_failed_count"] = 0
        await scene.until_status("recovered", job_id="j-hidden")
        assert await scene.events("read.failed", "collation.failed") == []

    told(story)


def test_what_a_counter_showed_while_it_was_read_was_not_hidden() -> None:
    async def story(scene: Scene) -> None:
        def mark(_request: httpx.Request) -> Answer | None:
            change = "UPDATE recipe SET marked_at = ?, mark_count = 1 WHERE read_at IS NULL"
            scene.bench.store._connection.raw.execute(change, (scene.clock.wall(),))
            return None

        await scene.clock.sleep(5 * MINUTE)
        await hide(scene)
        scene.workato.instead["recipes/7/jobs"] = mark
        await scene.until_status("recovered", job_id="j-hidden")
        assert await scene.events("counter.distrusted") == []

    told(story)
