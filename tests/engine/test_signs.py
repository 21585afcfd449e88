"""Signs of life: the watchdog, the heartbeat, and the incidents of loops that keep failing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aof_tui.control.requests import IncidentQuery
from aof_tui.engine.sweep import Sweep
from tests.engine.scene import MINUTE, Scene, play, play_around
from tests.engine.test_collation import server_error


def test_a_loop_that_hangs_is_not_hidden_and_a_loop_that_gets_on_feeds_the_watchdog(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    hangs = False
    genuine = Sweep.once

    async def once(sweep: Sweep) -> bool:
        if hangs:
            await sweep._ctx.stopping.wait()
        return await genuine(sweep)

    monkeypatch.setattr(Sweep, "once", once)

    class Fed:
        watchdog_s = 30.0
        times = 0

        def feed(self) -> None:
            self.times += 1

    async def story(scene: Scene) -> None:
        nonlocal hangs
        fed = Fed()
        genuine_ports = scene.bench.ports
        given = lambda: replace(genuine_ports(), service=fed)  # noqa: E731  # a short one
        scene.bench.ports = given  # type: ignore[method-assign]  # what the next engine is given

        async def live(_control: object) -> None:
            nonlocal hangs
            await scene.clock.sleep(30 * MINUTE)
            assert fed.times == pytest.approx(180, abs=2)
            hangs = True
            await scene.clock.sleep(15 * MINUTE)
            before = fed.times
            await scene.clock.sleep(15 * MINUTE)
            assert fed.times == before

        await scene.bench.run(live)

    play_around(story)
    told = [message for message in caplog.messages if "is not fed" in message]
    assert told == ["the service manager is not fed: sweep of prod did not get on"]


def test_the_heartbeat_follows_completed_sweeps_and_its_failure_is_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    asked: list[tuple[float, str]] = []
    problem: str | None = None

    async def story(scene: Scene) -> None:
        nonlocal problem

        async def ping(url: str) -> str | None:
            asked.append((scene.clock.wall(), url))
            return problem

        genuine = scene.bench.ports
        given = lambda: replace(genuine(), ping=ping)  # noqa: E731  # a short one
        scene.bench.ports = given  # type: ignore[method-assign]  # what the next engine is given

        async def live(_control: object) -> None:
            nonlocal problem
            await scene.clock.sleep(10 * MINUTE)
            assert 9 <= len(asked) <= 11
            problem = "HTTP status 500"
            await scene.clock.sleep(5 * MINUTE)
            problem = None
            await scene.clock.sleep(2 * MINUTE)
            scene.workato.instead["recipes"] = server_error
            before = len(asked)
            await scene.clock.sleep(5 * MINUTE)
            assert len(asked) <= before + 1

        await scene.bench.run(live)

    with caplog.at_level("INFO", "aof_tui.engine.watchdog"):
        play_around(story, heartbeat={"url": "https://hc.example.com/p1ng?x=1"}, reports=[])
    assert {url for _, url in asked} == {"https://hc.example.com/p1ng?x=1"}
    assert [message for message in caplog.messages if "heartbeat" in message] == [
        "the heartbeat is not taken: HTTP status 500",
        "the heartbeat is taken again",
    ]


def test_a_heartbeat_whose_url_cannot_be_read_holds_up_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("recovered")

    play(story, heartbeat={"url": "env:HEARTBEAT_URL"}, reports=[])
    # The bench's secret is no URL.
    assert [message for message in caplog.messages if "heartbeat" in message] == [
        "the heartbeat is not taken: must be a URL that begins with https://"
    ]


def test_an_incident_of_a_loop_left_by_an_earlier_start_ends_when_it_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    genuine = Sweep.once

    async def fail(_sweep: Sweep) -> bool:
        raise RuntimeError("no")

    async def story(scene: Scene) -> None:
        monkeypatch.setattr(Sweep, "once", fail)
        await scene.bench.run_for(MINUTE)
        monkeypatch.setattr(Sweep, "once", genuine)

        async def look(_control: object) -> None:
            assert [row.kind for row in (await scene.control.incidents(IncidentQuery())).rows] == ["engine_error"]
            await scene.clock.sleep(5 * MINUTE)
            assert (await scene.control.incidents(IncidentQuery())).rows == ()

        await scene.bench.run(look)

    play_around(story)
