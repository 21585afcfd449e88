"""Lives through simulated days on all cores, and counts the promises that were broken."""

from __future__ import annotations

import argparse
import gc
import json
import logging
import os
import random
import sys
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed

from aof_tui.base.clock import SystemClock
from tests.years.climate import climate
from tests.years.world import WorldResult, live_through

HELD, BROKEN = 0, 1
SPANS_DAYS = (1.0, 1.0, 2.0, 3.0)
"""Lengths of worlds, drawn until there are days enough."""
MOST_NAMED = 8


def main(arguments: Sequence[str] | None = None) -> int:
    """0 if every promise was kept in all worlds, 1 if not."""
    parser = argparse.ArgumentParser(prog="python -m tests.years", description=__doc__)
    parser.add_argument("--days", type=float, default=30.0, help="simulated days in all, or of the one world replayed")
    parser.add_argument("--seed", default="", help="of one world, as a run printed it: replay that world alone")
    parser.add_argument("--worlds", default="", help="seed of the run; drawn and printed without it")
    asked = parser.parse_args(arguments)
    root = asked.worlds or f"{random.SystemRandom().getrandbits(32):08x}"
    worlds = [(asked.seed, asked.days)] if asked.seed else list(plan(root, asked.days))
    tell(f"seed {asked.seed or root}: {asked.days:g} days in {len(worlds)} worlds")
    clock, results = SystemClock(), []
    began = clock.boot()
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        for done in as_completed([pool.submit(live, seed, days) for seed, days in worlds]):
            results.append(done.result())
            report(results[-1], clock.boot() - began)
    sys.stdout.write(json.dumps(figures(results, clock.boot() - began, asked.seed or root)) + "\n")
    return BROKEN if any(result.violations for result in results) else HELD


def plan(root: str, days: float) -> Iterator[tuple[str, float]]:
    """Seeds and lengths of worlds, the days of all together as asked."""
    chance, left, number = random.Random(f"{root}/spans"), days, 0
    while left > 0:
        number += 1
        span = min(left, chance.choice(SPANS_DAYS))
        yield f"{root}.{number}", span
        left -= span


def live(seed: str, days: float) -> WorldResult:
    """One world in a process of its own."""
    # What goes wrong on purpose fills the log; what should not is found in the events.
    logging.disable(logging.CRITICAL)
    gc.disable()
    try:
        return live_through(climate(seed, days))
    except Exception as error:
        # Not every error can be sent from process to process; its words can.
        broken = "".join(traceback.format_exception(error)[-4:])
        return WorldResult(seed, days, (f"the engine or its world ended: {broken}",), "", {})
    finally:
        gc.enable()


def report(result: WorldResult, seconds: float) -> None:
    """One line for a world, and its violations."""
    counts = ", ".join(f"{count} {name}" for name, count in result.figures.items())
    tell(f"{seconds:6.1f} s  {result.seed}: {result.days:g} days, {counts}, digest {result.digest[:16]}")
    for violation in result.violations[:MOST_NAMED]:
        tell(f"          VIOLATED {violation[:600]}")
    if result.violations:
        tell(f"          replay: make years SEED={result.seed} DAYS={result.days:g}")


def figures(results: Sequence[WorldResult], seconds: float, seed: str) -> dict[str, object]:
    """The sums, as the last line has them."""
    days = sum(result.days for result in results)
    sums: Counter[str] = Counter()
    for result in results:
        sums.update({name: count for name, count in result.figures.items() if name != "most_tasks"})
    return {
        "days": round(days, 3),
        "seeds": len(results),
        "violations": sum(len(result.violations) for result in results),
        "days_per_minute": round(days / seconds * 60, 1),
        "cpu_s_per_day": round(sum(os.times()[2:4]) / days, 2),
        **sums,
        "seed": seed,
    }


def tell(line: str) -> None:
    """One line of progress."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
