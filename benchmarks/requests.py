"""How many requests a sweep needs, and how soon a burst of failures is recorded: counts and virtual times.

Usage: python -m benchmarks.requests
The last line is one JSON object; the exit code is 1 when a target is missed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from statistics import median

from aof_tui.simulator.virtual_time import run_virtual
from benchmarks.bursts import PLAN, Burst, Bursts, Trial, play
from benchmarks.machine import describe_machine
from benchmarks.workspace import Shape, Size

SEED = "1"
MOST_REQUESTS = 110
MOST_MEDIAN_S = 60.0
MOST_WORST_S = 120.0


@dataclass(frozen=True, slots=True)
class Figures:
    """The last line. `burst_median_s` and `burst_worst_s` are over all shapes and phases of a burst."""

    seed: str
    recipes: int
    burst: int
    requests_per_sweep: int
    unmoved_reads: int
    details_per_sweep: int
    burst_median_s: float
    burst_worst_s: float
    shape_medians_s: dict[str, float]
    """The same by shape."""
    first_start_median_s: float
    first_start_worst_s: float
    met: bool


def measure(size: Size, seed: str, plan: Sequence[Trial] = PLAN, tell: Callable[[str], None] = print) -> Figures:
    """Play the plan on a workspace of that size, telling what comes of each burst."""
    tell(f"{size.recipes} recipes, {size.busy} of them busy; bursts of {size.burst} failures in 30 s; seed {seed}")
    bursts = run_virtual(partial(play, size=size, seed=seed, plan=plan, tell=tell))
    for line in _table(bursts):
        tell(line)
    return _figures(size, seed, bursts)


def _figures(size: Size, seed: str, bursts: Bursts) -> Figures:
    waits = _waits(bursts.known)
    requests = max(burst.per_sweep for burst in bursts.known)
    unmoved = sum(burst.unmoved_reads for burst in bursts.known)
    middle, worst = median(waits), max(waits)
    return Figures(
        seed=seed,
        recipes=size.recipes,
        burst=size.burst,
        requests_per_sweep=requests,
        unmoved_reads=unmoved,
        details_per_sweep=max(burst.details for burst in bursts.known),
        burst_median_s=round(middle, 1),
        burst_worst_s=round(worst, 1),
        shape_medians_s={shape: round(median(shaped), 1) for shape in Shape if (shaped := _waits(bursts.known, shape))},
        first_start_median_s=round(median(bursts.first_start.waits_s), 1),
        first_start_worst_s=round(max(bursts.first_start.waits_s), 1),
        met=requests <= MOST_REQUESTS and not unmoved and middle <= MOST_MEDIAN_S and worst <= MOST_WORST_S,
    )


def _table(bursts: Bursts) -> Iterable[str]:
    yield "seconds from shown by the API to recorded; requests until all was decided"
    yield f"{'failures in':<12} {'errors':<6} {'phase':>5} {'median':>7} {'worst':>6} {'decided':>8}  requests"
    for burst in bursts.known:
        yield _line(burst)
    yield "in the first hour on an empty store:"
    yield _line(bursts.first_start)
    for shape in Shape:
        if waits := _waits(bursts.known, shape):
            yield f"{shape:<12} all phases: median {median(waits):.1f} s, worst {max(waits):.1f} s"


def _line(burst: Burst) -> str:
    trial = burst.trial
    errors = "new" if trial.new_errors else "known"
    asked = ", ".join(f"{amount} {kind}" for kind, amount in sorted(burst.asked.items()))
    return (
        f"{trial.shape:<12} {errors:<6} {trial.phase:>5.2f} {median(burst.waits_s):>7.1f} {max(burst.waits_s):>6.1f}"
        f" {burst.decided_s:>8.1f}  {asked}; {burst.pages} recipe pages a sweep"
    )


def _waits(bursts: Iterable[Burst], shape: Shape | None = None) -> list[float]:
    """How long each failure waited, in the bursts of one shape or of all."""
    return [wait for burst in bursts if shape in (None, burst.trial.shape) for wait in burst.waits_s]


def main() -> int:
    """The exit code."""
    print(describe_machine())
    figures = measure(Size(), SEED)
    print(
        f"a sweep that finds {figures.burst} new failures: {figures.requests_per_sweep} requests (at most "
        f"{MOST_REQUESTS}), besides up to {figures.details_per_sweep} details, each once for a recipe and its error; "
        f"one by one it takes {figures.recipes}"
    )
    print(json.dumps(asdict(figures)))
    return 0 if figures.met else 1


if __name__ == "__main__":
    sys.exit(main())
