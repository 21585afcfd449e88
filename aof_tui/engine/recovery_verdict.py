"""What the answer to a repeat request means for the request and for each of its jobs."""

from __future__ import annotations

from aof_tui.domain.words import AttemptState, DispatchState
from aof_tui.engine.lineages import WATCH_FIRST_S
from aof_tui.engine.recovery_conclude import Verdict
from aof_tui.workato.answers import JobAnswer, JobOutcome, RepeatAnswer, RequestOutcome
from aof_tui.workato.errors import Forbidden, RateLimited, Unauthorized


def dispatch_state(answer: RepeatAnswer) -> DispatchState:
    """How far the request came, as its answer tells."""
    if answer.outcome is RequestOutcome.NOT_SENT:
        return DispatchState.NOT_SENT
    if any(job.outcome is JobOutcome.AMBIGUOUS for job in answer.jobs):
        return DispatchState.UNKNOWN
    return DispatchState.ANSWERED


def verdict_on(job: JobAnswer, answer: RepeatAnswer, settle_until: float, again_at: float) -> Verdict:
    """What became of one job; a doubt is settled from the first of the times, the rest goes on from the second."""
    match job.outcome:
        case JobOutcome.ACCEPTED:
            return Verdict(AttemptState.ACCEPTED, "enqueued", again_at + WATCH_FIRST_S)
        case JobOutcome.AMBIGUOUS:
            return Verdict(AttemptState.UNKNOWN, job.reason, settle_until)
        case JobOutcome.NOT_SENT:
            return Verdict(AttemptState.NOT_SENT, job.reason, again_at)
    # Too many requests, or a token that may not: Workato said nothing about the job itself.
    blameless = isinstance(answer.error, RateLimited | Unauthorized | Forbidden)
    return Verdict(AttemptState.REJECTED, job.reason, again_at, counts=not blameless)
