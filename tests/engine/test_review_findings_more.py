"""More stories in which features meet: connections that cannot be seen or are gone, caps, counts and jumping clocks."""

from __future__ import annotations

import httpx
import pytest

from tests.engine.downstreams import REFUSED, SERVER_ERROR, Downstream
from tests.engine.scene import MINUTE, Scene, play


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


def test_a_lost_connection_that_somebody_deleted_is_over() -> None:
    async def story(scene: Scene) -> None:
        down = Downstream(scene)
        down.error, down.lost = REFUSED, True
        await scene.clock.sleep(6 * MINUTE)
        down.fail()
        down.error = SERVER_ERROR
        down.fail()
        await down.until_statuses(held=2, within=10 * MINUTE)
        scene.workato.instead["connections"] = lambda _: httpx.Response(200, json=[])
        scene.workato.heals = True
        await scene.clock.sleep(5 * MINUTE)
        assert await down.statuses() == {"held": 2}
        await down.until("closed", within=20 * MINUTE)
        assert await scene.events("connection.vanished", "connection.restored") == ["connection.vanished"]
        assert await scene.state("d-1") == ("needs_person", "policy_never")
        await down.until_statuses(needs_person=1, recovered=1, within=10 * MINUTE)
        alarm = "SELECT status FROM incident WHERE kind = 'connection_lost'"
        assert await scene.bench.rows(alarm) == [{"status": "resolved"}]
        assert [jobs for _, _, jobs in scene.workato.repeats] == [["d-2"]]

    play(story)


def test_a_lost_connection_that_one_read_left_out_is_still_lost() -> None:
    async def story(scene: Scene) -> None:
        down = Downstream(scene)
        down.error, down.lost = REFUSED, True
        await scene.clock.sleep(6 * MINUTE)
        down.fail()
        await down.until_statuses(held=1, within=10 * MINUTE)
        shown = scene.workato.instead["connections"]
        scene.workato.instead["connections"] = lambda _: httpx.Response(200, json=[])
        await scene.clock.sleep(5 * MINUTE)
        scene.workato.instead["connections"] = shown
        await scene.clock.sleep(6 * MINUTE)
        scene.workato.instead["connections"] = lambda _: httpx.Response(200, json=[])
        await scene.clock.sleep(5 * MINUTE)
        assert await scene.events("connection.vanished") == []
        assert await down.statuses() == {"held": 1}

    play(story)
