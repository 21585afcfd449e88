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
    for attempt in sorted(attempts, key=lambda attempt: attempt.attempt_id):
        if attempt.attempt_id in claims or attempt.state not in CLAIMING:
            continue
        known = {*attempt.baseline, *taken}
        fresh = next((run for run in runs if run.is_repeat and run.job_id not in known), None)
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
    if success is not None:
        failed_since = newest.status is RunStatus.FAILED and _order(newest) > _order(success)
        return (Meaning.FAILED_AFTER_SUCCESS, newest) if failed_since else (Meaning.RECOVERED, success)
    running = next((run for run in reversed(runs) if not run.status.ended), None)
    if running is not None:
        return Meaning.RUNNING, running
    unseen = [attempt for attempt in attempts if attempt.attempt_id not in claims]
    if any(attempt.state in (AttemptState.SENDING, AttemptState.UNKNOWN) for attempt in unseen):
        return Meaning.DOUBTED, newest
    if any(attempt.state is AttemptState.ACCEPTED for attempt in unseen):
        return Meaning.AWAITED, newest
    return (Meaning.CANCELLED if newest.status is RunStatus.CANCELLED else Meaning.FAILED), newest


def read_lineage(known: Sequence[Run], attempts: Sequence[Attempt]) -> Lineage:
    """Attributes the known runs of one lineage (at least one) and says what they mean together."""
    runs = tuple(sorted(known, key=_order))
    claims = _claim(runs, attempts)
    meaning, decisive = _meaning(runs, attempts, claims)
    return Lineage(runs, _sources(runs, attempts, claims), claims, meaning, decisive)
