"""Reading the recipe list: what marks a recipe, and what a list that is late, bad or refused does to the engine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from itertools import pairwise

import httpx
import pytest

from aof_tui.base.clock import Clock, rfc3339
from aof_tui.base.secret import Secret
from aof_tui.control.requests import Verb
from aof_tui.domain.model import Recipe
from aof_tui.simulator.scenario_file import load_scenario
from aof_tui.simulator.simulator import Simulator
from aof_tui.simulator.virtual_time import VirtualClock, run_virtual
from aof_tui.workato import lists as lists_of_workato
from tests.engine.scene import HOUR, MINUTE, Scene, play
from tests.harness.scripted import Answer
from tests.harness.virtual import settings, simulated


def lists(scene: Scene) -> list[float]:
    """When the recipe list was asked for."""
    return [at for at, path in scene.workato.reads if path.startswith("recipes?")]


def only_list(answer: Callable[[httpx.Request], Answer]) -> Callable[[httpx.Request], Answer | None]:
    return lambda request: answer(request) if request.url.path.endswith("/recipes") else None


def test_only_a_changed_count_of_failed_jobs_marks_a_recipe() -> None:
    async def story(scene: Scene) -> None:
        await scene.clock.sleep(HOUR)
        # The list shows another last run each time.
        assert len(lists(scene)) >= 55
        assert await scene.events("recipe.moved") == []
        assert [path for _, path in scene.workato.reads if "/jobs" in path] == []
        scene.workato.fail("j-1")
        await scene.until_status("scheduled", within=3 * MINUTE)
        scene.workato.failed_count = 0
        await scene.until(lambda: _moves(scene, 2), within=3 * MINUTE)

    play(story, mode="observe")


async def _moves(scene: Scene, count: int) -> bool:
    return len(await scene.events("recipe.moved")) == count


@pytest.mark.parametrize(("last_run_ago", "read"), [(HOUR, True), (48 * HOUR, False)])
def test_a_recipe_seen_for_the_first_time_is_read_where_it_ran_within_the_lookback(
    last_run_ago: float, read: bool
) -> None:
    async def story(scene: Scene) -> None:
        at = scene.clock.wall() - last_run_ago
        stamp = rfc3339(at)
        scene.workato.recipe(9, job_failed_count=3, last_run_at=stamp)
        await scene.clock.sleep(5 * MINUTE)
        assert any("recipes/9/jobs" in path for _, path in scene.workato.reads) is read

    play(story, mode="observe")


def test_a_refused_token_stops_acting_once_loudly_and_until_it_is_accepted() -> None:
    async def story(scene: Scene) -> None:
        def refuse(request: httpx.Request) -> Answer | None:
            if request.headers["authorization"] == "Bearer rotated":
                return None
            return httpx.Response(401, json={"message": "Unauthorized"})

        scene.workato.fail("j-1")
        await scene.until_status("scheduled")
        # The token is revoked; every request is refused until its place holds another.
        scene.workato.instead[""] = refuse
        await scene.clock.sleep(30 * MINUTE)
        status = (await scene.control.status()).workspaces[0]
        assert status.acting_stopped == "unauthorized"
        assert await scene.events("acting.stopped") == ["acting.stopped"]
        rows = await scene.bench.rows("SELECT receiver FROM outbox WHERE summary LIKE '%Acting on prod stopped%'")
        assert rows == [{"receiver": "oncall"}, {"receiver": "admins"}]
        assert await scene.events("sweep.failed") == ["sweep.failed"]
        asked = [at for at, path in scene.workato.reads if path.startswith("users/me")]
        assert len(asked) >= 25
        assert scene.workato.repeats == []
        assert (await scene.failure()).attempts == 0
        scene.bench.token = Secret("rotated")
        await scene.until_status("recovered", within=15 * MINUTE)
        assert await scene.events("acting.allowed") == ["acting.allowed"]

    play(story)


def test_a_forbidden_list_stops_acting_and_is_asked_for_on() -> None:
    async def story(scene: Scene) -> None:
        await scene.clock.sleep(MINUTE)
        scene.workato.instead["recipes"] = only_list(lambda _request: httpx.Response(403, json={"message": "no"}))
        before = len(lists(scene))
        await scene.clock.sleep(20 * MINUTE)
        assert (await scene.control.status()).workspaces[0].acting_stopped == "forbidden"
        assert await scene.events("acting.stopped") == ["acting.stopped"]
        assert len(lists(scene)) - before >= 18
        scene.workato.instead.clear()
        await scene.clock.sleep(5 * MINUTE)
        # That reading works again does not say that repeating is allowed: a person says so.
        assert (await scene.control.status()).workspaces[0].acting_stopped == "forbidden"
        assert (await scene.do(Verb.RESUME, None)).done
        scene.workato.fail("j-1")
        await scene.until_status("recovered")

    play(story)


class Drip(httpx.AsyncByteStream):
    """One byte each second, and there is no end."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            await self._clock.sleep(1.0)
            yield b" "


HTML = {"content-type": "text/html"}
FAULTS: dict[str, Callable[[], Answer]] = {
    "not found": lambda: httpx.Response(404, json={"message": "Not found"}),
    "unprocessable": lambda: httpx.Response(422, json={"message": "no"}),
    "server error": lambda: httpx.Response(500, text=""),
    "bad gateway": lambda: httpx.Response(502, text="<html>", headers=HTML),
    "truncated": lambda: httpx.Response(200, text='{"items": [{"id": 7, "na'),
    "wrong types": lambda: httpx.Response(200, json={"items": [{"id": 7, "name": "x", "job_failed_count": "many"}]}),
    "not a list": lambda: httpx.Response(200, json={"items": {"id": 7}}),
    "html": lambda: httpx.Response(200, text="<html>maintenance</html>", headers=HTML),
    "redirect": lambda: httpx.Response(302, headers={"location": "https://example.com/"}),
    "reset": lambda: httpx.ReadError("reset"),
    "refused": lambda: httpx.ConnectError("refused"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_list_that_cannot_be_read_is_said_once_and_loses_nothing(fault: str) -> None:
    async def story(scene: Scene) -> None:
        scene.workato.recipe(8)
        scene.workato.fail("j-1")
        await scene.until_status("scheduled")
        scene.workato.instead["recipes"] = only_list(lambda _request: FAULTS[fault]())
        scene.workato.fail("j-2", 8)
        await scene.clock.sleep(20 * MINUTE)
        assert await scene.events("sweep.failed") == ["sweep.failed"]
        assert (await scene.control.status()).workspaces[0].acting_stopped is None
        assert await scene.events("recipe.vanished") == []
        # What is known already is repeated meanwhile.
        assert (await scene.failure()).status == "recovered"
        scene.workato.instead.clear()
        await scene.until_status("scheduled", job_id="j-2", within=3 * MINUTE)
        rows = await scene.bench.rows("SELECT recipe_id FROM event WHERE kind = 'recipe.moved'")
        assert rows == [{"recipe_id": "7"}, {"recipe_id": "8"}]

    play(story)


def test_a_login_page_counts_as_a_refused_token() -> None:
    async def story(scene: Scene) -> None:
        page = "<html><form action='/users/sign_in'><input type=password></form></html>"
        scene.workato.instead["recipes"] = only_list(lambda _request: httpx.Response(200, text=page, headers=HTML))
        await scene.clock.sleep(20.0)
        assert (await scene.control.status()).workspaces[0].acting_stopped == "unauthorized"
        scene.workato.instead.clear()
        scene.workato.fail("j-1")
        await scene.until_status("recovered")

    play(story)


def test_a_dripping_answer_holds_the_sweep_no_longer_than_its_deadline_and_nothing_else() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("scheduled")
        began = scene.clock.wall()
        drip = only_list(lambda _request: httpx.Response(200, stream=Drip(scene.clock)))
        scene.workato.instead["recipes"] = drip
        await scene.until_status("recovered", within=12 * MINUTE)
        asked = [at for at in lists(scene) if at > began]
        assert len(asked) >= 4
        assert all(later - earlier <= 62 for earlier, later in pairwise(asked))
        assert await scene.events("sweep.failed") == ["sweep.failed"]

    play(story)


def test_too_many_requests_are_answered_with_the_pause_asked_for_and_half_the_rate() -> None:
    async def story(scene: Scene) -> None:
        refusals = [httpx.Response(429, json={"message": "slow"}, headers={"Retry-After": "100"})]

        def limited(_request: httpx.Request) -> Answer:
            return refusals.pop()

        for recipe_id in range(100, 400):
            scene.workato.recipe(recipe_id)
        await scene.clock.sleep(MINUTE)
        since = scene.clock.wall()
        scene.workato.instead["recipes"] = lambda request: only_list(limited)(request) if refusals else None
        await scene.clock.sleep(10 * MINUTE)
        asked = [at for at in lists(scene) if at > since]
        assert asked[1] - asked[0] >= 100
        spaced = [later - earlier for earlier, later in pairwise(asked[1:5])]
        # 48 a minute as configured, and half of that after the 429, growing back within minutes.
        assert all(gap >= 1.8 for gap in spaced), spaced
        assert (await scene.control.status()).workspaces[0].acting_stopped is None

    play(story, mode="observe")


def test_a_bad_second_page_keeps_the_marks_of_the_first_and_takes_no_recipe_for_gone() -> None:
    async def story(scene: Scene) -> None:
        for recipe_id in range(100, 250):
            scene.workato.recipe(recipe_id)
        await scene.clock.sleep(2 * MINUTE)

        def second_page_fails(request: httpx.Request) -> Answer | None:
            return httpx.Response(502) if request.url.params.get("page") == "2" else None

        scene.workato.instead["recipes"] = second_page_fails
        scene.workato.fail("j-1")
        scene.workato.fail("j-249", 249)
        await scene.clock.sleep(10 * MINUTE)
        assert await scene.state() == ("held", "observe")
        assert len(await scene.events("recipe.moved")) == 1
        scene.workato.instead.clear()
        await scene.until_status("scheduled", job_id="j-249", within=3 * MINUTE)
        assert await scene.events("recipe.vanished") == []

    play(story, mode="observe")


def test_a_recipe_that_workato_stopped_is_an_incident_and_one_a_person_stopped_is_only_said() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.recipe(8)
        scene.workato.recipe(9)
        await scene.clock.sleep(2 * MINUTE)
        scene.workato.recipe(8, running=False, stop_cause="trigger_errors_limit")
        scene.workato.recipe(9, running=False)
        await scene.clock.sleep(5 * MINUTE)
        rows = await scene.bench.rows("SELECT recipe_id, text FROM event WHERE kind = 'recipe.stopped'")
        assert [row["recipe_id"] for row in rows] == ["8", "9"]
        assert "trigger_errors_limit" in str(rows[0]["text"])
        incidents = await scene.bench.rows("SELECT kind, scope, status FROM incident")
        assert incidents == [{"kind": "recipe_stopped", "scope": "recipe:8", "status": "open"}]
        # The super admin at once, and who is named by the routes.
        assert await scene.told() == ["alarm>admins", "alarm>oncall"]
        scene.workato.recipe(8, running=True, stop_cause=None)
        scene.workato.recipe(9, running=True)
        await scene.clock.sleep(5 * MINUTE)
        assert await scene.events("recipe.started") == ["recipe.started", "recipe.started"]
        rows = await scene.bench.rows("SELECT status FROM incident")
        assert rows == [{"status": "resolved"}]

    play(story)


def test_a_recipe_left_out_of_the_list_is_asked_for_before_it_counts_as_gone() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.recipe(8)
        scene.workato.recipe(9)
        await scene.clock.sleep(2 * MINUTE)
        scene.workato.unlisted.add(8)
        del scene.workato.recipes[9]
        await scene.clock.sleep(MINUTE)
        # Missing once proves nothing: pages shift while they are read.
        assert [path for _, path in scene.workato.reads if path.startswith("recipes/")] == []
        await scene.clock.sleep(10 * MINUTE)
        rows = await scene.bench.rows("SELECT recipe_id FROM event WHERE kind = 'recipe.vanished'")
        assert rows == [{"recipe_id": "9"}]
        asked = [path for _, path in scene.workato.reads if path.startswith("recipes/9?")]
        assert len(asked) == 1
        scene.workato.recipe(9)
        await scene.clock.sleep(3 * MINUTE)
        rows = await scene.bench.rows("SELECT recipe_id FROM recipe WHERE gone_at IS NOT NULL")
        assert rows == []

    play(story, mode="observe")


SWEPT = "SELECT COUNT(*) AS n FROM event WHERE kind = 'sweep.completed'"


def test_a_sweep_of_5000_recipes_with_50_moved_takes_at_most_110_requests() -> None:
    async def main(clock: VirtualClock) -> None:
        loaded = load_scenario("large")
        happenings = tuple(happening.model_copy(update={"at": 130.0, "over": 1.0}) for happening in loaded.happenings)
        simulator = Simulator(loaded.model_copy(update={"happenings": happenings}), "7", clock)
        bench = simulated(clock, simulator, settings(mode="observe"))

        async def until_swept(times: int) -> int:
            while (await bench.rows(SWEPT))[0]["n"] != times:
                await clock.sleep(0.1)
            return len(simulator.truth().requests)

        async def work(_control: object) -> None:
            await until_swept(1)
            # As it is after the first hours, when every recipe seen for the first time was read once.
            bench.store._connection.raw.execute("UPDATE recipe SET marked_at = NULL")
            began = await until_swept(2)
            ended = await until_swept(3)
            while len(await bench.rows("SELECT 1 FROM failure")) < 50:
                await clock.sleep(1.0)
            requests = [request.path for request in simulator.truth().requests]
            reads = [path for path in requests[began:] if path.endswith("/jobs")]
            sweep = [path for path in requests[began:ended] if "/jobs" not in path]
            failing = {str(run.recipe_id) for run in simulator.truth().runs if run.number == 0}
            assert sorted(reads) == sorted(f"/api/recipes/{recipe_id}/jobs" for recipe_id in failing)
            assert len(failing) == 50
            assert len(sweep) + len(reads) <= 110

        await bench.run(work)

    run_virtual(main)


def test_a_sweep_writes_only_the_recipes_that_changed() -> None:
    async def story(scene: Scene) -> None:
        stamp = rfc3339(scene.clock.wall() - HOUR)
        for recipe_id in range(100, 150):
            scene.workato.recipe(recipe_id, last_run_at=stamp)
        await scene.clock.sleep(2 * MINUTE)
        raw = scene.bench.store._connection.raw
        raw.execute("CREATE TABLE touched (recipe_id TEXT)")
        raw.execute(
            "CREATE TRIGGER touch AFTER UPDATE ON recipe WHEN new.recipe_id != '7' "
            "BEGIN INSERT INTO touched VALUES (new.recipe_id); END"
        )
        await scene.clock.sleep(10 * MINUTE)
        assert await scene.bench.rows("SELECT * FROM touched") == []
        scene.workato.recipe(120, last_run_at=stamp, name="Renamed")
        await scene.clock.sleep(2 * MINUTE)
        assert await scene.bench.rows("SELECT * FROM touched") == [{"recipe_id": "120"}]
        rows = await scene.bench.rows("SELECT name FROM recipe WHERE recipe_id = '120'")
        assert rows == [{"name": "Renamed"}]

    play(story, mode="observe")


def test_a_page_that_is_as_it_was_is_neither_understood_nor_compared_again(monkeypatch: pytest.MonkeyPatch) -> None:
    understood: list[int] = []
    recipes = lists_of_workato.recipes

    def counted(value: object) -> tuple[Recipe, ...]:
        found = recipes(value)
        understood.append(len(found))
        return found

    monkeypatch.setattr(lists_of_workato, "recipes", counted)

    async def story(scene: Scene) -> None:
        stamp = rfc3339(scene.clock.wall() - HOUR)
        for recipe_id in range(100, 250):
            scene.workato.recipe(recipe_id, last_run_at=stamp)
        scene.workato.recipe(7, last_run_at=stamp)
        await scene.clock.sleep(2 * MINUTE)
        understood.clear()
        await scene.clock.sleep(10 * MINUTE)
        # The empty page at the end is.
        assert set(understood) <= {0}
        scene.workato.recipe(120, last_run_at=stamp, running=False, stop_cause="trigger_errors_limit")
        await scene.clock.sleep(2 * MINUTE)
        assert len([amount for amount in understood if amount]) == 1
        assert await scene.events("recipe.stopped") == ["recipe.stopped"]
        assert await scene.events("recipe.vanished") == []

    play(story, mode="observe")


def test_after_a_sweep_that_failed_every_page_is_compared_again() -> None:
    async def story(scene: Scene) -> None:
        stamp = rfc3339(scene.clock.wall() - HOUR)
        scene.workato.recipe(8, last_run_at=stamp)
        scene.workato.recipe(7, last_run_at=stamp)
        await scene.clock.sleep(2 * MINUTE)
        scene.workato.instead["recipes"] = only_list(lambda _request: httpx.Response(502))
        await scene.clock.sleep(2 * MINUTE)
        # As if that sweep had shown it so before it failed.
        scene.bench.store._connection.raw.execute("UPDATE recipe SET name = 'stale'")
        scene.workato.instead.clear()
        await scene.clock.sleep(2 * MINUTE)
        assert await scene.bench.rows("SELECT 1 FROM recipe WHERE name = 'stale'") == []

    play(story, mode="observe")
