"""What the order of a listing of runs tells. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from aof_tui.domain.model import Run


def _descends(times: Sequence[float]) -> bool:
    return all(above >= below for above, below in itertools.pairwise(times))


def keeps_place(runs: Sequence[Run], lineage_began_at: Mapping[str, float]) -> bool | None:
    """Whether a list (newest first) shows a repeat in the place of its original; None where the order fits both.

    It is not established which of the two Workato does, so it is read off the first listing that tells.
    """
    timed = [run for run in runs if run.completed_at is not None and run.started_at is not None]
    own = _descends([run.started_at or 0.0 for run in timed]) or _descends([run.completed_at or 0.0 for run in timed])
    known = [lineage_began_at[run.master_job_id] for run in timed if run.master_job_id in lineage_began_at]
    original = len(known) == len(timed) and _descends(known)
    if own == original:
        return None
    return original


def has_passed(run: Run, moment: float, lineage_began_at: Mapping[str, float]) -> bool:
    """Whether everything after this row of a list (newest first) belongs to lineages that began before `moment`.

    Holds whether the list is ordered by start or by end, and whether a repeat stands in its original's place or not.
    """
    if run.completed_at is None:
        return False
    return min(run.completed_at, lineage_began_at.get(run.master_job_id, run.completed_at)) < moment
