"""While Workato cannot be read it is asked now and then, nothing is repeated, and people are told once."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import httpx
import pytest

from aof_tui.engine.reading import TITLE
from aof_tui.workato.circuit import FAILURES, PAUSE_MOST_S
from tests.engine.scene import MINUTE, Scene, play
from tests.harness.scripted import Answer

OUTAGES: dict[str, Callable[[], Answer]] = {
    "server error": lambda: httpx.Response(503),
    "reset": lambda: httpx.ReadError("reset"),
    "refused": lambda: httpx.ConnectError("refused"),
}
ALARMS = "SELECT status FROM incident WHERE kind = 'collation_behind' AND scope = 'workspace'"
TOLD = "SELECT receiver FROM outbox JOIN incident USING (incident_id) WHERE outbox.kind = 'alarm' AND title = :title"
SAID = ("reads.paused", "reads.resumed")


@pytest.mark.parametrize("outage", OUTAGES)
def test_an_outage_of_everything_pauses_reads_and_repeats_until_it_ends(outage: str) -> None:
    async def story(scene: Scene) -> None:
        for recipe_id in range(10, 30):
            scene.workato.recipe(recipe_id)
        await scene.clock.sleep(2 * MINUTE)
        for recipe_id in range(10, 30):
            scene.workato.fail(f"j-{recipe_id}", recipe_id)
        await scene.until_status("scheduled", job_id="j-29")
        began = scene.clock.wall()
        scene.workato.instead[""] = lambda _request: OUTAGES[outage]()
        await scene.clock.sleep(40 * MINUTE)
        asked = [at for at, _ in scene.workato.reads if at >= began]
        # Those that open it, then probes that come ever more rarely.
        assert FAILURES < len(asked) <= FAILURES + 40 * MINUTE / PAUSE_MOST_S + 6
        probes = asked[FAILURES:]
        assert all(later - earlier >= 15.0 for earlier, later in pairwise(probes))
        assert scene.workato.repeats == []
        assert await scene.events(*SAID) == ["reads.paused"]
        alarms = await scene.bench.rows(ALARMS)
        assert alarms == [{"status": "open"}]
        told = await scene.bench.rows(TOLD, title=TITLE)
        assert told == [{"receiver": "admins"}, {"receiver": "oncall"}]
        scene.workato.instead.clear()
        await scene.until_status("recovered", job_id="j-29", within=30 * MINUTE)
        assert await scene.events(*SAID) == list(SAID)
        alarms = await scene.bench.rows(ALARMS)
        assert alarms == [{"status": "resolved"}]

    play(story)


def test_a_moment_without_an_answer_alarms_nobody() -> None:
    async def story(scene: Scene) -> None:
        for recipe_id in range(10, 30):
            scene.workato.recipe(recipe_id)
        await scene.clock.sleep(2 * MINUTE)
        for recipe_id in range(10, 30):
            scene.workato.fail(f"j-{recipe_id}", recipe_id)
        await scene.until_status("scheduled", job_id="j-10")
        scene.workato.instead[""] = lambda _request: httpx.Response(502)
        await scene.until(lambda: _said(scene))
        scene.workato.instead.clear()
        await scene.until_status("recovered", job_id="j-29", within=30 * MINUTE)
        assert await scene.events(*SAID) == list(SAID)
        assert [told for told in await scene.told() if told.startswith("alarm")] == []

    play(story)


async def _said(scene: Scene) -> bool:
    return bool(await scene.events("reads.paused"))


def test_one_endpoint_that_fails_pauses_nothing() -> None:
    async def story(scene: Scene) -> None:
        def failing(request: httpx.Request) -> Answer | None:
            return httpx.Response(500) if request.url.path.endswith("/jobs") else None

        scene.workato.instead[""] = failing
        scene.workato.fail("j-1")
        await scene.clock.sleep(60 * MINUTE)
        assert await scene.events(*SAID) == []

    play(story, mode="observe")
