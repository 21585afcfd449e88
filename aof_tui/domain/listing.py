"""What the order of a listing of runs tells. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from aof_tui.domain.model import Run

APART_S = 1.0
"""Times closer than this may stand in either order by chance."""


def is_in_order_of_end(runs: Sequence[Run], lineage_began_at: Mapping[str, float]) -> bool | None:
    """Whether a page (newest first) proves that its list shows every run in a row of its own, in the order of its end.

    Neither is established of Workato: the list may be in the order of starts, or keep a repeat in the place of its
    original. True only where the page contradicts both of these; False where it contradicts the order of ends; None
    where it fits several.
    """
    rows = [(run.started_at, run.completed_at, run.master_job_id) for run in runs]
    timed = [(start, end, master) for start, end, master in rows if start is not None and end is not None]
    neighbours = list(pairwise(timed))
    if any(above[1] < below[1] - APART_S for above, below in neighbours):
        return False
    by_start = not any(above[0] < below[0] - APART_S for above, below in neighbours)
    began = [(lineage_began_at.get(above[2]), lineage_began_at.get(below[2])) for above, below in neighbours]
    in_place = not any(above is not None and below is not None and above < below - APART_S for above, below in began)
    return None if by_start or in_place else True


def has_passed(run: Run, moment: float) -> bool:
    """Whether everything after this row of a list (newest first) belongs to lineages that began before `moment`.

    Holds whether the list is ordered by start or by end, and whether a repeat stands in its original's place or not:
    a run that ended before a lineage began stands behind every run of that lineage.
    """
    return run.completed_at is not None and run.completed_at < moment
