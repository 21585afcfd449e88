"""What came of a repeat request: every doubt is told as one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aof_tui.workato.answers import JobOutcome, RequestOutcome, from_error, from_payload
from aof_tui.workato.errors import (
    BadPage,
    Forbidden,
    NotFound,
    NotSent,
    RateLimited,
    Refused,
    Transient,
    Unauthorized,
    WorkatoError,
)

JOBS = ("j-a", "j-b", "j-c")


def test_each_job_is_settled_by_its_own_word() -> None:
    payload = {
        "results": [
            {"job_id": "j-b", "status": "failed", "error": "job \x1b[31mis\nold, password=hunter22"},
            {"job_id": "j-a", "status": "enqueued"},
            {"job_id": "j-foreign", "status": "enqueued"},
        ]
    }
    answer = from_payload(JOBS, payload)
    assert answer.outcome is RequestOutcome.ANSWERED
    assert answer.http_status == 200
    assert [one.job_id for one in answer.jobs] == list(JOBS)
    assert [one.outcome for one in answer.jobs] == [JobOutcome.ACCEPTED, JobOutcome.REJECTED, JobOutcome.AMBIGUOUS]
    reason = answer.jobs[1].reason
    assert "is old" in reason
    assert "hunter22" not in reason
    assert not {"\x1b", "\n"} & set(reason)


@pytest.mark.parametrize(
    "results",
    [
        [],
        [{"job_id": "j-a"}],
        [{"job_id": "j-a", "status": None}],
        [{"job_id": "j-a", "status": "ENQUEUED!"}],
        [{"job_id": "j-a", "status": ["enqueued"]}],
        [{"job_id": "j-a", "status": "success"}],
        [{"job_id": "j-a", "status": "enqueued"}, {"job_id": "j-a", "status": "failed"}],
        [{"job_id": ["j-a"], "status": "enqueued"}],
        ["j-a", None, 7],
    ],
)
def test_a_job_left_out_or_in_unknown_words_is_ambiguous(results: list[object]) -> None:
    answer = from_payload(["j-a"], {"results": results})
    assert answer.outcome is RequestOutcome.ANSWERED
    assert [one.outcome for one in answer.jobs] == [JobOutcome.AMBIGUOUS]
    assert answer.jobs[0].reason


@pytest.mark.parametrize("payload", [None, [], "enqueued", {"success": True}, {"results": {"j-a": "enqueued"}}])
def test_an_answer_of_another_shape_is_ambiguous(payload: object) -> None:
    answer = from_payload(["j-a"], payload)
    assert answer.outcome is RequestOutcome.AMBIGUOUS
    assert answer.jobs[0].outcome is JobOutcome.AMBIGUOUS


def test_integer_ids_of_older_jobs_are_understood_and_true_is_no_id() -> None:
    results = [{"job_id": 1003, "status": "enqueued"}, {"job_id": True, "status": "enqueued"}]
    answer = from_payload(["1003", "True", "1"], {"results": results})
    assert [one.outcome for one in answer.jobs] == [JobOutcome.ACCEPTED, JobOutcome.AMBIGUOUS, JobOutcome.AMBIGUOUS]


def test_a_reason_that_is_no_text_is_left_out() -> None:
    answer = from_payload(["j-a"], {"results": [{"job_id": "j-a", "status": "failed", "error": {"x": 1}}]})
    assert (answer.jobs[0].outcome, answer.jobs[0].reason) == (JobOutcome.REJECTED, "")


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (NotSent("refused"), RequestOutcome.NOT_SENT),
        *[(Refused(status, "no"), RequestOutcome.REJECTED) for status in (400, 409, 413, 415, 422)],
        (Unauthorized(401, "no"), RequestOutcome.REJECTED),
        (Forbidden(403, "no"), RequestOutcome.REJECTED),
        (NotFound(404, "no"), RequestOutcome.REJECTED),
        (RateLimited(429, "no", 5.0), RequestOutcome.REJECTED),
        (Unauthorized(200, "login page"), RequestOutcome.AMBIGUOUS),
        (Unauthorized(302, "login page"), RequestOutcome.AMBIGUOUS),
        (Refused(402, "unknown"), RequestOutcome.AMBIGUOUS),
        (Refused(418, "unknown"), RequestOutcome.AMBIGUOUS),
        (Transient("HTTP 502", 502), RequestOutcome.AMBIGUOUS),
        (Transient("HTTP 408", 408), RequestOutcome.AMBIGUOUS),
        (Transient("reset"), RequestOutcome.AMBIGUOUS),
        (BadPage("cut"), RequestOutcome.AMBIGUOUS),
        (WorkatoError("anything else"), RequestOutcome.AMBIGUOUS),
    ],
)
def test_without_an_answer_all_jobs_share_the_outcome(error: WorkatoError, outcome: RequestOutcome) -> None:
    answer = from_error(JOBS, error)
    assert answer.outcome is outcome
    assert [one.job_id for one in answer.jobs] == list(JOBS)
    assert {one.outcome.value for one in answer.jobs} == {outcome.value}
    assert answer.http_status == error.status
    assert answer.error is error
    assert answer.why == str(error)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
words = st.sampled_from(["enqueued", "failed", "queued"]) | json_values
result_items = st.fixed_dictionaries(
    {}, optional={"job_id": st.sampled_from(["j-a", "j-b", 7]), "status": words, "error": json_values}
)


@given(st.one_of(json_values, st.fixed_dictionaries({"results": st.lists(result_items | json_values, max_size=6)})))
def test_any_json_is_classified_and_acceptance_needs_the_exact_word(payload: object) -> None:
    answer = from_payload(["j-a", "j-b"], payload)
    assert [one.job_id for one in answer.jobs] == ["j-a", "j-b"]
    for one in answer.jobs:
        if one.outcome is JobOutcome.ACCEPTED:
            assert isinstance(payload, dict)
            said = [
                item["status"]
                for item in payload["results"]
                if isinstance(item, dict)
                if item.get("job_id") == one.job_id
            ]
            assert said
            assert set(said) == {"enqueued"}
