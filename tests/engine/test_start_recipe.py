"""A person starts a stopped recipe: written down, sent once, refused in words, settled by what the list shows."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from aof_tui.control.protocol import Control
from aof_tui.control.requests import Command, Verb
from aof_tui.control.rows import CommandResult
from aof_tui.engine.start_points import StartPoint
from aof_tui.workato.recipe_start import from_payload
from tests.engine.scene import MINUTE, Scene, play, play_around
from tests.harness.scripted import ORDERS, Answer
from tests.harness.virtual import WORKSPACE

OTHER = 8


def stop(scene: Scene, cause: str | None = "trigger_errors_limit") -> None:
    scene.workato.running, scene.workato.stop_cause = False, cause


async def start(scene: Scene, **aim: str) -> CommandResult:
    return await scene.control.command(Command(Verb.START, "terminal:ana", WORKSPACE, **(aim or {"incident": "I1"})))


async def stopped(scene: Scene) -> None:
    """Let the engine see that Workato stopped the recipe."""
    stop(scene)
    await scene.clock.sleep(3 * MINUTE)


async def incidents(scene: Scene) -> list[tuple[object, object]]:
    rows = await scene.bench.rows("SELECT kind, status FROM incident WHERE kind != 'jobs' ORDER BY incident_id")
    return [(row["kind"], row["status"]) for row in rows]


async def dispatches(scene: Scene) -> list[object]:
    rows = await scene.bench.rows("SELECT state FROM dispatch WHERE kind = 'start' ORDER BY prepared_at")
    return [row["state"] for row in rows]


async def starts_told(scene: Scene) -> list[str]:
    return [kind for kind in await scene.events() if kind.startswith("start.")]


def test_a_recipe_stopped_by_workato_alarms_once_and_a_persons_start_heals_it() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("scheduled")
        await stopped(scene)
        assert await incidents(scene) == [("recipe_stopped", "open")]
        await scene.until_status("held")
        assert (await scene.state())[1] == "recipe_stopped"
        alarm = await scene.bench.rows("SELECT incident_id FROM incident WHERE kind = 'recipe_stopped'")
        done = await start(scene, incident=f"I{alarm[0]['incident_id']}")
        assert done == CommandResult(True, "Workato starts Orders")
        sent = await scene.bench.rows("SELECT * FROM dispatch WHERE kind = 'start'")
        assert [(ORDERS, sent[0]["dispatch_id"])] == [(number, name) for _, name, number in scene.workato.recipe_starts]
        assert sent[0]["state"] == "answered"
        by = await scene.bench.rows("SELECT DISTINCT actor FROM event WHERE kind LIKE 'start.%'")
        assert by == [{"actor": "terminal:ana"}]
        await scene.clock.sleep(2 * MINUTE)
        assert await incidents(scene) == [("recipe_stopped", "resolved")]
        await scene.until_status("recovered")
        assert await starts_told(scene) == ["start.prepared", "start.sent", "start.accepted"]

    play(story)


def test_what_was_held_for_a_stopped_recipe_goes_on_after_a_random_time() -> None:
    async def story(scene: Scene) -> None:
        for number in range(1, 3):
            scene.workato.fail(f"j-{number}")
            await scene.clock.sleep(20)
        await stopped(scene)
        for number in range(1, 3):
            await scene.until_status("held", job_id=f"j-{number}")
        assert scene.workato.repeats == []
        scene.workato.running, scene.workato.stop_cause = True, None
        runs = scene.clock.wall()
        for number in range(1, 3):
            await scene.until_status("recovered", job_id=f"j-{number}")
        times = [at for at, _, _ in scene.workato.repeats]
        assert {job for _, _, jobs in scene.workato.repeats for job in jobs} == {f"j-{n}" for n in range(1, 3)}
        assert runs < min(times)
        assert max(times) < runs + 12 * MINUTE

    play(story)


def test_a_recipe_stopped_by_a_person_is_no_alarm_and_can_be_started_from_its_failure() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("scheduled")
        stop(scene, cause=None)
        await scene.until_status("held")
        assert await scene.events("recipe.stopped") == ["recipe.stopped"]
        assert await incidents(scene) == []
        assert (await start(scene, master_job_id="j-1")).done
        await scene.until_status("recovered")

    play(story)


def test_a_recipe_stopped_again_between_two_sweeps_alarms_again_after_it_was_resolved() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.recipe(OTHER, running=False, stop_cause="trigger_errors_limit", stopped_at="2026-11-20T08:00:00Z")
        await scene.clock.sleep(3 * MINUTE)
        # It was stopped before anybody watched it, or long ago: nobody's news.
        before = len(await incidents(scene))
        scene.workato.recipe(OTHER, stopped_at="2026-11-20T09:00:00Z")
        await scene.clock.sleep(3 * MINUTE)
        assert len(await incidents(scene)) == 1
        assert (await scene.do(Verb.RESOLVE, None, incident="I1")).done
        scene.workato.recipe(OTHER, stopped_at="2026-11-20T10:00:00Z")
        await scene.clock.sleep(3 * MINUTE)
        assert await incidents(scene) == [("recipe_stopped", "open")]
        assert before <= 1

    play(story)


def test_recipes_stopped_long_before_the_first_look_are_no_news() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.recipe(OTHER, running=False, stop_cause="trial_expired", stopped_at="2001-01-01T00:00:00Z")
        await scene.clock.sleep(5 * MINUTE)
        assert await incidents(scene) == []

    play(story)


def test_what_workato_objects_to_is_told_in_words() -> None:
    async def story(scene: Scene) -> None:
        await stopped(scene)
        objections = {
            "success": False,
            "code_errors": [[2, [["Sheet", "", "can't be blank", ["a"]]]]],
            "config_errors": [[1, [["account_id", 32148, "unconnected", {"key": "x"}]]]],
        }
        scene.workato.on_recipe_start = lambda _: httpx.Response(200, json=objections)
        said = await start(scene)
        assert said == CommandResult(
            False,
            "Workato does not start Orders: step 2: Sheet: can't be blank; step 1: connection 32148 is unconnected",
        )
        scene.workato.on_recipe_start = lambda _: httpx.Response(422, json={"message": "webhook cannot be registered"})
        said = await start(scene)
        assert "HTTP 422: webhook cannot be registered" in said.message
        assert await dispatches(scene) == ["answered", "answered"]
        assert await incidents(scene) == [("recipe_stopped", "open")]

    play(story)


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ({"success": False}, "Workato gives no reason"),
        ({"success": False, "code_errors": "no", "config_errors": [[1], 7, [1, [[]]]]}, "Workato gives no reason"),
        ({"success": False, "code_errors": [[3, [[True, {"a": 1}, "odd\u001b[31m"]]]]}, "step 3: True, odd"),
        ({"success": False, "code_errors": [[n, [["A", 1, "b"]]] for n in range(5)]}, "and 2 more"),
        ({"success": "yes"}, "does not say"),
        ([], "does not say"),
    ],
)
def test_odd_objections_become_plain_short_words(payload: object, words: str) -> None:
    said = from_payload(payload).why
    assert words in said
    assert said.isprintable()
    assert len(said) < 900


def test_a_missing_privilege_to_start_stops_no_repeats_and_a_refused_token_does() -> None:
    async def story(scene: Scene) -> None:
        await stopped(scene)
        scene.workato.on_recipe_start = lambda _: httpx.Response(403, json={"message": "not allowed"})
        assert "not allowed" in (await start(scene)).message
        assert await scene.events("acting.stopped") == []
        scene.workato.on_recipe_start = lambda _: httpx.Response(401, json={"message": "Unauthorized"})
        assert not (await start(scene)).done
        assert await scene.events("acting.stopped") == ["acting.stopped"]
        assert "is stopped" in (await start(scene)).message
        assert len(scene.workato.recipe_starts) == 2

    play(story)


def test_observing_and_a_pause_start_nothing() -> None:
    async def observing(scene: Scene) -> None:
        await stopped(scene)
        assert (await start(scene)).message == "the engine only observes: set mode: act to let it start recipes"
        assert scene.workato.recipe_starts == []

    async def paused(scene: Scene) -> None:
        await stopped(scene)
        assert (await scene.do(Verb.PAUSE, None)).done
        assert (await start(scene)).message == "acting on prod is paused"
        assert scene.workato.recipe_starts == []

    play(observing, mode="observe")
    play(paused)


def test_a_pause_that_comes_while_the_start_waits_for_its_turn_holds_it_back() -> None:
    async def story(scene: Scene) -> None:
        await stopped(scene)

        class PauseBeforeSending:
            async def reach(self, name: str) -> None:
                if name == StartPoint.SENDING:
                    assert (await scene.do(Verb.PAUSE, None)).done

        scene.bench.failpoints = PauseBeforeSending()
        await scene.bench.run(lambda _: waits_then_starts(scene))
        assert scene.workato.recipe_starts == []
        assert await dispatches(scene) == ["not_sent"]
        assert await starts_told(scene) == ["start.prepared", "start.sent", "start.withheld"]

    async def waits_then_starts(scene: Scene) -> None:
        await scene.clock.sleep(3 * MINUTE)
        said = await start(scene)
        assert said == CommandResult(False, "the start of Orders was not sent: acting on prod is paused")

    async def around(scene: Scene) -> None:
        await story_with_engine(scene)
        await story(scene)

    async def story_with_engine(scene: Scene) -> None:
        stop(scene)
        await scene.bench.run_for(3 * MINUTE)

    play_around(around)


def test_wishes_that_make_no_sense_are_refused_in_words() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.recipe(OTHER, running=False, stop_cause=None)
        scene.workato.fail("j-8", recipe_id=OTHER).error_parts = {"error_type": "Auth", "message": "401 Unauthorized"}
        scene.workato.fail("j-1")
        await scene.until_status("recovered")
        await scene.until_status("needs_person", job_id="j-8")
        assert (await start(scene, incident="I999")).message == "there is no such incident"
        assert "not about a stopped recipe" in (await start(scene, incident="I1")).message
        assert (await start(scene, master_job_id="j-none")).message == "there is no failure 'j-none' in prod"
        assert (await start(scene, master_job_id="j-1")).message == "Orders is running"
        del scene.workato.recipes[OTHER]
        await scene.clock.sleep(10 * MINUTE)
        gone = await start(scene, master_job_id="j-8")
        assert gone.message == "the recipe is no longer in the workspace"
        assert scene.workato.recipe_starts == []

    play(story)


def test_a_second_wish_while_one_is_under_way_sends_nothing() -> None:
    async def story(scene: Scene) -> None:
        await stopped(scene)
        first, second = await asyncio.gather(start(scene), start(scene))
        assert first.done
        assert second.message in ("a start of Orders is under way", "Workato starts Orders")
        third = await start(scene)
        assert (third.done, len(scene.workato.recipe_starts)) in [(False, 1), (True, 3), (True, 2)]

    play(story)


@pytest.mark.parametrize("carried_out", [True, False])
def test_a_lost_answer_is_settled_by_what_the_list_shows(carried_out: bool) -> None:
    async def story(scene: Scene) -> None:
        await stopped(scene)

        def lose(recipe_id: int) -> Answer:
            if carried_out:
                scene.workato.set_running(recipe_id)
            return httpx.ReadError("gone")

        scene.workato.on_recipe_start = lose
        said = await start(scene)
        assert not said.done
        assert "not known yet" in said.message
        assert await dispatches(scene) == ["unknown"]
        assert (await start(scene)).message in ("a start of Orders is under way", "Orders is running")
        await scene.clock.sleep(5 * MINUTE)
        assert await dispatches(scene) == ["settled"]
        assert (await starts_told(scene))[-1] == ("start.confirmed" if carried_out else "start.missed")
        assert await incidents(scene) == [("recipe_stopped", "resolved" if carried_out else "open")]
        assert len(scene.workato.recipe_starts) == 1

    play(story)


def test_a_start_that_takes_its_time_is_not_missed_by_a_sweep_that_came_too_early() -> None:
    async def story(scene: Scene) -> None:
        await stopped(scene)
        late: list[asyncio.Task[None]] = []

        async def run_later() -> None:
            await scene.clock.sleep(55)
            scene.workato.set_running(ORDERS)

        def lose(_recipe_id: int) -> Answer:
            late.append(asyncio.ensure_future(run_later()))
            return httpx.ReadError("gone")

        scene.workato.on_recipe_start = lose
        assert not (await start(scene)).done
        await scene.clock.sleep(5 * MINUTE)
        assert (await starts_told(scene))[-2:] == ["start.doubted", "start.confirmed"]

    play(story, collation={"interval": "10s"})


@pytest.mark.parametrize("point", list(StartPoint))
def test_an_engine_that_dies_on_the_way_neither_forgets_nor_repeats_the_start(point: StartPoint) -> None:
    async def story(scene: Scene) -> None:
        stop(scene)
        await scene.bench.run_for(3 * MINUTE)
        reached = asyncio.Event()

        class Hang:
            async def reach(self, name: str) -> None:
                if name == point:
                    reached.set()
                    await asyncio.Event().wait()

        async def ask(control: Control) -> None:
            await scene.clock.sleep(3 * MINUTE)
            asking = asyncio.ensure_future(start(scene))
            await reached.wait()
            asking.cancel()

        scene.bench.failpoints = Hang()
        await scene.bench.run_until_killed(ask)
        sent = point in (StartPoint.ANSWERED, StartPoint.OUTCOME)
        assert len(scene.workato.recipe_starts) == sent
        await scene.bench.run_for(5 * MINUTE)
        assert len(scene.workato.recipe_starts) == sent
        ends = {
            StartPoint.TURN: ([], None),
            StartPoint.PREPARE: ([], None),
            StartPoint.PREPARED: (["not_sent"], "start.withheld"),
            StartPoint.SENDING: (["settled"], "start.missed"),
            StartPoint.ANSWERED: (["settled"], "start.confirmed"),
            StartPoint.OUTCOME: (["answered"], "start.accepted"),
        }
        states, last = ends[point]
        assert await dispatches(scene) == states
        assert ([None, *await starts_told(scene)])[-1] == last
        assert await incidents(scene) == [("recipe_stopped", "resolved" if sent else "open")]

    play_around(story)


def test_an_error_of_the_trigger_only_alarms_and_is_repeated_by_nobody() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1", is_poll_error=True)
        await scene.until_status("needs_person")
        assert await scene.state() == ("needs_person", "poll_error")
        refusal = await scene.do(Verb.RETRY)
        assert refusal.message == "its trigger failed before there was a job: there is nothing to repeat"
        await scene.clock.sleep(20 * MINUTE)
        assert scene.workato.repeats == []
        bodies = await scene.bench.rows("SELECT body FROM outbox WHERE kind = 'needs_person'")
        assert "poll_error" in str(bodies[0]["body"])
        assert "Look at the trigger in Workato" in str(bodies[0]["body"])
        assert (await scene.do(Verb.CLOSE, reason="seen to")).done

    play(story)
