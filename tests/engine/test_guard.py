"""Between the intent and the sending: a request leaves only if nothing speaks against it at that moment."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx
import pytest

from aof_tui.control.requests import Verb
from aof_tui.domain.breaker import Breaker
from aof_tui.domain.words import BreakerCause, BreakerState
from aof_tui.engine.points import Point
from aof_tui.simulator.scenario_file import load_scenario
from aof_tui.simulator.simulator import Simulator
from aof_tui.simulator.virtual_time import VirtualClock, run_virtual
from aof_tui.store.breaker_mapping import breaker_params
from aof_tui.store.port import Tx
from tests.engine.scene import HOUR, MINUTE, Scene, play, play_around
from tests.harness.scripted import Answer
from tests.harness.virtual import settings, simulated


class Once:
    """Does something the first time a point is reached."""

    def __init__(self, point: Point, deed: Callable[[], Awaitable[object]]) -> None:
        self._point = point
        self._deed: Callable[[], Awaitable[object]] | None = deed

    async def reach(self, name: str) -> None:
        if name == self._point and self._deed is not None:
            deed, self._deed = self._deed, None
            await deed()


def interrupted(
    point: Point, deed: Callable[[Scene], Awaitable[object]], story: Callable[[Scene], Awaitable[None]]
) -> None:
    """Play a story in which something happens at a point of the first dispatch."""

    async def around(scene: Scene) -> None:
        scene.bench.failpoints = Once(point, lambda: deed(scene))
        await scene.bench.run(lambda _control: story(scene))

    play_around(around)


def test_a_pause_between_intent_and_sending_stops_the_request() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("held")
        assert (await scene.state())[1] == "paused"
        assert scene.workato.repeats == []
        assert await scene.attempts() == ["not_sent"]
        assert (await scene.failure()).attempts == 0

    interrupted(Point.SENDING, lambda scene: scene.do(Verb.PAUSE, None), story)


def test_a_pause_before_the_intent_leaves_none() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("held")
        assert await scene.attempts() == []

    interrupted(Point.PREPARE, lambda scene: scene.do(Verb.PAUSE, None), story)


def test_a_read_that_has_grown_old_is_not_acted_upon() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("recovered")
        assert await scene.attempts() == ["not_sent", "accepted"]
        rows = await scene.bench.rows("SELECT outcome FROM dispatch ORDER BY prepared_at")
        assert rows[0] == {"outcome": "the read it rests on is too old"}
        assert len(scene.workato.repeats) == 1

    interrupted(Point.SENDING, lambda scene: scene.clock.sleep(10.5), story)


def test_an_engine_that_is_stopping_sends_nothing_more() -> None:
    async def stop(scene: Scene) -> None:
        scene.bench.stop.set()
        await scene.clock.sleep(1.0)

    async def around(scene: Scene) -> None:
        scene.bench.failpoints = Once(Point.SENDING, lambda: stop(scene))
        scene.workato.fail("j-1")
        await scene.bench.run(lambda _control: scene.bench.stop.wait())
        assert scene.workato.repeats == []
        assert await scene.attempts() == ["not_sent"]

    play_around(around)


def test_a_token_refused_meanwhile_stops_the_request() -> None:
    async def lose_token(scene: Scene) -> None:
        scene.workato.instead["users/me"] = lambda _request: httpx.Response(401, json={"message": "Unauthorized"})
        await scene.clock.sleep(3 * MINUTE)

    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("held")
        assert scene.workato.repeats == []

    interrupted(Point.SENDING, lose_token, story)


def test_a_success_seen_while_the_answer_is_out_is_kept() -> None:
    async def story(scene: Scene) -> None:
        def late(jobs: list[str]) -> Answer:
            scene.workato.rerun("j-1", "succeeded", "j-theirs")
            return scene.workato.accept(jobs)

        scene.workato.on_repeat = late
        scene.workato.fail("j-1")
        await scene.until_status("recovered")
        await scene.clock.sleep(HOUR)
        row = await scene.failure()
        assert (row.status, row.attempts, len(scene.workato.repeats)) == ("recovered", 1, 1)

    async def see_it(scene: Scene) -> None:
        scene.bench.checked = False
        raw = scene.bench.store._connection.raw
        raw.execute("UPDATE failure SET status = 'recovered', reason = 'external_success', next_action_at = NULL")

    interrupted(Point.ANSWERED, see_it, story)


@pytest.mark.parametrize("lost", [False, True])
def test_a_run_that_was_read_before_the_answer_came_is_the_attempts_own(lost: bool) -> None:
    async def story(scene: Scene) -> None:
        def accept(jobs: list[str]) -> Answer:
            answer = scene.workato.accept(jobs)
            return httpx.ReadError("reset") if lost else answer

        scene.workato.on_repeat = accept
        scene.workato.heals = False
        scene.workato.fail("j-1")
        await scene.until(lambda: _is_read(scene))
        row = await scene.failure()
        assert (row.attempts, row.external) == (1, 0)
        scene.workato.heals, scene.workato.on_repeat = True, scene.workato.accept
        await scene.until_status("recovered")
        assert (await scene.attempts())[0] == ("confirmed" if lost else "accepted")
        assert len(scene.workato.repeats) == 2

    async def let_it_be_read(scene: Scene) -> None:
        scene.workato.failed_count += 1
        await scene.clock.sleep(3 * MINUTE)

    interrupted(Point.ANSWERED, let_it_be_read, story)


def test_a_success_read_before_a_lost_answer_is_the_engines() -> None:
    async def story(scene: Scene) -> None:
        def accept_and_lose(jobs: list[str]) -> Answer:
            scene.workato.accept(jobs)
            return httpx.ReadError("reset")

        scene.workato.on_repeat = accept_and_lose
        scene.workato.fail("j-1")
        await scene.until_status("recovered")
        assert await scene.state() == ("recovered", "repeat_succeeded")

    interrupted(Point.ANSWERED, lambda scene: scene.clock.sleep(1.0), story)


async def _is_read(scene: Scene) -> bool:
    return bool(await scene.events("run.failed"))


def test_the_budget_is_counted_again_in_the_transaction_of_the_intent() -> None:
    async def use_up(scene: Scene) -> None:
        scene.bench.store._connection.raw.execute("UPDATE failure SET external = 5")

    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("exhausted")
        assert scene.workato.repeats == []
        assert (await scene.state())[1] == "attempts_used"

    interrupted(Point.TURN, use_up, story)


def test_what_falls_due_after_the_read_waits_for_one_that_goes_back_to_it() -> None:
    async def release_older(scene: Scene) -> None:
        change = "UPDATE failure SET status = 'scheduled', reason = NULL, next_action_at = 0 WHERE status = 'held'"
        scene.bench.store._connection.raw.execute(change)

    async def story(scene: Scene) -> None:
        # A repeat of yesterday, at which a read for younger lineages may end.
        old = scene.workato.rerun("j-z", "succeeded")
        old.started, old.ended = old.started - 24 * HOUR, old.started - 23 * HOUR
        scene.workato.fail("j-older")
        await scene.until_status("scheduled", job_id="j-older")
        assert (await scene.do(Verb.CANCEL, "j-older")).done
        await scene.clock.sleep(30 * MINUTE)
        scene.workato.fail("j-younger")
        await scene.until_status("recovered", job_id="j-older")
        assert [jobs for _, _, jobs in scene.workato.repeats] == [["j-younger"], ["j-older"]]

    interrupted(Point.TURN, release_older, story)


def test_a_dispatch_that_is_not_as_prepared_is_never_sent_and_given_back() -> None:
    async def spoil(scene: Scene) -> None:
        scene.bench.store._connection.raw.execute("UPDATE dispatch SET state = 'not_sent'")

    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until(lambda: _failed(scene))
        assert scene.workato.repeats == []

    interrupted(Point.PREPARED, spoil, story)


async def _failed(scene: Scene) -> bool:
    return bool(await scene.events("engine.failed"))


def test_endless_lists_of_repeated_runs_are_given_up() -> None:
    async def story(scene: Scene) -> None:
        asked = 0

        def endless(request: httpx.Request) -> Answer | None:
            nonlocal asked
            if "rerun_only" not in str(request.url):
                return None
            asked += 1
            wire = scene.workato.jobs[0].wire() | {"id": f"j-x{asked}", "master_job_id": "j-z", "status": "failed"}
            return httpx.Response(200, json={"items": [wire]})

        scene.workato.fail("j-1")
        scene.workato.instead["recipes/7/jobs"] = endless
        await scene.clock.sleep(20 * MINUTE)
        assert asked >= 60
        assert scene.workato.repeats == []

    play(story)


def test_a_read_begun_ahead_does_not_outlive_the_engine() -> None:
    async def main(clock: VirtualClock) -> None:
        simulator = Simulator(load_scenario("storm"), "7", clock)
        bench = simulated(clock, simulator, settings())

        async def stop() -> None:
            bench.stop.set()

        async def all_due_at_once(_control: object) -> None:
            planned = "SELECT DISTINCT recipe_id FROM failure WHERE status = 'scheduled' AND undecided_until IS NULL"
            while len(await bench.rows(planned)) < 5:
                await clock.sleep(5.0)
            bench.store._connection.raw.execute("UPDATE failure SET next_action_at = 0 WHERE status = 'scheduled'")
            await bench.stop.wait()

        bench.failpoints = Once(Point.TURN, stop)
        await bench.run(all_due_at_once)
        assert not [repeat for repeat in simulator.truth().repeats if repeat.correlation]

    run_virtual(main)


def test_a_conflict_is_a_refusal_after_which_the_lineage_is_read_at_once() -> None:
    async def story(scene: Scene) -> None:
        def conflict(_jobs: list[str]) -> Answer:
            scene.workato.rerun("j-1", "succeeded", "j-theirs")
            return httpx.Response(409, json={"message": "conflict"})

        scene.workato.on_repeat = conflict
        scene.workato.fail("j-1")
        await scene.until(lambda: _was_refused(scene))
        refused_at = scene.clock.wall()
        await scene.until_status("recovered")
        assert scene.clock.wall() - refused_at < 5.0
        assert await scene.state() == ("recovered", "external_success")
        assert await scene.attempts() == ["rejected"]
        assert (await scene.failure()).attempts == 0

    play(story)


async def _was_refused(scene: Scene) -> bool:
    return "rejected" in await scene.attempts()


def test_a_breaker_that_opens_while_the_turn_is_waited_for_holds_what_is_due() -> None:
    async def open_breaker(scene: Scene) -> None:
        breaker = Breaker("prod", "application:rest", BreakerState.OPEN, cause=BreakerCause.FAILURES)
        params = breaker_params(breaker, scene.clock.wall())

        async def put(tx: Tx) -> None:
            await tx.execute("breaker_put", params)

        await scene.bench.store.write(put)

    async def story(scene: Scene) -> None:
        scene.bench.checked = False
        scene.workato.fail("j-1")
        await scene.until_status("held")
        assert await scene.state() == ("held", "breaker_open")
        assert (scene.workato.repeats, await scene.attempts()) == ([], [])

    interrupted(Point.PREPARE, open_breaker, story)
