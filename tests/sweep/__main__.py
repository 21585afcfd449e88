"""Kills an engine at every place that it reaches, in each mode and with each behaviour of the list, and judges."""

from __future__ import annotations

import argparse
import gc
import json
import logging
import os
import random
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from itertools import product

from aof_tui.base.clock import SystemClock
from aof_tui.domain.words import WhenInDoubt
from tests.crash.plan import REPEAT_ROWS
from tests.sweep.story import Played, Setting, play

HELD, BROKEN = 0, 1
SETTINGS = (
    *(Setting(when_in_doubt, row) for when_in_doubt, row in product(WhenInDoubt, REPEAT_ROWS)),
    # Where a breaker is open for half of the time: deaths while it holds, while a probe is under way, and after it.
    Setting(WhenInDoubt.HOLD, "in_place", outage=True),
)
MOST_NAMED = 12


def main(arguments: Sequence[str] | None = None) -> int:
    """0 if every promise was kept after every death, 1 if not."""
    parser = argparse.ArgumentParser(prog="python -m tests.sweep", description=__doc__)
    parser.add_argument("--most", type=int, default=0, help="no more deaths than these, each kind of place among them")
    parser.add_argument("--seed", default="", help="which deaths those are; drawn and printed without it")
    asked = parser.parse_args(arguments)
    seed = asked.seed or f"{random.SystemRandom().getrandbits(32):08x}"
    clock, worst = SystemClock(), list[str]()
    began, points, runs, broken = clock.boot(), 0, 0, 0
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        deaths: list[tuple[Setting, int]] = []
        for setting, whole in zip(SETTINGS, pool.map(one, SETTINGS, [None] * len(SETTINGS)), strict=True):
            tell(
                f"{setting}: {len(whole.trace)} places, {len(set(whole.trace))} kinds, {whole.accepted} repeats,"
                f" {whole.probes} probes"
            )
            points += len(whole.trace)
            if setting.outage and not whole.probes:
                worst.append(f"{setting} without a death: no breaker has probed")
            worst += [f"{setting} without a death: {violation}" for violation in whole.violations]
            deaths += [(setting, number) for number in chosen(whole.trace, asked.most // len(SETTINGS), seed)]
        tell(f"seed {seed}: {len(deaths)} deaths")
        tries = {pool.submit(one, setting, number): (setting, number) for setting, number in deaths}
        for done in as_completed(tries):
            setting, number = tries[done]
            played = done.result()
            runs += 1
            place = f"{setting} death {number} at {(played.trace or ('nothing',))[-1]}"
            if not played.died:
                worst.append(f"{place}: it did not die")
            worst += [f"{place}: {violation}" for violation in played.violations]
            broken += bool(played.violations) or not played.died
    for violation in worst[:MOST_NAMED]:
        tell(f"VIOLATED {violation[:600]}")
    last = {
        "points": points,
        "runs": runs,
        "violations": len(worst),
        "broken_runs": broken,
        "minutes": round((clock.boot() - began) / 60, 1),
        "seed": seed,
    }
    sys.stdout.write(json.dumps(last) + "\n")
    return BROKEN if worst else HELD


def chosen(trace: Sequence[str], most: int, seed: str) -> list[int]:
    """Which places, counted from 1, are places of death: all, or one of each kind and others up to a number."""
    numbers = list(range(1, len(trace) + 1))
    if not most:
        return numbers
    chance = random.Random(seed)
    chance.shuffle(numbers)
    one_of_each = list({trace[number - 1]: number for number in numbers}.values())
    others = [number for number in numbers if number not in one_of_each]
    return sorted([*one_of_each, *others[: max(0, most - len(one_of_each))]])


def one(setting: Setting, dies_at: int | None) -> Played:
    """One life and what follows, in a process of its own."""
    logging.disable(logging.CRITICAL)
    gc.disable()
    try:
        return play(setting, dies_at)
    finally:
        gc.enable()
        gc.collect()


def tell(line: str) -> None:
    """One line of progress."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
