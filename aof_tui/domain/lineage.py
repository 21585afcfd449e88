"""What the runs of one lineage mean for its failure. Pure, and the same however often it is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from aof_tui.domain.model import Attempt, Run
from aof_tui.domain.words import AttemptState, RunStatus

CLAIMING = frozenset({AttemptState.SENDING, AttemptState.UNKNOWN, AttemptState.ACCEPTED, AttemptState.CONFIRMED})
"""States of an attempt of which a run may come."""


class Source(StrEnum):
    """Where a run of a lineage comes from."""

    ORIGINAL = "original"
    ENGINE = "engine"
    PERSON = "person"
    EXTERNAL = "external"


class Meaning(StrEnum):
    """What a lineage says about its failure."""

    RECOVERED = "recovered"
    FAILED_AFTER_SUCCESS = "failed_after_success"
    RUNNING = "running"
    AWAITED = "awaited"
    DOUBTED = "doubted"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Lineage:
    """The runs of a lineage in order of time, whose they are, and what they mean together."""

    runs: tuple[Run, ...]
    sources: Mapping[str, Source]
    claims: Mapping[int, str]
    """Run id by the attempt it came of, for every attempt whose run is known."""
    meaning: Meaning
    decisive: Run
    """The run that gives the meaning: the success, the running one, or the newest."""

    @property
    def repeats(self) -> int:
        """Repeats that the lineage shows, whoever made them."""
        return sum(1 for source in self.sources.values() if source is not Source.ORIGINAL)

    @property
    def external(self) -> int:
        """Repeats made by somebody else."""
        return sum(1 for source in self.sources.values() if source is Source.EXTERNAL)


def _order(run: Run) -> tuple[float, str]:
    return (run.started_at if run.started_at is not None else float("inf"), run.job_id)


def _claim(runs: Sequence[Run], attempts: Sequence[Attempt]) -> dict[int, str]:
    """Which run came of which attempt: the first one unknown when the attempt was decided.

    A repeat made by a person inside that window cannot be told from ours; it counts as ours, the careful way.
    """
    claims = {attempt.attempt_id: attempt.new_job_id for attempt in attempts if attempt.new_job_id is not None}
    taken = set(claims.values())
    places = {run.job_id: place for place, run in enumerate(runs)}
    for attempt in sorted(attempts, key=lambda attempt: attempt.attempt_id):
        if attempt.attempt_id in claims or attempt.state not in CLAIMING:
            continue
        known = {*attempt.baseline, *taken}
        # What began before the run that was sent cannot have come of sending it.
        later = runs[places.get(attempt.sent_job_id, -1) + 1 :]
        fresh = next((run for run in later if run.is_repeat and run.job_id not in known), None)
        if fresh is not None:
            claims[attempt.attempt_id] = fresh.job_id
            taken.add(fresh.job_id)
    return claims


def _sources(runs: Sequence[Run], attempts: Sequence[Attempt], claims: Mapping[int, str]) -> dict[str, Source]:
    ours = {
        claims[attempt.attempt_id]: Source.PERSON if attempt.forced else Source.ENGINE
        for attempt in attempts
        if attempt.attempt_id in claims
    }
    return {run.job_id: ours.get(run.job_id, Source.EXTERNAL) if run.is_repeat else Source.ORIGINAL for run in runs}


def _meaning(runs: Sequence[Run], attempts: Sequence[Attempt], claims: Mapping[int, str]) -> tuple[Meaning, Run]:
    newest = runs[-1]
    success = next((run for run in reversed(runs) if run.status is RunStatus.SUCCEEDED), None)
    since = runs[runs.index(success) + 1 :] if success is not None else runs
    if success is not None and not any(run.status is RunStatus.FAILED for run in since):
        return Meaning.RECOVERED, success
    running = next((run for run in reversed(since) if not run.status.ended and run.completed_at is None), None)
    if running is not None:
        return Meaning.RUNNING, running
    unseen = [attempt for attempt in attempts if attempt.attempt_id not in claims]
    if any(attempt.state in (AttemptState.SENDING, AttemptState.UNKNOWN) for attempt in unseen):
        return Meaning.DOUBTED, newest
    if any(attempt.state is AttemptState.ACCEPTED for attempt in unseen):
        return Meaning.AWAITED, newest
    if newest.status is not RunStatus.FAILED:
        # Cancelled, or ended in a state that nobody knows: nothing is concluded from it.
        return Meaning.CANCELLED, newest
    return (Meaning.FAILED if success is None else Meaning.FAILED_AFTER_SUCCESS), newest


def read_lineage(known: Sequence[Run], attempts: Sequence[Attempt]) -> Lineage:
    """Attributes the known runs of one lineage (at least one) and says what they mean together."""
    runs = tuple(sorted(known, key=_order))
    claims = _claim(runs, attempts)
    meaning, decisive = _meaning(runs, attempts, claims)
    return Lineage(runs, _sources(runs, attempts, claims), claims, meaning, decisive)
