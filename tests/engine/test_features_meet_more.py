"""More stories in which features meet: connections that cannot be seen or are gone, caps, counts and jumping clocks."""

from __future__ import annotations

import httpx
import pytest

from aof_tui.control.requests import Verb
from aof_tui.domain.words import Mode
from aof_tui.engine.downstream import successes_of
from aof_tui.engine.unit import Unit
from tests.engine import fallback_scene
from tests.engine.downstreams import CONNECTION, RECIPE, REFUSED, SERVER_ERROR, Downstream
from tests.engine.scene import HOUR, MINUTE, Scene, play, play_around
from tests.engine.test_clock import DAY, steady

WORKSPACE = {"name": "prod", "url": "http://127.0.0.1:1", "token": "env:TOKEN"}


@pytest.mark.parametrize("status", [403, 404])
def test_connections_that_may_not_be_seen_are_said_once_and_stop_nothing(status: int) -> None:
    async def story(scene: Scene) -> None:
        down = Downstream(scene)
        scene.workato.instead["connections"] = lambda _: httpx.Response(status, json={"message": "no"})
        await down.trip()
        scene.workato.heals = True
        await down.until("closed")
        await down.until_statuses(recovered=down.jobs)
        assert await scene.events("connection.skipped", "acting.stopped", "engine.failed") == ["connection.skipped"]

    play(story)


def test_a_token_refused_for_connections_still_stops_acting() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.instead["connections"] = lambda _: httpx.Response(401, json={"message": "no"})
        await scene.clock.sleep(6 * MINUTE)
        stopped = await scene.events("connection.skipped", "acting.stopped")
        assert stopped
        assert set(stopped) == {"acting.stopped"}

    play(story)


def test_a_lost_connection_that_somebody_deleted_is_over() -> None:
    async def story(scene: Scene) -> None:
        down = Downstream(scene)
        down.error, down.lost = REFUSED, True
        await scene.clock.sleep(6 * MINUTE)
        down.fail()
        down.error = SERVER_ERROR
        down.fail()
        await down.until_statuses(held=2, within=10 * MINUTE)
        scene.workato.instead["connections"] = lambda _: httpx.Response(200, json=[])
        scene.workato.heals = True
        await scene.clock.sleep(5 * MINUTE)
        assert await down.statuses() == {"held": 2}
        await down.until("closed", within=20 * MINUTE)
        assert await scene.events("connection.vanished", "connection.restored") == ["connection.vanished"]
        assert await scene.state("d-1") == ("needs_person", "policy_never")
        await down.until_statuses(needs_person=1, recovered=1, within=10 * MINUTE)
        alarm = "SELECT status FROM incident WHERE kind = 'connection_lost'"
        assert await scene.bench.rows(alarm) == [{"status": "resolved"}]
        assert [jobs for _, _, jobs in scene.workato.repeats] == [["d-2"]]

    play(story)


def test_a_lost_connection_that_one_read_left_out_is_still_lost() -> None:
    async def story(scene: Scene) -> None:
        down = Downstream(scene)
        down.error, down.lost = REFUSED, True
        await scene.clock.sleep(6 * MINUTE)
        down.fail()
        await down.until_statuses(held=1, within=10 * MINUTE)
        shown = scene.workato.instead["connections"]
        scene.workato.instead["connections"] = lambda _: httpx.Response(200, json=[])
        await scene.clock.sleep(5 * MINUTE)
        scene.workato.instead["connections"] = shown
        await scene.clock.sleep(6 * MINUTE)
        scene.workato.instead["connections"] = lambda _: httpx.Response(200, json=[])
        await scene.clock.sleep(5 * MINUTE)
        assert await scene.events("connection.vanished") == []
        assert await down.statuses() == {"held": 1}

    play(story)


def test_a_failure_that_the_cap_on_tasks_refuses_is_no_probe() -> None:
    async def story(scene: Scene) -> None:
        down = Downstream(scene)
        scene.workato.recipe(RECIPE, job_succeeded_count=10, lifetime_task_count=1000)
        config = [{"keyword": "application", "provider": "rest", "name": "rest", "account_id": CONNECTION}]
        await down.trip()
        await scene.clock.sleep(2 * HOUR)
        assert await scene.events("breaker.probed") == []
        assert await down.statuses() == {"held": down.jobs}
        told = await scene.bench.rows("SELECT status FROM incident WHERE kind = 'task_cap_reached'")
        assert told == [{"status": "open"}]
        scene.workato.recipe(9, config=config, job_succeeded_count=0)
        await scene.clock.sleep(5 * MINUTE)
        scene.workato.fail("cheap", recipe_id=9).error_parts = dict(SERVER_ERROR)
        scene.workato.heals = True
        await scene.until_status("recovered", job_id="cheap")
        assert [jobs for _, _, jobs in scene.workato.repeats] == [["cheap"]]
        assert await scene.events("breaker.probed") == ["breaker.probed"]

    play(story, workspaces=[WORKSPACE | {"task_cap": 5}])


def test_what_workato_has_lost_keeps_no_breaker_open() -> None:
    async def story(scene: Scene) -> None:
        down = Downstream(scene)
        await down.trip()
        await down.until("closed", within=40 * MINUTE)
        sent = len(scene.workato.repeats)
        await scene.clock.sleep(HOUR)
        assert len(scene.workato.repeats) == sent
        assert await down.statuses() == {"needs_person": down.jobs}

    play(story, workspaces=[WORKSPACE | {"job_retention": "20m"}])


@pytest.mark.parametrize("returned", [False, True])
def test_what_a_recipe_brings_along_is_no_success_of_now(returned: bool) -> None:
    async def story(scene: Scene) -> None:
        down = Downstream(scene)
        config = [{"keyword": "application", "provider": "rest", "name": "rest", "account_id": CONNECTION}]
        if returned:
            scene.workato.recipe(10, config=config)
            await scene.clock.sleep(2 * MINUTE)
            del scene.workato.recipes[10]
            await scene.clock.sleep(10 * MINUTE)
            assert await scene.events("recipe.vanished") == ["recipe.vanished"]
        for number in range(10):
            down.fail()
            if number == 4:
                scene.workato.recipe(10, config=config, job_succeeded_count=100_000)
            await scene.clock.sleep(20.0)
        await scene.clock.sleep(MINUTE)
        assert await down.state() == "open"

    play(story)


def test_successes_of_days_ago_do_not_hide_what_fails_now() -> None:
    async def story(scene: Scene) -> None:
        down = Downstream(scene)
        scene.workato.heals = True
        down.fail()
        await scene.clock.sleep(HOUR)
        shown = scene.workato.recipe(RECIPE)
        shown["job_succeeded_count"] = int(str(shown["job_succeeded_count"])) + 1_000
        await scene.clock.sleep(HOUR)
        scene.workato.heals = False
        await down.fails_for(200.0)
        await down.until("open", within=MINUTE)

    play(story)


def test_a_storm_behind_an_open_breaker_counts_no_successes_for_each_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[str] = []

    async def counting(unit: Unit, workspace: str, downstream: str) -> int:
        counted.append(downstream)
        return await successes_of(unit, workspace, downstream)

    async def story(scene: Scene) -> None:
        down = Downstream(scene)
        await down.trip()
        counted.clear()
        for _ in range(80):
            down.fail()
        await scene.clock.sleep(2 * MINUTE)
        assert await down.statuses() == {"held": down.jobs}
        assert 4 <= len(counted) <= 10

    monkeypatch.setattr("aof_tui.engine.breakers.successes_of", counting)
    play(story)


@pytest.mark.parametrize("state", ["doubted", "rejected"])
def test_an_alarm_about_a_fallback_ends_with_the_last_failure_it_was_about(state: str) -> None:
    async def story(scene: Scene) -> None:
        async def alarms() -> list[str]:
            rows = await scene.bench.rows("SELECT status FROM incident WHERE kind = 'fallback_failed'")
            return [str(row["status"]) for row in rows]

        answers: dict[str, httpx.Response | Exception] = {
            "doubted": httpx.ReadError("reset"),
            "rejected": httpx.Response(404),
        }
        scene.workato.on_start = lambda _start: answers[state]
        scene.workato.fail("j-1")
        scene.workato.fail("j-2")
        await fallback_scene.until_state(scene, state, job_id="j-1")
        await fallback_scene.until_state(scene, state, job_id="j-2")
        assert (await scene.do(Verb.CLOSE, "j-1", reason="done")).done
        await scene.clock.sleep(HOUR)
        assert await alarms() == ["open"]
        assert (await scene.do(Verb.CLOSE, "j-2", reason="done")).done
        await scene.clock.sleep(MINUTE)
        assert await alarms() == ["resolved"]

    fallback_scene.play(story)


@pytest.mark.parametrize("jump", [DAY, -DAY])
def test_how_long_a_breaker_held_is_reckoned_by_a_clock_that_does_not_jump(jump: float) -> None:
    async def story(scene: Scene) -> None:
        steady(scene)
        down = Downstream(scene)
        await down.trip()
        began = scene.clock.boot()
        scene.clock.jump_wall(jump)
        await down.until("half_open", within=10 * MINUTE)
        scene.workato.heals = True
        await down.until("closed", within=30 * MINUTE)
        await down.until_statuses(recovered=down.jobs, within=HOUR)
        rows = await scene.bench.rows("SELECT stood_still_s FROM failure")
        waited = scene.clock.boot() - began
        assert all(60.0 <= float(str(row["stood_still_s"])) <= waited for row in rows)

    play(story, retry={"time_limit": "40m"})


def test_what_was_held_while_acting_is_not_asked_about_because_the_clock_was_put_back() -> None:
    async def around(scene: Scene) -> None:
        steady(scene)
        await scene.bench.run(lambda _control: scene.clock.sleep(MINUTE))
        scene.bench.settings = scene.bench.settings.model_copy(update={"mode": Mode.ACT})
        await scene.bench.run(lambda _control: acting(scene, Downstream(scene)))

    async def acting(scene: Scene, down: Downstream) -> None:
        await down.trip()
        scene.clock.jump_wall(-DAY)
        await scene.clock.sleep(2 * MINUTE)
        held = "SELECT DISTINCT status, reason FROM failure"
        assert await scene.bench.rows(held) == [{"status": "held", "reason": "breaker_open"}]

    play_around(around, mode="observe")


def test_what_was_held_while_observing_is_asked_about_although_the_clock_was_put_back_between() -> None:
    async def around(scene: Scene) -> None:
        steady(scene)
        down = Downstream(scene)
        await scene.bench.run(lambda _control: down.trip())
        scene.bench.settings = scene.bench.settings.model_copy(update={"mode": Mode.ACT})
        scene.clock.jump_wall(-DAY)
        scene.workato.heals = True
        await scene.bench.run(lambda _control: acting(scene))

    async def acting(scene: Scene) -> None:
        await scene.clock.sleep(30 * MINUTE)
        assert scene.workato.repeats == []

    play_around(around, mode="observe")


@pytest.mark.parametrize("jump", [DAY, -DAY])
def test_the_job_of_a_fallback_is_found_although_the_wall_clock_jumped(jump: float) -> None:
    async def story(scene: Scene) -> None:
        steady(scene)
        scene.workato.fail("j-1")
        await fallback_scene.until_state(scene, "started")
        await scene.clock.sleep(MINUTE)
        scene.clock.jump_wall(jump)
        await scene.clock.sleep(5 * MINUTE)
        assert await scene.events("fallback.missed") == []
        fallback_scene.shows(scene, "succeeded", scene.workato.starts[0].correlation)
        await fallback_scene.until_state(scene, "succeeded", within=30 * MINUTE)

    fallback_scene.play(story)
