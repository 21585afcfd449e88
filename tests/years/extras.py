"""What befalls a world beside its jobs: fallbacks, agents, silent recipes, starts, disks, and storms. By its seed."""

from __future__ import annotations

import random
from dataclasses import dataclass

from aof_tui.base.errors import StoreFault
from aof_tui.simulator.simulator import Simulator
from tests.harness.virtual import SIMULATED_URL, WORKSPACE

HOUR_S = 3_600.0
RESCUE, BEAT, HALL = "rescue", "beat", "hall"
WEBHOOK_SECRET = "RESCUE_URL"
SILENT_AFTER_S = 4 * HOUR_S
FAULTS = (StoreFault.FULL, StoreFault.IO, StoreFault.READ_ONLY)


@dataclass(frozen=True, slots=True)
class DiskFault:
    """Seconds since the world's start in which nothing can be written."""

    at: float
    lasts: float
    fault: StoreFault
    reads_fail: bool


@dataclass(frozen=True, slots=True)
class Extras:
    """What a world has beside jobs that fail."""

    fallback: dict[str, object] | None
    """How failures that no repeat ends are handed over, but for the recipe's id."""
    storm: bool
    """Whether one recipe fails more often at once than a guard's read can walk over."""
    agents_away: tuple[float, float] | None
    """When all agents of a group are away, and for how long."""
    agents_shown: bool
    silent: tuple[float, float] | None
    """When a recipe with a declared rhythm falls silent, and for how long."""
    disk: tuple[DiskFault, ...]


def draw_extras(seed: str, until: float) -> Extras:
    """The extras of a world whose troubles end at a time."""
    chance = random.Random(f"{seed}/extras")

    def window(share: float, lasts: float) -> tuple[float, float] | None:
        return (chance.uniform(0.0, until - lasts), lasts) if chance.random() < share and lasts < until else None

    return Extras(
        fallback=_fallback(chance) if chance.random() < 0.6 else None,
        storm=chance.random() < 0.2,
        agents_away=window(0.5, 3 * HOUR_S),
        agents_shown=chance.random() < 0.7,
        silent=window(0.5, 9 * HOUR_S),
        disk=tuple(_disk(chance, until)),
    )


def _disk(chance: random.Random, until: float) -> list[DiskFault]:
    faults: list[DiskFault] = []
    at = chance.expovariate(1 / (16 * HOUR_S))
    while True:
        lasts = chance.choice([60.0, 1_500.0, HOUR_S])
        if at + lasts > until:
            return faults
        faults.append(DiskFault(at, lasts, chance.choice(FAULTS), chance.random() < 0.3))
        at += lasts + chance.expovariate(1 / (16 * HOUR_S))


def _fallback(chance: random.Random) -> dict[str, object]:
    when = ["attempts_used", "time_limit", *chance.choice([[], ["policy_never", "rejected_twice"]])]
    by_webhook = chance.random() < 0.7
    means: dict[str, object] = {"webhook": f"env:{WEBHOOK_SECRET}"} if by_webhook else {"force_run": True}
    return {"name": RESCUE, "when": when, "resolves": by_webhook and chance.random() < 0.5, **means}


def extra_groups(connection: str) -> list[dict[str, object]]:
    """Groups of recipes that only the extras concern; the last one's jobs go through agents."""
    return [
        {"key": RESCUE, "name": "Rescue", "trigger": "webhook", "fails": 0.3, "errors": {"downstream_5xx": 1.0}},
        {"key": BEAT, "name": "Beat", "every": 0.5 * HOUR_S},
        {"key": HALL, "name": "Hall", "every": 4 * HOUR_S, "connections": [connection], "tags": ["safe-to-repeat"]},
    ]


def extra_happenings(extras: Extras) -> list[dict[str, object]]:
    """What happens to those groups, and the storm."""
    some: list[dict[str, object]] = []
    if extras.agents_away is not None:
        at, lasts = extras.agents_away
        some.append({"do": "agents_down", "at": at, "lasts": lasts, "on_prem": HALL})
    if extras.silent is not None:
        at, lasts = extras.silent
        some.append({"do": "fall_silent", "at": at, "lasts": lasts, "group": BEAT})
    if extras.storm:
        storm = {"group": "g0", "recipes": 1, "count": 60, "over": 60.0, "error": "rate_limit"}
        some.append({"do": "jobs", "at": 2 * HOUR_S, **storm})
    return some


def extra_switches(chance: random.Random, extras: Extras) -> dict[str, object]:
    """What is not known of starts and agents."""
    return {
        "start_lost": chance.choice([0.0, 0.3]),
        "start_failed_before": chance.choice([0.0, 0.2]),
        "start_lag": chance.choice([(0.0, 0.0), (1.0, 20.0)]),
        "on_prem": "shown" if extras.agents_shown else chance.choice(["stateless", "forbidden"]),
        "force_run_status": chance.choice([200, 202]),
        "job_data": chance.choice(["shown", "hidden"]),
    }


def extra_settings(extras: Extras, simulator: Simulator) -> dict[str, object]:
    """What the configuration says of them; the recipe's id is known only in its world."""
    given: dict[str, object] = {"silence": [{"match": {"recipe": ["Beat"]}, "after": SILENT_AFTER_S}]}
    if extras.fallback is not None:
        rescue = simulator.world.place.groups[RESCUE][0].recipe_id
        given["fallbacks"] = [{**extras.fallback, "recipe": str(rescue)}]
        # Of every recipe, the fallback's own among them: it must never be its own fallback.
        all_categories = ["downstream_5xx", "rate_limit", "timeout_network", "validation_data", "not_found", "unknown"]
        given["policies"] = [{"name": "rescued", "match": {"category": all_categories}, "fallback": RESCUE}]
    if extras.storm:
        slow = {"name": WORKSPACE, "url": SIMULATED_URL, "token": "env:TOKEN", "quotas": {"jobs_per_minute": 20}}
        given["workspaces"] = [slow]
    return given


def extra_secrets(simulator: Simulator) -> dict[str, str]:
    """Secrets by the name of their variable."""
    rescue = simulator.world.place.groups[RESCUE][0].recipe_id
    return {WEBHOOK_SECRET: f"{SIMULATED_URL}{simulator.webhook_of(rescue)}"}
