"""Rollups say what the log says, whatever dies in between; a report and a status show them."""

from __future__ import annotations

import asyncio
from collections import Counter
from functools import partial

from aof_tui.control.requests import Verb
from aof_tui.simulator.virtual_time import VirtualClock, run_virtual
from tests.engine.downstreams import DOWNSTREAM, Downstream
from tests.engine.scene import HOUR, MINUTE, Scene, play
from tests.harness.rollups import Key, expected
from tests.harness.scripted import ORDERS, Answer

INVALID = {"adapter": "rest", "error_type": "Request error", "message": "422 Unprocessable Entity: name is missing"}
VAGUE = {"adapter": "sap", "error_type": "Request error", "message": "it did not work"}


async def let_pass(clock: VirtualClock, seconds: float, _control: object) -> None:
    await clock.sleep(seconds)


async def counted(scene: Scene) -> Counter[Key]:
    rows = await scene.bench.rows("SELECT * FROM metric WHERE measure NOT LIKE 'jobs%' AND amount != 0")
    return Counter(
        {
            (str(row["scope"]), int(str(row["start"])), str(row["subject"]), str(row["measure"])): int(
                str(row["amount"])
            )
            for row in rows
        }
    )


async def logged(scene: Scene) -> Counter[Key]:
    return expected(await scene.bench.rows("SELECT * FROM event ORDER BY sequence"))


def test_the_rollups_are_what_the_log_says_also_after_crashes() -> None:
    async def main(clock: VirtualClock) -> None:
        scene = Scene(clock, {})
        scene.workato.recipe(8, config=[{"name": "rest", "provider": "rest", "account_id": 31}])
        scene.workato.detail = {"lines": [{"error": "x", "error_details": {"http_response": {"code": 503}}}]}
        for number in range(6):
            scene.workato.fail(f"a-{number}")
        for number in range(4):
            scene.workato.fail(f"b-{number}", recipe_id=8).error_parts = dict(INVALID)
        scene.workato.fail("c-1", recipe_id=8).error_parts = dict(VAGUE)
        for seconds, heals in ((3 * MINUTE, True), (9 * MINUTE, False), (1 * MINUTE, True)):
            scene.workato.heals = heals
            await scene.bench.run_until_killed(partial(let_pass, clock, seconds))
            assert await counted(scene) == await logged(scene)
        scene.workato.fail("a-9").error_parts = dict(INVALID)
        await scene.bench.run_for(2 * HOUR)
        sums = await counted(scene)
        assert sums == await logged(scene)
        by_measure: Counter[str] = Counter()
        for (scope, _, _, measure), amount in sums.items():
            by_measure[measure] += amount * (scope == "workspace")
        assert by_measure["recorded"] == 12
        assert by_measure["recovered"] == by_measure["repeats_succeeded"] > 0
        assert by_measure["repeats_failed"] > 0
        assert any(key[2] == "downstream_5xx" for key in sums), (
            "the vague one was counted anew once its detail was known"
        )

    run_virtual(main)


def test_executions_are_counted_as_the_counters_move_and_idle_recipes_cost_nothing() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.recipe(8, job_succeeded_count=10)
        scene.workato.recipe(9, job_succeeded_count=99)
        await scene.clock.sleep(3 * MINUTE)
        scene.workato.recipe(8, job_succeeded_count=17, job_failed_count=2)
        await scene.clock.sleep(3 * MINUTE)
        scene.workato.recipe(8, job_succeeded_count=3, job_failed_count=1)
        await scene.clock.sleep(3 * MINUTE)
        rows = await scene.bench.rows(
            "SELECT subject, measure, SUM(amount) AS amount FROM metric WHERE scope = 'recipe'"
            " GROUP BY subject, measure ORDER BY subject, measure"
        )
        assert [tuple(row.values()) for row in rows] == [("8", "jobs_failed", 2), ("8", "jobs_succeeded", 7)]

    play(story)


def test_the_status_and_the_report_show_the_figures() -> None:
    async def story(scene: Scene) -> None:
        for number in range(3):
            scene.workato.fail(f"j-{number}")
        scene.workato.fail("bad").error_parts = dict(INVALID)
        await scene.clock.sleep(HOUR)
        (state,) = (await scene.control.status()).workspaces
        assert (state.last_day.failures, state.last_day.recoveries, state.last_day.retry_success_rate) == (4, 3, 1.0)
        now = scene.clock.wall()
        metrics = await scene.control.metrics("prod", now - 24 * HOUR, now)
        (recipe,) = metrics.recipes
        assert (recipe.subject, recipe.name, recipe.figures.failures) == (str(ORDERS), "Orders", 4)
        assert {row.subject: row.figures.failures for row in metrics.categories} == {
            "rate_limit": 3,
            "validation_data": 1,
        }
        assert sum(row.figures.failures for row in metrics.downstreams) == 4
        assert [(error.count, error.before, error.novelty) for error in metrics.top_errors] == [
            (3, 0, "new"),
            (1, 0, "new"),
        ]
        report = await scene.control.report("prod", now - 24 * HOUR, now)
        assert report.metrics == metrics

    play(story)


def test_a_lost_connection_and_a_cancelled_repeat_show_in_the_figures() -> None:
    async def story(scene: Scene) -> None:
        downstream = Downstream(scene)
        scene.workato.fail("j-1")
        scene.workato.on_repeat = lambda job_ids: cancelled(scene, job_ids)
        await scene.until_status("needs_person")
        await scene.clock.sleep(6 * MINUTE)
        downstream.lost = True
        await scene.clock.sleep(10 * MINUTE)
        downstream.lost = False
        await scene.clock.sleep(10 * MINUTE)
        now = scene.clock.wall()
        metrics = await scene.control.metrics("prod", now - HOUR, now)
        assert (metrics.total.repeats_succeeded, metrics.total.repeats_failed) == (0, 1)
        (row,) = metrics.availability
        assert (row.downstream, row.name, row.available) == (DOWNSTREAM, "Shop (rest)", True)
        assert 5 * MINUTE <= row.lost_s <= 15 * MINUTE
        assert await counted(scene) == await logged(scene)

    play(story)


def cancelled(scene: Scene, job_ids: list[str]) -> Answer:
    """Workato takes repeats, and somebody cancels them."""
    for job_id in job_ids:
        scene.workato.rerun(job_id, "cancelled")
    return scene.workato.results([(job_id, "enqueued") for job_id in job_ids])


def test_a_person_may_ask_for_figures_while_the_engine_works() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        now = scene.clock.wall()
        await asyncio.gather(*(scene.control.metrics("prod", now - HOUR, now) for _ in range(3)))
        await scene.do(Verb.PAUSE, None)
        empty = await scene.control.metrics("elsewhere", now - HOUR, now)
        assert (empty.total.failures, empty.availability, empty.tasks.cap) == (0, (), None)

    play(story)
