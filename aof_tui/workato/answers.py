"""What came of a repeat request, job by job. Pure; where a doubt is left it says so, never "probably"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus

from aof_tui.workato.errors import NotSent, Refused, WorkatoError
from aof_tui.workato.outside import ERROR_LIMIT, label

DEFINITE_REFUSALS = frozenset({400, 401, 403, 404, 409, 413, 415, 422, 429})
"""After these nothing was done. 408 and 425 come from something on the way, and a 5xx may follow an acceptance."""
ACCEPTED_WORD = "enqueued"
REJECTED_WORD = "failed"


class RequestOutcome(StrEnum):
    """What came of the whole request."""

    NOT_SENT = "not_sent"
    REJECTED = "rejected"
    AMBIGUOUS = "ambiguous"
    ANSWERED = "answered"


class JobOutcome(StrEnum):
    """What came of it for one job."""

    NOT_SENT = "not_sent"
    REJECTED = "rejected"
    AMBIGUOUS = "ambiguous"
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class JobAnswer:
    """One job's part of the answer; `reason` is for people, cleaned and redacted."""

    job_id: str
    outcome: JobOutcome
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RepeatAnswer:
    """What came of one repeat request, with one `JobAnswer` for every job asked for, in that order.

    `error` is what ended an unanswered request: `Unauthorized`, `Forbidden` and `RateLimited` matter beyond it.
    """

    outcome: RequestOutcome
    jobs: tuple[JobAnswer, ...]
    http_status: int | None = None
    why: str = ""
    error: WorkatoError | None = None


def from_error(job_ids: Sequence[str], error: WorkatoError) -> RepeatAnswer:
    """Classify a request that brought no answer of success."""
    outcome, job_outcome = _outcomes(error)
    why = str(error)
    jobs = tuple(JobAnswer(job_id, job_outcome, why) for job_id in job_ids)
    return RepeatAnswer(outcome, jobs, error.status, why, error)


def _outcomes(error: WorkatoError) -> tuple[RequestOutcome, JobOutcome]:
    if isinstance(error, NotSent):
        return RequestOutcome.NOT_SENT, JobOutcome.NOT_SENT
    if isinstance(error, Refused) and error.status in DEFINITE_REFUSALS:
        return RequestOutcome.REJECTED, JobOutcome.REJECTED
    return RequestOutcome.AMBIGUOUS, JobOutcome.AMBIGUOUS


def from_payload(job_ids: Sequence[str], payload: object) -> RepeatAnswer:
    """Read an answer of success: `{"results": [{"job_id", "status": "enqueued" | "failed", "error"}]}`.

    Source: the types of Workato's own command line client. A job it leaves out, or names with a word we don't know or
    with two that differ, is ambiguous; the others are settled.
    """
    results = payload.get("results") if isinstance(payload, dict) else None
    if not isinstance(results, list):
        why = "the answer has no list of results"
        jobs = tuple(JobAnswer(job_id, JobOutcome.AMBIGUOUS, why) for job_id in job_ids)
        return RepeatAnswer(RequestOutcome.AMBIGUOUS, jobs, HTTPStatus.OK, why)
    jobs = tuple(_job_answer(job_id, [one for one in results if _names(one, job_id)]) for job_id in job_ids)
    return RepeatAnswer(RequestOutcome.ANSWERED, jobs, HTTPStatus.OK)


def _names(result: object, job_id: str) -> bool:
    if not isinstance(result, dict):
        return False
    named = result.get("job_id")
    return not isinstance(named, bool) and isinstance(named, str | int) and str(named) == job_id


def _word(status: object) -> str:
    return status if isinstance(status, str) else f"a status of type {type(status).__name__}"


def _job_answer(job_id: str, results: Sequence[dict[str, object]]) -> JobAnswer:
    words = {_word(result.get("status")) for result in results}
    if words == {ACCEPTED_WORD}:
        return JobAnswer(job_id, JobOutcome.ACCEPTED)
    if words == {REJECTED_WORD}:
        said = results[0].get("error")
        return JobAnswer(job_id, JobOutcome.REJECTED, label(said if isinstance(said, str) else "", ERROR_LIMIT))
    if not words:
        return JobAnswer(job_id, JobOutcome.AMBIGUOUS, "the answer leaves this job out")
    told = label(", ".join(sorted(words)), ERROR_LIMIT)
    return JobAnswer(job_id, JobOutcome.AMBIGUOUS, f"the answer says {told!r} of this job")
