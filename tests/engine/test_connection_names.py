"""An incident of a connection is called by its name, also where that is read only later."""

from __future__ import annotations

import httpx

from tests.engine.downstreams import DOWNSTREAM, Downstream
from tests.engine.scene import MINUTE, Scene, play


async def titles(scene: Scene) -> list[str]:
    rows = await scene.bench.rows("SELECT title FROM incident WHERE scope = :scope", scope=DOWNSTREAM)
    return [str(row["title"]) for row in rows]


def test_an_incident_gets_the_name_of_its_connection_when_that_is_read() -> None:
    async def story(scene: Scene) -> None:
        down = Downstream(scene)
        answers = scene.workato.instead.pop("connections")
        scene.workato.instead["connections"] = lambda _request: httpx.Response(503)
        await down.trip()
        (unnamed,) = await titles(scene)
        assert unnamed == "connection 55 is unavailable"
        scene.workato.instead["connections"] = answers
        await scene.clock.sleep(7 * MINUTE)
        assert await titles(scene) == [unnamed.replace("55", "Shop (rest)")]
        texts = await scene.bench.rows("SELECT text FROM event WHERE kind = 'incident.renamed'")
        assert [str(row["text"]).partition(" ")[2] for row in texts] == ["is about connection Shop (rest)"]

    play(story)
