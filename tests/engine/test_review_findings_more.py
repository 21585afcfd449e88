"""More stories in which features meet: connections that cannot be seen or are gone, caps, counts and jumping clocks."""

from __future__ import annotations

import httpx
import pytest

from tests.engine.downstreams import Downstream
from tests.engine.scene import HOUR, MINUTE, Scene, play


@pytest.mark.parametrize("status", [403, 404])
def test_connections_that_may_not_be_seen_are_said_once_and_stop_nothing(status: int) -> None:
    async def story(scene: Scene) -> None:
        down = Downstream(scene)
        scene.workato.instead["connections"] = lambda _: httpx.Response(status, json={"message": "no"})
        await down.trip()
        scene.workato.heals = True
        await down.until("closed")
        await down.until_statuses(recovered=down.jobs)
        assert await scene.events("connection.skipped", "acting.stopped", "engine.failed") == ["connection.skipped"]

    play(story)


def test_a_token_refused_for_connections_still_stops_acting() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.instead["connections"] = lambda _: httpx.Response(401, json={"message": "no"})
        await scene.clock.sleep(6 * MINUTE)
        stopped = await scene.events("connection.skipped", "acting.stopped")
        assert stopped
        assert set(stopped) == {"acting.stopped"}

    play(story)
