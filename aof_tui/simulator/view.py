"""What the API shows of jobs, and when: visibility, rows, order and cursor."""

from __future__ import annotations

import math
from dataclasses import dataclass

from aof_tui.simulator.draws import Draws
from aof_tui.simulator.state import Outcome, SimRecipe, SimRun
from aof_tui.simulator.switches import Switches


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a job list: the run it shows and where it stands."""

    run: SimRun
    position: tuple[float, int]


class JobView:
    """The jobs as this Workato's switches let them be seen."""

    def __init__(self, switches: Switches, draws: Draws) -> None:
        self.switches = switches
        self._draws = draws

    def listed_from(self, run: SimRun) -> float:
        """When the run is first listed."""
        held_back = run.number > 0 and self.switches.pending_repeat == "at_end"
        return (run.ends_at if held_back else run.created_at) + self._lag(run)

    def end_shown_from(self, run: SimRun) -> float:
        """When the run is first shown as ended."""
        return run.ends_at + self._lag(run)

    def word(self, run: SimRun, now: float) -> str:
        """The status that is shown."""
        if now < self.end_shown_from(run):
            return self.switches.pending_word
        return self.end_word(run)

    def end_word(self, run: SimRun) -> str:
        """The status that is shown once the run's end is."""
        match run.outcome:
            case Outcome.CANCELLED:
                return self.switches.cancelled_word
            case Outcome.ODD:
                return self.switches.odd_word
            case outcome:
                return outcome.value

    def rows(self, recipe: SimRecipe, now: float, status: str | None, rerun_only: bool) -> list[Row]:
        """The recipe's rows under a filter, newest first."""
        in_place = self.switches.repeat_row == "in_place"
        found = []
        for run in recipe.runs:
            if in_place and run.number:
                continue
            shown = self._newest_listed(run, now) if in_place else run
            if shown is None or self.listed_from(shown) > now:
                continue
            if status is not None and self.word(shown, now) != status:
                continue
            if rerun_only and not self._was_rerun(shown, now):
                continue
            found.append(Row(shown, self.position(run, now)))
        found.sort(key=lambda row: row.position, reverse=True)
        return found

    def position(self, run: SimRun, now: float) -> tuple[float, int]:
        """Where a run stands in its list: later is nearer to the top."""
        if self.switches.repeat_row == "in_place":
            run = run.lineage.runs[0]
        if self.switches.list_order == "started":
            return run.created_at, run.order
        ended = self.end_shown_from(run)
        return (ended if ended <= now else math.inf), run.order

    def _newest_listed(self, original: SimRun, now: float) -> SimRun | None:
        return next((run for run in reversed(original.lineage.runs) if self.listed_from(run) <= now), None)

    def _was_rerun(self, run: SimRun, now: float) -> bool:
        if run.number:
            return True
        repeats = run.lineage.runs[1:]
        return self.switches.rerun_only == "family" and any(self.listed_from(repeat) <= now for repeat in repeats)

    def _lag(self, run: SimRun) -> float:
        if run.lag_s is None:
            run.lag_s = self._draws.between(self.switches.visibility_lag, run.job_id, "lag")
        return run.lag_s
