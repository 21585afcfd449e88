"""Recipes with more repeated runs than a guard can read, where lists keep repeats in place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx

from aof_tui.control.requests import Verb
from tests.engine.scene import MINUTE, Scene, play, play_around
from tests.harness.scripted import Answer
from tests.harness.virtual import SIMULATED_URL, WORKSPACE

AMOUNT = 40
STORM = [f"j-{number:02}" for number in range(AMOUNT)]
KNOWN = '["healed_leave"]'
SLOW = {"name": WORKSPACE, "url": SIMULATED_URL, "token": "env:TOKEN", "quotas": {"jobs_per_minute": 15}}
CHANGES: dict[str, object] = {"workspaces": [SLOW], "collation": {"backlog": 100_000}}
"""A page takes five seconds, so that lists of three are too long for a guard."""


def sent(scene: Scene) -> list[str]:
    return [job for _, _, jobs in scene.workato.repeats for job in jobs]


async def facts(scene: Scene) -> str:
    return str((await scene.bench.rows("SELECT list_facts FROM workspace"))[0]["list_facts"])


async def storm(scene: Scene) -> None:
    """More failures at once than there are rows in the pages that ten seconds can read."""
    scene.workato.page_size = 10
    scene.workato.in_place = True
    for job_id in STORM:
        scene.workato.fail(job_id)
        await scene.clock.sleep(0.1)


async def waiting(scene: Scene) -> list[str]:
    rows = await scene.bench.rows("SELECT master_job_id FROM failure WHERE status = 'scheduled' ORDER BY 1")
    return [str(row["master_job_id"]) for row in rows]


async def until_guards_take_too_long(scene: Scene) -> list[str]:
    """The first repeats fill the list; what is left waits."""

    async def fill_pages() -> bool:
        return len(sent(scene)) >= 20

    await scene.until(fill_pages)
    left = [job_id for job_id in STORM if job_id not in sent(scene)]
    assert len(left) >= 5
    return left


def play_knowing(known: str, story: Callable[[Scene], Awaitable[None]]) -> None:
    """Play a story whose engine has learned these facts of the lists before."""

    async def around(scene: Scene) -> None:
        await scene.bench.run_for(MINUTE)
        scene.bench.store._connection.raw.execute("UPDATE workspace SET list_facts = ?", (known,))
        await scene.bench.run(lambda _control: story(scene))

    play_around(around, **CHANGES)


def test_a_storm_is_repeated_row_by_row_once_lists_are_seen_to_keep_one_row_for_a_lineage() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-old", error_parts={"message": "422 Unprocessable", "error_type": "Bad request"})
        await scene.clock.sleep(15 * MINUTE)
        await storm(scene)
        assert await until_guards_take_too_long(scene) != []
        await scene.clock.sleep(30 * MINUTE)
        assert await waiting(scene) == []
        assert sorted(sent(scene)) == STORM
        assert "healed_leave" in await facts(scene)
        assert await scene.events("read.failed", "read.restored") == ["read.failed", "read.restored"]

    play(story, **CHANGES)


def test_without_older_failures_the_count_of_rows_tells_that_a_walk_has_shown_all() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.counts_rows = True
        await storm(scene)
        await scene.clock.sleep(40 * MINUTE)
        assert sorted(sent(scene)) == STORM

    play(story, **CHANGES)


def test_what_is_no_longer_there_does_not_prove_that_its_row_was_taken() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.counts_rows = True

        def gone(request: httpx.Request) -> Answer | None:
            job_id = request.url.path.rsplit("/", 1)[1]
            healed = any(job.master == job_id for job in scene.workato.jobs)
            return httpx.Response(404, json={"message": "Not found"}) if healed else None

        scene.workato.instead["recipes/7/jobs/"] = gone
        await storm(scene)
        await scene.clock.sleep(40 * MINUTE)
        assert await waiting(scene) != []
        assert "healed_leave" not in await facts(scene)

    play(story, **CHANGES)


def test_an_original_that_reads_otherwise_than_failed_proves_nothing() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.counts_rows = True
        scene.workato.detail = {"status": "succeeded"}
        await storm(scene)
        await scene.clock.sleep(40 * MINUTE)
        assert "healed_leave" not in await facts(scene)
        assert await waiting(scene) != []

    play(story, **CHANGES)


def test_a_row_that_somebody_elses_run_has_taken_lets_nothing_through() -> None:
    async def story(scene: Scene) -> None:
        await storm(scene)
        left = await until_guards_take_too_long(scene)
        healed, running, failed = left[0], left[1], left[2]
        scene.workato.rerun(healed, "succeeded", ended=scene.clock.wall())
        scene.workato.rerun(running, "pending")
        scene.workato.rerun(failed, "failed", job_id="by-hand", ended=scene.clock.wall())
        await scene.clock.sleep(30 * MINUTE)
        assert not {healed, running, failed} & set(sent(scene))
        assert set(sent(scene)) - {"by-hand"} == set(STORM) - {healed, running, failed}
        assert (await scene.failure(failed)).external == 1
        assert (await scene.state(healed)) == ("recovered", "external_success")

    play_knowing(KNOWN, story)


def test_a_run_that_only_the_row_tells_of_is_followed_before_anything_is_repeated() -> None:
    async def story(scene: Scene) -> None:
        await storm(scene)
        left = await until_guards_take_too_long(scene)

        def meddle(request: httpx.Request) -> Answer | None:
            begins = request.url.params.get("status") == "failed" and "offset_job_id" not in request.url.params
            if begins and not any(job.job_id == "by-hand" for job in scene.workato.jobs):
                scene.workato.rerun(left[0], "failed", job_id="by-hand", ended=scene.clock.wall())
            return None

        scene.workato.instead["recipes/7/jobs"] = meddle
        await scene.clock.sleep(5 * MINUTE)
        failure = await scene.failure(left[0])
        assert (failure.newest_job_id, failure.external) == ("by-hand", 1)
        assert left[0] not in sent(scene)

    play_knowing(KNOWN, story)


def test_a_row_that_names_an_older_run_than_was_known_is_never_believed_again() -> None:
    async def story(scene: Scene) -> None:
        await storm(scene)

        async def contradicted() -> bool:
            return "stale_row" in await facts(scene)

        scene.workato.in_place = False
        await scene.until(contradicted)
        before = sent(scene)
        assert await waiting(scene) != []
        await scene.clock.sleep(30 * MINUTE)
        assert await waiting(scene) != []
        assert sent(scene) == before
        opened = await scene.bench.rows("SELECT kind FROM incident WHERE status = 'open'")
        assert {"kind": "collation_behind"} in opened

    play_knowing(KNOWN, story)


def test_a_page_that_cannot_be_read_ends_the_round_and_the_next_one_goes_on() -> None:
    async def story(scene: Scene) -> None:
        refused: list[str] = []

        def refuse(request: httpx.Request) -> Answer | None:
            if "offset_job_id" in request.url.params and request.url.params.get("status") and len(refused) < 3:
                refused.append(str(request.url))
                return httpx.Response(404, json={"message": "Not found"})
            return None

        await storm(scene)
        await until_guards_take_too_long(scene)
        scene.workato.instead["recipes/7/jobs"] = refuse
        await scene.clock.sleep(40 * MINUTE)
        assert len(refused) == 3
        assert sorted(sent(scene)) == STORM

    play_knowing(KNOWN, story)


def test_a_wish_that_no_row_shows_waits_alone_and_people_are_told() -> None:
    async def story(scene: Scene) -> None:
        await storm(scene)
        left = await until_guards_take_too_long(scene)
        cancelled = scene.workato.rerun(left[0], "cancelled", ended=scene.clock.wall())
        scene.workato.running = False
        await scene.until_status("needs_person", job_id=left[0])
        assert (await scene.do(Verb.RETRY, left[0])).done
        await scene.clock.sleep(10 * MINUTE)
        assert set(left) & set(sent(scene)) == set()
        scene.workato.running = True
        for job_id in left[1:]:
            await scene.do(Verb.RELEASE, job_id)
        await scene.clock.sleep(30 * MINUTE)
        assert set(sent(scene)) == set(STORM) - {left[0]}
        assert cancelled.job_id not in sent(scene)
        opened = await scene.bench.rows("SELECT kind FROM incident WHERE status = 'open'")
        assert {"kind": "collation_behind"} in opened

    play_knowing(KNOWN, story)
