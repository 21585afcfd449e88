"""Answers that were lost: settled by reading, never by sending again before the proof."""

from __future__ import annotations

import httpx
import pytest

from aof_tui.control.requests import Verb
from tests.engine.scene import HOUR, MINUTE, Scene, play, play_around
from tests.harness.scripted import Answer

SAFE_AND_REPEATED = {"retry": {"when_in_doubt": "repeat"}}
AMBIGUOUS: list[Answer] = [
    httpx.ReadError("reset"),
    httpx.Response(502, text="<html>bad gateway</html>"),
    httpx.Response(500, json={"message": "Server error"}),
    httpx.Response(408, json={"message": "timeout"}),
    httpx.Response(200, text='{"results": [{"job'),
    httpx.Response(200, json={"results": []}),
    httpx.Response(200, json={"results": [{"job_id": "j-1", "status": "perhaps"}]}),
]


@pytest.mark.parametrize("answer", AMBIGUOUS, ids=lambda answer: type(answer).__name__)
def test_a_lost_answer_to_an_accepted_repeat_is_confirmed_by_its_run(answer: Answer) -> None:
    async def story(scene: Scene) -> None:
        def accept_and_lose(jobs: list[str]) -> Answer:
            scene.workato.accept(jobs)
            return answer

        scene.workato.on_repeat = accept_and_lose
        scene.workato.fail("j-1")
        await scene.until_status("recovered")
        assert len(scene.workato.repeats) == 1
        assert await scene.attempts() == ["confirmed"]
        assert await scene.state() == ("recovered", "repeat_succeeded")
        assert (await scene.bench.rows("SELECT state FROM dispatch")) == [{"state": "settled"}]

    play(story)


def test_a_repeat_that_never_shows_is_held_for_a_person() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.on_repeat = lambda _jobs: httpx.ReadError("reset")
        scene.workato.fail("j-1")
        await scene.until_status("in_doubt")
        refusal = await scene.do(Verb.RETRY)
        assert not refusal.done
        assert "under way" in refusal.message
        assert not (await scene.do(Verb.CLOSE, reason="x")).done
        await scene.until_status("held")
        # 45 s deadline, 15 s for the run to show, and a second read half of that later.
        assert scene.clock.wall() - scene.workato.repeats[0][0] >= 45 + 15 + 7.5
        assert (await scene.state())[1] == "stayed_in_doubt"
        await scene.clock.sleep(2 * HOUR)
        assert len(scene.workato.repeats) == 1
        assert (await scene.failure()).attempts == 1
        assert "held>oncall" in await scene.told()
        assert "escalated>admins" in await scene.told()

    play(story)


def test_a_recipe_that_is_safe_to_repeat_is_repeated_when_nothing_shows() -> None:
    async def story(scene: Scene) -> None:
        lost: list[Answer] = [httpx.ReadError("reset"), httpx.Response(503, text="")]
        scene.workato.on_repeat = lambda jobs: lost.pop() if lost else scene.workato.accept(jobs)
        scene.workato.fail("j-1")
        await scene.until_status("recovered")
        assert await scene.attempts() == ["absent", "absent", "accepted"]
        assert (await scene.failure()).attempts == 3
        gap = scene.workato.repeats[1][0] - scene.workato.repeats[0][0]
        assert gap >= 45 + 15 + 7.5

    play(story, **SAFE_AND_REPEATED)


def test_a_run_that_shows_late_but_within_the_settle_time_is_not_sent_twice() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.on_repeat = lambda _jobs: httpx.ReadError("reset")
        scene.workato.fail("j-1")
        await scene.until_status("in_doubt")
        await scene.clock.sleep(55.0)
        scene.workato.rerun("j-1", "succeeded")
        await scene.until_status("recovered")
        assert len(scene.workato.repeats) == 1

    play(story, **SAFE_AND_REPEATED)


def test_one_job_that_the_answer_leaves_out_is_in_doubt_the_others_are_settled() -> None:
    async def story(scene: Scene) -> None:
        def half(jobs: list[str]) -> Answer:
            scene.workato.accept(jobs)
            return scene.workato.results([(job, "enqueued") for job in jobs if job != "j-2"])

        scene.workato.on_repeat = half
        scene.workato.fail("j-1")
        scene.workato.fail("j-2")
        await scene.until_status("recovered", job_id="j-2")
        await scene.until_status("recovered", job_id="j-1")
        assert sorted(await scene.attempts()) == ["accepted", "confirmed"]
        assert len(scene.workato.repeats) == 1

    play(story)


def test_a_second_look_that_comes_too_soon_proves_nothing() -> None:
    async def story(scene: Scene) -> None:
        def half(jobs: list[str]) -> Answer:
            scene.workato.rerun("j-1", "pending")
            return scene.workato.results([("j-1", "enqueued")])

        scene.workato.on_repeat = half
        scene.workato.fail("j-1")
        scene.workato.fail("j-2")
        await scene.until_status("in_doubt", job_id="j-2")
        await scene.until_status("held", job_id="j-2")
        # The running neighbour is looked at more often than the two reads of the doubt may follow each other.
        reads = [at for at, path in scene.workato.reads if "rerun_only" in path and at > scene.workato.repeats[0][0]]
        assert len(reads) > 4
        assert scene.clock.wall() - scene.workato.repeats[0][0] >= 45 + 15 + 7.5
        assert len(scene.workato.repeats) == 1

    play(story)


def test_an_accepted_repeat_that_never_appears_is_held() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.on_repeat = lambda jobs: scene.workato.results([(job, "enqueued") for job in jobs])
        scene.workato.fail("j-1")
        await scene.until_status("held")
        assert (await scene.state())[1] == "never_appeared"
        assert len(scene.workato.repeats) == 1

    play(story)


def test_reads_that_fail_leave_a_doubt_a_doubt() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.on_repeat = lambda _jobs: httpx.ReadError("reset")
        scene.workato.fail("j-1")
        await scene.until_status("in_doubt")
        scene.workato.instead["recipes/7/jobs"] = lambda _request: httpx.Response(502, text="<html>")
        await scene.clock.sleep(30 * MINUTE)
        assert (await scene.failure()).status == "in_doubt"
        scene.workato.instead.clear()
        await scene.until_status("held")

    play(story)


def test_a_guard_that_cannot_read_sends_nothing() -> None:
    async def story(scene: Scene) -> None:
        def only_reruns_fail(request: httpx.Request) -> Answer | None:
            return httpx.Response(503, text="") if "rerun_only" in str(request.url) else None

        scene.workato.instead["recipes/7/jobs"] = only_reruns_fail
        scene.workato.fail("j-1")
        await scene.clock.sleep(HOUR)
        assert scene.workato.repeats == []
        scene.workato.instead.clear()
        await scene.until_status("recovered")

    play(story)


def test_a_list_that_repeats_itself_for_ever_proves_nothing() -> None:
    async def story(scene: Scene) -> None:
        def same_page(request: httpx.Request) -> Answer | None:
            if "rerun_only" not in str(request.url):
                return None
            wire = scene.workato.jobs[0].wire() | {"id": "j-1-r1", "master_job_id": "j-1", "status": "failed"}
            return httpx.Response(200, json={"items": [wire]})

        scene.workato.fail("j-1")
        scene.workato.instead["recipes/7/jobs"] = same_page
        await scene.clock.sleep(HOUR)
        assert scene.workato.repeats == []

    play(story)


def test_an_engine_that_died_after_sending_settles_before_anything_else() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.bench.run(lambda _control: scene.until_status("scheduled"))
        await _leave_open(scene, "sending")
        started = scene.clock.wall()

        async def second(_control: object) -> None:
            assert (await scene.failure()).status == "in_doubt"
            await scene.until_status("held")
            assert scene.clock.wall() - started >= 60
            assert scene.workato.repeats == []
            assert await scene.attempts() == ["absent"]

        await scene.bench.run(second)

    play_around(story)


def test_an_engine_that_died_before_sending_gives_the_attempt_back() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.bench.run(lambda _control: scene.until_status("scheduled"))
        await _leave_open(scene, "prepared")

        async def second(_control: object) -> None:
            await scene.until_status("recovered", within=5 * MINUTE)
            assert await scene.attempts() == ["not_sent", "accepted"]
            assert (await scene.failure()).attempts == 1

        await scene.bench.run(second)

    play_around(story)


def test_after_a_reboot_only_the_wall_clock_tells_and_more_time_is_given() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.bench.run(lambda _control: scene.until_status("scheduled"))
        await _leave_open(scene, "sending", boot_id="another boot")
        started = scene.clock.wall()

        async def second(_control: object) -> None:
            await scene.until_status("held")
            assert scene.clock.wall() - started >= 60 + 60
            assert scene.workato.repeats == []

        await scene.bench.run(second)

    play_around(story)


async def _leave_open(scene: Scene, state: str, boot_id: str | None = None) -> None:
    """Write what an engine leaves that dies in the middle of its dispatch."""
    scene.bench.checked = False
    now = scene.clock.wall()
    sent = state == "sending"

    async def work(tx: object) -> None:
        store = scene.bench.store
        raw = store._connection.raw
        raw.execute(
            "INSERT INTO dispatch (dispatch_id, workspace, recipe_id, epoch, state, when_in_doubt, prepared_at,"
            " sending_at, sending_boot, boot_id, settle_until) VALUES ('d', 'prod', '7', 1, ?, 'hold', ?, ?, ?, ?, ?)",
            (
                state,
                now,
                now if sent else None,
                scene.clock.boot() if sent else None,
                boot_id or scene.clock.boot_id,
                now + 60 if sent else None,
            ),
        )
        raw.execute(
            "INSERT INTO attempt (workspace, master_job_id, number, forced, actor, state, dispatch_id, sent_job_id,"
            " baseline, decided_at) VALUES ('prod', 'j-1', 1, 0, 'engine', 'prepared', 'd', 'j-1', '[\"j-1\"]', ?)",
            (now,),
        )
        change = "UPDATE failure SET status = 'repeating', attempts = 1, undecided_until = NULL, next_action_at = ?"
        raw.execute(change, (now + 120,))

    await scene.bench.store.write(work)
