"""Stories in which features meet: each ended badly once."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from aof_tui.base.secret import Secret
from aof_tui.control.requests import Verb
from aof_tui.domain.words import Mode
from aof_tui.simulator.virtual_time import VirtualClock, run_virtual
from tests.engine import fallback_scene
from tests.engine.downstreams import CONNECTION, REFUSED, SERVER_ERROR, Downstream
from tests.engine.scene import HOUR, MINUTE, Scene, play, play_around
from tests.engine.test_restored import Machine

BY_HAND_WHEN_NEVER = fallback_scene.WEBHOOK | {"when": ["policy_never", "attempts_used"]}


def test_a_list_too_long_to_guard_a_repeat_is_told_of_and_costs_no_intents() -> None:
    async def story(scene: Scene) -> None:
        for number in range(60):
            scene.workato.fail(f"j-{number:02}")
        await scene.clock.sleep(30 * MINUTE)
        assert await scene.bench.rows("SELECT 1 FROM dispatch WHERE state = 'not_sent'") == []
        told = await scene.bench.rows("SELECT title FROM incident WHERE kind = 'collation_behind' AND status = 'open'")
        assert ["longer than a repeat may wait" in str(row["title"]) for row in told] == [True]
        scene.workato.page_size = 50
        await scene.clock.sleep(40 * MINUTE)
        assert await scene.bench.rows("SELECT DISTINCT status FROM failure") == [{"status": "recovered"}]
        assert await scene.bench.rows("SELECT 1 FROM incident WHERE status != 'resolved' AND kind != 'jobs'") == []

    async def short_pages(scene: Scene) -> None:
        scene.workato.page_size = 5
        await story(scene)

    play(short_pages)


def test_a_run_that_got_far_stays_with_a_person_when_its_connection_turns_out_lost() -> None:
    async def story(scene: Scene) -> None:
        down = Downstream(scene)
        down.error = REFUSED
        scene.workato.detail = {"lines": [{"recipe_line_number": 3, "error": "401 Unauthorized"}]}
        down.fail()
        await scene.until_status("needs_person", job_id="d-1")
        down.lost = True
        await scene.clock.sleep(7 * MINUTE)
        assert await scene.events("connection.lost") == ["connection.lost"]
        down.lost, scene.workato.heals = False, True
        await scene.clock.sleep(HOUR)
        assert scene.workato.repeats == []
        assert await scene.state("d-1") == ("needs_person", "policy_never")

    play(story, safe_to_repeat={"tags": ["another"]})


def test_what_was_handed_to_a_fallback_is_not_repeated_when_its_connection_is_back() -> None:
    async def story(scene: Scene) -> None:
        down = Downstream(scene)
        down.error = REFUSED
        down.fail()
        await fallback_scene.until_state(scene, "started", job_id="d-1")
        down.lost = True
        await scene.clock.sleep(7 * MINUTE)
        assert await scene.events("connection.lost") == ["connection.lost"]
        down.lost, scene.workato.heals = False, True
        await scene.clock.sleep(HOUR)
        assert (len(scene.workato.starts), scene.workato.repeats) == (1, [])

    rule = {"name": "auth", "match": {"category": ["auth_connection"]}, "fallback": "by-hand"}
    fallback_scene.play(story, policies=[rule], fallbacks=[BY_HAND_WHEN_NEVER])


def test_a_backlog_starts_no_fallbacks_by_itself() -> None:
    async def around(scene: Scene) -> None:
        for number in range(8):
            scene.workato.fail(f"j-{number}")
        await scene.clock.sleep(MINUTE)
        await scene.bench.run(lambda _control: story(scene))

    async def story(scene: Scene) -> None:
        await scene.clock.sleep(30 * MINUTE)
        assert scene.workato.starts == []
        rows = await scene.bench.rows("SELECT state, count(*) AS n FROM fallback GROUP BY state")
        assert rows == [{"state": "cancelled", "n": 8}]
        scene.workato.fail("j-new")
        await fallback_scene.until_state(scene, "started", job_id="j-new")
        assert (await scene.do(Verb.START_FALLBACK, "j-1")).done
        await fallback_scene.until_state(scene, "started", job_id="j-1")
        assert len(scene.workato.starts) == 2

    rule = {"name": "n", "match": {"category": ["rate_limit"]}, "repeat": "never", "fallback": "by-hand"}
    given = {"policies": [rule], "fallbacks": [BY_HAND_WHEN_NEVER], "collation": {"backlog": 3}}
    fallback_scene.around(around, **given)


@pytest.mark.parametrize("copied", ["scheduled", "watching"])
def test_a_restored_store_starts_no_fallback_that_it_may_have_forgotten(tmp_path: Path, copied: str) -> None:
    async def main(clock: VirtualClock) -> None:
        machine = Machine(clock, **fallback_scene.changes())
        scene = machine.scene
        scene.bench.secrets["BY_HAND_URL"] = Secret(fallback_scene.ADDRESS)
        scene.workato.heals = False
        scene.workato.recipe(fallback_scene.BY_HAND, name="By hand")

        async def until_started(_control: object) -> None:
            scene.workato.fail("j-1")
            await scene.until_status(copied)
            await scene.bench.store.copy(tmp_path / "copy.db")
            await fallback_scene.until_state(scene, "started")

        await scene.bench.run_until_killed(until_started)
        machine.change_store(tmp_path / "copy.db", "restored")
        scene.bench.secrets["BY_HAND_URL"] = Secret(fallback_scene.ADDRESS)

        async def after(_control: object) -> None:
            await fallback_scene.until_state(scene, "cancelled")
            assert len(scene.workato.starts) == 1
            scene.workato.fail("j-2")
            await fallback_scene.until_state(scene, "started", job_id="j-2")

        await scene.bench.run(after)

    run_virtual(main)


def test_what_a_rule_only_observes_is_no_probe() -> None:
    async def story(scene: Scene) -> None:
        down = Downstream(scene)
        config = [{"keyword": "application", "provider": "rest", "name": "rest", "account_id": CONNECTION}]
        scene.workato.recipe(9, config=config)
        for number in range(6):
            scene.workato.fail(f"o-{number}", recipe_id=9).error_parts = dict(SERVER_ERROR)
        await down.trip()
        sent = len(scene.workato.repeats)
        await scene.clock.sleep(30 * MINUTE)
        assert len(scene.workato.repeats) - sent == 2
        assert (await scene.events("breaker.probed")) == ["breaker.probed"] * 2
        for number in range(1, down.jobs + 1):
            await scene.do(Verb.CLOSE, f"d-{number}", reason="done by hand")
        await down.until("closed", 30 * MINUTE)
        await scene.clock.sleep(20 * MINUTE)
        trial = "SELECT status, reason, count(*) AS n FROM failure WHERE recipe_id = '9' GROUP BY status, reason"
        assert await scene.bench.rows(trial) == [{"status": "held", "reason": "observe", "n": 6}]

    trial = {"name": "trial", "match": {"recipe": ["9"]}, "mode": "observe"}
    play(story, policies=[trial])


def test_what_a_breaker_held_while_observing_is_asked_about_before_it_is_sent() -> None:
    async def around(scene: Scene) -> None:
        down = Downstream(scene)
        await scene.bench.run(lambda _control: down.trip())
        scene.bench.settings = scene.bench.settings.model_copy(update={"mode": Mode.ACT})
        scene.workato.heals = True
        await scene.bench.run(lambda _control: acting(scene, down))

    async def acting(scene: Scene, down: Downstream) -> None:
        await scene.clock.sleep(30 * MINUTE)
        assert scene.workato.repeats == []
        asked = await scene.bench.rows("SELECT title FROM incident WHERE kind = 'backlog' AND status = 'open'")
        assert [str(row["title"])[:10] for row in asked] == ["7 failures"]
        assert (await scene.do(Verb.RELEASE, None)).message == "released 7 failures of the backlog"
        await down.until_statuses(recovered=7)

    play_around(around, mode="observe")


def test_a_wish_that_a_pause_held_up_is_still_that_persons_after_it() -> None:
    async def story(scene: Scene) -> None:
        def unreadable(request: httpx.Request) -> httpx.Response | None:
            return httpx.Response(503) if "rerun_only" in str(request.url) else None

        scene.workato.fail("j-1")
        await scene.until_status("needs_person")
        scene.workato.instead["recipes/7/jobs"] = unreadable
        assert (await scene.do(Verb.RETRY)).done
        assert (await scene.do(Verb.PAUSE, None)).done
        await scene.until_status("held")
        scene.workato.instead.clear()
        assert (await scene.do(Verb.RESUME, None)).done
        await scene.until_status("recovered")
        rows = await scene.bench.rows(
            "SELECT failure.attempts, failure.forced, actor FROM failure JOIN attempt USING (master_job_id)"
        )
        assert rows == [{"attempts": 0, "forced": 1, "actor": "terminal:ana"}]

    play(story, policies=[{"name": "n", "match": {"category": ["rate_limit"]}, "repeat": "never"}])


def test_a_probe_that_runs_for_hours_holds_nobody_up_while_others_succeed() -> None:
    async def story(scene: Scene) -> None:
        def runs_on(jobs: list[str]) -> httpx.Response:
            for job in jobs:
                scene.workato.rerun(job, "pending")
            return scene.workato.results([(job, "enqueued") for job in jobs])

        down = Downstream(scene)
        await down.trip()
        scene.workato.on_repeat = runs_on
        await down.until("half_open")
        await scene.clock.sleep(30 * MINUTE)
        assert await down.state() == "half_open"
        scene.workato.on_repeat, scene.workato.heals = scene.workato.accept, True
        shown = scene.workato.recipe(8)
        shown["job_succeeded_count"] = int(str(shown["job_succeeded_count"])) + 50
        await down.until_statuses(recovered=6, watching=1, within=30 * MINUTE)

    play(story)


def test_a_clock_that_is_put_back_keeps_no_breaker_from_probing() -> None:
    async def story(scene: Scene) -> None:
        down = Downstream(scene)
        await down.trip()
        scene.clock.jump_wall(-3 * HOUR)
        await down.until("half_open", within=10 * MINUTE)

    play(story)


def test_what_failed_before_the_clock_was_put_back_opens_no_breaker() -> None:
    async def story(scene: Scene) -> None:
        down = Downstream(scene)
        scene.workato.heals = True
        for _ in range(4):
            down.fail()
            await scene.clock.sleep(50.0)
        scene.clock.jump_wall(-6 * HOUR)
        await scene.clock.sleep(HOUR)
        down.fail()
        await scene.clock.sleep(20 * MINUTE)
        assert await scene.events("breaker.opened") == []

    play(story)
