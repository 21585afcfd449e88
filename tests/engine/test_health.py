"""The slow round: what keeps the success of somebody else's repeat from being seen, and what does not."""

from __future__ import annotations

import httpx
import pytest

from tests.engine.scene import HOUR, MINUTE, Scene, play
from tests.harness.scripted import Job

REFUSED: dict[str, object] = {"adapter": "rest", "error_type": "Auth", "message": "401 Unauthorized"}
OTHER = 8


def refer(job: Job) -> None:
    """The error is one for a person."""
    job.error_parts = dict(REFUSED)


async def two_at_rest(scene: Scene) -> None:
    scene.workato.recipe(OTHER)
    refer(scene.workato.fail("j-1"))
    refer(scene.workato.fail("j-2", recipe_id=OTHER))
    await scene.until_status("needs_person", job_id="j-1")
    await scene.until_status("needs_person", job_id="j-2")


def resting_reads(scene: Scene) -> int:
    return sum(path.startswith("recipes/7/jobs?") and "rerun_only" in path for _, path in scene.workato.reads)


@pytest.mark.parametrize("unreadable", ["recipes/7/jobs", "connections"])
def test_what_cannot_be_read_keeps_no_other_recipe_from_being_read(unreadable: str) -> None:
    async def story(scene: Scene) -> None:
        await two_at_rest(scene)
        scene.workato.instead[unreadable] = lambda _: httpx.Response(404, json={"message": "Not found"})
        scene.workato.rerun("j-2", "succeeded")
        await scene.until_status("recovered", job_id="j-2")

    play(story)


def test_a_recipe_that_is_gone_is_not_asked_for() -> None:
    async def story(scene: Scene) -> None:
        await two_at_rest(scene)
        scene.workato.gone = True
        await scene.clock.sleep(20 * MINUTE)
        assert await scene.bench.rows("SELECT recipe_id FROM recipe WHERE gone_at IS NOT NULL") == [{"recipe_id": "7"}]
        before = resting_reads(scene)
        await scene.clock.sleep(HOUR)
        assert resting_reads(scene) == before

    play(story)


def test_a_refused_token_ends_the_round() -> None:
    async def story(scene: Scene) -> None:
        await two_at_rest(scene)
        scene.workato.instead["recipes"] = lambda _: httpx.Response(401, json={"message": "Unauthorized"})
        scene.workato.instead["connections"] = scene.workato.instead["recipes"]
        began = len(scene.workato.reads)
        await scene.clock.sleep(HOUR)
        later = [path for _, path in scene.workato.reads[began:]]
        assert any(path.startswith("connections") for path in later)
        assert not any("rerun_only" in path for path in later)

    play(story)
