"""Recipes set running and stopped over the API, on-prem agents that go away, and recipes that fall silent."""

from __future__ import annotations

import json

import pytest

from aof_tui.simulator.scenario import Scenario
from tests.simulator.worlds import Desk, Json, small


def recipe_id(desk: Desk) -> int:
    return desk.world.place.groups["orders"][0].recipe_id


def shown(desk: Desk) -> tuple[object, object]:
    recipe = desk.get(f"/api/recipes/{recipe_id(desk)}")
    return recipe["running"], recipe["stop_cause"]


def put(desk: Desk, action: str, correlation: str | None = "d-1") -> tuple[int, object]:
    answer = desk.ask(f"/api/recipes/{recipe_id(desk)}/{action}", "PUT", correlation=correlation)
    return answer.status, json.loads(answer.body or b"null")


def stopped(**switches: object) -> Scenario:
    happening: Json = {"do": "stop_recipe", "at": 1, "group": "orders", "cause": "trigger_errors_limit"}
    return small(switches, happenings=[happening])


def test_a_stopped_recipe_runs_some_time_after_it_was_started_and_the_truth_says_by_what() -> None:
    desk = Desk(stopped(start_lag=[5, 5]))
    desk.wait(2)
    version = desk.get(f"/api/recipes/{recipe_id(desk)}")["version_no"]
    assert shown(desk) == (False, "trigger_errors_limit")
    assert put(desk, "start") == (200, {"success": True})
    assert shown(desk) == (False, "trigger_errors_limit")
    desk.wait(6)
    assert shown(desk) == (True, None)
    assert desk.get(f"/api/recipes/{recipe_id(desk)}")["version_no"] == version
    assert put(desk, "start")[0] == 400
    found = [(one.correlation, one.action, one.answer, one.http_status) for one in desk.simulator.truth().switched]
    assert found == [("d-1", "start", "answered", 200), ("d-1", "start", "refused", 400)]


def test_a_recipe_is_stopped_without_a_cause() -> None:
    desk = Desk(small())
    assert put(desk, "stop") == (200, {"success": True})
    assert shown(desk) == (False, None)
    assert put(desk, "stop")[0] == 400
    assert desk.ask("/api/recipes/1/start", "PUT").status == 404
    assert desk.ask("/api/recipes/1/stop", "PUT").status == 404


def test_a_recipe_with_a_lost_connection_does_not_start() -> None:
    lost: Json = {"do": "lose_connection", "at": 1, "lasts": 60, "connection": "rest"}
    desk = Desk(small(happenings=[lost, {"do": "stop_recipe", "at": 1, "group": "orders"}]))
    desk.wait(2)
    connection = desk.world.place.connections["rest"].connection_id
    objection = [1, [["account_id", connection, "unconnected", {"key": "rest"}]]]
    assert put(desk, "start") == (200, {"success": False, "code_errors": [], "config_errors": [objection]})
    desk.wait(60)
    assert put(desk, "start") == (200, {"success": True})


def test_an_answer_can_be_lost_and_a_start_can_fail() -> None:
    lost = Desk(stopped(start_lost=1.0))
    lost.wait(2)
    assert lost.ask(f"/api/recipes/{recipe_id(lost)}/start", "PUT").body is None
    lost.wait(1)
    assert shown(lost) == (True, None)
    assert lost.simulator.truth().switched[0].answer == "lost"
    failed = Desk(stopped(start_failed_before=1.0))
    failed.wait(2)
    assert put(failed, "start")[0] == 500
    assert shown(failed)[0] is False


ON_PREM: list[Json] = [{"key": "hall", "name": "Hall", "agents": 2, "connection": "rest"}]


def away(agents: int | None = None) -> Json:
    return {"do": "agents_down", "at": 10, "lasts": 60, "on_prem": "hall"} | ({"agents": agents} if agents else {})


def listed(desk: Desk, path: str) -> list[Json]:
    found = json.loads(desk.ask(path).body or b"")
    assert isinstance(found, list)
    return found


def states(desk: Desk) -> list[object]:
    return [agent.get("state") for agent in listed(desk, "/api/on_prem_agents")]


def test_agents_go_away_and_come_back_and_what_runs_through_them_fails_meanwhile() -> None:
    jobs: list[Json] = [{"do": "jobs", "at": at, "group": "orders", "error": "unknown", "heals": 1} for at in (20, 90)]
    desk = Desk(small(on_prem=ON_PREM, happenings=[away(), *jobs]))
    groups = listed(desk, "/api/on_prem_groups")
    group = f"/api/on_prem_groups/{groups[0]['id']}/status"
    assert (states(desk), desk.get(group)["status"]) == (["active", "active"], "active")
    desk.wait(15)
    assert (states(desk), desk.get(group)["status"]) == (["no_response", "no_response"], "no_response")
    desk.wait(120)
    assert states(desk) == ["active", "active"]
    assert [run.category for run in desk.simulator.truth().runs] == ["on_prem_agent", "unknown"]


def test_one_agent_away_leaves_the_group_working() -> None:
    desk = Desk(small({"on_prem": "stateless"}, on_prem=ON_PREM, happenings=[away(1)]))
    desk.wait(15)
    agents = listed(desk, "/api/on_prem_agents")
    groups = listed(desk, "/api/on_prem_groups")
    assert states(desk) == [None, None]
    said = [desk.get(f"/api/on_prem_agents/{agent['id']}/status")["status"] for agent in agents]
    assert said == ["no_response", "active"]
    assert desk.get(f"/api/on_prem_groups/{groups[0]['id']}/status")["status"] == "active"
    assert desk.world.place.connections["rest"].troubles == []


@pytest.mark.parametrize("path", ["groups", "agents", "groups/1/status", "agents/1/status"])
def test_what_a_token_may_not_see_is_forbidden(path: str) -> None:
    assert Desk(small({"on_prem": "forbidden"}, on_prem=ON_PREM)).ask(f"/api/on_prem_{path}").status == 403
    shown_to_all = Desk(small(on_prem=ON_PREM)).ask(f"/api/on_prem_{path}").status
    assert shown_to_all == (404 if "status" in path else 200)


def test_a_recipe_falls_silent_while_it_runs() -> None:
    groups: list[Json] = [{"key": "orders", "name": "Orders", "every": 10}]
    silence: Json = {"do": "fall_silent", "at": 100, "lasts": 500, "group": "orders"}
    desk = Desk(small(groups=groups, happenings=[silence]))
    desk.wait(130)
    before = desk.world.place.groups["orders"][0].last_run_at
    desk.wait(400)
    assert desk.world.place.groups["orders"][0].last_run_at == before
    assert shown(desk)[0] is True
    desk.wait(150)
    assert desk.world.place.groups["orders"][0].last_run_at != before


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"happenings": [away()]}, "on_prem 'hall'"),
        ({"on_prem": [{"key": "hall", "name": "Hall", "connection": "other"}]}, "connection 'other'"),
        ({"happenings": [{"do": "fall_silent", "at": 1, "lasts": 1, "group": "x"}]}, "group 'x'"),
    ],
)
def test_names_that_are_not_there_are_refused(changes: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        small(None, **changes)
