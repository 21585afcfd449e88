"""When a workspace may be acted on, beyond a token that is refused."""

from __future__ import annotations

import httpx

from aof_tui.control.requests import Verb
from tests.engine.scene import HOUR, MINUTE, Scene, play
from tests.harness.virtual import SIMULATED_URL


def configured(**urls: str) -> list[dict[str, str]]:
    return [{"name": name, "url": url, "token": "env:TOKEN"} for name, url in urls.items()]


async def stops(scene: Scene) -> dict[str, str | None]:
    status = await scene.control.status()
    return {workspace.workspace: workspace.acting_stopped for workspace in status.workspaces}


def test_one_workspace_under_two_names_is_acted_on_under_the_first_alone() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.clock.sleep(2 * HOUR)
        assert await stops(scene) == {"prod": None, "test": "workspace_taken"}
        assert len(scene.workato.repeats) == 1
        said = await scene.bench.rows("SELECT workspace, text FROM event WHERE kind = 'acting.stopped'")
        assert [row["workspace"] for row in said] == ["test"]
        assert str(said[0]["text"]).endswith("configured as prod")
        alarms = await scene.bench.rows("SELECT body FROM outbox WHERE kind = 'alarm' AND workspace = 'test'")
        assert len(alarms) == 2
        assert all("configured as prod" in str(row["body"]) for row in alarms)

    play(story, workspaces=configured(prod=SIMULATED_URL, test=SIMULATED_URL))


def test_a_name_is_acted_on_once_its_token_belongs_to_a_workspace_of_its_own() -> None:
    async def story(scene: Scene) -> None:
        await scene.clock.sleep(5 * MINUTE)
        assert (await stops(scene))["test"] == "workspace_taken"
        await scene.bench.store.write(lambda tx: tx.execute("workspace_pin", {"name": "prod", "workspace_id": "1"}))
        await scene.clock.sleep(5 * MINUTE)
        assert await stops(scene) == {"prod": "workspace_changed", "test": None}

    play(story, workspaces=configured(prod=SIMULATED_URL, test=SIMULATED_URL))


def test_the_same_number_at_another_origin_is_another_workspace() -> None:
    async def story(scene: Scene) -> None:
        await scene.clock.sleep(5 * MINUTE)
        assert await stops(scene) == {"prod": None, "test": None}

    play(story, workspaces=configured(prod=SIMULATED_URL, test="http://127.0.0.1:2"))


def test_a_token_refused_and_accepted_does_not_lift_what_only_a_person_lifts() -> None:
    async def story(scene: Scene) -> None:
        await scene.clock.sleep(MINUTE)
        scene.workato.instead["recipes"] = lambda _: httpx.Response(403, json={"message": "no"})
        await scene.clock.sleep(5 * MINUTE)
        assert (await stops(scene))["prod"] == "forbidden"
        scene.workato.instead[""] = lambda _: httpx.Response(401, json={"message": "Unauthorized"})
        await scene.clock.sleep(5 * MINUTE)
        assert (await stops(scene))["prod"] == "forbidden"
        scene.workato.instead.clear()
        scene.workato.fail("j-1")
        await scene.clock.sleep(HOUR)
        assert scene.workato.repeats == []
        assert await scene.events("acting.allowed") == []
        assert (await scene.do(Verb.RESUME, None)).done
        await scene.until_status("recovered")

    play(story)
