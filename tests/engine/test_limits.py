"""What runs out: the time Workato keeps a job, and the tasks of a month."""

from __future__ import annotations

from aof_tui.control.requests import Verb
from aof_tui.notify.message import Notice
from aof_tui.simulator.virtual_time import VirtualClock, run_virtual
from tests.engine.scene import HOUR, MINUTE, Scene, play, play_around
from tests.harness.virtual import SIMULATED_URL, WORKSPACE, settings

INVALID = {"adapter": "rest", "error_type": "Request error", "message": "422 Unprocessable Entity: name is missing"}
DAY = 24 * HOUR


def workspace(**more: object) -> list[dict[str, object]]:
    return [{"name": WORKSPACE, "url": SIMULATED_URL, "token": "env:TOKEN", **more}]


def reminders(scene: Scene) -> list[str]:
    told = [message for message, _ in scene.bench.email.sent if isinstance(message, Notice)]
    return [message.next_step for message in told if message.kind == "reminded"]


def test_a_failure_at_rest_is_told_of_once_before_its_job_is_lost() -> None:
    async def story(scene: Scene) -> None:
        for number in range(3):
            scene.workato.fail(f"j-{number}").error_parts = dict(INVALID)
        await scene.clock.sleep(100 * MINUTE)
        assert await scene.events("expiry.announced") == []
        row = await scene.failure("j-0")
        assert row.repeatable_until == row.first_failed_at + 2 * HOUR
        await scene.clock.sleep(15 * MINUTE)
        assert await scene.events("expiry.announced") == ["expiry.announced"] * 3
        (said,) = reminders(scene)
        assert said.startswith("Workato keeps the job until 20")
        await scene.clock.sleep(HOUR)
        assert len(reminders(scene)) == 1
        assert await scene.events("expiry.announced") == ["expiry.announced"] * 3

    play(story, workspaces=workspace(job_retention="2h"))


def test_nobody_is_told_where_nobody_knows_how_long_jobs_are_kept() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1").error_parts = dict(INVALID)
        await scene.clock.sleep(3 * HOUR)
        assert await scene.events("expiry.announced") == []
        assert (await scene.failure()).repeatable_until is None

    play(story, workspaces=workspace(job_retention=None))


def test_no_attempt_is_planned_beyond_the_end() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.heals = False
        scene.workato.fail("j-1")
        await scene.until_status("needs_person")
        assert await scene.state() == ("needs_person", "not_repeatable")
        assert 1 <= len(scene.workato.repeats) < 4
        row = await scene.failure()
        assert row.repeatable_until is not None
        assert scene.clock.wall() < row.repeatable_until, "known when it would have been planned, not when it is due"
        (event,) = await scene.bench.rows("SELECT text FROM event WHERE kind = 'failure.referred'")
        assert "Workato no longer keeps the job" in str(event["text"])

    play(story, workspaces=workspace(job_retention="20m"))


def test_what_was_held_beyond_the_end_is_not_repeated_by_itself_but_a_person_may_try() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.do(Verb.PAUSE, None)
        await scene.until_status("held")
        await scene.clock.sleep(2 * HOUR)
        await scene.do(Verb.RESUME, None)
        await scene.until_status("needs_person")
        assert (await scene.state())[1] == "not_repeatable"
        assert scene.workato.repeats == []
        await scene.do(Verb.RETRY)
        await scene.until_status("recovered")

    play(story, workspaces=workspace(job_retention="1h"))


async def spent(scene: Scene) -> tuple[int, int, int, int | None]:
    tasks = (await scene.control.status()).workspaces[0].tasks
    assert tasks is not None
    return tasks.automatic, tasks.forced, tasks.unpriced, tasks.cap


def test_repeats_beyond_the_cap_are_held_and_a_person_is_told_once_until_the_month_ends() -> None:
    async def main(clock: VirtualClock) -> None:
        scene = Scene(clock, {"workspaces": workspace(task_cap="25 per month")})
        scene.workato.recipe(8, job_succeeded_count=10, lifetime_task_count=95)

        async def month() -> None:
            for number in range(4):
                scene.workato.fail(f"j-{number}", recipe_id=8)
            await scene.clock.sleep(30 * MINUTE)
            states = [await scene.state(f"j-{number}") for number in range(4)]
            assert states.count(("held", "task_cap")) == 2
            assert [reason for _, reason in states].count("repeat_succeeded") == 2
            assert await spent(scene) == (20, 0, 0, 25)
            held = states.index(("held", "task_cap"))
            assert (await scene.failure(f"j-{held}")).repeat_tasks == 10
            await scene.do(Verb.RETRY, f"j-{held}")
            await scene.until_status("recovered", job_id=f"j-{held}")
            assert await spent(scene) == (20, 10, 0, 25)
            rows = await scene.bench.rows("SELECT text FROM event WHERE kind = 'repeat.prepared' ORDER BY sequence")
            assert [("beyond the cap" in str(row["text"])) for row in rows] == [False, False, True]
            alarms = await scene.bench.rows("SELECT * FROM incident WHERE kind = 'task_cap_reached'")
            assert len(alarms) == 1
            assert (await scene.told()).count("alarm>admins") == 1

        async def next_month() -> None:
            async def all_over() -> bool:
                return not await scene.bench.rows("SELECT 1 FROM failure WHERE status != 'recovered'")

            await scene.until(all_over)
            assert await spent(scene) == (10, 0, 0, 25)
            (alarm,) = await scene.bench.rows("SELECT status FROM incident WHERE kind = 'task_cap_reached'")
            assert alarm["status"] == "resolved"

        await scene.bench.run(lambda _control: month())
        await clock.sleep(20 * DAY)
        await scene.bench.run(lambda _control: next_month())

    run_virtual(main)


def test_a_repeat_that_never_began_costs_nothing_and_an_unknown_price_is_said() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.recipe(8, job_succeeded_count=10, lifetime_task_count=95)
        scene.workato.on_repeat = lambda job_ids: scene.workato.results([(name, "failed") for name in job_ids])
        scene.workato.fail("j-1", recipe_id=8)
        await scene.until_status("needs_person")
        assert await spent(scene) == (0, 0, 0, None)
        scene.workato.on_repeat = scene.workato.accept
        scene.workato.fail("j-2")
        await scene.until_status("recovered", job_id="j-2")
        assert await spent(scene) == (0, 0, 1, None)

    play(story)


def test_a_cap_that_was_raised_lets_go_what_it_held() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.recipe(8, job_succeeded_count=1, lifetime_task_count=50)
        scene.workato.fail("j-1", recipe_id=8)
        await scene.bench.run(lambda _control: scene.until_status("held"))
        scene.bench.settings = settings(workspaces=workspace(task_cap="50 per month"))
        await scene.bench.run(lambda _control: scene.until_status("recovered"))

    play_around(story, workspaces=workspace(task_cap="49 per month"))
