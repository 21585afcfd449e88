"""Fallback recipes: started once when nothing else helps, never on a doubt, never for a failure of their own."""

from __future__ import annotations

import json

import httpx
import pytest

from aof_tui.base.secret import Secret
from aof_tui.control.requests import Verb
from tests.engine.fallback_scene import (
    ADDRESS,
    BY_HAND,
    EVERYTHING_SAID,
    WEBHOOK,
    around,
    changes,
    fallback_events,
    play,
    shows,
    state,
    stopped,
    until_state,
)
from tests.engine.scene import HOUR, MINUTE, Scene
from tests.harness.scripted import Answer, Start
from tests.harness.virtual import settings


def test_a_failure_whose_attempts_are_used_up_is_handed_over_once_with_its_facts() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await until_state(scene, "started")
        await scene.clock.sleep(10 * MINUTE)
        (start,) = scene.workato.starts
        (row,) = await scene.bench.rows("SELECT * FROM dispatch WHERE kind = 'fallback'")
        assert start.url == ADDRESS
        assert (row["dispatch_id"], row["master_job_id"], row["state"]) == (start.correlation, "j-1", "answered")
        assert start.body["dispatch_id"] == start.correlation
        told = {name: start.body[name] for name in ("job_id", "recipe_id", "reason", "attempts", "category")}
        assert told == {
            "job_id": "j-1", "recipe_id": "7", "reason": "attempts_used", "attempts": 1, "category": "rate_limit",
        }  # fmt: skip
        assert "429" in str(start.body["error"])
        assert "authorization" not in start.headers
        assert await scene.state() == ("exhausted", "attempts_used")
        assert await fallback_events(scene) == ["planned", "prepared", "sent", "accepted"]

    play(story)


def test_the_address_of_a_webhook_is_kept_nowhere() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.on_start = lambda _start: httpx.Response(404, text=f"no {ADDRESS}")
        scene.workato.fail("j-1")
        await until_state(scene, "rejected")
        dump = str([await scene.bench.rows(sql) for sql in EVERYTHING_SAID])
        assert "hidden" not in dump
        assert "by-hand" in dump

    play(story)


@pytest.mark.parametrize(
    ("means", "header"),
    [
        ({"endpoint": {"url": "https://apim.example.com/x/y", "token": "env:APIM"}}, "api-token"),
        ({"force_run": True}, "authorization"),
    ],
)
def test_an_endpoint_gets_its_own_token_and_force_run_the_workspaces(means: dict[str, object], header: str) -> None:
    async def story(scene: Scene) -> None:
        scene.bench.secrets["APIM"] = Secret("apim-token")
        scene.workato.fail("j-1")
        await until_state(scene, "started")
        (start,) = scene.workato.starts
        tokens = {name: start.headers[name] for name in ("api-token", "authorization") if name in start.headers}
        forced = header == "authorization"
        assert tokens == {header: f"Bearer {scene.bench.token.reveal()}" if forced else "apim-token"}
        assert start.url.endswith(f"/api/recipes/{BY_HAND}/force_run" if forced else "/x/y")
        assert ("job_id" in start.body) is not forced

    play(story, **changes({"name": "by-hand", "recipe": BY_HAND, **means}))


@pytest.mark.parametrize(
    ("answer", "became", "dispatch", "alarmed"),
    [
        (httpx.Response(202), "started", "answered", False),
        (httpx.Response(404), "rejected", "answered", True),
        (httpx.Response(502, html="<html>bad gateway</html>"), "doubted", "unknown", True),
        (httpx.ReadError("reset"), "doubted", "unknown", True),
        (httpx.Response(200, html="<html>hello</html>"), "doubted", "unknown", True),
        (httpx.Response(302, headers={"location": "/users/sign_in"}), "doubted", "unknown", True),
    ],
)
def test_what_an_answer_means(answer: Answer, became: str, dispatch: str, alarmed: bool) -> None:
    async def story(scene: Scene) -> None:
        scene.workato.on_start = lambda _start: answer
        scene.workato.fail("j-1")
        await until_state(scene, became)
        rows = await scene.bench.rows("SELECT state FROM dispatch WHERE kind = 'fallback'")
        assert [row["state"] for row in rows] == [dispatch]
        await scene.clock.sleep(10 * MINUTE)
        assert len(scene.workato.starts) == 1
        assert bool(await scene.bench.rows("SELECT 1 FROM incident WHERE kind = 'fallback_failed'")) is alarmed
        assert (await scene.state())[0] == "exhausted"

    play(story)


@pytest.mark.parametrize("answer", [httpx.ConnectError("refused"), httpx.Response(429, json={"message": "slow down"})])
def test_what_did_not_start_anything_is_tried_again(answer: Answer) -> None:
    async def story(scene: Scene) -> None:
        scene.workato.on_start = lambda _start: answer if len(scene.workato.starts) < 7 else httpx.Response(200)
        scene.workato.fail("j-1")
        await until_state(scene, "started")
        assert len(scene.workato.starts) == 7
        assert len({start.correlation for start in scene.workato.starts}) == 7
        told = await scene.bench.rows("SELECT status FROM incident WHERE kind = 'fallback_failed'")
        assert [row["status"] for row in told] == ["resolved"]

    play(story)


def test_force_run_that_says_no_was_not_run_and_a_refused_token_stops_all_acting() -> None:
    way: dict[str, object] = {"name": "by-hand", "recipe": BY_HAND, "force_run": True}

    async def says_no(scene: Scene) -> None:
        scene.workato.on_start = lambda _start: httpx.Response(200, json={"success": False})
        scene.workato.fail("j-1")
        await until_state(scene, "rejected")

    async def refused(scene: Scene) -> None:
        scene.workato.on_start = lambda _start: httpx.Response(403, json={"message": "no privilege"})
        scene.workato.fail("j-1")
        await scene.until(lambda: stopped(scene))
        assert await state(scene) == "planned"
        await scene.clock.sleep(HOUR)
        assert len(scene.workato.starts) == 1
        scene.workato.on_start = lambda _start: httpx.Response(200, json={"success": True})
        assert (await scene.do(Verb.RESUME, None)).done
        await until_state(scene, "started")

    play(says_no, **changes(way))
    play(refused, **changes(way))


def test_a_pause_lets_it_wait_and_an_observing_engine_only_says_it() -> None:
    async def paused(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("watching", "repeating")
        assert (await scene.do(Verb.PAUSE, None)).done
        await until_state(scene, "planned")
        await scene.clock.sleep(HOUR)
        assert scene.workato.starts == []
        assert (await scene.do(Verb.RESUME, None)).done
        await until_state(scene, "started")

    async def observing(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await until_state(scene, "observed")
        assert scene.workato.starts == []

    play(paused)
    wanted = changes(WEBHOOK | {"when": ["policy_never"]}, repeat="never")
    play(observing, mode="observe", **wanted)


def test_a_failure_of_a_fallback_recipe_gets_none() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        scene.workato.fail("j-f", BY_HAND)
        await scene.until_status("exhausted", job_id="j-f")
        await until_state(scene, "started")
        assert await state(scene, "j-f") is None
        assert len(scene.workato.starts) == 1

    play(story)


def test_a_recipe_once_started_as_a_fallback_keeps_its_fuse_when_the_configuration_changes() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.bench.run(lambda _control: until_state(scene, "started"))
        other = changes({"name": "by-hand", "recipe": 901, "webhook": "env:BY_HAND_URL"})
        scene.bench.settings = settings(**other)

        async def later(_control: object) -> None:
            scene.workato.fail("j-f", BY_HAND)
            await scene.until_status("exhausted", job_id="j-f")
            await scene.clock.sleep(MINUTE)

        await scene.bench.run(later)
        assert len(scene.workato.starts) == 1

    around(story)


@pytest.mark.parametrize("resolves", [True, False])
@pytest.mark.parametrize("lost", [True, False])
def test_the_job_of_a_start_is_told_by_the_dispatch_id_and_may_close_the_failure(resolves: bool, lost: bool) -> None:
    async def story(scene: Scene) -> None:
        def run(start: Start) -> Answer:
            shows(scene, "succeeded", start.correlation)
            return httpx.ReadError("reset") if lost else httpx.Response(200)

        scene.workato.on_start = run
        scene.workato.fail("j-1")
        await until_state(scene, "succeeded")
        closed = ("closed", "handled_by_fallback")
        assert await scene.state() == (closed if resolves else ("exhausted", "attempts_used"))
        rows = await scene.bench.rows("SELECT state FROM dispatch WHERE kind = 'fallback'")
        assert [row["state"] for row in rows] == ["settled" if lost else "answered"]
        alarms = await scene.bench.rows("SELECT status FROM incident WHERE kind = 'fallback_failed'")
        assert [row["status"] for row in alarms] == ["resolved"] * lost

    play(story, **changes(WEBHOOK | {"resolves": resolves}))


def test_a_fallback_whose_job_fails_leaves_the_failure_open() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.on_start = lambda start: (shows(scene, "failed", start.correlation), httpx.Response(200))[1]
        scene.workato.fail("j-1")
        await until_state(scene, "failed")
        assert (await scene.state())[0] == "exhausted"
        assert len(scene.workato.starts) == 1

    play(story, **changes(WEBHOOK | {"resolves": True}))


def test_jobs_that_others_began_are_not_taken_for_its_own() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.on_start = lambda _start: (shows(scene, "succeeded", "another"), httpx.Response(200))[1]
        scene.workato.fail("j-1")
        await until_state(scene, "started")
        await scene.clock.sleep(2.2 * HOUR)
        assert await state(scene) == "started"
        assert (await scene.state())[0] == "exhausted"
        assert "missed" in await fallback_events(scene)

    play(story, **changes(WEBHOOK | {"resolves": True}))


def test_what_recovers_before_its_start_is_not_handed_over() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("watching", "repeating")
        await scene.do(Verb.PAUSE, None)
        await until_state(scene, "planned")
        assert (await scene.do(Verb.CLOSE, reason="done by hand")).done
        await scene.do(Verb.RESUME, None)
        await until_state(scene, "cancelled")
        assert scene.workato.starts == []

    play(story)


def test_the_body_is_json_with_plain_values() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await until_state(scene, "started")
        (start,) = scene.workato.starts
        assert json.loads(json.dumps(start.body)) == start.body
        assert all(isinstance(value, str | int | None) for value in start.body.values())

    play(story)


def test_a_list_that_cannot_be_read_is_read_again() -> None:
    async def story(scene: Scene) -> None:
        asked: list[float] = []

        def fails_twice(_request: httpx.Request) -> Answer | None:
            asked.append(scene.clock.wall())
            return httpx.Response(502) if len(asked) < 3 else None

        def run(start: Start) -> Answer:
            shows(scene, "succeeded", start.correlation)
            scene.workato.instead[f"recipes/{BY_HAND}/jobs"] = fails_twice
            return httpx.Response(200)

        scene.workato.on_start = run
        scene.workato.fail("j-1")
        await until_state(scene, "succeeded")
        assert len(asked) > 2

    play(story)
