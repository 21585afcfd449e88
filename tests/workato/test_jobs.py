"""Jobs as runs of lineages."""

from __future__ import annotations

import json

import pytest

from aof_tui.base.clock import parse_rfc3339
from aof_tui.domain.model import JobDetail, Run
from aof_tui.domain.words import RunStatus
from aof_tui.workato import jobs
from aof_tui.workato.errors import BadPage
from aof_tui.workato.rows import JobsPage
from tests.workato.payloads import Json, job_detail, job_list, line, listed_job

ME = "j-AbCdEfGh-ijKLmN"


def page_of(value: object) -> JobsPage:
    return jobs.jobs_page("42", value, 17.5)


def only_run(**changes: object) -> Run:
    [run] = page_of(job_list(listed_job(**changes))).runs
    return run


def without(*keys: str, **changes: object) -> Json:
    return {key: value for key, value in listed_job(**changes).items() if key not in keys}


def test_a_failed_job_of_the_list() -> None:
    page = page_of(job_list(listed_job(), listed_job(id="j-older")))
    assert (len(page.runs), page.next_offset, page.scope_count, page.asked_boot) == (2, "j-older", 2, 17.5)
    run = page.runs[0]
    assert (run.recipe_id, run.job_id, run.master_job_id, run.is_repeat) == ("42", ME, ME, False)
    assert run.status is RunStatus.FAILED
    assert run.started_at == parse_rfc3339("2025-06-14T23:17:11Z")
    assert run.completed_at == parse_rfc3339("2025-06-14T23:17:14.250Z")
    assert run.error is not None
    assert run.error.error_type == "Bad request"
    assert run.error.adapter == "marketo"
    assert run.error.message == "'Filter values' must be present"
    assert not run.erased


def test_an_empty_page_is_the_end() -> None:
    page = page_of({"items": []})
    assert (page.runs, page.next_offset, page.scope_count) == ((), None, None)


@pytest.mark.parametrize("master", [None, "", ME])
def test_an_original_names_no_lineage_or_itself(master: object) -> None:
    run = only_run(master_job_id=master)
    assert run.master_job_id == ME
    assert not run.is_repeat


def test_an_original_by_another_of_its_names() -> None:
    run = only_run(id=99, handle=ME, master_job_id=99)
    assert (run.job_id, run.is_repeat) == (ME, False)


def test_a_repeat_names_its_lineage() -> None:
    run = only_run(master_job_id="j-first", is_repeat=True)
    assert (run.master_job_id, run.is_repeat) == ("j-first", True)
    assert only_run(id=1003, master_job_id=1001).master_job_id == "1001"
    assert only_run(master_job_id=1001, master_job_handle="j-first").master_job_id == "j-first"


def test_an_original_with_a_handle_may_name_itself_in_either_form() -> None:
    for master in (1001, "1001", "j-first"):
        run = only_run(id=1001, handle="j-first", master_job_id=master)
        assert (run.job_id, run.master_job_id) == ("j-first", "j-first")


@pytest.mark.parametrize("master", [1001, "1001"])
def test_a_lineage_named_in_another_form_than_its_repeat_is_not_taken_for_another_one(master: object) -> None:
    with pytest.raises(BadPage, match="older form"):
        only_run(id=1003, handle="j-second", master_job_id=master)
    both = only_run(id=1003, handle="j-second", master_job_id=master, master_job_handle="j-first")
    assert (both.job_id, both.master_job_id) == ("j-second", "j-first")
    same_form = only_run(id=1003, handle="j-second", master_job_id="j-first")
    assert (same_form.job_id, same_form.master_job_id) == ("j-second", "j-first")


def test_a_handle_that_is_the_id_itself_is_no_other_form() -> None:
    assert only_run(id=1003, handle="1003", master_job_id=1001).master_job_id == "1001"


def test_a_repeat_without_a_lineage_is_not_taken_for_an_original() -> None:
    with pytest.raises(BadPage, match="repeat"):
        only_run(is_repeat=True, master_job_id=None)


def test_a_repeat_in_the_place_of_its_original_keeps_its_name() -> None:
    assert only_run(is_repeat=True, master_job_id=ME).master_job_id == ME


@pytest.mark.parametrize("job_id", [1003, "1003"])
def test_older_ids_are_integers(job_id: object) -> None:
    assert only_run(id=job_id).job_id == "1003"


@pytest.mark.parametrize("job_id", [None, "", True, 1.5, -1.5, "j/x", "j x", "j\n", "ï", "x" * 65, ["j-a"], {}])
def test_what_is_no_id_makes_the_whole_page_bad(job_id: object) -> None:
    with pytest.raises(BadPage) as caught:
        page_of(job_list(listed_job(), listed_job(id=job_id)))
    assert str(caught.value) == "not a Job: id: value_error"
    with pytest.raises(BadPage):
        page_of(job_list(without("id")))


@pytest.mark.parametrize("master", [True, 1.5, "a b", [], {}])
def test_a_lineage_that_cannot_be_read_makes_the_page_bad(master: object) -> None:
    with pytest.raises(BadPage):
        only_run(master_job_id=master)


@pytest.mark.parametrize("time", ["yesterday", "2025-06-14T16:17:11", 1750000000, True, [], "2025-13-01T00:00:00Z"])
def test_a_time_that_cannot_be_read_makes_the_page_bad(time: object) -> None:
    with pytest.raises(BadPage):
        only_run(completed_at=time)


@pytest.mark.parametrize("value", [None, [], {"jobs": []}, {"items": {}}, {"items": [None]}, {"items": ["j-a"]}, 7])
def test_what_is_no_list_of_jobs_is_a_bad_page(value: object) -> None:
    if value == []:
        assert page_of(value).runs == ()
        return
    with pytest.raises(BadPage):
        page_of(value)


@pytest.mark.parametrize("count", [None, "many", -1, True, 2**70])
def test_a_scope_count_that_cannot_be_read_is_unknown(count: object) -> None:
    assert page_of(job_list(listed_job()) | {"job_scope_count": count}).scope_count is None


def test_what_only_people_read_never_makes_a_page_bad() -> None:
    run = only_run(
        title=["x"], error=17, error_parts="none", is_poll_error="yes", is_test=None, calling_job_id={}, handle="a b"
    )
    assert (run.title, run.is_poll_error, run.is_test, run.calling_job_id) == ("", False, False, None)
    assert run.error is not None


def test_hostile_text_is_harmless() -> None:
    run = only_run(title="a\x1b]0;evil\x07\nb \ud800 password=hunter22", error="x\x1b[2J\ud800", error_parts={})
    assert run.error is not None
    for text in (run.title, run.error.text):
        text.encode("utf-8")
        assert "\x1b" not in text
        assert "\n" not in text
    assert "hunter22" not in run.title
    assert len(only_run(title="y" * 100_000).title) <= 500


def test_an_error_as_json_text_or_object_or_parts_is_the_same() -> None:
    parts = listed_job()["error_parts"]
    told = [
        only_run(error=json.dumps(parts), error_parts={}).error,
        only_run(error=parts, error_parts=None).error,
        only_run(error=None, error_parts=parts).error,
        only_run(error=json.dumps(parts), error_parts=parts).error,
    ]
    assert told[0] is not None
    assert told[0].adapter == "marketo"
    assert told == [told[0]] * 4


def test_only_a_failure_has_an_error() -> None:
    assert only_run(status="succeeded", error="left over").error is None
    assert only_run(error=None, error_parts=None).error is not None


def test_an_erased_job_is_recognised() -> None:
    erased = without("error", "error_parts", title="")
    [run] = page_of(job_list(erased)).runs
    assert run.erased
    assert run.error is None
    assert run.status is RunStatus.FAILED
    assert not only_run(title="", error=None).erased
    assert only_run(erased=True).erased
    [kept] = page_of(job_list(without("error", "error_parts"))).runs
    assert not kept.erased
    [succeeded] = page_of(job_list({**erased, "status": "succeeded"})).runs
    assert not succeeded.erased


def test_the_chain_of_callers_as_numbers_or_text() -> None:
    run = only_run(calling_job_id=11, root_job_id="j-root", root_recipe_id=42)
    assert (run.calling_job_id, run.root_job_id, run.root_recipe_id) == ("11", "j-root", "42")
    run = only_run(calling_job_id=11, calling_job_handle="j-c", root_job_id=12, root_job_handle="j-r")
    assert (run.calling_job_id, run.root_job_id) == ("j-c", "j-r")


def test_test_jobs_are_marked() -> None:
    assert only_run(is_test=True).is_test
    assert only_run(is_test_case_job=True).is_test


def detail_of(*lines: Json, **changes: object) -> JobDetail:
    run, detail = jobs.job("42", ME, job_detail(*lines, **changes))
    assert run.job_id == ME
    return detail


def test_the_detail_names_the_failed_step() -> None:
    parts = {"line_number": 3, "message": "no", "error_type": "X"}
    found = detail_of(
        line(1),
        line(2, code=401, error="handled"),
        line(3, code="503", error="x"),
        line(4, code=500),
        error_parts=parts,
    )
    assert found == JobDetail(503, 3, "rest", "make_request_v2")


def test_without_a_number_the_last_failed_step_counts() -> None:
    assert detail_of(line(1), line(2, error="x"), line(3, code=502), line(4)) == JobDetail(
        502, 3, "rest", "make_request_v2"
    )
    descriptor = line(5, error_descriptor={"error_type": "X"}, adapter_name=None, adapter_operation=7)
    assert detail_of(descriptor) == JobDetail(None, 5, "marketo", None)


def test_a_detail_without_lines_uses_the_parts() -> None:
    parts = {"line_number": "4", "adapter": "netsuite", "action": "add_record", "message": "no"}
    assert detail_of(error_parts=parts) == JobDetail(None, 4, "netsuite", "add_record")
    assert detail_of(status="succeeded", is_test_case_job=True) == JobDetail(None, None, None, None, is_test=True)


@pytest.mark.parametrize("code", [None, True, "x", 99, 600, -1, 401.5, {}, "9" * 50])
def test_an_impossible_code_is_none(code: object) -> None:
    assert detail_of(line(2, code=code, error="x")).http_code is None


@pytest.mark.parametrize(
    "lines", [None, "x", [1, None], [{"error_details": []}], [{"error_details": {"http_response": "x"}, "error": "y"}]]
)
def test_strange_lines_are_passed_over(lines: object) -> None:
    assert detail_of(lines=lines).http_code is None


def test_the_detail_must_be_of_the_job_asked_for() -> None:
    with pytest.raises(BadPage, match="another job"):
        jobs.job("42", "j-other", job_detail())
    run, _ = jobs.job("42", "99", job_detail(id=99, master_job_id=None, master_job_handle=ME))
    assert (run.job_id, run.is_repeat) == ("99", False)
