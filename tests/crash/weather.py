"""What a world is like: its recipes, how its jobs heal, and how its Workato misbehaves. All by the world's seed."""

from __future__ import annotations

import random
from dataclasses import dataclass

from aof_tui.simulator.faults import Fault
from aof_tui.simulator.scenario import Jobs, Scenario
from aof_tui.simulator.state import By, Outcome
from aof_tui.simulator.world import World
from tests.crash.plan import RepeatRow, WorldPlan

RECIPES = 3
STORM = {
    "pending_repeat": "at_end",
    "visibility_lag": (4.0, 12.0),
    "lost_answer": 0.5,
    "lost_answer_as": "mixed",
}
"""What leaves a client in doubt for long."""
STORM_RUNS_S = (15.0, 25.0)
"""With waiting and lag, a repeat is listed 20 to 39 s after it was sent: within the settle time of 60 s."""
CALM_RUNS_S = (1.0, 8.0)
SHAPES = ("batch", "trickle")
"""Groups: one recipe whose jobs fail together, and others whose jobs fail one by one."""


@dataclass(frozen=True, slots=True)
class Weather:
    """A scenario and the faults that are switched on while it runs."""

    scenario: Scenario
    faults: tuple[Fault, ...]


def weather(plan: WorldPlan) -> Weather:
    """The world's weather. The first worlds are stormy, so that what is broken shows early."""
    chance = random.Random(f"{plan.seed}/weather")
    stormy = plan.number <= 4 or chance.random() < 0.5
    switches = {
        **_listing(chance, plan.combination.repeat_row),
        **(STORM if stormy else _calm(chance)),
        "failed_before_accept": chance.choice([0.05, 0.15]),
        "html_502": chance.choice([0.0, 0.02]),
        "latency": (0.0, chance.choice([0.0, 0.5])),
    }
    busy = Fault(kind="status", method="POST", path="repeat_jobs", status=429, skip=chance.randrange(2, 6), times=2)
    heals = {1: 3.0, 2: 3.0, 3: 1.0, "never": 3.0}
    common = {
        "heals": heals,
        "duration": STORM_RUNS_S if stormy else CALM_RUNS_S,
        "errors": {"downstream_5xx": 2.0, "rate_limit": 1.0},
    }
    content = {
        "description": "Jobs that fail together and one by one, while engines are killed.",
        "groups": [
            {"key": "batch", "name": "Batch {n}", **common},
            {"key": "trickle", "name": "Trickle {n}", "count": RECIPES - 1, **common},
        ],
        "happenings": [
            {"do": "jobs", "at": 0.0, "group": "batch", "count": 4},
            {"do": "jobs", "at": 0.0, "group": "trickle", "count": 2, "over": 90.0},
        ],
        "switches": switches,
    }
    return Weather(Scenario.model_validate(content), (busy,) if chance.random() < 0.5 else ())


def _listing(chance: random.Random, repeat_row: RepeatRow) -> dict[str, object]:
    return {
        "repeat_row": repeat_row,
        "rerun_only": chance.choice(["repeats", "family"]),
        "list_order": chance.choice(["completed", "started"]),
        "page_size": chance.choice([25, 100]),
        "master_id": chance.choice(["null", "own"]),
        "error_text": chance.choice(["text", "json"]),
    }


def _calm(chance: random.Random) -> dict[str, object]:
    return {
        "pending_repeat": chance.choice(["at_once", "at_end"]),
        "visibility_lag": chance.choice([(0.0, 0.0), (0.5, 4.0)]),
        "lost_answer": 0.15,
        "lost_answer_as": chance.choice(["drop", "html_502"]),
    }


def fresh_failures(at: float) -> tuple[Jobs, ...]:
    """What every engine finds besides what its forerunners left, so that there is always something to repeat."""
    return tuple(Jobs(do="jobs", at=at, group=group, recipes=1, count=1) for group in SHAPES)


def let_a_person_repeat(world: World, chance: random.Random) -> None:
    """Somebody repeats a failed job in the web UI, which offers that for the newest run of an ended lineage only."""
    newest = [lineage.newest for lineage in world.lineages.values()]
    failed = [run for run in newest if run.ends_at <= world.now and run.outcome is Outcome.FAILED]
    if failed:
        world.repeat(chance.choice(failed), By.HUMAN, world.now)
