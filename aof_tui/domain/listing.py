"""What the order of a listing of runs tells. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from aof_tui.domain.model import Run
from aof_tui.domain.words import RunStatus

APART_S = 1.0
"""Times closer than this may stand in either order by chance."""
ORIGINALS_APART_S = 30.0
"""The same for originals, which may stand in the order in which they came to be shown."""


class ListFact(StrEnum):
    """What pages have proven of a workspace's lists of repeated runs. None of it is established of Workato."""

    NOT_BY_END = "not_by_end"
    NOT_BY_START = "not_by_start"
    NOT_IN_PLACE = "not_in_place"
    """A repeat does not stand where its original stood."""
    UNDER_WAY = "under_way"
    """A repeat is listed before it has ended."""


def facts_of(runs: Sequence[Run], originals: Mapping[str, tuple[float, float]]) -> frozenset[ListFact]:
    """What rows prove, newest first; `originals`: when the lineages' originals began and ended, as far as known."""
    timed = [(run.started_at, run.completed_at) for run in runs]
    ended = [(start, end) for start, end in timed if start is not None and end is not None]
    first = [originals[run.master_job_id] for run in runs if run.master_job_id in originals]
    not_by_end = _rises([end for _, end in ended], APART_S)
    not_by_start = _rises([start for start, _ in ended], APART_S)
    # Which of an original's times gave it its place is not known: both have to be contradicted.
    moved = all(_rises([original[part] for original in first], ORIGINALS_APART_S) for part in (0, 1))
    facts = {
        ListFact.NOT_BY_END: not_by_end,
        ListFact.NOT_BY_START: not_by_start,
        ListFact.NOT_IN_PLACE: moved,
        ListFact.UNDER_WAY: any(
            run.is_repeat and run.status is RunStatus.PENDING and run.completed_at is None for run in runs
        ),
    }
    return frozenset(fact for fact, proven in facts.items() if proven)


def _rises(times: Sequence[float], apart_s: float) -> bool:
    """Whether some later one is greater than an earlier one by more than what chance explains."""
    least = float("inf")
    for time in times:
        if time > least + apart_s:
            return True
        least = min(least, time)
    return False


def is_by_end(facts: frozenset[ListFact]) -> bool:
    """Whether every run is proven to stand in a row of its own, in the order of its end."""
    return facts >= {ListFact.NOT_BY_START, ListFact.NOT_IN_PLACE} and ListFact.NOT_BY_END not in facts


def is_new_on_top(facts: frozenset[ListFact]) -> bool:
    """Whether every run is proven to have a row of its own, in the order of ends or of starts, since it began."""
    by_time = not facts >= {ListFact.NOT_BY_END, ListFact.NOT_BY_START}
    return by_time and facts >= {ListFact.NOT_IN_PLACE, ListFact.UNDER_WAY}


def lies_before(runs: Sequence[Run], read_at: float, open_since: float | None) -> bool:
    """Whether what follows these rows of such a list had been listed at `read_at`, and had ended or is older than open.

    `open_since`: when the oldest repeat began whose end is not known. All times are UTC seconds.
    """
    starts = [run.started_at for run in runs if run.started_at is not None]
    ends = [run.completed_at for run in runs if run.completed_at is not None]
    if len(starts) < len(runs) or len(ends) < len(runs) or max(ends, default=read_at) >= read_at:
        return False
    return open_since is None or min(starts) < open_since - APART_S


def has_passed(run: Run, moment: float) -> bool:
    """Whether everything after this row of a list (newest first) belongs to lineages that began before `moment`.

    Holds whether the list is ordered by start or by end, and whether a repeat stands in its original's place or not:
    a run that ended before a lineage began stands behind every run of that lineage.
    """
    return run.completed_at is not None and run.completed_at < moment
