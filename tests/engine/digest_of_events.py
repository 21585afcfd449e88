"""Prints a digest of the event log of the demo's first half hour; run in processes of their own by the tests."""

from __future__ import annotations

import hashlib
import json
import sys

from aof_tui.simulator.scenario_file import load_scenario
from aof_tui.simulator.simulator import Simulator
from aof_tui.simulator.virtual_time import VirtualClock, run_virtual
from tests.harness.virtual import settings, simulated

LIVED_S = 1800.0


async def digest(clock: VirtualClock) -> str:
    """How many events an engine wrote in that time, and the SHA-256 of all that is in them."""
    seed = sys.argv[1]
    simulator = Simulator(load_scenario("demo"), seed, clock)
    bench = simulated(clock, simulator, settings(), seed=seed)
    await bench.run_for(LIVED_S)
    rows = await bench.rows("SELECT * FROM event ORDER BY sequence")
    total = hashlib.sha256()
    for row in rows:
        total.update(json.dumps(row, sort_keys=True).encode())
    return f"{len(rows)} {total.hexdigest()}"


if __name__ == "__main__":
    sys.stdout.write(run_virtual(digest))
