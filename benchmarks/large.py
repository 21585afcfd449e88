"""What several benchmarks need of a large workspace: an engine that knows it, and times by the truth."""

from __future__ import annotations

from aof_tui.base.clock import Clock
from aof_tui.simulator.simulator import Simulator
from tests.harness.virtual import Bench

LOOK_EVERY_S = 1.0


async def acquainted(clock: Clock, bench: Bench) -> None:
    """After the first sweep, forget which recipes are to be read for the first time: as it is after the first hours."""
    while not await bench.rows("SELECT 1 FROM event WHERE kind = 'sweep.completed'"):
        await clock.sleep(LOOK_EVERY_S)
    forget_first_reads(bench)


def forget_first_reads(bench: Bench) -> None:
    """No recipe is left to be read for the first time."""
    bench.store._connection.raw.execute("UPDATE recipe SET marked_at = NULL")


async def recorded_waits(bench: Bench, simulator: Simulator, group: str, since: float) -> list[float]:
    """Seconds from shown by the API to recorded, for each failure since then of recipes whose name begins so."""
    rows = await bench.rows("SELECT master_job_id, at FROM event WHERE kind = 'failure.recorded'")
    recorded = {str(row["master_job_id"]): number(row["at"]) for row in rows}
    names = await bench.rows("SELECT recipe_id, name FROM recipe")
    named = {str(row["recipe_id"]) for row in names if str(row["name"]).startswith(group)}
    now = simulator.now()
    return [
        recorded.get(run.master, now) - run.end_listed_from
        for run in simulator.truth().runs
        if run.status == "failed" and run.number == 0 and run.end_listed_from >= since and str(run.recipe_id) in named
    ]


def number(value: object) -> float:
    """A column that holds a number."""
    if not isinstance(value, int | float):
        raise TypeError(f"not a number: {value!r}")
    return float(value)
