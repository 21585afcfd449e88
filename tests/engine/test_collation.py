"""Reading one recipe's failed jobs: each exactly once, and nothing lost to bad pages, limits and crashes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import pairwise

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aof_tui.engine import collation
from aof_tui.simulator.virtual_time import VirtualClock, run_virtual
from tests.engine.scene import HOUR, MINUTE, Scene, play
from tests.harness.scripted import Answer

DAY = 24 * HOUR
WATERMARK = "SELECT watermark_job_id AS job, marked_at IS NULL AS read FROM recipe WHERE recipe_id = '7'"


async def recorded(scene: Scene) -> list[str]:
    """The lineages whose recording is in the log, once for each time."""
    rows = await scene.bench.rows("SELECT master_job_id FROM event WHERE kind = 'failure.recorded' ORDER BY sequence")
    return [str(row["master_job_id"]) for row in rows]


async def until_read(scene: Scene, within: float = HOUR) -> None:
    """Let time pass until the recipe was swept and no mark waits."""
    newest = scene.workato.failed_count

    async def read() -> bool:
        sql = "SELECT 1 FROM recipe WHERE recipe_id = '7' AND marked_at IS NULL AND failed_count = :count"
        return bool(await scene.bench.rows(sql, count=newest))

    await scene.until(read, within)


def failed_pages(scene: Scene) -> list[str]:
    return [path for _, path in scene.workato.reads if "status=failed" in path]


def test_a_walk_reads_every_page_once_and_sets_the_watermark_to_the_newest() -> None:
    async def story(scene: Scene) -> None:
        for number in range(60):
            scene.workato.fail(f"j-{number:02}")
            await scene.clock.sleep(0.01)
        await until_read(scene)
        assert sorted(await recorded(scene)) == [f"j-{number:02}" for number in range(60)]
        assert await scene.bench.rows(WATERMARK) == [{"job": "j-59", "read": 1}]
        # Three pages with jobs and the empty one that proves the end.
        assert len(failed_pages(scene)) == 4

    play(story)


def test_a_later_walk_ends_one_whole_page_past_the_watermark() -> None:
    async def story(scene: Scene) -> None:
        for number in range(100):
            scene.workato.fail(f"j-{number:03}")
            await scene.clock.sleep(0.01)
        await until_read(scene)
        before = len(failed_pages(scene))
        scene.workato.fail("j-new")
        await until_read(scene)
        assert len(failed_pages(scene)) - before == 2
        assert (await recorded(scene)).count("j-new") == 1
        assert len(await recorded(scene)) == 101

    play(story)


Bursts = list[tuple[int, int, float]]


@st.composite
def plans(draw: st.DrawFn) -> tuple[int, Bursts]:
    """A page size and bursts of failures (seconds before it, jobs, how long each ran).

    A job that ran long stands in a list by start below younger ones; one whole page past the watermark allows for as
    many as a page holds.
    """
    mixed = draw(st.booleans())
    size = 25 if mixed else draw(st.sampled_from([1, 2, 5]))
    ran = st.sampled_from([1.0, 4.0, 90.0]) if mixed else st.just(1.0)
    burst = st.tuples(st.integers(0, 100), st.integers(1, 6), ran)
    return size, draw(st.lists(burst, min_size=1, max_size=4))


@settings(max_examples=30, deadline=None)
@given(plan=plans(), by_end=st.booleans(), during=st.integers(0, 5))
def test_each_failed_job_is_recorded_exactly_once(plan: tuple[int, Bursts], by_end: bool, during: int) -> None:
    size, bursts = plan
    arrivals = list(range(during))

    async def story(scene: Scene) -> None:
        def arrive(request: httpx.Request) -> Answer | None:
            if "status=failed" in str(request.url) and arrivals:
                scene.workato.fail(f"d-{arrivals.pop()}")
            return None

        scene.workato.page_size, scene.workato.by_end = size, by_end
        scene.workato.instead["recipes/7/jobs"] = arrive
        for number, (pause, count, ran_s) in enumerate(bursts):
            await scene.clock.sleep(pause)
            for place in range(count):
                scene.workato.fail(f"b{number}-{place}", ran_s=ran_s)
                await scene.clock.sleep(0.001)
        await scene.until(lambda: _all_swept(scene), within=HOUR)
        assert sorted(await recorded(scene)) == sorted(job.job_id for job in scene.workato.jobs)

    play(story, mode="observe")


async def _all_swept(scene: Scene) -> bool:
    sql = "SELECT 1 FROM recipe WHERE marked_at IS NULL AND read_at IS NOT NULL AND failed_count = :count"
    return bool(await scene.bench.rows(sql, count=scene.workato.failed_count))


def bad_json(_request: httpx.Request) -> Answer:
    return httpx.Response(200, text='{"items": [{"id": "j-1", "status": "fai')


def wrong_types(_request: httpx.Request) -> Answer:
    return httpx.Response(200, json={"items": [{"id": ["j-1"], "status": "failed", "started_at": 5}]})


def html(_request: httpx.Request) -> Answer:
    return httpx.Response(200, text="<html>We will be back soon</html>", headers={"content-type": "text/html"})


def redirect(_request: httpx.Request) -> Answer:
    return httpx.Response(302, headers={"location": "https://example.com/elsewhere"})


def server_error(_request: httpx.Request) -> Answer:
    return httpx.Response(503, text="")


def reset(_request: httpx.Request) -> Answer:
    return httpx.ReadError("reset")


BAD_PAGES = [bad_json, wrong_types, html, redirect, server_error, reset]


@pytest.mark.parametrize("bad", BAD_PAGES)
def test_a_bad_page_in_the_middle_leaves_watermark_and_mark(bad: Callable[[httpx.Request], Answer]) -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-000")
        await until_read(scene)
        bad_since = scene.clock.wall()

        def later_pages(request: httpx.Request) -> Answer | None:
            return bad(request) if "offset_job_id" in str(request.url) else None

        scene.workato.instead["recipes/7/jobs"] = later_pages
        for number in range(1, 76):
            scene.workato.fail(f"j-{number:03}")
            await scene.clock.sleep(0.01)
        await scene.clock.sleep(5 * MINUTE)
        assert await scene.bench.rows(WATERMARK) == [{"job": "j-000", "read": 0}]
        assert await scene.events("collation.failed") == ["collation.failed"]
        # What was read is in care already; the pause before the next try grows.
        assert len(await recorded(scene)) == 26
        tries = [at for at, path in scene.workato.reads if at > bad_since and "offset_job_id" in path]
        gaps = [later - earlier for earlier, later in pairwise(tries)]
        assert gaps == sorted(gaps)
        assert gaps[0] >= 15
        scene.workato.instead.clear()
        await until_read(scene)
        assert sorted(await recorded(scene)) == [f"j-{number:03}" for number in range(76)]
        assert await scene.bench.rows(WATERMARK) == [{"job": "j-075", "read": 1}]

    play(story, mode="observe")


def test_the_page_limit_leaves_watermark_and_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collation, "MAX_PAGES", 3)

    async def story(scene: Scene) -> None:
        for number in range(80):
            scene.workato.fail(f"j-{number:02}")
            await scene.clock.sleep(0.01)
        await scene.clock.sleep(5 * MINUTE)
        assert await scene.bench.rows(WATERMARK) == [{"job": None, "read": 0}]
        assert len(await recorded(scene)) == 75

    play(story, mode="observe")


def test_a_crash_in_the_middle_of_a_walk_loses_nothing() -> None:
    async def main(clock: VirtualClock) -> None:
        scene = Scene(clock, {"mode": "observe"})
        died = asyncio.Event()

        def die_on_second_page(request: httpx.Request) -> Answer | None:
            if "offset_job_id" in str(request.url):
                died.set()
                return httpx.ReadError("the process is gone")
            return None

        scene.workato.instead["recipes/7/jobs"] = die_on_second_page
        for number in range(100):
            scene.workato.fail(f"j-{number:03}")
            await clock.sleep(0.01)
        await scene.bench.run_until_killed(lambda _control: died.wait())
        assert len(await recorded(scene)) == 25
        assert await scene.bench.rows(WATERMARK) == [{"job": None, "read": 0}]
        scene.workato.instead.clear()
        await scene.bench.run(lambda _control: until_read(scene))
        assert sorted(await recorded(scene)) == [f"j-{number:03}" for number in range(100)]
        assert await scene.bench.rows(WATERMARK) == [{"job": "j-099", "read": 1}]

    run_virtual(main)


def test_jobs_older_than_the_lookback_are_closed_as_history() -> None:
    async def story(scene: Scene) -> None:
        for number in range(70):
            old = scene.workato.fail(f"old-{number:02}")
            old.started, old.ended = old.started - 2 * DAY - number, old.started + 1 - 2 * DAY - number
        scene.workato.fail("j-1")
        await until_read(scene)
        assert (await scene.state("old-00")) == ("closed", "history")
        assert await recorded(scene) == ["j-1"]
        # The first page reaches beyond the lookback: what lies behind it is not read.
        assert len(failed_pages(scene)) == 1
        assert await scene.told() == []

    play(story, mode="observe")


ODD_JOBS = [
    ({"is_poll_error": True}, "poll_error"),
    ({"calling_job_id": "j-caller", "calling_recipe_id": 9}, "called_by_other"),
    ({"is_test": True}, "not_repeatable"),
    ({"is_test_case_job": True}, "not_repeatable"),
]


@pytest.mark.parametrize(("shown", "reason"), ODD_JOBS)
def test_jobs_that_must_not_be_repeated_are_left_to_a_person(shown: dict[str, object], reason: str) -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1").more |= shown
        await scene.until_status("needs_person")
        assert await scene.state() == ("needs_person", reason)
        await scene.clock.sleep(HOUR)
        assert scene.workato.repeats == []

    play(story)


def test_an_erased_job_is_no_job_without_an_error() -> None:
    async def story(scene: Scene) -> None:
        def erased(request: httpx.Request) -> Answer | None:
            if "status=failed" not in str(request.url) or "offset_job_id" in str(request.url):
                return None
            wire = scene.workato.jobs[0].wire() | {"title": ""}
            del wire["error"], wire["error_parts"]
            return httpx.Response(200, json={"items": [wire]})

        scene.workato.fail("j-1")
        scene.workato.instead["recipes/7/jobs"] = erased
        await scene.until_status("needs_person")
        assert await scene.state() == ("needs_person", "not_repeatable")
        await scene.clock.sleep(HOUR)
        assert scene.workato.repeats == []

    play(story)


def test_a_test_job_of_a_known_pair_is_left_alone_where_the_list_tells() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("recovered")
        scene.workato.fail("j-2", is_test=True)
        await scene.until_status("needs_person", job_id="j-2")
        assert len(details_read(scene)) == 1
        await scene.clock.sleep(HOUR)
        assert [jobs for _, _, jobs in scene.workato.repeats] == [["j-1"]]

    play(story)


def test_a_test_job_that_only_its_detail_shows_speaks_for_itself_alone() -> None:
    async def story(scene: Scene) -> None:
        def detail(request: httpx.Request) -> Answer | None:
            job_id = request.url.path.rsplit("/", 1)[1]
            job = next(job for job in scene.workato.jobs if job.job_id == job_id)
            return httpx.Response(200, json=job.wire() | {"lines": [], "is_test": True})

        scene.workato.fail("j-1")
        scene.workato.fail("j-2")
        scene.workato.instead["recipes/7/jobs/j-1"] = detail
        await scene.until_status("needs_person")
        assert await scene.state() == ("needs_person", "not_repeatable")
        await scene.until_status("recovered", job_id="j-2")
        assert [jobs for _, _, jobs in scene.workato.repeats] == [["j-2"]]

    play(story)


def test_a_failed_repeat_in_the_list_belongs_to_its_lineage() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("scheduled")
        scene.workato.rerun("j-1", "failed", ended=scene.clock.wall())
        scene.workato.failed_count += 1
        await scene.until(lambda: _external(scene))
        assert await recorded(scene) == ["j-1"]
        assert len(await scene.bench.rows("SELECT * FROM failure")) == 1
        assert (await scene.failure()).newest_job_id == "j-1-r1"

    play(story)


async def _external(scene: Scene) -> bool:
    return (await scene.failure()).external == 1


def details_read(scene: Scene) -> list[str]:
    return [path for _, path in scene.workato.reads if "/jobs/" in path]


def other_error(scene: Scene, job_id: str, message: str) -> None:
    scene.workato.fail(job_id).error_parts = {"adapter": "rest", "error_type": "Request error", "message": message}


def test_the_detail_is_read_once_for_each_pair_of_recipe_and_fingerprint() -> None:
    async def story(scene: Scene) -> None:
        for number in range(5):
            scene.workato.fail(f"j-{number}")
        for number in range(3):
            other_error(scene, f"k-{number}", "connection to erp timed out")
        await scene.until_status("scheduled", job_id="k-2")
        await scene.clock.sleep(2 * MINUTE)
        assert len(details_read(scene)) == 2
        scene.workato.fail("j-later")
        await scene.until_status("scheduled", job_id="j-later")
        await scene.clock.sleep(2 * MINUTE)
        assert len(details_read(scene)) == 2

    play(story)


def test_the_code_of_the_detail_decides_also_over_later_failures_of_the_pair() -> None:
    async def story(scene: Scene) -> None:
        failed_step = {"recipe_line_number": 1, "adapter_name": "rest", "adapter_operation": "get", "error": "failed"}
        failed_step |= {"error_details": {"http_response": {"code": 503}}}
        scene.workato.detail = {"lines": [failed_step]}
        other_error(scene, "j-1", "something odd")
        await scene.until_status("scheduled")
        await scene.until(lambda: _decided(scene, "j-1"))
        other_error(scene, "j-2", "something odd")
        await scene.until(lambda: _decided(scene, "j-2"))
        rows = await scene.bench.rows("SELECT category, classify_rule AS rule FROM failure ORDER BY master_job_id")
        assert [row["category"] for row in rows] == ["downstream_5xx"] * 2
        assert len(details_read(scene)) == 1

    play(story)


async def _decided(scene: Scene, job_id: str) -> bool:
    sql = "SELECT 1 FROM failure WHERE master_job_id = :job AND undecided_until IS NULL"
    return bool(await scene.bench.rows(sql, job=job_id))


def test_without_its_detail_a_failure_is_decided_after_a_minute() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.instead["/jobs/"] = server_error
        scene.workato.fail("j-1")
        await scene.until_status("scheduled")
        began = scene.clock.wall()
        assert not await _decided(scene, "j-1")
        await scene.until(lambda: _decided(scene, "j-1"))
        assert 55 <= scene.clock.wall() - began <= 65
        assert len(details_read(scene)) == 1
        await scene.until_status("recovered")

    play(story)


def test_the_oldest_mark_is_read_first() -> None:
    async def story(scene: Scene) -> None:
        for recipe_id in (2, 20):
            scene.workato.recipe(recipe_id)
        await scene.clock.sleep(MINUTE)
        scene.workato.page_size = 1
        for number in range(98):
            scene.workato.fail(f"j-{number}")
        # The walk takes two minutes, in which two sweeps set marks.
        await scene.until(lambda: _walking(scene))
        scene.workato.fail("j-20", 20)
        await scene.clock.sleep(61.0)
        scene.workato.fail("j-2", 2)
        await scene.until(lambda: _was_read(scene, "2"))
        turns = await scene.bench.rows(
            "SELECT kind, recipe_id FROM event WHERE kind IN ('recipe.moved', 'collation.completed') ORDER BY sequence"
        )
        assert [f"{turn['kind']} {turn['recipe_id']}" for turn in turns] == [
            "recipe.moved 7",
            "recipe.moved 20",
            "recipe.moved 2",
            "collation.completed 7",
            "collation.completed 20",
            "collation.completed 2",
        ]

    play(story, mode="observe")


async def _was_read(scene: Scene, recipe_id: str) -> bool:
    return bool(await scene.bench.rows("SELECT 1 FROM recipe WHERE recipe_id = :id AND read_at > 0", id=recipe_id))


def test_collation_that_falls_behind_is_an_incident_until_it_caught_up() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.instead["recipes/7/jobs"] = server_error
        scene.workato.fail("j-1")
        began = scene.clock.wall()
        await scene.until(lambda: _behind(scene, "open"))
        assert 10 * MINUTE <= scene.clock.wall() - began <= 13 * MINUTE
        await scene.clock.sleep(10 * MINUTE)
        assert (await scene.told()).count("alarm>admins") == 1
        scene.workato.instead.clear()
        await scene.until(lambda: _behind(scene, "resolved"))
        assert await recorded(scene) == ["j-1"]

    play(story, mode="observe")


async def _behind(scene: Scene, status: str) -> bool:
    sql = "SELECT 1 FROM incident WHERE kind = 'collation_behind' AND status = :status"
    return bool(await scene.bench.rows(sql, status=status))


def test_a_mark_set_during_a_walk_is_not_cleared_by_it() -> None:
    async def story(scene: Scene) -> None:
        await scene.clock.sleep(MINUTE)
        scene.workato.page_size = 1
        for number in range(90):
            scene.workato.fail(f"j-{number:02}")
        await scene.until(lambda: _walking(scene))
        scene.workato.fail("late")
        await scene.until(lambda: _was_read(scene, "7"))
        # The walk took longer than a sweep's interval, so the count had moved again before its end.
        turns = await scene.events("recipe.moved", "collation.completed")
        assert turns == ["recipe.moved", "recipe.moved", "collation.completed"]
        await until_read(scene)
        assert "late" in await recorded(scene)

    play(story, mode="observe")


async def _walking(scene: Scene) -> bool:
    return any("offset_job_id" in path for path in failed_pages(scene))
