"""Notices another engine on the same workspace: somebody else's repeats close to our own times for the same jobs."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from aof_tui.base.durations import human_duration
from aof_tui.domain.event_kinds import EventKind
from aof_tui.domain.lineage import Lineage, Source
from aof_tui.domain.model import Attempt, Failure
from aof_tui.domain.words import FailureStatus
from aof_tui.engine.access import RIVAL, Access
from aof_tui.engine.context import Context
from aof_tui.engine.unit import Unit
from aof_tui.store.mapping import integer

CLOSE_S = 60.0
WITHIN_S = 3600.0
ENOUGH = 3
"""One or two may be a person; jobs of one read count once, as a person repeats them together."""


class Rivals:
    """Stops acting when somebody else keeps repeating what is due here: two engines would repeat everything twice."""

    def __init__(self, ctx: Context, access: Access) -> None:
        self._ctx = ctx
        self._access = access

    async def note(
        self, unit: Unit, failure: Failure, lineage: Lineage, attempts: Sequence[Attempt], new: Collection[str]
    ) -> None:
        """Look at the runs of a lineage that are seen for the first time in this transaction, named by `new`."""
        workspace = self._ctx.workspaces[failure.workspace]
        if not new or workspace.hindrance() is not None:
            return
        times = own_times(failure, attempts, unit.now)
        for run in lineage.runs:
            if run.job_id not in new or lineage.sources[run.job_id] is not Source.EXTERNAL or run.started_at is None:
                continue
            apart = min((abs(run.started_at - at) for at in times), default=WITHIN_S)
            if apart <= CLOSE_S and not await _is_noted(unit, failure, run.job_id):
                near = human_duration(round(apart))
                text = f"somebody else repeated it as {run.job_id}, {near} from our own time for it"
                data = {"run": run.job_id, "draw": failure.draw}
                await unit.failure_event(EventKind.RIVAL_SUSPECTED, failure, text, data=data)
                await self._judge(unit, failure.workspace)

    async def _judge(self, unit: Unit, name: str) -> None:
        rows = await unit.tx.fetch("rivals_suspected", {"workspace": name, "since": unit.now - WITHIN_S})
        if integer(rows[0], "amount") >= ENOUGH:
            text = f"another engine seems to act on {name}: it repeats what is due here; end one of them, then resume"
            await self._access.stop_within(unit, self._ctx.workspaces[name], RIVAL, text)


async def _is_noted(unit: Unit, failure: Failure, job_id: str) -> bool:
    """A page that holds several runs of a lineage has it followed once for each of them."""
    key = {"workspace": failure.workspace, "master_job_id": failure.master_job_id, "run": job_id}
    return bool(await unit.tx.fetch("rival_noted", key))


def own_times(failure: Failure, attempts: Sequence[Attempt], now: float) -> list[float]:
    """When the engine repeated the failure or means to; one recorded this moment has no time yet."""
    times = [attempt.decided_at for attempt in attempts if not attempt.forced]
    planned = failure.status is FailureStatus.SCHEDULED and failure.undecided_until is None
    if planned and failure.next_action_at is not None and failure.recorded_at < now:
        times.append(failure.next_action_at)
    return times
