"""Fallback recipes and people: started by hand, refused with a reason, observed, taken out of the configuration."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx
import pytest

from aof_tui.base.secret import Secret
from aof_tui.control.requests import Verb
from aof_tui.engine.points import FallbackPoint
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
        assert await story_rows(scene) == [("by-hand", False, "doubted"), ("by-hand", True, "planned")]
        await until_state(scene, "started")
        assert await story_rows(scene) == [("by-hand", False, "doubted"), ("by-hand", True, "started")]
        rows = await scene.bench.rows("SELECT actor FROM event WHERE kind = 'fallback.prepared' ORDER BY sequence")
        assert [row["actor"] for row in rows] == ["engine", "terminal:ana"]
        assert (await scene.control.status()).open_dispatches == 0

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


class Once:
    """Does something the first time a point is reached."""

    def __init__(self, point: FallbackPoint, deed: Callable[[], Awaitable[object]]) -> None:
        self._point = point
        self._deed: Callable[[], Awaitable[object]] | None = deed

    async def reach(self, name: str) -> None:
        if name == self._point and self._deed is not None:
            deed, self._deed = self._deed, None
            await deed()


@pytest.mark.parametrize(
    ("point", "left"), [(FallbackPoint.PREPARE, []), (FallbackPoint.SENDING, ["not_sent"])], ids=str
)
def test_a_pause_until_the_last_moment_stops_the_request(point: FallbackPoint, left: list[str]) -> None:
    async def story(scene: Scene) -> None:
        scene.bench.failpoints = Once(point, lambda: scene.do(Verb.PAUSE, None))

        async def wait(_control: object) -> None:
            scene.workato.fail("j-1")
            await until_state(scene, "planned")
            await scene.clock.sleep(5 * MINUTE)
            assert scene.workato.starts == []
            rows = await scene.bench.rows("SELECT state FROM dispatch WHERE kind = 'fallback'")
            assert [row["state"] for row in rows] == left
            await scene.do(Verb.RESUME, None)
            await until_state(scene, "started")
            assert len(scene.workato.starts) == 1

        await scene.bench.run(wait)

    around(story)


def test_an_engine_that_is_stopping_starts_nothing_more() -> None:
    async def story(scene: Scene) -> None:
        async def stop() -> None:
            scene.bench.stop.set()
            await scene.clock.sleep(1.0)

        scene.bench.failpoints = Once(FallbackPoint.SENDING, stop)
        scene.workato.fail("j-1")
        await scene.bench.run(lambda _control: scene.bench.stop.wait())
        assert scene.workato.starts == []
        assert await state(scene) == "planned"

    around(story)


def test_a_start_that_is_not_as_prepared_is_never_sent() -> None:
    async def story(scene: Scene) -> None:
        async def spoil() -> None:
            raw = scene.bench.store._connection.raw
            raw.execute("UPDATE dispatch SET state = 'not_sent' WHERE kind = 'fallback'")
            scene.bench.checked = False

        scene.bench.failpoints = Once(FallbackPoint.PREPARED, spoil)
        scene.workato.fail("j-1")
        await scene.bench.run(lambda _control: scene.until(lambda: failed(scene)))
        assert scene.workato.starts == []

    around(story)


async def failed(scene: Scene) -> bool:
    return bool(await scene.events("engine.failed"))


def test_a_failure_that_rests_once_more_gets_no_second_start() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await until_state(scene, "started")
        assert (await scene.do(Verb.RETRY)).done
        await scene.until(lambda: exhausted_twice(scene))
        await scene.clock.sleep(MINUTE)
        assert len(scene.workato.starts) == 1
        assert await scene.events("fallback.planned") == ["fallback.planned"]
        assert await state(scene) == "started"

    play(story)


async def exhausted_twice(scene: Scene) -> bool:
    return len(await scene.events("failure.exhausted")) == 2
