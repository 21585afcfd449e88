"""What one world is like: its recipes, its Workato, its people, and what befalls them. All by the world's seed."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from aof_tui.simulator.faults import Fault
from aof_tui.simulator.scenario import Scenario
from tests.years.extras import HALL, Extras, draw_extras, extra_groups, extra_happenings, extra_switches

DAY_S = 86_400.0
HOUR_S = 3_600.0
CALM_S = 3 * HOUR_S
"""The end of every world: nothing goes wrong any more, so that all that was begun can come to its end."""
APPLICATIONS = ("netsuite", "salesforce", "rest", "postgresql", "shopify", "jira")
REPEATABLE = {"downstream_5xx": 3.0, "rate_limit": 2.0, "timeout_network": 2.0}
OTHERS = {"validation_data": 2.0, "not_found": 1.0, "auth_connection": 1.0, "unknown": 1.0}


@dataclass(frozen=True, slots=True)
class Trouble:
    """Faults of the way to Workato for a while."""

    at: float
    """Seconds since the world's start, as all times here."""
    lasts: float
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Life:
    """How long an engine lives, how it ends, and how long nobody starts the next one."""

    lasts: float
    dies: bool
    places: int
    """How many more places it reaches once its time is over, before it dies."""
    downtime: float


@dataclass(frozen=True, slots=True)
class Year:
    """A world to be lived through."""

    seed: str
    days: float
    scenario: Scenario
    settings: dict[str, object]
    """What differs from the usual ones."""
    extras: Extras
    in_place: bool
    max_attempts: int
    turns: bool
    troubles: tuple[Trouble, ...]
    lives: tuple[Life, ...]
    suspends: tuple[tuple[float, float], ...]
    """When the machine sleeps, and for how long."""
    jumps: tuple[tuple[float, float], ...]
    """When the wall clock is put forward or back, and how far."""
    acts_every: float
    """Mean seconds between two acts of people."""


def climate(seed: str, days: float) -> Year:
    """The world of a seed."""
    chance = random.Random(f"{seed}/climate")
    in_place = chance.random() < 0.5
    max_attempts = chance.choice([2, 3, 5])
    length = days * DAY_S
    extras = draw_extras(seed, length - CALM_S)
    return Year(
        seed=seed,
        days=days,
        scenario=_scenario(chance, length, in_place, extras),
        settings=_settings(chance, max_attempts),
        extras=extras,
        in_place=in_place,
        max_attempts=max_attempts,
        turns=chance.random() < 0.25,
        troubles=tuple(_troubles(chance, length - CALM_S)),
        lives=tuple(_lives(chance, length - CALM_S)),
        suspends=tuple((at, chance.uniform(60, 8 * HOUR_S)) for at in _moments(chance, length - CALM_S, 1.0)),
        jumps=tuple(
            (at, chance.choice([-3600.0, -90.0, 90.0, 3600.0])) for at in _moments(chance, length - CALM_S, 0.5)
        ),
        acts_every=chance.choice([1, 3, 12]) * HOUR_S,
    )


def _moments(chance: random.Random, until: float, per_day: float) -> list[float]:
    """Random moments, so many a day on average."""
    at, moments = chance.expovariate(per_day / DAY_S), []
    while at < until:
        moments.append(at)
        at += chance.expovariate(per_day / DAY_S)
    return moments


def _settings(chance: random.Random, max_attempts: int) -> dict[str, object]:
    return {
        "collation": {"interval": chance.choice(["1m", "2m", "5m", "5m"]), "lookback": "24h"},
        "retry": {
            "max_attempts": max_attempts,
            "curve": chance.choice(["window", "window", "exponential"]),
            "min": "5m",
            "max": "10m",
            "when_in_doubt": chance.choice(["hold", "repeat"]),
            "partial_run": chance.choice(["ask", "repeat"]),
            "time_limit": chance.choice([None, "6h"]),
        },
        "safe_to_repeat": chance.choice([{"tags": ["safe-to-repeat"]}, {"all": True}]),
        "reports": [{"cron": "0 8 * * *", "timezone": "Europe/Berlin", "receivers": ["admins"]}],
        "escalation": {"receivers": ["admins"], "after": chance.choice(["30m", "2h"])},
    }


def _scenario(chance: random.Random, length: float, in_place: bool, extras: Extras) -> Scenario:
    keys = [f"c{number}" for number in range(4)]
    connections = [
        {"key": key, "name": f"Connection {key}", "application": chance.choice(APPLICATIONS)} for key in keys
    ]
    groups = [_group(chance, f"g{number}", keys) for number in range(6)]
    groups.append({**_group(chance, "caller", keys), "count": 2, "calls": "called", "fails": 0.0})
    groups.append({**_group(chance, "called", keys), "count": 1, "every": None})
    groups += extra_groups(keys[-1])
    return Scenario.model_validate(
        {
            "description": "Days in which everything goes wrong now and then.",
            "human_delay": (30.0, 1200.0),
            "connections": connections,
            "on_prem": [{"key": HALL, "name": "Hall", "connection": keys[-1]}],
            "groups": groups,
            "happenings": [*_happenings(chance, length - CALM_S, keys), *extra_happenings(extras)],
            "switches": _switches(chance, in_place) | extra_switches(chance, extras),
        }
    )


def _group(chance: random.Random, key: str, connections: list[str]) -> dict[str, object]:
    return {
        "key": key,
        "name": f"Recipe {key} {{n}}",
        "count": chance.choice([1, 2, 4]) if key != "g0" else 3,
        "connections": [chance.choice(connections)],
        "tags": ["safe-to-repeat"] if chance.random() < 0.6 else [],
        "every": chance.choice([2, 4, 8, 12]) * HOUR_S,
        "duration": chance.choice([(1.0, 20.0), (30.0, 600.0)]),
        "fails": chance.choice([0.02, 0.1, 0.4]),
        "errors": REPEATABLE | (OTHERS if chance.random() < 0.3 else {}),
        "heals": {1: 3.0, 2: 2.0, 4: 1.0, "never": chance.choice([0.5, 3.0])},
        "changes": 0.1,
        "lines": (1, chance.choice([1, 1, 4])),
        "human": chance.choice([0.0, 0.03, 0.1]),
        "cancels": 0.02,
        "odd_ends": 0.01,
        "poll_errors": 0.01,
        "tests": 0.02,
        "hostile": chance.random() < 0.2,
    }


def _happenings(chance: random.Random, until: float, connections: list[str]) -> list[dict[str, object]]:
    def every(per_day: float, do: str, draw: Callable[[], dict[str, object]]) -> list[dict[str, object]]:
        return [{"do": do, "at": at, **draw()} for at in _moments(chance, until, per_day)]

    def burst() -> dict[str, object]:
        return {"group": "g0", "count": chance.choice([3, 10]), "over": 120.0}

    def outage() -> dict[str, object]:
        lasts = chance.choice([600.0, HOUR_S, 5 * HOUR_S])
        return {"lasts": lasts, "connection": chance.choice(connections), "share": 0.9}

    def loss() -> dict[str, object]:
        return {"lasts": HOUR_S, "connection": chance.choice(connections)}

    def stop() -> dict[str, object]:
        cause = chance.choice([None, "trigger_errors_limit", "action_quota_limit"])
        return {"lasts": chance.choice([2, 8]) * HOUR_S, "group": "g1", "cause": cause}

    some = [
        *every(0.7, "jobs", burst),
        *every(0.7, "outage", outage),
        *every(0.3, "lose_connection", loss),
        *every(1.0, "stop_recipe", stop),
    ]
    if chance.random() < 0.2:
        some.append({"do": "retention", "at": until / 2, "group": "g2", "mode": chance.choice(["erase", "vanish"])})
    if chance.random() < 0.2:
        some.append({"do": "delete_recipe", "at": until / 2, "group": "g3"})
    return some


def _switches(chance: random.Random, in_place: bool) -> dict[str, object]:
    return {
        "master_id": chance.choice(["null", "own"]),
        "repeat_row": "in_place" if in_place else "new",
        "pending_repeat": chance.choice(["at_once", "at_end"]),
        "visibility_lag": chance.choice([(0.0, 0.0), (0.5, 5.0), (1.0, 15.0)]),
        "rerun_only": chance.choice(["repeats", "family"]),
        "list_order": chance.choice(["completed", "started"]),
        "page_size": chance.choice([25, 100]),
        "error_text": chance.choice(["text", "json"]),
        "error_parts": chance.choice(["basic", "full", "empty", "absent"]),
        "healed_lowers_failed_count": chance.random() < 0.3,
        "repeat_when_stopped": chance.choice(["accept", "refuse"]),
        "refuse_not_latest": chance.random() < 0.5,
        "results": chance.choice(["full", "full", "one_missing", "odd_word"]),
        "lost_answer": chance.choice([0.0, 0.05, 0.3]),
        "lost_answer_as": "mixed",
        "failed_before_accept": chance.choice([0.0, 0.05, 0.2]),
        "retry_after": chance.choice(["absent", "seconds", "date"]),
        "html_502": chance.choice([0.0, 0.01, 0.05]),
        "latency": chance.choice([(0.0, 0.0), (0.05, 1.0)]),
    }


def _troubles(chance: random.Random, until: float) -> list[Trouble]:
    kinds: list[dict[str, object]] = [
        {"kind": "refuse"},
        {"kind": "status", "status": 500},
        {"kind": "status", "status": 429, "path": chance.choice(["", "repeat_jobs", "jobs"])},
        {"kind": "status", "status": 401},
        {"kind": "html", "when": chance.choice(["before", "after"])},
        {"kind": "truncate", "path": "jobs", "method": "GET"},
        {"kind": "wrong_types", "path": "recipes", "method": "GET"},
        {"kind": "drop", "path": "repeat_jobs", "when": "after"},
        {"kind": "reset", "at": 20},
        {"kind": "delay", "seconds": chance.choice([5.0, 60.0]), "path": chance.choice(["repeat_jobs", "jobs"])},
        # Once: that a list tells the truth most of the time is what all guards rest on.
        {"kind": "replace", "body": '{"items": []}', "path": "jobs$", "method": "GET", "times": 1},
    ]
    return [
        Trouble(at, chance.choice([30.0, 300.0, HOUR_S]), (Fault.model_validate(chance.choice(kinds)),))
        for at in _moments(chance, until, 4.0)
    ]


def _lives(chance: random.Random, until: float) -> list[Life]:
    """Lives until the calm; the last engine, which lives through it, is not among them."""
    lives: list[Life] = []
    at = 0.0
    while True:
        lasts = chance.choice([chance.expovariate(1 / (8 * HOUR_S)), chance.uniform(0.0, 600.0)])
        downtime = chance.choice([0.0, 30.0, chance.uniform(0.0, 2 * HOUR_S)])
        at += lasts + downtime
        if at > until:
            return lives
        lives.append(Life(lasts, chance.random() < 0.8, chance.randrange(1, 60), downtime))
