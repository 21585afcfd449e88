"""Fallback recipes and people: started by hand, refused with a reason, observed, taken out of the configuration."""

from __future__ import annotations

import httpx

from aof_tui.base.secret import Secret
from aof_tui.control.requests import Verb
from tests.engine.fallback_scene import (
    ADDRESS,
    BY_HAND,
    WEBHOOK,
    around,
    changes,
    play,
    state,
    story_rows,
    until_state,
    withheld,
)
from tests.engine.scene import MINUTE, Scene
from tests.harness.virtual import settings


def test_a_person_may_start_it_again_which_is_named_and_counted_apart() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.on_start = lambda _start: httpx.ReadError("reset")
        scene.workato.fail("j-1")
        await until_state(scene, "doubted")
        scene.workato.on_start = lambda _start: httpx.Response(200)
        result = await scene.do(Verb.START_FALLBACK)
        assert (result.done, result.message) == (
            True,
            "starting fallback by-hand, although it may have been started before",
        )
        assert not (await scene.do(Verb.START_FALLBACK)).done
        assert await story_rows(scene) == [("by-hand", False, "unknown"), ("by-hand", True, "planned")]
        await until_state(scene, "started")
        assert await story_rows(scene) == [("by-hand", False, "unknown"), ("by-hand", True, "started")]
        rows = await scene.bench.rows("SELECT actor FROM event WHERE kind = 'fallback.prepared' ORDER BY sequence")
        assert [row["actor"] for row in rows] == ["engine", "terminal:ana"]

    play(story)


def test_a_wish_that_cannot_be_granted_says_why() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        scene.workato.fail("j-f", BY_HAND)
        await scene.until_status("scheduled")
        assert "does not rest" in (await scene.do(Verb.START_FALLBACK)).message
        assert "did you mean by-hand?" in (await scene.do(Verb.START_FALLBACK, value="by-hnd")).message
        await scene.until_status("exhausted", job_id="j-f")
        assert "is a fallback itself" in (await scene.do(Verb.START_FALLBACK, "j-f")).message
        await until_state(scene, "started")
        await scene.do(Verb.PAUSE, None)
        assert "paused" in (await scene.do(Verb.START_FALLBACK)).message
        assert await story_rows(scene) == [("by-hand", False, "started")]

    play(story)


def test_a_policy_without_a_fallback_leaves_it_to_a_person_to_name_one() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("exhausted")
        await scene.clock.sleep(MINUTE)
        assert await state(scene) is None
        assert "names no fallback; there are: by-hand" in (await scene.do(Verb.START_FALLBACK)).message
        assert (await scene.do(Verb.START_FALLBACK, value="by-hand")).done
        await until_state(scene, "started")

    play(story, policies=[{"name": "once", "max_attempts": 1}])


def test_what_is_no_longer_configured_is_not_started() -> None:
    async def story(scene: Scene) -> None:
        async def plan(_control: object) -> None:
            scene.workato.fail("j-1")
            await scene.until_status("watching", "repeating")
            await scene.do(Verb.PAUSE, None)
            await until_state(scene, "planned")

        await scene.bench.run(plan)
        scene.bench.settings = settings()
        scene.workato.failed_count += 1

        async def resume(_control: object) -> None:
            await scene.do(Verb.RESUME, None)
            await until_state(scene, "cancelled")
            assert await story_rows(scene) == [("by-hand", False, "cancelled")]

        await scene.bench.run(resume)
        assert scene.workato.starts == []

    around(story)


def test_a_policy_that_only_observes_starts_nothing() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await until_state(scene, "observed")
        assert scene.workato.starts == []

    play(story, **changes(WEBHOOK | {"when": ["policy_never"]}, repeat="never", mode="observe"))


def test_an_address_that_must_not_be_called_is_never_called() -> None:
    async def story(scene: Scene) -> None:
        scene.bench.secrets["BY_HAND_URL"] = Secret("http://example.com/plain")
        scene.workato.fail("j-1")
        await scene.until(lambda: withheld(scene))
        assert scene.workato.starts == []
        rows = await scene.bench.rows("SELECT text FROM event WHERE kind = 'fallback.withheld'")
        assert "must begin with https://" in str(rows[0]["text"])
        scene.bench.secrets["BY_HAND_URL"] = Secret(ADDRESS)
        await until_state(scene, "started")

    play(story)
