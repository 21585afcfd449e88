"""What failed while nobody watched is held above a threshold, and a person is asked once."""

from __future__ import annotations

from itertools import pairwise

from aof_tui.control.requests import Verb
from tests.engine.scene import HOUR, MINUTE, Scene, play, play_around

FEW: dict[str, object] = {"collation": {"backlog": 3}}
STANDING = "SELECT status, reason, COUNT(*) AS n FROM failure GROUP BY status, reason ORDER BY status, reason"
ASKED = "SELECT status FROM incident WHERE kind = 'backlog'"


def fail(scene: Scene, *names: str) -> None:
    for name in names:
        scene.workato.fail(name)


async def standing(scene: Scene) -> list[tuple[object, object, object]]:
    return [(row["status"], row["reason"], row["n"]) for row in await scene.bench.rows(STANDING)]


def test_a_backlog_at_the_first_start_is_held_and_asked_about_once() -> None:
    async def around(scene: Scene) -> None:
        fail(scene, "j-1", "j-2", "j-3", "j-4", "j-5")
        await scene.clock.sleep(MINUTE)
        await scene.bench.run(lambda _control: story(scene))

    async def story(scene: Scene) -> None:
        await scene.clock.sleep(30 * MINUTE)
        assert await standing(scene) == [("held", "backlog", 5)]
        assert scene.workato.repeats == []
        assert await scene.bench.rows(ASKED) == [{"status": "open"}]
        assert [told for told in await scene.told() if told.startswith("alarm")] == ["alarm>admins", "alarm>oncall"]
        # What fails from now on is no backlog.
        fail(scene, "j-new")
        await scene.until_status("recovered", job_id="j-new")
        assert await standing(scene) == [("held", "backlog", 5), ("recovered", "repeat_succeeded", 1)]
        before = scene.clock.wall()
        done = await scene.do(Verb.RELEASE, None)
        assert (done.done, done.message) == (True, "released 5 failures of the backlog")
        rows = await scene.bench.rows("SELECT next_action_at FROM failure WHERE status = 'scheduled'")
        assert all(float(str(row["next_action_at"])) > before for row in rows)
        await scene.clock.sleep(20 * MINUTE)
        assert await standing(scene) == [("recovered", "repeat_succeeded", 6)]
        assert await scene.bench.rows(ASKED) == [{"status": "resolved"}]
        assert not (await scene.do(Verb.RELEASE, None)).done

    play_around(around, **FEW)


def test_as_many_as_the_threshold_are_no_backlog() -> None:
    async def around(scene: Scene) -> None:
        fail(scene, "j-1", "j-2", "j-3")
        await scene.clock.sleep(MINUTE)
        await scene.bench.run(lambda _control: scene.clock.sleep(30 * MINUTE))
        assert await standing(scene) == [("recovered", "repeat_succeeded", 3)]

    play_around(around, **FEW)


def test_what_fails_at_once_under_watch_is_no_backlog() -> None:
    async def story(scene: Scene) -> None:
        await scene.clock.sleep(5 * MINUTE)
        fail(scene, *(f"j-{number}" for number in range(1, 10)))
        await scene.clock.sleep(30 * MINUTE)
        assert await standing(scene) == [("recovered", "repeat_succeeded", 9)]

    play(story, **FEW)


def test_after_a_downtime_what_failed_meanwhile_is_held_through_a_restart_and_can_be_closed() -> None:
    async def around(scene: Scene) -> None:
        await scene.bench.run_for(5 * MINUTE)
        await scene.clock.sleep(2 * HOUR)
        fail(scene, "j-1", "j-2", "j-3", "j-4")
        await scene.clock.sleep(MINUTE)
        await scene.bench.run_for(10 * MINUTE)
        await scene.bench.run(lambda _control: story(scene))

    async def story(scene: Scene) -> None:
        await scene.clock.sleep(30 * MINUTE)
        assert await standing(scene) == [("held", "backlog", 4)]
        assert len(await scene.bench.rows(ASKED)) == 1
        assert not (await scene.do(Verb.CLOSE, None)).done
        assert (await scene.do(Verb.CLOSE, None, reason="repaired by hand")).done
        assert await standing(scene) == [("closed", "closed_by_person", 4)]
        assert await scene.bench.rows(ASKED) == [{"status": "resolved"}]
        assert scene.workato.repeats == []

    play_around(around, **FEW)


def test_a_short_stop_makes_no_backlog() -> None:
    async def around(scene: Scene) -> None:
        await scene.bench.run_for(5 * MINUTE)
        fail(scene, "j-1", "j-2", "j-3", "j-4")
        await scene.clock.sleep(5 * MINUTE)
        await scene.bench.run_for(30 * MINUTE)
        assert await standing(scene) == [("recovered", "repeat_succeeded", 4)]

    play_around(around, **FEW)


def test_a_workspace_that_could_not_be_read_for_long_is_like_a_downtime() -> None:
    async def story(scene: Scene) -> None:
        await scene.clock.sleep(5 * MINUTE)
        scene.workato.instead[""] = lambda _request: OSError("down")
        await scene.clock.sleep(HOUR)
        fail(scene, "j-1", "j-2", "j-3", "j-4")
        await scene.clock.sleep(HOUR)
        scene.workato.instead.clear()
        await scene.clock.sleep(30 * MINUTE)
        assert await standing(scene) == [("held", "backlog", 4)]

    play(story, **FEW)


def test_the_question_is_settled_when_each_was_dealt_with() -> None:
    async def around(scene: Scene) -> None:
        fail(scene, "j-1", "j-2")
        await scene.clock.sleep(MINUTE)
        await scene.bench.run(lambda _control: story(scene))

    async def story(scene: Scene) -> None:
        await scene.clock.sleep(10 * MINUTE)
        assert (await scene.do(Verb.RELEASE, "j-1")).done
        assert (await scene.do(Verb.CLOSE, "j-2", reason="done")).done
        await scene.clock.sleep(10 * MINUTE)
        assert await scene.bench.rows(ASKED) == [{"status": "resolved"}]
        assert await scene.state("j-1") == ("recovered", "repeat_succeeded")

    play_around(around, collation={"backlog": 1})


def test_what_fell_due_while_nobody_could_act_comes_spread() -> None:
    async def around(scene: Scene) -> None:
        for recipe_id in range(10, 16):
            scene.workato.recipe(recipe_id)
        await scene.bench.run(lambda _control: plan(scene))
        await scene.clock.sleep(2 * HOUR)
        began = scene.clock.wall()
        await scene.bench.run(lambda _control: scene.clock.sleep(20 * MINUTE))
        sent = [at for at, _, _ in scene.workato.repeats]
        assert len(sent) == 6
        assert max(sent) - began > 2 * MINUTE
        assert all(later - earlier > 2 for earlier, later in pairwise(sent)), sent
        assert await standing(scene) == [("recovered", "repeat_succeeded", 6)]

    async def plan(scene: Scene) -> None:
        await scene.clock.sleep(2 * MINUTE)
        for recipe_id in range(10, 16):
            scene.workato.fail(f"j-{recipe_id}", recipe_id)
        await scene.until_status("scheduled", job_id="j-15")
        await scene.clock.sleep(2 * MINUTE)
        assert scene.workato.repeats == []

    play_around(around)
