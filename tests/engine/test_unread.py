"""Reads that keep failing, recipes and jobs that are gone, and runs that never end: nothing waits in silence."""

from __future__ import annotations

import httpx
import pytest

from aof_tui.control.requests import IncidentQuery, Verb
from aof_tui.engine import lineages
from tests.engine.scene import HOUR, MINUTE, Scene, play, play_around
from tests.harness.scripted import Answer

DAY = 24 * HOUR


def refuse_repeated_runs(scene: Scene, answer: Answer) -> None:
    """Of the lists, only that of the repeated runs cannot be read."""
    scene.workato.instead["recipes/7/jobs"] = lambda request: answer if "rerun_only" in str(request.url) else None


async def alarms(scene: Scene) -> list[str]:
    page = await scene.control.incidents(IncidentQuery(only_open=False))
    return [f"{row.kind} {row.status}" for row in page.rows if row.kind != "jobs"]


@pytest.mark.parametrize("settling", [False, True])
def test_reads_that_fail_for_long_are_an_incident_until_one_succeeds(settling: bool) -> None:
    async def story(scene: Scene) -> None:
        unreadable = httpx.Response(502, text="<html>")
        if settling:
            scene.workato.on_repeat = lambda _jobs: httpx.ReadError("reset")
            scene.workato.fail("j-1")
            await scene.until_status("in_doubt")
            refuse_repeated_runs(scene, unreadable)
            await scene.clock.sleep(2 * MINUTE)
        else:
            refuse_repeated_runs(scene, unreadable)
            scene.workato.fail("j-1")
            await scene.clock.sleep(12 * MINUTE)
        assert await alarms(scene) == []
        await scene.clock.sleep(20 * MINUTE)
        assert await alarms(scene) == ["collation_behind open"]
        assert await scene.events("read.failed") == ["read.failed"]
        assert "alarm>oncall" in await scene.told()
        scene.workato.instead.clear()
        await scene.until_status("held" if settling else "recovered")
        assert await alarms(scene) == ["collation_behind resolved"]
        assert await scene.events("read.restored") == ["read.restored"]

    play(story)


def test_two_unreadable_recipes_are_one_incident_that_ends_with_the_second() -> None:
    async def story(scene: Scene) -> None:
        unreadable = httpx.Response(502, text="<html>")
        for recipe_id in (7, 8):
            scene.workato.recipe(8)
            scene.workato.instead[f"recipes/{recipe_id}/jobs"] = lambda request: (
                unreadable if "rerun_only" in str(request.url) else None
            )
        scene.workato.fail("j-1")
        scene.workato.fail("j-2", 8)
        await scene.clock.sleep(40 * MINUTE)
        assert await alarms(scene) == ["collation_behind open"]
        del scene.workato.instead["recipes/7/jobs"]
        await scene.until_status("recovered", job_id="j-1")
        assert await alarms(scene) == ["collation_behind open"]
        del scene.workato.instead["recipes/8/jobs"]
        await scene.until_status("recovered", job_id="j-2")
        assert await alarms(scene) == ["collation_behind resolved"]

    play(story)


@pytest.mark.parametrize("repeated_when_in_doubt", [False, True])
def test_a_doubt_ends_when_its_recipe_is_gone(repeated_when_in_doubt: bool) -> None:
    async def story(scene: Scene) -> None:
        def half(_jobs: list[str]) -> Answer:
            scene.workato.rerun("j-2", "succeeded")
            return scene.workato.results([("j-2", "enqueued")])

        scene.workato.on_repeat = half
        scene.workato.fail("j-1")
        scene.workato.fail("j-2")
        scene.workato.fail("j-test", is_test=True)
        await scene.until_status("in_doubt")
        await scene.until_status("recovered", job_id="j-2")
        scene.workato.gone = True
        scene.workato.instead["recipes/7/jobs"] = lambda _request: httpx.Response(404, json={"message": "Not found"})
        await scene.clock.sleep(70.0)
        assert (await scene.failure()).status == "in_doubt"
        await scene.until_status("needs_person")
        assert (await scene.state())[1] == "recipe_gone"
        assert sorted(await scene.attempts()) == ["absent", "accepted"]
        assert await scene.bench.rows("SELECT state FROM dispatch") == [{"state": "settled"}]
        assert await scene.state("j-test") == ("needs_person", "not_repeatable")
        assert (await scene.failure()).attempts == 1
        await scene.clock.sleep(HOUR)
        assert len(scene.workato.repeats) == 1
        assert await alarms(scene) == []

    play(story, retry={"when_in_doubt": "repeat" if repeated_when_in_doubt else "hold"})


def test_a_wish_for_a_recipe_that_is_gone_comes_back_to_the_person() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1", error_parts={})
        await scene.until_status("needs_person", "scheduled")
        scene.workato.gone = True
        scene.workato.instead["recipes/7/jobs"] = lambda _request: httpx.Response(404, json={"message": "Not found"})
        await scene.until(lambda: _vanished(scene))
        assert (await scene.do(Verb.RETRY)).done
        await scene.until_status("needs_person")
        assert (await scene.state())[1] == "recipe_gone"
        assert scene.workato.repeats == []

    play(story)


def test_what_falls_due_on_a_recipe_that_is_gone_is_left_to_a_person() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("scheduled")
        scene.workato.gone = True
        await scene.until(lambda: _vanished(scene))
        raw = scene.bench.store._connection.raw
        raw.execute("UPDATE failure SET status = 'scheduled', reason = NULL, next_action_at = 0")
        await scene.until_status("needs_person")
        assert (await scene.state())[1] == "recipe_gone"

    play(story)


async def _vanished(scene: Scene) -> bool:
    return bool(await scene.events("recipe.vanished"))


def test_a_run_that_does_not_end_in_a_day_is_a_persons_matter_and_is_followed_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A shorter day, so that the test is short.
    assert lineages.STUCK_AFTER_S == DAY
    monkeypatch.setattr(lineages, "STUCK_AFTER_S", HOUR)

    async def story(scene: Scene) -> None:
        scene.workato.on_repeat = lambda jobs: _begin(scene, jobs)
        scene.workato.fail("j-1")
        await scene.until_status("watching")
        await scene.clock.sleep(50 * MINUTE)
        assert (await scene.failure()).status == "watching"
        await scene.until_status("needs_person")
        assert (await scene.state())[1] == "run_stuck"
        assert not (await scene.do(Verb.RETRY)).done
        assert not (await scene.do(Verb.RELEASE)).done
        await scene.clock.sleep(15 * MINUTE)
        assert await scene.events("failure.referred") == ["failure.referred"]
        run = scene.workato.jobs[-1]
        run.status, run.ended = "succeeded", scene.clock.wall()
        await scene.until_status("recovered")
        assert len(scene.workato.repeats) == 1

    play(story)


def _begin(scene: Scene, jobs: list[str]) -> Answer:
    scene.workato.rerun("j-1", "pending")
    return scene.workato.results([(job, "enqueued") for job in jobs])


@pytest.mark.parametrize("other_readable", [True, False])
def test_a_run_that_workato_no_longer_knows_is_given_up_only_while_others_are_known(other_readable: bool) -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("scheduled")
        lost = scene.workato.rerun("j-1", "pending", "j-lost")
        await scene.until_status("watching")
        await scene.clock.sleep(5.0)
        scene.workato.jobs.remove(lost)
        scene.workato.rerun("j-1", "failed", "j-later")
        missing = ["jobs/j-lost"] if other_readable else ["jobs/j-lost", "jobs/j-later"]
        for path in missing:
            scene.workato.instead[path] = lambda _request: httpx.Response(404, json={"message": "Not found"})
        if not other_readable:
            await scene.clock.sleep(30 * MINUTE)
            assert (await scene.failure()).status == "watching"
            return
        await scene.until(lambda: _missing(scene))
        first = scene.clock.wall()
        assert (await scene.failure()).status == "watching"
        await scene.until_status("needs_person")
        assert scene.clock.wall() - first >= 59.0
        assert (await scene.state())[1] == "job_gone"
        assert scene.workato.repeats == []

    play(story)


async def _missing(scene: Scene) -> bool:
    return bool(await scene.bench.rows("SELECT 1 FROM run WHERE missing_since IS NOT NULL"))


def test_a_long_lag_is_forgotten_over_days() -> None:
    async def story(scene: Scene) -> None:
        store = scene.bench.store._connection.raw
        # A run once took ten minutes to show, four days ago.
        long_ago = (scene.clock.wall() - 4 * DAY,)
        store.execute("UPDATE workspace SET max_lag_s = 600, lag_at = ?", long_ago)
        scene.workato.fail("j-1")
        await scene.until_status("recovered")
        [row] = await scene.bench.rows("SELECT max_lag_s FROM workspace")
        assert row["max_lag_s"] == pytest.approx(600 / 16, rel=0.01)

    play(story)


def test_stopping_does_not_wait_for_the_turn_that_workato_put_off() -> None:
    async def around(scene: Scene) -> None:
        stopped_at = 0.0

        async def work(_control: object) -> None:
            nonlocal stopped_at
            scene.workato.on_repeat = lambda _jobs: httpx.Response(429, headers={"Retry-After": "300"}, json={})
            scene.workato.fail("j-1")
            scene.workato.fail("j-2", 8)
            await scene.until(lambda: _sent(scene))
            await scene.clock.sleep(70.0)
            scene.bench.store._connection.raw.execute(
                "UPDATE failure SET next_action_at = 0 WHERE status = 'scheduled'"
            )
            await scene.clock.sleep(15.0)
            stopped_at = scene.clock.boot()

        await scene.bench.run(work)
        assert scene.clock.boot() - stopped_at < 6.0
        assert len(scene.workato.repeats) == 1

    play_around(around)


async def _sent(scene: Scene) -> bool:
    return bool(scene.workato.repeats)
