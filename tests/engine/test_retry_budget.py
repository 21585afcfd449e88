"""Repeats that keep failing are slowed down over restarts; those that heal, and a person's, are not."""

from __future__ import annotations

from itertools import pairwise

from aof_tui.control.requests import Verb
from tests.engine.scene import HOUR, MINUTE, Scene, play_around

ALMOST_SPENT = "UPDATE workspace SET retry_tokens = 3, retry_tokens_at = :now"
UNBROKEN: dict[str, object] = {"breaker": {"enabled": False}, "retry": {"max_attempts": 6, "min": "1m", "max": "2m"}}


def spend(scene: Scene) -> None:
    scene.bench.store._connection.raw.execute(ALMOST_SPENT, {"now": scene.clock.wall()})


async def fail_at_once(scene: Scene) -> None:
    for number in range(100):
        scene.workato.fail(f"j-{number}", 10 + number % 10)
    await scene.until_status("scheduled", job_id="j-39")


def test_useless_repeats_come_one_a_minute_also_after_a_restart_until_they_heal() -> None:
    async def around(scene: Scene) -> None:
        for recipe_id in range(10, 20):
            scene.workato.recipe(recipe_id)
        scene.workato.heals = False
        await scene.bench.run(lambda _control: storm(scene))
        await scene.bench.run(lambda _control: heal(scene))

    async def storm(scene: Scene) -> None:
        await scene.clock.sleep(2 * MINUTE)
        await fail_at_once(scene)
        spend(scene)
        await scene.until(lambda: _slowed(scene))
        since = scene.clock.wall()
        await scene.clock.sleep(8 * MINUTE)
        sent = [at for at, _, _ in scene.workato.repeats if at > since + 2.0]
        assert 4 <= len(sent) <= 9
        assert all(later - earlier >= 58.0 for earlier, later in pairwise(sent))
        # A person does not wait.
        assert (await scene.do(Verb.RETRY, "j-39")).done
        await scene.until(lambda: _repeated_for_person(scene), within=20.0)

    async def heal(scene: Scene) -> None:
        began = scene.clock.wall()
        await scene.clock.sleep(5 * MINUTE)
        sent = [at for at, _, _ in scene.workato.repeats if at > began]
        assert len(sent) <= 6
        assert await scene.events("repeats.slowed", "repeats.restored") == ["repeats.slowed"]
        scene.workato.heals = True
        scene.bench.store._connection.raw.execute("UPDATE workspace SET retry_tokens = 248")
        await scene.clock.sleep(HOUR)
        assert await scene.events("repeats.slowed", "repeats.restored") == ["repeats.slowed", "repeats.restored"]
        moving = "SELECT 1 FROM failure WHERE status IN ('scheduled', 'repeating', 'watching')"
        assert await scene.bench.rows(moving) == []

    play_around(around, **UNBROKEN)


async def _slowed(scene: Scene) -> bool:
    return bool(await scene.events("repeats.slowed"))


async def _repeated_for_person(scene: Scene) -> bool:
    return bool(await scene.bench.rows("SELECT 1 FROM attempt WHERE forced = 1 AND state = 'accepted'"))
