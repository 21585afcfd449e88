"""Jobs that another recipe's job called: the one at the top of the calls is repeated in their place, never both."""

from __future__ import annotations

from collections.abc import Mapping

from aof_tui.domain.model import Failure
from aof_tui.domain.words import FailureStatus, Reason, RunStatus
from aof_tui.engine.unit import Unit
from aof_tui.store.mapping import failure_from

ROOT_WAIT_S = 120.0
"""How long a called failure waits for its root to be recorded, before a person is asked."""

Outcome = tuple[FailureStatus, Reason]
HANDLED: Outcome = (FailureStatus.HELD, Reason.HANDLED_BY_ROOT)
UNANSWERED: Outcome = (FailureStatus.NEEDS_PERSON, Reason.CALLED_BY_OTHER)
HEALED: Outcome = (FailureStatus.RECOVERED, Reason.ROOT_SUCCEEDED)
CLOSED_ALIKE: Mapping[Reason | None, Outcome] = {
    reason: (FailureStatus.CLOSED, reason) for reason in (Reason.CLOSED_BY_PERSON, Reason.HANDLED_BY_FALLBACK)
}


async def outcome_of_called(unit: Unit, failure: Failure) -> Outcome | None:
    """What becomes of a called failure; None while its root may yet be recorded.

    Its root's run has failed too: the root's repeat runs it again. One that coped with it, or is not known, says
    nothing, so a person decides.
    """
    key = {"workspace": failure.workspace, "root_job_id": failure.root_job_id}
    rows = await unit.tx.fetch("root_of_called", key)
    if not rows:
        return None if unit.now < failure.recorded_at + ROOT_WAIT_S else UNANSWERED
    root = failure_from(rows[0])
    if rows[0]["run_status"] != RunStatus.FAILED:
        return UNANSWERED
    return _after(root)


async def followers(unit: Unit, root: Failure) -> list[tuple[Failure, Outcome]]:
    """The open failures that were called in failed runs of a lineage, each with what becomes of it now."""
    outcome = _after(root)
    rows = await unit.tx.fetch("called_by_lineage", {"workspace": root.workspace, "master_job_id": root.master_job_id})
    called = [failure_from(row) for row in rows]
    return [(failure, outcome) for failure in called if (failure.status, failure.reason) != outcome]


def _after(root: Failure) -> Outcome:
    if root.status is FailureStatus.RECOVERED:
        return HEALED
    if root.status is FailureStatus.CLOSED:
        return CLOSED_ALIKE.get(root.reason, UNANSWERED)
    return HANDLED
