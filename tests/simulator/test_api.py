"""The API's answers: envelopes, filters, paging, errors, quotas, headers, faults."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aof_tui.simulator.faults import Fault
from aof_tui.simulator.quota import Family, QuotaMeter
from aof_tui.simulator.scenario import Quotas
from aof_tui.simulator.scenario_file import load_scenario
from tests.simulator.worlds import START, Desk, failing, header, read, small


def words(text: str) -> set[str]:
    return set(text.split())


JOB_FIELDS = words(
    """id recipe_id title status started_at completed_at is_error is_poll_error error calling_recipe_id calling_job_id
    root_recipe_id root_job_id master_job_id"""
)
RECIPE_FIELDS = words(
    """id user_id name created_at updated_at copy_count trigger_application action_applications applications
    description parameters_schema parameters webhook_url folder_id running job_succeeded_count job_failed_count
    lifetime_task_count last_run_at stopped_at version_no stop_cause config trigger_closure code author_name
    version_author_name version_author_email version_comment"""
)
CONNECTION_FIELDS = words(
    """id application name description authorized_at authorization_status authorization_error created_at updated_at
    external_id folder_id connection_lost_at connection_lost_reason parent_id tags"""
)


def walk(desk: Desk, recipe_id: int, **query: str) -> list[object]:
    """Ids of all jobs, page by page; one request a second keeps the quota."""
    found: list[object] = []
    while True:
        desk.wait(1.5)
        cursor = {"offset_job_id": str(found[-1])} if found else {}
        page = desk.jobs(recipe_id, **query, **cursor)
        if not page:
            return found
        found.extend(job["id"] for job in page)


@settings(deadline=None, max_examples=20)
@given(
    count=st.integers(1, 130),
    size=st.sampled_from([25, 100]),
    order=st.sampled_from(["completed", "started"]),
    row=st.sampled_from(["new", "in_place"]),
    seed=st.integers(0, 5),
)
def test_walking_the_pages_shows_every_job_once(count: int, size: int, order: str, row: str, seed: int) -> None:
    switches = {"page_size": size, "list_order": order, "repeat_row": row}
    desk = Desk(small(switches, happenings=failing(1, count=count, over=100)), str(seed))
    desk.wait(300)
    first = desk.jobs()
    desk.wait(2)
    desk.repeat(*[job["id"] for job in first][:25])
    desk.wait(60)
    runs = desk.simulator.truth().runs
    repeats = sum(run.number > 0 for run in runs)
    for status in (None, "failed"):
        found = walk(desk, desk.recipe_id, **({"status": status} if status else {}))
        assert len(found) == len(set(found))
        shown = len(runs) if row == "new" else count
        assert len(found) == (shown if status is None else count if row == "new" else count - repeats)


def test_prev_shows_the_next_newer_ones() -> None:
    desk = Desk(small({"page_size": 25}, happenings=failing(*[1] * 60, apart=10)))
    desk.wait(1000)
    ids = walk(desk, desk.recipe_id)
    newer = [job["id"] for job in desk.jobs(offset_job_id=str(ids[40]), prev="true")]
    assert newer == ids[15:40]
    assert desk.jobs(offset_job_id=str(ids[0]), prev="true") == []


def test_an_unknown_cursor_is_not_found() -> None:
    desk = Desk(small())
    assert desk.ask(f"/api/recipes/{desk.recipe_id}/jobs", offset_job_id="j-none").status == 404


def test_jobs_have_workatos_fields_and_envelope() -> None:
    desk = Desk(small(happenings=failing(1)))
    desk.wait(100)
    page = desk.get(f"/api/recipes/{desk.recipe_id}/jobs", status="failed")
    assert set(page) == {"job_succeeded_count", "job_failed_count", "job_count", "job_scope_count", "items"}
    assert page["job_scope_count"] == 1
    (job,) = desk.jobs()
    assert set(job) == JOB_FIELDS | {"error_parts"}
    assert job["is_error"] is True
    detail = desk.get(f"/api/recipes/{desk.recipe_id}/jobs/{job['id']}")
    assert set(detail) > JOB_FIELDS
    assert detail["is_repeat"] is False
    lines = detail["lines"]
    assert isinstance(lines, list)
    failed = lines[-1]
    assert failed["error_details"]["http_response"]["code"] == 429
    assert failed["error_descriptor"]["line_number"] == failed["recipe_line_number"] == 1


def test_a_success_has_no_error_and_a_running_job_no_end() -> None:
    group = {"key": "orders", "name": "Sync", "connections": ["rest"], "every": 100, "duration": [30, 30]}
    desk = Desk(small(groups=[group]))
    desk.wait(600)
    jobs = desk.jobs()
    ended = [job for job in jobs if job["status"] == "succeeded"]
    assert ended
    assert all(job["error"] is None and "error_parts" not in job and not job["is_error"] for job in ended)
    desk.world.advance(desk.now)
    run = desk.world.start_job(desk.world.place.groups["orders"][0], desk.now, ("now",), None)
    top = desk.jobs()[0]
    assert (top["id"], top["status"], top["completed_at"]) == (run.job_id, "pending", None)
    assert desk.jobs(status="pending")[0]["id"] == run.job_id


def test_called_jobs_name_their_caller() -> None:
    desk = Desk(load_scenario("demo"))
    desk.wait(3600)
    function = desk.world.place.groups["refund"][0]
    jobs = desk.jobs(function.recipe_id)
    called = [job for job in jobs if job["calling_job_id"]]
    assert called
    for job in called:
        caller = desk.world.runs[str(job["calling_job_id"])]
        assert job["calling_recipe_id"] == job["root_recipe_id"] == caller.recipe.recipe_id
        assert job["root_job_id"] == caller.job_id


def test_hostile_text_stands_in_titles_errors_and_names() -> None:
    desk = Desk(load_scenario("demo"))
    desk.wait(3600)
    recipe = desk.world.place.groups["feedback"][0]
    job = desk.jobs(recipe.recipe_id, status="failed")[0]
    marks = ("\x1b", "[bold", "\u202e", "<!channel>", "\r\n", "=HYPERLINK")
    for text in (recipe.name, str(job["title"]), str(job["error"])):
        assert any(mark in text for mark in marks)


def test_a_poll_error_says_so_and_its_title_is_the_error() -> None:
    desk = Desk(small(happenings=failing(1, poll_error=True)))
    desk.wait(60)
    (job,) = desk.jobs()
    assert job["is_poll_error"] is True
    assert str(job["error"]).startswith(str(job["title"]))
    results = json.loads(desk.repeat(job["id"]).body or b"")["results"]
    assert results[0]["error"] == "Job is not repeatable"


def test_recipes_come_in_pages_by_descending_id() -> None:
    desk = Desk(small(groups=[{"key": "orders", "name": "Sync {n}", "count": 230, "tags": ["a", "b"]}]))
    pages = [desk.get("/api/recipes", page=str(number), exclude_code="true")["items"] for number in (1, 2, 3, 4)]
    assert [len(page) for page in pages if isinstance(page, list)] == [100, 100, 30, 0]
    recipes = [recipe for page in pages if isinstance(page, list) for recipe in page]
    ids = [recipe["id"] for recipe in recipes]
    assert ids == sorted(set(ids), reverse=True)
    assert set(recipes[0]) == RECIPE_FIELDS | {"project_id"}
    assert recipes[0]["code"] == ""
    few = desk.get("/api/recipes", per_page="7")["items"]
    assert isinstance(few, list)
    assert len(few) == 7
    assert json.loads(few[0]["code"])["keyword"] == "trigger"


def test_recipes_can_be_filtered_and_carry_tags_on_demand() -> None:
    desk = Desk(load_scenario("demo"))
    desk.wait(20 * 60)
    by_stop = desk.get("/api/recipes", stop_cause="trigger_errors_limit")["items"]
    assert by_stop == desk.get("/api/recipes", running="false")["items"]
    assert isinstance(by_stop, list)
    (stopped,) = by_stop
    assert (stopped["running"], stopped["stop_cause"]) == (False, "trigger_errors_limit")
    assert stopped["stopped_at"] is not None
    any_of = desk.get("/api/recipes", adapter_names_any="slack,jira")["items"]
    all_of = desk.get("/api/recipes", adapter_names_all="slack,jira")["items"]
    assert isinstance(any_of, list)
    assert isinstance(all_of, list)
    assert len(any_of) > len(all_of) > 0
    tagged = desk.get("/api/recipes", **{"includes[]": "tags"})["items"]
    tags = json.loads(desk.ask("/api/tags").body or b"")
    handle = next(tag["handle"] for tag in tags if tag["title"] == "safe-to-repeat")
    assert isinstance(tagged, list)
    assert 0 < sum(handle in recipe["tags"] for recipe in tagged) < len(tagged)
    folder = str(tagged[0]["folder_id"])
    assert len(json.dumps(desk.get("/api/recipes", folder_id=folder))) < len(json.dumps(desk.get("/api/recipes")))
    projects = json.loads(desk.ask("/api/projects").body or b"")
    shares = [desk.get("/api/recipes", project_id=str(project["id"]))["items"] for project in projects]
    assert sum(len(share) for share in shares if isinstance(share, list)) == len(tagged)
    lower = desk.get("/api/recipes", since_id=str(tagged[5]["id"]))["items"]
    assert isinstance(lower, list)
    assert [recipe["id"] for recipe in lower] == [recipe["id"] for recipe in tagged[6:]]


def test_a_lost_connection_says_so_and_comes_back() -> None:
    desk = Desk(load_scenario("demo"))
    seen = []
    for _ in range(3):
        desk.wait(30 * 60 + 60)
        connections = json.loads(desk.ask("/api/connections").body or b"")
        assert set(connections[0]) == CONNECTION_FIELDS | {"provider"}
        chat = next(one for one in connections if one["application"] == "slack")
        seen.append((chat["authorization_status"], chat["connection_lost_at"] is not None))
    assert seen == [("failed", True), ("failed", True), ("success", False)]


def test_projects_folders_and_tags_are_bare_arrays() -> None:
    desk = Desk(load_scenario("demo"))
    projects, folders, tags = (
        json.loads(desk.ask(f"/api/{name}").body or b"") for name in ("projects", "folders", "tags")
    )
    assert {project["name"] for project in projects} == {folder["name"] for folder in folders}
    assert all(folder["is_project"] for folder in folders)
    inner = json.loads(desk.ask("/api/folders", parent_id=str(folders[0]["id"])).body or b"")
    assert {folder["project_id"] for folder in inner} == {folders[0]["project_id"]}
    assert {tag["title"] for tag in tags} == {"safe-to-repeat", "critical"}


def test_errors_are_workatos() -> None:
    desk = Desk(small())
    assert (desk.ask("/api/users/me", token="x").status, read(desk.ask("/api/users/me", token="x"))) == (
        401,
        {"message": "Unauthorized"},
    )
    for path in ("/api/nothing", "/api/recipes/1", "/api/recipes/x/jobs", f"/api/recipes/{desk.recipe_id}/jobs/j-x"):
        answer = desk.ask(path)
        assert (answer.status, read(answer)) == (404, {"message": "Not found"})
    assert desk.ask("/api/users/me", "DELETE").status == 404


def test_answers_carry_workatos_headers() -> None:
    desk = Desk(small())
    answer = desk.ask("/api/tags")
    assert header(answer, "X-Correlation-Id") == header(answer, "X-Request-Id")
    assert len(str(header(answer, "X-Request-Id"))) == 32
    assert header(answer, "Content-Type") == "application/json; charset=utf-8"
    assert header(desk.ask("/api/tags", correlation="mine"), "X-Correlation-Id") == "mine"


def test_at_most_25_jobs_a_repeat() -> None:
    desk = Desk(small(happenings=failing(1, count=26)))
    desk.wait(60)
    ids = [job["id"] for job in desk.jobs()]
    assert desk.repeat(*ids).status == 400
    desk.wait(1)
    answer = desk.repeat(*ids[:25])
    assert [result["status"] for result in json.loads(answer.body or b"")["results"]] == ["enqueued"] * 25
    assert Counter(run.number for run in desk.simulator.truth().runs) == {0: 26, 1: 25}


@pytest.mark.parametrize("body", [None, {}, {"job_ids": []}, {"job_ids": [1]}, [], {"job_ids": "j-1"}])
def test_a_repeat_that_makes_no_sense_is_a_bad_request(body: object) -> None:
    desk = Desk(small())
    assert desk.ask(f"/api/recipes/{desk.recipe_id}/repeat_jobs", "POST", body).status == 400
    assert desk.simulator.truth().repeats[0].answer == "refused"


def test_unknown_jobs_are_refused_one_by_one() -> None:
    desk = Desk(small(happenings=failing(1)))
    desk.wait(60)
    results = json.loads(desk.repeat(desk.jobs()[0]["id"], "j-none").body or b"")["results"]
    assert [result["status"] for result in results] == ["enqueued", "failed"]
    desk.wait(1)
    assert desk.ask("/api/recipes/1/repeat_jobs", "POST", {"job_ids": ["j-none"]}).status == 404


def test_a_job_can_be_repeated_so_often_and_no_more() -> None:
    desk = Desk(small(happenings=failing("never"), quotas={"repeats_per_job": 3}))
    desk.wait(60)
    statuses = []
    for _ in range(4):
        desk.wait(2)
        statuses.append(json.loads(desk.repeat(desk.jobs()[-1]["id"]).body or b"")["results"][0]["status"])
    assert statuses == ["enqueued"] * 3 + ["failed"]


# -- quotas ------------------------------------------------------------------------------------------------------------


def test_evenly_spaced_requests_are_within_every_quota() -> None:
    desk = Desk(small(happenings=failing("never")))
    desk.wait(60)
    job = desk.jobs()[0]["id"]
    for _ in range(300):
        desk.wait(1.0)
        assert desk.ask("/api/recipes").status == 200
        assert desk.ask("/api/connections").status == 200
        assert desk.ask(f"/api/recipes/{desk.recipe_id}/jobs").status == 200
        assert desk.repeat(job).status == 200
    assert desk.simulator.truth().violations == ()


def test_two_repeats_within_a_second_are_a_violation() -> None:
    desk = Desk(small(happenings=failing("never")))
    desk.wait(60)
    job = desk.jobs()[0]["id"]
    assert desk.repeat(job).status == 200
    desk.wait(0.999)
    assert desk.repeat(job).status == 429
    desk.wait(1.0)
    assert desk.repeat(job).status == 200
    (violation,) = desk.simulator.truth().violations
    assert (violation.family, violation.correlation) == ("repeat", "call-1")
    assert len(desk.simulator.truth().repeats) == 2


@given(gaps=st.lists(st.floats(0, 5), max_size=200))
def test_the_meter_refuses_exactly_what_exceeds_a_minute(gaps: list[float]) -> None:
    meter, arrivals, now = QuotaMeter(Quotas(per_minute=20)), list[float](), 0.0
    for gap in gaps:
        now += gap
        arrivals.append(now)
        within = sum(arrival > now - 60 + 1e-6 for arrival in arrivals)
        wait = meter.arrive(Family.JOBS, now)
        assert (wait is None) == (within <= 20)
        if wait is not None:
            assert 0 < wait <= 60


def test_the_meter_forgives_a_clocks_last_digits_and_no_more() -> None:
    meter = QuotaMeter(Quotas())
    assert meter.arrive(Family.REPEAT, START) is None
    assert meter.arrive(Family.REPEAT, START + 1 - 5e-7) is None
    assert meter.arrive(Family.REPEAT, START + 2 - 3e-6) is not None


def test_families_have_limits_of_their_own() -> None:
    desk = Desk(small())
    paths = ("/api/recipes", "/api/connections", "/api/users/me", f"/api/recipes/{desk.recipe_id}/jobs")
    assert all(desk.ask(path).status == 200 for _ in range(60) for path in paths)
    assert [desk.ask(path).status for path in paths] == [429] * 4
    assert len(desk.simulator.truth().violations) == 4
    assert desk.simulator.truth().request_counts == dict.fromkeys(("recipes", "connections", "other", "jobs"), 61)


def test_quotas_count_in_the_clock_and_not_in_the_world() -> None:
    desk = Desk(small(), world_speed=1000)
    assert [desk.ask("/api/tags").status for _ in range(61)][-1] == 429


# -- faults ------------------------------------------------------------------------------------------------------------


def with_fault(**settings: object) -> Desk:
    desk = Desk(small(happenings=failing(1)))
    desk.wait(60)
    desk.simulator.faults.set([Fault.model_validate(settings)])
    return desk


@pytest.mark.parametrize(("when", "made"), [("before", 0), ("after", 1)])
def test_a_status_before_or_after_the_repeat_is_carried_out(when: str, made: int) -> None:
    desk = with_fault(kind="status", status=503, path="repeat_jobs", when=when)
    job = desk.jobs()[0]["id"]
    assert desk.repeat(job).status == 503
    assert sum(run.number > 0 for run in desk.simulator.truth().runs) == made


def test_faults_begin_end_and_choose() -> None:
    desk = with_fault(kind="status", status=403, method="GET", path="/jobs$", skip=1, times=2)
    assert [desk.ask(f"/api/recipes/{desk.recipe_id}/jobs").status for _ in range(4)] == [200, 403, 403, 200]
    assert desk.ask("/api/tags").status == 200
    desk.simulator.faults.set([])
    assert desk.ask(f"/api/recipes/{desk.recipe_id}/jobs").status == 200


def test_answers_can_be_spoilt() -> None:
    whole = Desk(small()).ask("/api/tags").body or b""
    assert with_fault(kind="truncate").ask("/api/tags").body == whole[: len(whole) // 2]
    assert with_fault(kind="truncate", at=3).ask("/api/tags").body == whole[:3]
    assert with_fault(kind="replace", body="\ufeff[NaN]").ask("/api/tags").body == "\ufeff[NaN]".encode()
    twisted = json.loads(with_fault(kind="wrong_types").ask("/api/users/me").body or b"")
    assert twisted["id"] == "211706"
    page = with_fault(kind="login_page").ask("/api/tags")
    assert (page.status, header(page, "Content-Type")) == (200, "text/html; charset=utf-8")
    redirect = with_fault(kind="login_redirect").ask("/api/tags")
    assert (redirect.status, header(redirect, "Location")) == (302, "/users/sign_in")
    assert with_fault(kind="html", status=504).ask("/api/tags").status == 504
    assert with_fault(kind="drop").ask("/api/tags").body is None
    assert with_fault(kind="refuse").ask("/api/tags").refused
    assert with_fault(kind="reset", at=7).ask("/api/tags").cut_at == 7
    assert with_fault(kind="drip", seconds=1).ask("/api/tags").drip_s == 1
    assert with_fault(kind="delay", seconds="41s").ask("/api/tags").delay_s == 41
    assert with_fault(kind="wrong_types", path="/api").ask("/api/tags").body != whole
    pages = Desk(small({"html_502": 1}))
    pages.simulator.faults.set([Fault(kind="wrong_types")])
    assert (pages.ask("/api/tags").body or b"").startswith(b"<html>")
    limited = with_fault(kind="status", status=429, headers={"Retry-After": "9"}).ask("/api/tags")
    assert (limited.status, header(limited, "Retry-After")) == (429, "9")
