"""Recipes started from outside, and jobs cancelled: what this Workato does, answers and records."""

from __future__ import annotations

import json

import pytest

from aof_tui.simulator.faults import Fault
from aof_tui.simulator.messages import SimRequest, SimResponse
from aof_tui.simulator.oracle import judge
from tests.simulator.worlds import Desk, failing, read, small


def call(desk: Desk, path: str, body: object, correlation: str = "d-1", token: str | None = None) -> SimResponse:
    headers = {"x-correlation-id": correlation} | ({} if token is None else {"api-token": token})
    return desk.simulator.handle(SimRequest("POST", path, {}, headers, json.dumps(body).encode()))


def hook(desk: Desk, body: object, correlation: str = "d-1") -> SimResponse:
    return call(desk, desk.simulator.webhook_of(desk.recipe_id), body, correlation)


def started(desk: Desk) -> list[tuple[str, str, bool]]:
    return [(start.means, start.answer, start.run_id is not None) for start in desk.simulator.truth().starts]


@pytest.mark.parametrize("data", ["shown", "hidden"])
def test_a_webhook_begins_a_job_with_what_it_is_given(data: str) -> None:
    desk = Desk(small({"job_data": data}))
    answer = hook(desk, {"dispatch_id": "d-1"})
    assert (answer.status, read(answer)) == (200, {})
    desk.wait(60)
    (job,) = desk.jobs()
    detail = desk.ask(f"/api/recipes/{desk.recipe_id}/jobs/{job['id']}")
    assert (b"d-1" in (detail.body or b"")) is (data == "shown")
    assert started(desk) == [("webhook", "answered", True)]
    assert desk.simulator.truth().starts[0].correlation == "d-1"


def test_an_endpoint_needs_the_token_of_its_client() -> None:
    desk = Desk(small())
    path, token = f"/apim/{desk.recipe_id}/start", desk.simulator.api.starts.endpoint_token
    assert [call(desk, path, {}, token=given).status for given in (None, "x", token)] == [401, 401, 200]
    assert call(desk, "/apim/1/start", {}, token=token).status == 404
    assert call(desk, "/webhooks/rest/x/y", {}).status == 404
    assert [taken for _, _, taken in started(desk)] == [False, False, True, False, False]


@pytest.mark.parametrize("status", [200, 202])
def test_force_run_is_paced_and_says_no_of_a_stopped_recipe(status: int) -> None:
    stop = {"do": "stop_recipe", "at": 5, "group": "orders"}
    desk = Desk(small({"force_run_status": status}, happenings=[stop]))
    path = f"/api/recipes/{desk.recipe_id}/force_run"
    assert [desk.ask(path, "POST").status for _ in range(2)] == [status, 429]
    desk.wait(10)
    assert read(desk.ask(path, "POST")) == {"success": False}
    desk.wait(2)
    assert desk.ask("/api/recipes/1/force_run", "POST").status == 404
    assert hook(desk, {}).status == 404
    assert [taken for _, _, taken in started(desk)] == [True, False, False, False]


def test_answers_are_lost_after_a_start_and_errors_come_before_one() -> None:
    lost = Desk(small({"start_lost": 1.0}))
    assert {hook(lost, {}, f"d-{number}").status for number in range(8)} == {0, 502}
    assert set(started(lost)) == {("webhook", "lost", True)}
    failed = Desk(small({"start_failed_before": 1.0}))
    assert hook(failed, {}).status == 500
    assert started(failed) == [("webhook", "refused", False)]


@pytest.mark.parametrize(("when", "begun"), [("before", False), ("after", True)])
def test_faults_meet_webhooks_too(when: str, begun: bool) -> None:
    desk = Desk(small())
    desk.simulator.faults.set([Fault.model_validate({"kind": "drop", "path": "webhooks", "when": when})])
    assert hook(desk, {}).body is None
    assert bool(started(desk)) is begun


def test_a_running_job_can_be_cancelled_once() -> None:
    desk = Desk(small(groups=[{"key": "orders", "name": "o", "duration": [60, 90]}]))
    hook(desk, {})
    desk.wait(5)
    (job,) = desk.jobs()
    path = f"/api/recipes/{desk.recipe_id}/cancel_jobs"
    asked = {"job_ids": [job["id"], "j-none"]}
    first = desk.ask(path, "POST", asked)
    assert read(first)["results"] == [
        {"job_id": job["id"], "status": "cancelled"},
        {"job_id": "j-none", "status": "failed", "error": "Job not found"},
    ]
    assert desk.jobs()[0]["status"] == "cancelled"
    assert desk.ask(path, "POST", asked).status == 429
    desk.wait(200)
    again = read(desk.ask(path, "POST", {"job_ids": [job["id"]]}))["results"]
    assert again == [{"job_id": job["id"], "status": "failed", "error": "Job is not running"}]
    recipe = desk.world.place.recipes[desk.recipe_id]
    assert recipe.by_run == recipe.by_lineage
    desk.wait(2)
    assert desk.ask(path, "POST", {"job_ids": []}).status == 400
    desk.wait(2)
    assert desk.ask("/api/recipes/1/cancel_jobs", "POST", asked).status == 404


def test_the_oracle_counts_starts_for_each_lineage_and_knows_the_fuse() -> None:
    desk = Desk(small(happenings=failing("never")))
    desk.wait(100)
    hook(desk, {"job_id": "j-1", "recipe_id": "5"}, "d-1")
    verdict = judge(desk.simulator.truth(), 5)
    assert (verdict.fallbacks, verdict.clean) == (1, True)
    hook(desk, {"job_id": "j-1", "recipe_id": "5"}, "d-2")
    assert judge(desk.simulator.truth(), 5).fallbacks_doubled == ("j-1",)
    assert judge(desk.simulator.truth(), 5, forced=("d-2",)).clean
    hook(desk, {"job_id": "j-9", "recipe_id": str(desk.recipe_id)}, "d-3")
    verdict = judge(desk.simulator.truth(), 5)
    assert verdict.fallbacks_of_fallbacks == ("j-9",)
    assert not verdict.clean
    hook(desk, "no object", "d-4")
    hook(desk, {}, "d-4")
    assert "d-4" in judge(desk.simulator.truth(), 5).fallbacks_doubled
