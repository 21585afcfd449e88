"""Every open question about Workato's API, answered both ways."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest

from aof_tui.simulator.state import By
from tests.simulator.worlds import START, Desk, Json, failing, header, read, small


def failed_desk(switches: dict[str, object] | None = None, *heals: int | str, **changes: object) -> Desk:
    desk = Desk(small(switches, happenings=failing(*(heals or (1,))), **changes))
    desk.wait(100)
    return desk


def repeated(desk: Desk) -> Json:
    """The failed job whose repeat was just accepted."""
    (job,) = desk.jobs(status="failed")
    assert json.loads(desk.repeat(job["id"]).body or b"")["results"][0]["status"] == "enqueued"
    return job


def test_master_id_is_null_or_the_own_id() -> None:
    for word in ("null", "own"):
        desk = failed_desk({"master_id": word})
        (job,) = desk.jobs()
        assert job["master_job_id"] == (None if word == "null" else job["id"])
        repeated(desk)
        desk.wait(60)
        (row,) = desk.jobs(rerun_only="true")
        assert row["master_job_id"] == job["id"] != row["id"]


def test_a_repeat_is_a_new_row_or_takes_the_originals_place() -> None:
    for word in ("new", "in_place"):
        desk = failed_desk({"repeat_row": word}, 1, "never")
        older = desk.jobs()[1]
        assert desk.repeat(older["id"]).status == 200
        desk.wait(60)
        rows = desk.jobs()
        if word == "new":
            assert [row["status"] for row in rows] == ["succeeded", "failed", "failed"]
            assert rows[0]["master_job_id"] == older["id"] == rows[2]["id"]
        else:
            assert [row["status"] for row in rows] == ["failed", "succeeded"]
            assert rows[1]["master_job_id"] == older["id"] != rows[1]["id"]
        assert len(desk.jobs(status="failed")) == (2 if word == "new" else 1)


def test_a_pending_repeat_is_listed_at_once_or_at_its_end() -> None:
    for word in ("at_once", "at_end"):
        desk = failed_desk({"pending_repeat": word})
        repeated(desk)
        statuses = [row["status"] for row in desk.jobs()]
        assert statuses == (["pending", "failed"] if word == "at_once" else ["failed"])
        desk.wait(60)
        assert [row["status"] for row in desk.jobs()] == ["succeeded", "failed"]


def test_an_original_is_listed_while_it_runs() -> None:
    for word in ("at_once", "at_end"):
        group = {"key": "orders", "name": "Sync", "connections": ["rest"], "duration": [300, 300]}
        desk = Desk(small({"pending_repeat": word}, groups=[group], happenings=failing(1)))
        desk.wait(100)
        assert [row["status"] for row in desk.jobs()] == ["pending"]


def test_what_happens_is_visible_after_the_lag() -> None:
    for lag in (0, 30):
        desk = failed_desk({"visibility_lag": lag})
        repeated(desk)
        desk.wait(25)
        run = desk.world.lineages.popitem()[1].newest
        assert run.ends_at < desk.now
        assert len(desk.jobs()) == (1 if lag else 2)
        desk.wait(30)
        assert len(desk.jobs()) == 2
        known = desk.ask(f"/api/recipes/{desk.recipe_id}/jobs/{run.job_id}").status
        assert known == 200


def test_rerun_only_shows_repeats_or_the_whole_family() -> None:
    for word in ("repeats", "family"):
        desk = failed_desk({"rerun_only": word}, 1, 1)
        job = desk.jobs()[0]
        desk.repeat(job["id"])
        desk.wait(60)
        rows = desk.jobs(rerun_only="true")
        assert len(rows) == (1 if word == "repeats" else 2)
        assert {row["master_job_id"] or row["id"] for row in rows} == {job["id"]}


def test_newest_first_means_by_completion_or_by_start() -> None:
    groups = [{"key": "orders", "name": "Sync", "connections": ["rest"], "duration": [1, 300]}]
    for word in ("completed", "started"):
        desk = Desk(small({"list_order": word}, groups=groups, happenings=failing(*[1] * 12)))
        desk.wait(2000)
        rows = desk.jobs()
        assert len(rows) == 12
        field = "completed_at" if word == "completed" else "started_at"
        other = "started_at" if word == "completed" else "completed_at"
        assert rows == sorted(rows, key=lambda row: str(row[field]), reverse=True)
        assert rows != sorted(rows, key=lambda row: str(row[other]), reverse=True)


@pytest.mark.parametrize("size", [25, 100])
@pytest.mark.parametrize("honoured", [True, False])
def test_page_size_and_per_page(size: int, honoured: bool) -> None:
    desk = Desk(small({"page_size": size, "per_page_honoured": honoured}, happenings=failing(1, count=150, over=60)))
    desk.wait(200)
    assert len(desk.jobs()) == size
    assert len(desk.jobs(per_page="40")) == (40 if honoured else size)
    assert len(desk.jobs(per_page="1000")) == (100 if honoured else size)


def test_the_error_is_text_or_json() -> None:
    for word in ("text", "json"):
        (job,) = failed_desk({"error_text": word}).jobs()
        parts = job["error_parts"]
        assert isinstance(parts, dict)
        if word == "json":
            assert json.loads(str(job["error"])) == parts
        else:
            assert str(job["error"]).startswith(f"{parts['error_type']}: {parts['message']}; Error ID ")


def test_error_parts_are_basic_full_empty_or_absent() -> None:
    found = {word: failed_desk({"error_parts": word}).jobs()[0] for word in ("basic", "full", "empty", "absent")}
    basic, full = found["basic"]["error_parts"], found["full"]["error_parts"]
    assert isinstance(basic, dict)
    assert isinstance(full, dict)
    assert set(full) - set(basic) == {"action", "line_number", "retry_count"}
    assert found["empty"]["error_parts"] == {}
    assert "error_parts" not in found["absent"]


def test_a_healed_repeat_lowers_the_failed_count_or_not() -> None:
    for lowers in (False, True):
        desk = failed_desk({"healed_lowers_failed_count": lowers})

        def counts(desk: Desk = desk) -> tuple[object, object]:
            recipe = desk.get(f"/api/recipes/{desk.recipe_id}")
            return recipe["job_failed_count"], recipe["job_succeeded_count"]

        failed, succeeded = counts()
        repeated(desk)
        desk.wait(60)
        assert isinstance(failed, int)
        assert isinstance(succeeded, int)
        assert counts() == (failed - lowers, succeeded + 1)
        page = desk.get(f"/api/recipes/{desk.recipe_id}/jobs")
        assert page["job_failed_count"] == failed - lowers


def test_a_job_of_a_stopped_recipe_is_repeated_or_refused() -> None:
    for word in ("accept", "refuse"):
        desk = Desk(
            small(
                {"repeat_when_stopped": word},
                happenings=[
                    {"do": "jobs", "at": 1, "group": "orders", "error": "unknown"},
                    {"do": "stop_recipe", "at": 60, "group": "orders"},
                ],
            )
        )
        desk.wait(100)
        (job,) = desk.jobs()
        (result,) = json.loads(desk.repeat(job["id"]).body or b"")["results"]
        assert result["status"] == ("enqueued" if word == "accept" else "failed")
        assert ("error" in result) == (word == "refuse")


def test_a_run_that_is_not_the_latest_is_repeated_or_refused() -> None:
    for refuses in (False, True):
        desk = failed_desk({"refuse_not_latest": refuses}, "never")
        job = repeated(desk)
        desk.wait(1.1)
        statuses = []
        for job_id in (job["id"], desk.jobs()[0]["id"]):
            desk.wait(1.1)
            statuses.append(json.loads(desk.repeat(job_id).body or b"")["results"][0]["status"])
        assert statuses == (["failed", "failed"] if refuses else ["enqueued", "enqueued"])
        desk.wait(300)
        newest = desk.jobs()[0]["id"]
        stale = json.loads(desk.repeat(job["id"]).body or b"")["results"][0]
        assert stale.get("error") == ("Only the latest run of a job can be repeated" if refuses else None)
        if not refuses:
            continue
        desk.wait(1.1)
        assert json.loads(desk.repeat(newest).body or b"")["results"][0]["status"] == "enqueued"


def test_an_answer_is_lost_after_the_repeat_was_carried_out() -> None:
    drops = failed_desk({"lost_answer": 1, "lost_answer_as": "drop"})
    answer = drops.repeat(drops.jobs()[0]["id"])
    assert answer.body is None
    html = failed_desk({"lost_answer": 1, "lost_answer_as": "html_502"})
    answer = html.repeat(html.jobs()[0]["id"])
    assert (answer.status, header(answer, "Content-Type")) == (502, "text/html; charset=utf-8")
    for desk in (drops, html):
        (repeat,) = desk.simulator.truth().repeats
        assert repeat.answer == "lost"
        assert repeat.fates[0].run_id is not None
        desk.wait(60)
        assert len(desk.jobs(rerun_only="true")) == 1


def test_every_nth_answer_is_lost() -> None:
    desk = failed_desk({"lost_answer_every": 3, "lost_answer_as": "mixed"}, "never")
    job = desk.jobs()[0]["id"]
    lost = []
    for _ in range(9):
        desk.wait(2)
        lost.append(desk.repeat(job).status != 200)
    assert lost == [False, False, True] * 3


def test_a_repeat_may_fail_before_it_is_accepted() -> None:
    desk = failed_desk({"failed_before_accept": 1})
    assert desk.repeat(desk.jobs()[0]["id"]).status == 500
    (repeat,) = desk.simulator.truth().repeats
    assert (repeat.answer, [fate.run_id for fate in repeat.fates]) == ("refused", [None])


def test_results_may_miss_a_job_or_use_an_unknown_word() -> None:
    for word, seen in (("full", ["enqueued", "enqueued"]), ("one_missing", ["enqueued"]), ("odd_word", None)):
        desk = failed_desk({"results": word}, 1, 1)
        results = json.loads(desk.repeat(*(job["id"] for job in desk.jobs())).body or b"")["results"]
        statuses = [result["status"] for result in results]
        assert statuses == seen if seen else statuses[1] not in ("enqueued", "failed")


def test_a_429_comes_with_and_without_retry_after() -> None:
    for word in ("absent", "seconds", "date"):
        desk = Desk(small({"retry_after": word}))
        answers = [desk.ask("/api/tags") for _ in range(61)]
        assert [answer.status for answer in answers] == [200] * 60 + [429]
        value = header(answers[-1], "Retry-After")
        if word == "absent":
            assert value is None
        elif word == "seconds":
            assert value == "61"
        else:
            assert parsedate_to_datetime(str(value)).timestamp() == START + 61


def test_a_proxy_answers_in_html() -> None:
    desk = Desk(small({"html_502": 0.5}))
    answers = [desk.ask("/api/tags") for _ in range(50)]
    pages = [answer for answer in answers if answer.status == 502]
    assert 10 < len(pages) < 40
    assert all((page.body or b"").startswith(b"<html>") for page in pages)
    assert {answer.status for answer in (Desk(small()).ask("/api/tags") for _ in range(3))} == {200}


@pytest.mark.parametrize("offset", ["-08:00", "+05:30", "+00:00"])
def test_times_carry_the_workspaces_offset(offset: str) -> None:
    (job,) = failed_desk({"utc_offset": offset}).jobs()
    started = str(job["started_at"])
    assert started.endswith(offset)
    assert len(started) == len("2025-06-14T16:17:11.000-07:00")
    moment = datetime.fromisoformat(started)
    assert START < moment.timestamp() < START + 10
    assert moment.utcoffset() != timedelta(days=1)


@pytest.mark.parametrize("word", ["cancelled", "canceled", "aborted"])
def test_cancelled_in_its_spellings(word: str) -> None:
    group = {"key": "orders", "name": "Sync", "connections": ["rest"], "cancels": 1}
    desk = failed_desk({"cancelled_word": word}, groups=[group])
    repeated(desk)
    desk.wait(60)
    (row,) = desk.jobs(rerun_only="true")
    assert row["status"] == word
    assert row["completed_at"] is not None
    assert row["is_error"] is False


def test_unknown_status_words() -> None:
    group = {"key": "orders", "name": "Sync", "connections": ["rest"], "odd_ends": 1}
    desk = failed_desk({"pending_word": "processing", "odd_word": "skipped"}, groups=[group])
    repeated(desk)
    row = desk.jobs()[0]
    assert (row["status"], row["completed_at"]) == ("processing", None)
    desk.wait(60)
    row = desk.jobs()[0]
    assert row["status"] == "skipped"
    assert row["completed_at"] is not None


@pytest.mark.parametrize("style", ["plain", "suffixed", "mixed"])
def test_handles_come_in_both_styles(style: str) -> None:
    desk = Desk(small(happenings=failing(1, count=40), handles=style))
    desk.wait(60)
    suffixed = {str(job["id"]).endswith("-CD") for job in desk.jobs()}
    assert suffixed == {"plain": {False}, "suffixed": {True}, "mixed": {True, False}}[style]


def test_an_answer_takes_its_latency() -> None:
    answer = Desk(small({"latency": [0.5, 1.5]})).ask("/api/tags")
    assert 0.5 <= answer.delay_s < 1.5
    assert Desk(small()).ask("/api/tags").delay_s == 0


def test_a_repeat_without_a_correlation_id_is_not_the_engines() -> None:
    desk = failed_desk()
    job = desk.jobs()[0]["id"]
    desk.repeat(job, correlation=None)
    assert desk.simulator.truth().runs[-1].by == By.API
    assert read(desk.ask("/api/users/me"))["id"] == 211706
