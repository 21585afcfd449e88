"""What repeats cost in Workato's tasks, as an estimate, and whether a monthly cap leaves room for them. Pure.

Source: Workato docs (recipes): `lifetime_task_count` counts tasks since March 2021, so an older recipe's price is
too low; failed jobs cost tasks too but are not divided by, so a failing recipe's comes out too high.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from aof_tui.base.clock import utc


def tasks_per_job(lifetime_tasks: int | None, succeeded_jobs: int) -> int | None:
    """Tasks that one run of a recipe costs, rounded up; None where nothing is known to reckon with."""
    if lifetime_tasks is None or succeeded_jobs <= 0:
        return None
    return max(1, -(-lifetime_tasks // succeeded_jobs))


def month_of(at: float) -> str:
    """The UTC month of a moment, like `2025-06`."""
    return f"{utc(at):%Y-%m}"


@dataclass(frozen=True, slots=True)
class Purse:
    """What a workspace's repeats of one month may still cost. `cap` None: as much as they like."""

    cap: int | None
    spent: int

    def has_room(self, tasks: int | None) -> bool:
        """Whether a repeat of this price fits; one of unknown price fits while anything is left."""
        if self.cap is None:
            return True
        return self.spent < self.cap and self.spent + (tasks or 0) <= self.cap

    def paid(self, tasks: int | None) -> Purse:
        """After a repeat of this price; an unknown price is not guessed."""
        return replace(self, spent=self.spent + (tasks or 0))
