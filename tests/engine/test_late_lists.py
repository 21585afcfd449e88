"""Failures that Workato counts before its lists show them are looked for again, and few others are."""

from __future__ import annotations

from tests.engine.scene import HOUR, MINUTE, Scene, play


async def recorded(scene: Scene) -> list[object]:
    return [row["master_job_id"] for row in await scene.bench.rows("SELECT master_job_id FROM failure ORDER BY 1")]


def test_a_failure_listed_after_it_was_counted_is_found_within_minutes() -> None:
    async def story(scene: Scene) -> None:
        await scene.clock.sleep(10 * MINUTE)
        scene.workato.fail("j-1")
        scene.workato.failed_count += 1
        failed_at = scene.clock.wall()
        await scene.clock.sleep(100.0)
        assert await recorded(scene) == ["j-1"]
        late = scene.workato.fail("j-late")
        scene.workato.failed_count -= 1
        late.started, late.ended = failed_at - 1.0, failed_at
        await scene.clock.sleep(5 * MINUTE)
        assert await recorded(scene) == ["j-1", "j-late"]

    play(story, mode="observe")


def test_what_never_shows_costs_two_more_reads_and_delays_nothing_new() -> None:
    async def story(scene: Scene) -> None:
        await scene.clock.sleep(10 * MINUTE)
        before = len(scene.workato.reads)
        scene.workato.failed_count += 1
        await scene.clock.sleep(3 * MINUTE)
        scene.workato.fail("j-1")
        await scene.clock.sleep(2 * MINUTE)
        assert await recorded(scene) == ["j-1"]
        await scene.clock.sleep(HOUR)
        walks = [path for _, path in scene.workato.reads[before:] if "status=failed" in path]
        assert len(walks) <= 4
        rows = await scene.bench.rows("SELECT marked_at, retry_read_at, unaccounted FROM recipe")
        assert rows == [{"marked_at": None, "retry_read_at": None, "unaccounted": 0}]

    play(story, mode="observe", breaker={"enabled": False})
