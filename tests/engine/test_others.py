"""Others act too: repeats in the web UI, calls between recipes, changed recipes."""

from __future__ import annotations

import httpx
import pytest

from aof_tui.control.requests import Verb
from aof_tui.engine import called
from aof_tui.engine.points import Point
from tests.engine.scene import HOUR, MINUTE, Scene, play, play_around
from tests.engine.test_guard import Once
from tests.harness.scripted import Answer, Job

CALLER = 9


def fail_called(scene: Scene, root: str = "j-root", job_id: str = "j-called") -> Job:
    """A job of the recipe that is always there fails, called by one of another recipe."""
    job = scene.workato.fail(job_id)
    job.more |= {"calling_job_id": root, "calling_recipe_id": CALLER, "root_job_id": root, "root_recipe_id": CALLER}
    return job


def repeated(scene: Scene) -> list[str]:
    return [job for _, _, jobs in scene.workato.repeats for job in jobs]


@pytest.mark.parametrize("root_first", [True, False])
def test_a_called_failure_is_held_for_its_root_and_recovers_with_it(root_first: bool) -> None:
    async def story(scene: Scene) -> None:
        scene.workato.recipe(CALLER)
        await scene.clock.sleep(MINUTE)
        if root_first:
            scene.workato.fail("j-root", CALLER)
            await scene.until_status("scheduled", job_id="j-root")
        fail_called(scene)
        await scene.until_status("held" if root_first else "scheduled", job_id="j-called")
        if not root_first:
            scene.workato.fail("j-root", CALLER)
        await scene.until_status("held", job_id="j-called")
        assert await scene.state("j-called") == ("held", "handled_by_root")
        for verb in (Verb.RETRY, Verb.RELEASE):
            refused = await scene.do(verb, "j-called")
            assert not refused.done
            assert "j-root" in refused.message
        await scene.until_status("recovered", job_id="j-root")
        assert await scene.state("j-called") == ("recovered", "root_succeeded")
        assert repeated(scene) == ["j-root"]
        assert await scene.told() == ["recovered>oncall", "recovered>oncall"]

    play(story)


def test_what_a_roots_repeat_calls_and_fails_again_belongs_to_the_same_root() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.recipe(CALLER)
        scene.workato.heals = False
        scene.workato.fail("j-root", CALLER)
        fail_called(scene)
        await scene.until(lambda: _failed_again(scene))
        fail_called(scene, "j-root-r1", "j-called-2")
        await scene.until_status("held", job_id="j-called-2")
        scene.workato.heals = True
        await scene.until_status("recovered", job_id="j-root")
        for job_id in ("j-called", "j-called-2"):
            assert await scene.state(job_id) == ("recovered", "root_succeeded")
        assert repeated(scene) == ["j-root", "j-root-r1"]

    play(story)


async def _failed_again(scene: Scene) -> bool:
    return bool(await scene.events("run.failed"))


def test_a_called_failure_whose_root_does_not_fail_is_a_persons_matter() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.recipe(CALLER)
        fail_called(scene)
        await scene.until_status("scheduled", job_id="j-called")
        recorded_at = scene.clock.wall()
        await scene.until_status("needs_person", job_id="j-called")
        assert scene.clock.wall() - recorded_at >= called.ROOT_WAIT_S - 1
        assert await scene.state("j-called") == ("needs_person", "called_by_other")
        # The root comes to light after all: then it is the root's turn.
        scene.workato.fail("j-root", CALLER)
        await scene.until_status("held", job_id="j-called")
        await scene.until_status("recovered", job_id="j-called")
        assert repeated(scene) == ["j-root"]

    play(story)


def test_a_root_that_coped_with_the_error_says_nothing_about_the_called_job() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.recipe(CALLER)
        scene.workato.fail("j-root", CALLER)
        await scene.until_status("recovered", job_id="j-root")
        fail_called(scene, "j-root-r1")
        await scene.until_status("needs_person", job_id="j-called")
        assert await scene.state("j-called") == ("needs_person", "called_by_other")
        fail_called(scene, "j-root", "j-late")
        await scene.until_status("recovered", job_id="j-late")
        assert await scene.state("j-late") == ("recovered", "root_succeeded")

    play(story)


def test_a_root_that_a_person_closes_takes_what_it_called_along_and_one_of_history_does_not() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.recipe(CALLER)
        scene.workato.fail("j-root", CALLER)
        fail_called(scene)
        old = scene.workato.fail("j-old", CALLER)
        old.started, old.ended = old.started - 50 * HOUR, scene.clock.wall() - 49 * HOUR
        fail_called(scene, "j-old", "j-called-2")
        await scene.until_status("held", job_id="j-called")
        await scene.until_status("needs_person", job_id="j-called-2")
        assert (await scene.do(Verb.CLOSE, "j-root", reason="done by hand")).done
        assert await scene.state("j-called") == ("closed", "closed_by_person")
        assert await scene.state("j-called-2") == ("needs_person", "called_by_other")

    play(story)


def test_a_person_who_repeats_within_the_guards_age_is_a_race_that_uses_no_second_attempt() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("recovered")
        assert len(scene.workato.repeats) == 1
        await scene.clock.sleep(30 * MINUTE)
        row = await scene.failure()
        assert (row.attempts, row.external, row.status) == (1, 1, "recovered")
        assert len(scene.workato.repeats) == 1

    async def person(scene: Scene) -> None:
        scene.workato.rerun("j-1", "failed", "j-person")
        await scene.clock.sleep(0.5)

    async def around(scene: Scene) -> None:
        scene.bench.failpoints = Once(Point.SENDING, lambda: person(scene))
        await scene.bench.run(lambda _control: story(scene))

    play_around(around)


def test_a_repeat_in_the_web_ui_takes_the_place_of_the_planned_one() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("scheduled")
        theirs = scene.workato.rerun("j-1", "pending")
        await scene.until_status("watching")
        await scene.clock.sleep(30 * MINUTE)
        assert scene.workato.repeats == []
        theirs.status, theirs.ended = "failed", scene.clock.wall()
        await scene.until_status("recovered")
        assert repeated(scene) == [theirs.job_id]
        runs = await scene.bench.rows("SELECT source FROM run ORDER BY started_at")
        assert [run["source"] for run in runs] == ["original", "external", "engine"]

    play(story)


@pytest.mark.parametrize("required", [True, False])
def test_a_recipe_that_changed_since_the_failure_is_repeated_unless_its_version_must_be_the_same(
    required: bool,
) -> None:
    async def story(scene: Scene) -> None:
        scene.workato.recipe(8, version_no=3)
        await scene.clock.sleep(MINUTE)
        scene.workato.fail("j-1", 8)
        scene.workato.fail("j-2", 8)
        await scene.until_status("scheduled")
        assert "recipe" not in (await _plan(scene))
        scene.workato.recipe(8, version_no=4)
        if not required:
            await scene.until_status("recovered")
            assert (await _plan(scene))["recipe"] == "changed since the failure: version 3, now 4"
            return
        await scene.until_status("needs_person")
        assert await scene.state() == ("needs_person", "recipe_changed")
        assert scene.workato.repeats == []
        assert (await scene.do(Verb.RETRY)).done
        await scene.until_status("recovered")
        scene.workato.fail("j-3", 8)
        await scene.until_status("recovered", job_id="j-3")

    play(story, retry={"require_same_version": required})


async def _plan(scene: Scene) -> dict[str, str]:
    story = await scene.control.story("prod", "j-1")
    assert story is not None
    return dict(story.plan)


def test_test_jobs_of_a_known_pair_that_only_their_details_show_are_left_alone() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("recovered")
        scene.workato.running = False
        await scene.clock.sleep(2 * MINUTE)
        for job_id in ("j-2", "j-3", "j-4"):
            scene.workato.fail(job_id)
            if job_id != "j-4":
                scene.workato.instead[f"recipes/7/jobs/{job_id}"] = lambda request: _test_job(scene, request)
        for job_id in ("j-2", "j-3"):
            await scene.until_status("needs_person", job_id=job_id)
            assert await scene.state(job_id) == ("needs_person", "not_repeatable")
        await scene.until_status("held", job_id="j-4")
        scene.workato.running = True
        await scene.until_status("recovered", job_id="j-4")
        assert repeated(scene) == ["j-1", "j-4"]
        details = [path for _, path in scene.workato.reads if path.startswith("recipes/7/jobs/")]
        assert len(details) == 4

    play(story)


def _test_job(scene: Scene, request: httpx.Request) -> Answer:
    job = next(job for job in scene.workato.jobs if job.job_id == request.url.path.rsplit("/", 1)[1])
    return httpx.Response(200, json=job.wire() | {"lines": [], "is_test": True})
