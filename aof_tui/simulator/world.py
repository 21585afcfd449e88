"""A seeded world of recipes and jobs. Pure: all depends on the seed, the scenario and the repeats asked for."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from functools import partial

from aof_tui.domain.words import Category
from aof_tui.simulator import happenings
from aof_tui.simulator.agents import build_groups
from aof_tui.simulator.build import build_place
from aof_tui.simulator.catalogue import call_failed, pick_flaw
from aof_tui.simulator.draws import Draws
from aof_tui.simulator.scenario import Happening, Heals, Scenario
from aof_tui.simulator.state import By, Flaw, Lineage, Outcome, SimRecipe, SimRun

_KEEP_PLAIN_RUNS = 200
_QUEUE = (0.2, 2.0)
_MARGIN = (0.2, 1.8)
"""Time between two jobs, as parts of the mean."""
_NEVER_HEALS = frozenset(
    {
        Category.AUTH_CONNECTION,
        Category.PERMISSION_QUOTA,
        Category.VALIDATION_DATA,
        Category.DUPLICATE_CONFLICT,
        Category.NOT_FOUND,
        Category.RECIPE_LOGIC,
    }
)


class World:
    """Time moves by `advance` alone; times are wall seconds, spans in the scenario are divided by `speed`."""

    def __init__(self, scenario: Scenario, seed: str, start: float, speed: float = 1.0) -> None:
        self.scenario = scenario
        self.draws = Draws(seed)
        self.start = start
        self.speed = speed
        self.place = build_place(scenario, self.draws, start)
        self.agent_groups = build_groups(scenario, self.draws, start)
        self.runs: dict[str, SimRun] = {}
        self.lineages: dict[str, Lineage] = {}
        """Every lineage that ever failed or was repeated, by its original's id; the others may be forgotten."""
        self._happenings = itertools.count()
        self._orders = itertools.count(1)
        self._events: list[tuple[float, int, Callable[[float], None]]] = []
        self._serials = itertools.count()
        first = min([-scenario.history, *(happening.at for happening in scenario.happenings)])
        self.now = start + self.span(first)
        for recipe in self.place.recipes.values():
            self._plan_arrival(recipe, start - self.span(scenario.history))
        for happening in scenario.happenings:
            self.let_happen(happening)
        self.advance(start)

    def span(self, seconds: float) -> float:
        """How long the scenario's seconds last here."""
        return seconds / self.speed

    def at(self, time: float, action: Callable[[float], None]) -> None:
        """Call `action` with its time when the world comes to it; at once for a time gone by."""
        heapq.heappush(self._events, (max(time, self.now), next(self._serials), action))

    def advance(self, to: float) -> None:
        """Let everything happen up to that time; a time gone by changes nothing."""
        while self._events and self._events[0][0] <= to:
            time, _, action = heapq.heappop(self._events)
            self.now = time
            action(time)
        self.now = max(self.now, to)

    def let_happen(self, happening: Happening) -> None:
        """Plan a happening of the scenario, or a further one; its time counts from the start of the world."""
        at = self.start + self.span(happening.at)
        happenings.plan(self, happening, at, f"happening-{next(self._happenings)}")

    # -- jobs ----------------------------------------------------------------------------------------------------------

    def start_job(
        self,
        recipe: SimRecipe,
        at: float,
        key: tuple[str | int, ...],
        flaw: Flaw | None,
        heals: Heals | None = None,
        calling: SimRun | None = None,
        is_poll_error: bool = False,
    ) -> SimRun:
        """A new original job; without a flaw it succeeds unless a connection is in trouble. The key names it."""
        group = recipe.group
        flaw, healed_by_time = self._flaw_now(recipe, at, flaw, key)
        heal_on = 1 if healed_by_time else self._heal_on(recipe, flaw, heals, key)
        line = group.lines[0] + self.draws.whole(1 + group.lines[1] - group.lines[0], *key, "line")
        lineage = Lineage(recipe, flaw, line, heal_on)
        run = self._new_run(lineage, By.ORIGIN, at, key, flaw)
        run.calling = calling
        run.is_poll_error = is_poll_error
        run.is_test = self.draws.chance(group.tests, *key, "test")
        if recipe.calls is not None and not is_poll_error:
            self._call(run, recipe.calls, key)
        self._begin(run)
        return run

    def start_outside(self, recipe: SimRecipe, at: float, key: str, content: object) -> SimRun:
        """A job that somebody starts from outside, with what it is given; it fails as often as the recipe's others."""
        name = (recipe.recipe_id, key)
        fails = self.draws.chance(recipe.group.fails, *name, "fails")
        run = self.start_job(recipe, at, name, self._drawn_flaw(recipe, name) if fails else None)
        run.content = content
        return run

    def end_now(self, run: SimRun, outcome: Outcome, at: float) -> None:
        """End a run that is under way before its time."""
        run.outcome, run.flaw, run.ends_at = outcome, None, at
        self._end(run, at)
        self.lineages.setdefault(run.lineage.master_id, run.lineage)

    def repeat(self, run: SimRun, by: By, at: float, correlation: str | None = None) -> SimRun:
        """Run the job again from its trigger event; whether it heals depends on how often it was repeated."""
        lineage = run.lineage
        recipe, number, group = lineage.recipe, len(lineage.runs), lineage.recipe.group
        key = (lineage.master_id, number)
        flaw = None if lineage.heal_on is not None and number >= lineage.heal_on else lineage.flaw
        if flaw is not None and self.draws.chance(group.changes, *key, "changes"):
            flaw = self._drawn_flaw(recipe, (*key, "changed"))
        flaw, _ = self._flaw_now(recipe, at, flaw, key)
        repeated = self._new_run(lineage, by, at, key, flaw)
        repeated.correlation = correlation
        repeated.calling = lineage.runs[0].calling
        if self.draws.chance(group.cancels, *key, "cancelled"):
            repeated.outcome, repeated.flaw = Outcome.CANCELLED, None
        elif self.draws.chance(group.odd_ends, *key, "odd"):
            repeated.outcome, repeated.flaw = Outcome.ODD, None
        if recipe.calls is not None and repeated.outcome in (Outcome.SUCCEEDED, Outcome.FAILED):
            self._call(repeated, recipe.calls, key)
        self._begin(repeated)
        return repeated

    def _new_run(self, lineage: Lineage, by: By, at: float, key: tuple[str | int, ...], flaw: Flaw | None) -> SimRun:
        started = at + self.span(self.draws.between(_QUEUE, *key, "queue"))
        return SimRun(
            job_id=self._handle(key),
            lineage=lineage,
            number=len(lineage.runs),
            order=next(self._orders),
            by=by,
            created_at=at,
            started_at=started,
            ends_at=started + self.span(self.draws.between(lineage.recipe.group.duration, *key, "duration")),
            outcome=Outcome.FAILED if flaw else Outcome.SUCCEEDED,
            flaw=flaw,
        )

    def _handle(self, key: tuple[str | int, ...]) -> str:
        handle = f"j-{self.draws.letters(8, *key, 'handle')}-{self.draws.letters(6, *key, 'handle', 2)}"
        style = self.scenario.handles
        suffixed = style == "suffixed" or (style == "mixed" and self.draws.chance(0.5, *key, "suffix"))
        return f"{handle}-CD" if suffixed else handle

    def _begin(self, run: SimRun) -> None:
        run.lineage.runs.append(run)
        run.recipe.runs.append(run)
        self.runs[run.job_id] = run
        self.at(run.ends_at, partial(self._end, run))
        if not run.plain:
            self.lineages[run.lineage.master_id] = run.lineage
        else:
            run.recipe.plain_runs += 1
            if run.recipe.plain_runs > 2 * _KEEP_PLAIN_RUNS:
                self._forget_plain_runs(run.recipe)

    def _end(self, run: SimRun, at: float) -> None:
        if run.ended:
            return
        run.ended = True
        recipe, lineage = run.recipe, run.lineage
        recipe.by_run.add(run.outcome)
        earlier = lineage.runs[run.number - 1] if run.number else None
        if earlier is not None:
            recipe.by_lineage.add(earlier.outcome, -1)
        recipe.by_lineage.add(run.outcome)
        recipe.last_run_at = at
        recipe.revision += 1
        if run.outcome is Outcome.FAILED and self.draws.chance(recipe.group.human, run.job_id, "human"):
            delay = self.span(self.draws.between(self.scenario.human_delay, run.job_id, "human delay"))
            self.at(at + delay, partial(self._human_repeats, run))

    def _human_repeats(self, run: SimRun, at: float) -> None:
        """The web UI offers the repeat for the latest run only, and not while it runs."""
        if run.lineage.newest is run:
            self.repeat(run, By.HUMAN, at)

    def _call(self, calling: SimRun, called: SimRecipe, key: tuple[str | int, ...]) -> None:
        """The job calls a recipe function, and fails with it."""
        flaw = calling.flaw
        if calling.number == 0 and flaw is None and self.draws.chance(called.group.fails, *key, "called"):
            flaw = self._drawn_flaw(called, (*key, "called"))
        heals: Heals | None = {1: 1.0} if calling.number else None
        child = self.start_job(called, calling.started_at, (*key, "call"), flaw, heals, calling)
        if child.flaw is not None:
            calling.outcome, calling.flaw = Outcome.FAILED, call_failed(child.flaw)
            if calling.number == 0:
                calling.lineage.flaw, calling.lineage.heal_on = child.flaw, child.lineage.heal_on
        calling.ends_at = max(calling.ends_at, child.ends_at + self.span(1.0))

    # -- chance --------------------------------------------------------------------------------------------------------

    def _plan_arrival(self, recipe: SimRecipe, after: float) -> None:
        if recipe.group.every is not None:
            part = self.draws.between(_MARGIN, recipe.recipe_id, recipe.arrivals, "arrival")
            self.at(after + self.span(recipe.group.every * part), partial(self._arrive, recipe))

    def _arrive(self, recipe: SimRecipe, at: float) -> None:
        key = (recipe.recipe_id, recipe.arrivals)
        recipe.arrivals += 1
        self._plan_arrival(recipe, at)
        if not recipe.running or any(begin <= at < end for begin, end in recipe.quiet):
            return
        poll_error = self.draws.chance(recipe.group.poll_errors, *key, "poll")
        fails = poll_error or self.draws.chance(recipe.group.fails, *key, "fails")
        flaw = self._drawn_flaw(recipe, key) if fails and recipe.group.errors else None
        self.start_job(recipe, at, key, flaw, is_poll_error=poll_error and flaw is not None)

    def _drawn_flaw(self, recipe: SimRecipe, key: tuple[str | int, ...]) -> Flaw:
        weights = recipe.group.errors or {Category.UNKNOWN: 1.0}
        return pick_flaw(self.draws, recipe, self.draws.weigh(weights, *key, "category"), key[-1])

    def _heal_on(
        self, recipe: SimRecipe, flaw: Flaw | None, heals: Heals | None, key: tuple[str | int, ...]
    ) -> int | None:
        if heals is None and flaw is not None and flaw.category in _NEVER_HEALS:
            return None
        number = self.draws.weigh(heals or recipe.group.heals, *key, "heals")
        return None if number == "never" else number

    def _flaw_now(
        self, recipe: SimRecipe, at: float, flaw: Flaw | None, key: tuple[str | int, ...]
    ) -> tuple[Flaw | None, bool]:
        """What the run meets: a connection in trouble comes before the job's own flaw, and heals by itself."""
        for connection in recipe.connections:
            for trouble in connection.troubles:
                if trouble.starts <= at < trouble.ends and self.draws.chance(trouble.share, *key, "trouble"):
                    cause = pick_flaw(self.draws, recipe, trouble.category, "trouble", connection.application)
                    return cause, flaw is None
        return flaw, False

    def _forget_plain_runs(self, recipe: SimRecipe) -> None:
        """Workato keeps jobs for a while only; a lineage that ever failed is kept here, for the truth log."""
        surplus = recipe.plain_runs - _KEEP_PLAIN_RUNS
        kept = []
        for run in recipe.runs:
            if surplus and run.plain and run.ends_at < self.now:
                surplus -= 1
                recipe.plain_runs -= 1
                del self.runs[run.job_id]
            else:
                kept.append(run)
        recipe.runs = kept
