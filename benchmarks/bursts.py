"""Plays bursts of failures on a large workspace in virtual time, and counts what the engine asks and how long it takes.

All times are seconds of the simulator's truth log and of the store, none is of this machine.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aof_tui.base.clock import Clock
from aof_tui.control.protocol import Control
from aof_tui.control.requests import Command, Verb
from aof_tui.domain.words import Category
from aof_tui.simulator.simulator import Simulator
from aof_tui.simulator.truth import RequestTruth, RunTruth
from benchmarks.large import forget_first_reads, number
from benchmarks.workspace import Shape, Size, burst, workspace
from tests.harness.virtual import WORKSPACE, Bench, settings, simulated

LOOK_EVERY_S = 0.5
DECIDED_WITHIN_S = 1800.0
FIRST_START_S = 600.0
PHASES = (0.0, 0.25, 0.5, 0.75)
"""When a burst begins, as a part of the interval between two sweeps."""
ERRORS = (Category.RATE_LIMIT, Category.TIMEOUT_NETWORK, Category.DOWNSTREAM_5XX, Category.ON_PREM_AGENT)
"""One for each phase: the first burst of a shape with it is of errors that are new to their recipes."""

PAGE, LIST, DETAIL = "recipe pages", "job lists", "job details"
KINDS = {
    PAGE: re.compile(r"/api/recipes"),
    LIST: re.compile(r"/api/recipes/(\d+)/jobs"),
    DETAIL: re.compile(r"/api/recipes/\d+/jobs/[^/]+"),
}


@dataclass(frozen=True, slots=True)
class Trial:
    """One burst to play."""

    shape: Shape
    error: Category
    phase: float
    new_errors: bool


FIRST_START = Trial(Shape.SPREAD, Category.UNKNOWN, 0.5, new_errors=True)
PLAN = tuple(
    Trial(shape, error, phase, new_errors)
    for shape, new_errors in (
        (Shape.SPREAD, True),
        (Shape.SPREAD, False),
        (Shape.ONE_PAGE, True),
        (Shape.ONE_RECIPE, True),
    )
    for phase, error in zip(PHASES, ERRORS, strict=True)
)


@dataclass(frozen=True, slots=True)
class Burst:
    """What came of one burst."""

    trial: Trial
    waits_s: tuple[float, ...]
    """From the time the API shows a failure to the time it is in the store, one for each failure."""
    decided_s: float
    """From the first failure shown to the last one decided."""
    pages: int
    """Recipe pages of one whole sweep."""
    asked: dict[str, int]
    """Requests until all was decided, by kind."""
    unmoved_reads: int
    """Job lists of recipes in which nothing had failed."""

    @property
    def per_sweep(self) -> int:
        """Requests of sweep and collation for a sweep that finds the whole burst, details not counted."""
        return self.pages + self.asked.get(LIST, 0)

    @property
    def details(self) -> int:
        """Job details, each read once for a recipe and an error that is new to it."""
        return self.asked.get(DETAIL, 0)


@dataclass(frozen=True, slots=True)
class Bursts:
    """All that was played."""

    first_start: Burst
    """Ten minutes after an engine began on an empty store."""
    known: tuple[Burst, ...]
    """In a workspace that the engine knows."""


def kind_of(request: RequestTruth) -> str:
    """What a request asked for: a kind of collation, else its path."""
    found = (kind for kind, pattern in KINDS.items() if pattern.fullmatch(request.path))
    return next(found, request.path.removeprefix("/api/"))


async def play(clock: Clock, size: Size, seed: str, plan: Sequence[Trial], tell: Callable[[str], None]) -> Bursts:
    """Get to know a workspace, with a burst in the midst of it; then play the trials, one after the other."""
    simulator = Simulator(workspace(size), seed, clock)
    bench = simulated(clock, simulator, settings())
    bursts: list[Burst] = []

    async def begin(control: Control) -> None:
        await clock.sleep(FIRST_START_S)
        bursts.append(await _Stage(clock, size, simulator, bench, control).play(FIRST_START))

    async def all_trials(control: Control) -> None:
        stage = _Stage(clock, size, simulator, bench, control)
        bursts.extend([await stage.play(trial) for trial in plan])

    await bench.run(begin)
    # Getting to know each recipe once takes hours, and is not what is measured.
    forget_first_reads(bench)
    tell(f"after {clock.boot() / 60:.0f} virtual minutes no recipe is left to be read for the first time")
    await bench.run(all_trials)
    return Bursts(bursts[0], tuple(bursts[1:]))


class _Stage:
    """One engine at work, on which bursts are played one after the other."""

    def __init__(self, clock: Clock, size: Size, simulator: Simulator, bench: Bench, control: Control) -> None:
        self._clock = clock
        self._size = size
        self._simulator = simulator
        self._bench = bench
        self._control = control

    async def play(self, trial: Trial) -> Burst:
        """One burst from its first failure to the last decision; then its failures are closed, so that none repeats."""
        earlier, later = await self._next_sweep(), await self._next_sweep()
        await self._clock.sleep(trial.phase * (later - earlier))
        begin = self._simulator.now()
        for jobs in burst(self._size, trial.shape, trial.error, begin - self._simulator.world.start):
            self._simulator.world.let_happen(jobs)
        await self._until_decided(begin)
        decided = self._simulator.now()
        truth = self._simulator.truth()
        failed = [run for run in truth.runs if run.created_at >= begin]
        recorded = await self._recorded(begin)
        await self._close(failed)
        requests = [request for request in truth.requests if begin <= request.at <= decided]
        moved = {str(run.recipe_id) for run in failed}
        read = [match[1] for request in requests if (match := KINDS[LIST].fullmatch(request.path))]
        return Burst(
            trial=trial,
            waits_s=tuple(recorded[run.master] - run.end_listed_from for run in failed),
            decided_s=decided - min(run.end_listed_from for run in failed),
            pages=sum(kind_of(request) == PAGE and earlier <= request.at < later for request in truth.requests),
            asked=dict(Counter(map(kind_of, requests))),
            unmoved_reads=sum(recipe_id not in moved for recipe_id in read),
        )

    async def _next_sweep(self) -> float:
        """Wait for a sweep to begin; when it did."""
        before = at = await self._sweep_began()
        while at == before:
            await self._clock.sleep(LOOK_EVERY_S)
            at = await self._sweep_began()
        return at

    async def _sweep_began(self) -> float:
        rows = await self._bench.rows("SELECT sweep_started_at FROM workspace")
        return number(rows[0]["sweep_started_at"])

    async def _until_decided(self, begin: float) -> None:
        """Return when all failures of the burst are recorded and none waits for its detail."""
        for _ in range(int(DECIDED_WITHIN_S / LOOK_EVERY_S)):
            await self._clock.sleep(LOOK_EVERY_S)
            undecided = await self._bench.rows("SELECT 1 FROM failure WHERE undecided_until IS NOT NULL LIMIT 1")
            if len(await self._recorded(begin)) == self._size.burst and not undecided:
                return
        raise AssertionError(f"a burst was not recorded and decided within {DECIDED_WITHIN_S:g} s")

    async def _recorded(self, begin: float) -> dict[str, float]:
        """When each failure was recorded."""
        rows = await self._bench.rows(
            "SELECT master_job_id, at FROM event WHERE kind = 'failure.recorded' AND at >= :begin", begin=begin
        )
        return {str(row["master_job_id"]): number(row["at"]) for row in rows}

    async def _close(self, failed: list[RunTruth]) -> None:
        for run in failed:
            result = await self._control.command(
                Command(Verb.CLOSE, "terminal:bench", WORKSPACE, run.master, reason="the next burst")
            )
            if not result.done:
                raise AssertionError(f"a failure could not be closed: {result.message}")
