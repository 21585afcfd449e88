"""Stories in which features meet: each ended badly once."""

from __future__ import annotations

from tests.engine.scene import MINUTE, Scene, play


def test_a_list_too_long_to_guard_a_repeat_is_told_of_and_costs_no_intents() -> None:
    async def story(scene: Scene) -> None:
        for number in range(60):
            scene.workato.fail(f"j-{number:02}")
        await scene.clock.sleep(30 * MINUTE)
        assert await scene.bench.rows("SELECT 1 FROM dispatch WHERE state = 'not_sent'") == []
        told = await scene.bench.rows("SELECT title FROM incident WHERE kind = 'collation_behind' AND status = 'open'")
        assert ["longer than a repeat may wait" in str(row["title"]) for row in told] == [True]
        scene.workato.page_size = 50
        await scene.clock.sleep(40 * MINUTE)
        assert await scene.bench.rows("SELECT DISTINCT status FROM failure") == [{"status": "recovered"}]
        assert await scene.bench.rows("SELECT 1 FROM incident WHERE status != 'resolved' AND kind != 'jobs'") == []

    async def short_pages(scene: Scene) -> None:
        scene.workato.page_size = 5
        await story(scene)

    play(short_pages)
