"""From a failed job to its end: repeated, followed, used up, told."""

from __future__ import annotations

from itertools import pairwise

import httpx
import pytest

from aof_tui.control.requests import Verb
from tests.engine.scene import HOUR, MINUTE, Scene, play, play_around
from tests.harness.scripted import Answer


def test_a_failed_job_is_repeated_after_five_to_ten_minutes_and_recovers() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("scheduled")
        recorded_at = scene.clock.wall()
        await scene.until_status("recovered")
        [(sent_at, dispatch_id, job_ids)] = scene.workato.repeats
        assert job_ids == ["j-1"]
        assert 5 * MINUTE - 1 <= sent_at - recorded_at <= 10 * MINUTE + 15
        rows = await scene.bench.rows("SELECT dispatch_id, state FROM dispatch")
        assert rows == [{"dispatch_id": dispatch_id, "state": "answered"}]
        row = await scene.failure()
        assert (row.attempts, row.reason, row.newest_job_id) == (1, "repeat_succeeded", "j-1-r1")
        assert await scene.told() == ["recovered>oncall"]

    play(story)


def test_every_change_of_a_recovery_is_one_event_in_order() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("recovered")
        rows = await scene.bench.rows("SELECT kind FROM event WHERE master_job_id = 'j-1' ORDER BY sequence LIMIT 7")
        assert [row["kind"] for row in rows] == [
            "failure.recorded",
            "failure.scheduled",
            "repeat.prepared",
            "repeat.accepted",
            "run.seen",
            "failure.recovered",
            "notice.queued",
        ]

    play(story)


def test_after_five_attempts_it_is_exhausted_told_and_escalated() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.heals = False
        scene.workato.fail("j-1")
        await scene.until_status("exhausted")
        await scene.clock.sleep(3 * HOUR)
        assert len(scene.workato.repeats) == 5
        assert [job_ids for _, _, job_ids in scene.workato.repeats][1:] == [[f"j-1-r{n}"] for n in range(1, 5)]
        gaps = [later[0] - earlier[0] for earlier, later in pairwise(scene.workato.repeats)]
        assert all(gap >= 5 * MINUTE for gap in gaps)
        assert (await scene.told())[:2] == ["exhausted>oncall", "escalated>admins"]

    play(story)


def test_an_acknowledged_incident_is_not_escalated() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.heals = False
        scene.workato.fail("j-1")
        await scene.until_status("exhausted")
        assert (await scene.do(Verb.ACKNOWLEDGE)).done
        await scene.clock.sleep(2 * HOUR)
        assert not [told for told in await scene.told() if told.startswith("escalated")]

    play(story)


def test_no_more_than_25_jobs_go_with_one_request_and_requests_keep_their_distance() -> None:
    async def story(scene: Scene) -> None:
        # On one page, so that it is not the page that bounds a request.
        scene.workato.page_size = 100
        for number in range(60):
            scene.workato.fail(f"j-{number}")
        await scene.until_status("recovered", job_id="j-59")
        await scene.clock.sleep(10 * MINUTE)
        sent = scene.workato.repeats
        assert sorted(job for _, _, jobs in sent for job in jobs) == sorted(f"j-{number}" for number in range(60))
        assert max(len(jobs) for _, _, jobs in sent) == 25
        assert all(later[0] - earlier[0] >= 1.0 for earlier, later in pairwise(sent))

    play(story)


def test_what_somebody_else_brought_to_success_is_not_repeated() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("scheduled")
        scene.workato.rerun("j-1", "succeeded")
        await scene.until_status("recovered")
        assert scene.workato.repeats == []
        assert await scene.state() == ("recovered", "external_success")

    play(story)


def test_a_success_that_was_seen_before_its_failed_job_is_not_repeated() -> None:
    async def story(scene: Scene) -> None:
        late = scene.workato.fail("j-1")
        scene.workato.jobs.remove(late)
        scene.workato.rerun("j-1", "succeeded")
        scene.workato.fail("j-2")
        await scene.until_status("recovered", job_id="j-2")
        scene.workato.jobs.append(late)
        scene.workato.failed_count += 1
        await scene.until_status("recovered", job_id="j-1")
        assert await scene.state() == ("recovered", "external_success")
        assert [jobs for _, _, jobs in scene.workato.repeats] == [["j-2"]]

    play(story)


def test_a_repeat_that_somebody_else_began_is_followed_to_its_end() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("scheduled")
        theirs = scene.workato.rerun("j-1", "pending")
        await scene.until_status("watching")
        await scene.clock.sleep(20 * MINUTE)
        assert scene.workato.repeats == []
        assert (await scene.failure()).status == "watching"
        theirs.status, theirs.ended = "failed", scene.clock.wall()
        await scene.until_status("scheduled")
        assert (await scene.failure()).external == 1

    play(story)


def test_repeats_made_by_others_count_against_the_budget() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.heals = False
        scene.workato.fail("j-1")
        await scene.until_status("scheduled")
        for _ in range(3):
            scene.workato.rerun("j-1", "failed")
            await scene.clock.sleep(5.0)
        await scene.until_status("exhausted")
        assert len(scene.workato.repeats) == 2
        row = await scene.failure()
        assert (row.attempts, row.external) == (2, 3)

    play(story)


def test_a_cancelled_run_is_left_to_a_person() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("scheduled")
        scene.workato.rerun("j-1", "canceled")
        await scene.until_status("needs_person")
        assert (await scene.state())[1] == "run_cancelled"
        assert scene.workato.repeats == []

    play(story)


def test_a_failure_after_a_success_is_left_to_a_person() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("recovered")
        scene.workato.rerun("j-1", "failed")
        scene.workato.failed_count += 1
        await scene.until_status("needs_person")
        assert (await scene.state())[1] == "failed_after_success"
        assert len(scene.workato.repeats) == 1

    play(story)


def test_a_success_that_shows_after_a_newer_failure_was_decided_on_is_not_repeated() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("scheduled")
        failed = scene.workato.rerun("j-1", "failed")

        async def decided_on() -> bool:
            return (await scene.failure()).newest_job_id == failed.job_id

        await scene.until(decided_on)
        assert (await scene.failure()).status == "scheduled"
        scene.workato.rerun("j-1", "succeeded").started = failed.started - 1.0
        await scene.until_status("needs_person", "recovered")
        assert (await scene.state())[1] == "failed_after_success"
        assert scene.workato.repeats == []

    play(story)


def test_one_rejection_gives_the_attempt_back_and_two_need_a_person() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.on_repeat = lambda jobs: scene.workato.results([(job, "failed") for job in jobs])
        scene.workato.fail("j-1")
        await scene.until_status("needs_person")
        row = await scene.failure()
        assert (row.attempts, row.reason) == (0, "rejected_twice")
        assert await scene.attempts() == ["rejected", "rejected"]

    play(story)


@pytest.mark.parametrize("status", [400, 404, 409, 422])
def test_a_definite_no_to_the_request_is_a_rejection(status: int) -> None:
    async def story(scene: Scene) -> None:
        scene.workato.on_repeat = lambda _jobs: httpx.Response(status, json={"message": "no"})
        scene.workato.fail("j-1")
        await scene.until_status("needs_person")
        assert await scene.attempts() == ["rejected", "rejected"]

    play(story)


def test_too_many_requests_say_nothing_about_the_job() -> None:
    async def story(scene: Scene) -> None:
        refusals = [httpx.Response(429, json={"message": "slow"}, headers={"Retry-After": "2"}) for _ in range(3)]
        scene.workato.on_repeat = lambda jobs: refusals.pop() if refusals else scene.workato.accept(jobs)
        scene.workato.fail("j-1")
        await scene.until_status("recovered")
        assert await scene.attempts() == ["rejected", "rejected", "rejected", "accepted"]
        assert (await scene.failure()).attempts == 1

    play(story)


def test_what_never_left_this_machine_uses_no_attempt() -> None:
    async def story(scene: Scene) -> None:
        refusals: list[Answer] = [httpx.ConnectError("refused") for _ in range(3)]
        scene.workato.on_repeat = lambda jobs: refusals.pop() if refusals else scene.workato.accept(jobs)
        scene.workato.fail("j-1")
        await scene.until_status("recovered")
        assert await scene.attempts() == ["not_sent", "not_sent", "not_sent", "accepted"]
        assert (await scene.failure()).attempts == 1

    play(story)


def test_a_refused_token_stops_acting_once_and_loudly_until_it_is_accepted_again() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("scheduled")
        scene.workato.instead["repeat_jobs"] = lambda _request: httpx.Response(401, json={"message": "Unauthorized"})
        scene.workato.instead["users/me"] = lambda _request: httpx.Response(401, json={"message": "Unauthorized"})
        await scene.until_status("held")
        assert (await scene.state())[1] == "acting_stopped"
        await scene.clock.sleep(20 * MINUTE)
        assert len(scene.workato.repeats) <= 1
        assert (await scene.events("acting.stopped")) == ["acting.stopped"]
        alarms = [told for told in await scene.told() if told.startswith("alarm")]
        assert alarms[:2] == ["alarm>oncall", "alarm>admins"]
        scene.workato.instead.clear()
        await scene.until_status("recovered")
        assert (await scene.failure()).attempts == 1

    play(story)


def test_a_missing_privilege_stops_acting_until_a_person_resumes() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.on_repeat = lambda _jobs: httpx.Response(403, json={"message": "Forbidden"})
        scene.workato.fail("j-1")
        await scene.until_status("held")
        await scene.clock.sleep(30 * MINUTE)
        assert len(scene.workato.repeats) == 1
        scene.workato.on_repeat = scene.workato.accept
        assert (await scene.do(Verb.RESUME, None)).done
        await scene.until_status("recovered")

    play(story)


def test_a_token_of_another_workspace_never_acts() -> None:
    async def story(scene: Scene) -> None:
        await scene.bench.run_for(5 * MINUTE)
        scene.workato.workspace_id = 815
        scene.workato.fail("j-1")

        async def second(_control: object) -> None:
            await scene.until_status("held")
            await scene.clock.sleep(HOUR)
            assert scene.workato.repeats == []
            status = await scene.control.status()
            assert status.workspaces[0].acting_stopped == "workspace_changed"

        await scene.bench.run(second)

    play_around(story)


def test_observing_says_what_would_have_been_sent_and_sends_nothing() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("held")
        assert (await scene.state())[1] == "observe"
        rows = await scene.bench.rows("SELECT text FROM event WHERE kind = 'repeat.observed'")
        assert rows == [{"text": "would have sent attempt 1 of 5: repeat j-1"}]
        refusal = await scene.do(Verb.RETRY)
        assert not refusal.done
        assert "observes" in refusal.message
        await scene.clock.sleep(HOUR)
        assert scene.workato.repeats == []

    play(story, mode="observe")


def test_a_pause_holds_what_falls_due_and_outlives_a_restart() -> None:
    async def story(scene: Scene) -> None:
        async def first(_control: object) -> None:
            scene.workato.fail("j-1")
            await scene.until_status("scheduled")
            assert (await scene.do(Verb.PAUSE, None, reason="change window")).done
            assert not (await scene.do(Verb.PAUSE, None)).done
            await scene.until_status("held")
            assert not (await scene.do(Verb.RETRY)).done

        async def second(_control: object) -> None:
            await scene.clock.sleep(HOUR)
            assert await scene.state() == ("held", "paused")
            assert (await scene.control.status()).workspaces[0].paused_by == "terminal:ana"
            assert (await scene.do(Verb.RESUME, None)).done
            assert not (await scene.do(Verb.RESUME, None)).done
            await scene.until_status("recovered")

        await scene.bench.run(first)
        await scene.bench.run(second)

    play_around(story)


def test_a_stopped_recipe_holds_its_failures_until_it_runs_again() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("scheduled")
        scene.workato.running, scene.workato.stop_cause = False, "trigger_errors_limit"
        await scene.until_status("held")
        assert (await scene.state())[1] == "recipe_stopped"
        assert "alarm>admins" in await scene.told()
        scene.workato.running, scene.workato.stop_cause = True, None
        await scene.until_status("recovered")
        assert len(scene.workato.repeats) == 1

    play(story)


def test_a_recipe_that_is_gone_leaves_its_failures_to_a_person() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("scheduled")
        scene.workato.gone = True
        await scene.until_status("needs_person")
        assert (await scene.state())[1] == "recipe_gone"

    play(story)
