"""Recipes that run and have no job: told once when it is far longer than ever or declared, over with the next job."""

from __future__ import annotations

import httpx
import pytest

from aof_tui.base.clock import rfc3339
from tests.engine.scene import HOUR, MINUTE, Scene, play, play_around

DAY = 24 * HOUR
OTHER = 8
SOON: dict[str, object] = {
    "incidents": {"remind_after": "20m"},
    "escalation": {"receivers": ["admins"], "after": "10m"},
}
DECLARED: dict[str, object] = {**SOON, "silence": [{"match": {"recipe": [str(OTHER)]}, "after": "30m"}]}


async def silences(scene: Scene) -> list[tuple[object, object]]:
    rows = await scene.bench.rows(
        "SELECT scope, status FROM incident WHERE kind = 'recipe_silent' ORDER BY incident_id"
    )
    return [(row["scope"], row["status"]) for row in rows]


def runs(scene: Scene, recipe_id: int = OTHER) -> None:
    """A job of the recipe ends well now."""
    scene.workato.recipe(recipe_id, last_run_at=rfc3339(scene.clock.wall()))


async def run_every(scene: Scene, gap: float, times: int) -> None:
    for _ in range(times):
        runs(scene)
        await scene.clock.sleep(gap)


async def rhythm(scene: Scene) -> tuple[object, object]:
    rows = await scene.bench.rows("SELECT gaps, longest_s FROM rhythm WHERE recipe_id = :id", id=str(OTHER))
    return rows[0]["gaps"], rows[0]["longest_s"]


def test_a_declared_rhythm_alarms_once_reminds_and_ends_with_the_next_job() -> None:
    async def story(scene: Scene) -> None:
        await run_every(scene, 25 * MINUTE, 2)
        assert await silences(scene) == []
        await scene.clock.sleep(8 * MINUTE)
        assert await silences(scene) == [(f"recipe:{OTHER}", "open")]
        assert await scene.told() == ["alarm>admins", "alarm>oncall"]
        await scene.clock.sleep(25 * MINUTE)
        assert (await scene.told())[2:] == ["escalated>admins", "reminded>oncall"]
        runs(scene)
        await scene.clock.sleep(3 * MINUTE)
        assert await silences(scene) == [(f"recipe:{OTHER}", "resolved")]
        assert (await scene.told())[4:] == ["resolved>oncall"]
        assert await scene.events("recipe.missed", "recipe.heard") == ["recipe.missed", "recipe.heard"]

    play(story, **DECLARED)


def test_a_recipe_that_never_ran_is_silent_counted_from_its_start() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.recipe(OTHER, last_run_at=None)
        await scene.clock.sleep(29 * MINUTE)
        assert await silences(scene) == []
        await scene.clock.sleep(5 * MINUTE)
        assert await silences(scene) == [(f"recipe:{OTHER}", "open")]
        # Stopped, it is not silent any more; started again, its time begins anew.
        scene.workato.recipe(OTHER, running=False)
        await scene.clock.sleep(3 * MINUTE)
        assert await silences(scene) == [(f"recipe:{OTHER}", "resolved")]
        scene.workato.recipe(OTHER, running=True)
        await scene.clock.sleep(29 * MINUTE)
        assert await silences(scene) == [(f"recipe:{OTHER}", "resolved")]
        await scene.clock.sleep(5 * MINUTE)
        assert await silences(scene) == [(f"recipe:{OTHER}", "open")]

    play(story, **DECLARED)


def test_a_rhythm_is_learned_and_a_recipe_without_one_never_alarms() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.recipe(9, last_run_at=rfc3339(scene.clock.wall()))
        await run_every(scene, 10 * MINUTE, 4)
        # The first one that was seen ends no gap that was watched from its begin.
        assert await rhythm(scene) == (2, 10 * MINUTE)
        raw = scene.bench.store._connection.raw
        raw.execute("UPDATE rhythm SET gaps = 40, longest_s = 1500, since = since - 691200 WHERE recipe_id = '8'")
        runs(scene)
        await scene.clock.sleep(70 * MINUTE)
        assert await silences(scene) == []
        await scene.clock.sleep(8 * MINUTE)
        assert await silences(scene) == [(f"recipe:{OTHER}", "open")]
        assert "far longer than it ever has" in str(await scene.bench.rows("SELECT title FROM incident"))
        runs(scene)
        await scene.clock.sleep(3 * MINUTE)
        assert await silences(scene) == [(f"recipe:{OTHER}", "resolved")]
        # What was told teaches no more than what was allowed.
        assert (await rhythm(scene))[1] == pytest.approx(3 * 1500.0, rel=0.01)

    play(story)


def test_what_nobody_watched_is_neither_learned_nor_told() -> None:
    async def story(scene: Scene) -> None:
        async def some_runs(_: object) -> None:
            await run_every(scene, 10 * MINUTE, 3)

        await scene.bench.run(some_runs)
        assert await rhythm(scene) == (1, 10 * MINUTE)
        await scene.clock.sleep(3 * DAY)
        await scene.bench.run(some_runs)
        assert await rhythm(scene) == (3, 10 * MINUTE)
        assert await silences(scene) == []

    play_around(story, **DECLARED)


def test_while_the_list_cannot_be_read_nothing_is_taken_for_silence() -> None:
    async def story(scene: Scene) -> None:
        runs(scene)
        await scene.clock.sleep(5 * MINUTE)
        scene.workato.instead["recipes"] = lambda _: httpx.ReadError("unreachable")
        await scene.clock.sleep(HOUR)
        assert await silences(scene) == []
        runs(scene)
        del scene.workato.instead["recipes"]
        await scene.clock.sleep(10 * MINUTE)
        assert await silences(scene) == []

    play(story, **DECLARED)


def test_idle_recipes_cost_no_write() -> None:
    async def story(scene: Scene) -> None:
        for number in range(OTHER, OTHER + 20):
            runs(scene, number)
        await scene.clock.sleep(5 * MINUTE)
        assert len(await scene.bench.rows("SELECT 1 FROM rhythm")) == 21
        before = await scene.bench.rows("SELECT * FROM rhythm WHERE recipe_id != '7' ORDER BY recipe_id")
        changes = scene.bench.store._connection.raw.total_changes
        await scene.clock.sleep(5 * MINUTE)
        assert await scene.bench.rows("SELECT * FROM rhythm WHERE recipe_id != '7' ORDER BY recipe_id") == before
        # The sweeps' own lines, and the one recipe that runs.
        assert scene.bench.store._connection.raw.total_changes - changes < 60

    play(story)


def test_a_rule_that_is_gone_ends_what_it_declared() -> None:
    async def story(scene: Scene) -> None:
        runs(scene)
        await scene.bench.run_for(40 * MINUTE)
        assert await silences(scene) == [(f"recipe:{OTHER}", "open")]
        scene.bench.settings = scene.bench.settings.model_copy(update={"silence": ()})
        await scene.bench.run_for(5 * MINUTE)
        assert await silences(scene) == [(f"recipe:{OTHER}", "resolved")]

    play_around(story, **DECLARED)
