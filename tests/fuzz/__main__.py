"""Feeds mutated answers to decoders, clients and engines, on all cores; the last line says what came of it."""

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
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed

from aof_tui.base.clock import SystemClock
from tests.fuzz.feed import Fed, feed

HELD, BROKEN = 0, 1
PORTION = 5_000
WALKS_EVERY = 4
"""An engine's walk takes as long as thousands of answers: not every portion has one."""
MOST_NAMED = 8


def main(arguments: Sequence[str] | None = None) -> int:
    """0 if nothing crashed and no bad page moved a watermark, 1 if not."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=100_000, help="mutated answers in all")
    parser.add_argument("--seed", default="", help="drawn and printed without it")
    asked = parser.parse_args(arguments)
    seed = asked.seed or f"{random.SystemRandom().getrandbits(32):08x}"
    tell(f"seed {seed}: {asked.count} answers")
    clock = SystemClock()
    began, sums, findings = clock.boot(), Counter[str](), list[str]()
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        for done in as_completed([pool.submit(portion, *part) for part in portions(seed, asked.count)]):
            fed = done.result()
            sums.update(fed.counts)
            findings += fed.findings
    for finding in findings[:MOST_NAMED]:
        tell(f"FOUND {finding}")
    last = {
        "count": sums["decoded"] + sums["called"] + sums["walked"],
        **sums,
        "findings": len(findings),
        "seconds": round(clock.boot() - began, 1),
        "seed": seed,
    }
    sys.stdout.write(json.dumps(last) + "\n")
    return BROKEN if findings else HELD


def portions(seed: str, count: int) -> list[tuple[str, int, bool]]:
    """Parts for the cores, each with its own seed, and whether an engine walks in it."""
    return [
        (f"{seed}.{number}", min(PORTION, count - at), number % WALKS_EVERY == 0)
        for number, at in enumerate(range(0, count, PORTION))
    ]


def portion(seed: str, size: int, walks: bool) -> Fed:
    """One part in a process of its own."""
    logging.disable(logging.CRITICAL)
    gc.disable()
    try:
        return feed(seed, size, walks=walks)
    except Exception as error:
        broken = "".join(traceback.format_exception(error)[-4:])
        return Fed(findings=[f"{seed} ended: {broken}"])
    finally:
        gc.enable()
        gc.collect()


def tell(line: str) -> None:
    """One line of progress."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
