"""What Workato's keeping and its price say to a repeat, in the transaction of the intent."""

from __future__ import annotations

from dataclasses import dataclass

from aof_tui.domain.model import Failure
from aof_tui.domain.words import Category, FailureStatus, IncidentKind, Reason, Severity
from aof_tui.engine.context import Workspace
from aof_tui.engine.incidents import Incidents
from aof_tui.engine.unit import Unit
from aof_tui.policy.price import Purse, month_of, tasks_per_job
from aof_tui.policy.retention_clock import comes_too_late, repeatable_until
from aof_tui.store.mapping import integer, moment, optional_integer
from aof_tui.store.port import Params

WORDS = {
    Reason.NOT_REPEATABLE: "needs a person: Workato no longer keeps the job, so it cannot be repeated",
    Reason.TASK_CAP: "held: its repeat would pass the monthly cap on tasks",
}
"""What the log says of a failure that is not repeated for one of these."""


@dataclass(frozen=True, slots=True)
class Paid:
    """What a repeat is reckoned to cost; None: not known. `passes_cap`: a person's wish that the cap had held."""

    tasks: int | None
    passes_cap: bool


class Ration:
    """What the repeats of one request may cost; each one that is let through leaves less."""

    def __init__(self, kept_s: float | None, purse: Purse, tasks: int | None) -> None:
        self._kept_s = kept_s
        self._purse = purse
        self._tasks = tasks

    def objection(self, failure: Failure, now: float) -> tuple[FailureStatus, Reason] | None:
        """Why a failure is not repeated by itself; a person's wish stands above."""
        if failure.forced_by is None:
            if comes_too_late(now, repeatable_until(failure.first_failed_at, self._kept_s)):
                return FailureStatus.NEEDS_PERSON, Reason.NOT_REPEATABLE
            if not self._purse.has_room(self._tasks):
                return FailureStatus.HELD, Reason.TASK_CAP
        self._purse = self._purse.paid(self._tasks)
        return None


async def open_ration(unit: Unit, workspace: Workspace, recipe_id: str) -> Ration:
    """The ration of one request for repeats of a recipe."""
    purse = await _purse(unit, workspace)
    return Ration(workspace.settings.job_retention, purse, await _price(unit, workspace.name, recipe_id))


async def pay(unit: Unit, workspace: Workspace, failure: Failure) -> Paid:
    """Count what the repeat of a failure is reckoned to cost."""
    forced = failure.forced_by is not None
    tasks = await _price(unit, workspace.name, failure.recipe_id)
    room = (await _purse(unit, workspace)).has_room(tasks)
    await _book(unit, workspace.name, unit.now, tasks, forced, 1)
    return Paid(tasks, forced and not room)


async def give_back(unit: Unit, workspace: str, attempt_id: int) -> None:
    """A repeat that never began costs nothing."""
    row = (await unit.tx.fetch("attempt_price", {"attempt_id": attempt_id}))[0]
    tasks, decided_at = optional_integer(row, "tasks"), moment(row, "decided_at")
    await _book(unit, workspace, decided_at, tasks, bool(row["forced"]), -1)


async def tell_of_cap(unit: Unit, incidents: Incidents, workspace: Workspace) -> None:
    """Tell people once that repeats are held for their price."""
    title = f"automatic repeats are held: the cap of {workspace.settings.task_cap} tasks a month is reached"
    await incidents.raise_alarm(
        unit,
        workspace.name,
        IncidentKind.TASK_CAP_REACHED,
        title,
        category=Category.PERMISSION_QUOTA,
        severity=Severity.WARNING,
    )


async def _purse(unit: Unit, workspace: Workspace) -> Purse:
    month: Params = {"workspace": workspace.name, "month": month_of(unit.now)}
    rows = await unit.tx.fetch("task_month_get", month)
    spent = integer(rows[0], "automatic") + integer(rows[0], "forced") if rows else 0
    return Purse(workspace.settings.task_cap, spent)


async def _price(unit: Unit, workspace: str, recipe_id: str) -> int | None:
    rows = await unit.tx.fetch("recipe_get", {"workspace": workspace, "recipe_id": recipe_id})
    if not rows:
        return None
    return tasks_per_job(optional_integer(rows[0], "lifetime_tasks"), integer(rows[0], "succeeded_count"))


async def _book(unit: Unit, workspace: str, at: float, tasks: int | None, forced: bool, sign: int) -> None:
    amount = sign * (tasks or 0)
    await unit.tx.execute(
        "task_month_add",
        {
            "workspace": workspace,
            "month": month_of(at),
            "automatic": 0 if forced else amount,
            "forced": amount if forced else 0,
            "unpriced": sign if tasks is None else 0,
        },
    )
