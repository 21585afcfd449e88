"""Groups of on-prem agents: a group in use without an active agent is told once, and over when one is active."""

from __future__ import annotations

import httpx
import pytest

from tests.engine.scene import HOUR, MINUTE, Scene, play, play_around

GROUP: dict[str, object] = {"id": 16803, "name": "CRM server", "in_use": True}


def agent(number: int, state: object = "active", **more: object) -> dict[str, object]:
    return {"id": number, "name": f"Agent {number}", "on_prem_group_id": 16803, "state": state} | more


async def alarms(scene: Scene) -> list[tuple[object, object]]:
    rows = await scene.bench.rows("SELECT scope, status FROM incident WHERE kind = 'agent_down' ORDER BY incident_id")
    return [(row["scope"], row["status"]) for row in rows]


def test_a_group_without_an_active_agent_is_told_once_reminded_of_and_ended() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.groups, scene.workato.agents = [GROUP], [agent(1), agent(2, "no_response")]
        await scene.clock.sleep(6 * MINUTE)
        assert await alarms(scene) == []
        scene.workato.agents = [agent(1, enabled=False), agent(2, "no_response")]
        await scene.clock.sleep(6 * MINUTE)
        assert await alarms(scene) == [("agents:16803", "open")]
        (standing,) = (await scene.control.status()).breakers
        assert (standing.downstream, standing.cause) == ("agents", "lost")
        assert await scene.told() == ["alarm>admins", "alarm>oncall"]
        await scene.clock.sleep(25 * MINUTE)
        assert (await scene.told())[2:] == ["escalated>admins", "reminded>oncall"]
        scene.workato.agents = [agent(1), agent(2, "no_response")]
        await scene.clock.sleep(6 * MINUTE)
        assert await alarms(scene) == [("agents:16803", "resolved")]
        assert (await scene.told())[4:] == ["resolved>oncall"]
        assert await scene.events("agent.lost", "agent.restored") == ["agent.lost", "agent.restored"]
        titles = await scene.bench.rows("SELECT title FROM incident")
        assert titles == [{"title": "on-prem group CRM server has no active agent"}]

    play(
        story,
        incidents={"remind_after": "20m"},
        escalation={"receivers": ["admins"], "after": "10m"},
    )


@pytest.mark.parametrize("status", [403, 404])
def test_what_may_not_be_seen_is_said_once_and_stops_nothing(status: int) -> None:
    async def story(scene: Scene) -> None:
        scene.workato.instead["on_prem"] = lambda _: httpx.Response(status, json={"message": "no"})
        scene.workato.fail("j-1")
        await scene.until_status("recovered")
        await scene.clock.sleep(HOUR)
        assert await scene.events("agent.skipped", "acting.stopped", "engine.failed") == ["agent.skipped"]
        assert await scene.told() == ["recovered>oncall"]

    play(story)


def test_a_group_that_nothing_uses_or_that_is_still_set_up_is_nobodys_trouble() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.groups = [GROUP | {"in_use": False}, GROUP | {"id": 2}, GROUP | {"id": 3, "in_use": None}]
        scene.workato.agents = [agent(1, "no_response"), agent(2, "awaiting_setup", on_prem_group_id=2)]
        scene.workato.agents.append(agent(3, "no_response", on_prem_group_id=3))
        await scene.clock.sleep(20 * MINUTE)
        assert await alarms(scene) == []
        scene.workato.groups[0] = GROUP
        await scene.clock.sleep(6 * MINUTE)
        assert await alarms(scene) == [("agents:16803", "open")]

    play(story)


@pytest.mark.parametrize(
    ("said", "alarmed"),
    [
        ({"status": "no_response"}, True),
        ({"data": {"state": "Disabled"}}, True),
        ({"status": "active"}, False),
        ({"status": "resting"}, False),
        ({"state": {"word": "no_response"}}, False),
        (["no_response"], False),
        ("no_response", True),
    ],
)
def test_the_status_of_a_group_is_asked_for_where_the_agents_do_not_tell(said: object, alarmed: bool) -> None:
    async def story(scene: Scene) -> None:
        scene.workato.groups, scene.workato.agents = [GROUP], [{"id": 1}]
        scene.workato.instead["16803/status"] = lambda _: httpx.Response(200, json=said)
        await scene.clock.sleep(6 * MINUTE)
        assert bool(await alarms(scene)) == alarmed

    play(story)


def test_answers_that_cannot_be_believed_change_nothing() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.groups, scene.workato.agents = [GROUP], [agent(1, "no_response")]
        await scene.clock.sleep(6 * MINUTE)
        odd: list[object] = [{"items": 3}, {"message": "x"}, [{"name": "without an id"}]]
        scene.workato.instead["on_prem_agents"] = lambda _: httpx.Response(200, json=odd[-1] if odd else [])
        while odd:
            await scene.clock.sleep(6 * MINUTE)
            odd.pop()
        scene.workato.instead["on_prem_agents"] = lambda _: httpx.Response(200, json=[agent(1, "odd")])
        scene.workato.instead["16803/status"] = lambda _: httpx.Response(200, json={"status": "odd"})
        await scene.clock.sleep(6 * MINUTE)
        assert await alarms(scene) == [("agents:16803", "open")]
        assert await scene.events("engine.failed", "agent.restored") == []

    play(story)


def test_an_outage_goes_on_over_a_restart_and_ends_with_the_group() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.groups, scene.workato.agents = [GROUP], [agent(1, "no_response")]
        await scene.bench.run_for(6 * MINUTE)
        await scene.bench.run_for(6 * MINUTE)
        assert await scene.events("agent.lost") == ["agent.lost"]
        scene.workato.groups = []
        await scene.bench.run_for(6 * MINUTE)
        assert await alarms(scene) == [("agents:16803", "resolved")]
        assert await scene.bench.rows("SELECT * FROM agent_group") == []

    play_around(story)
