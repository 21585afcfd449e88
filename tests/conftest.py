"""Settings of the whole suite."""

from __future__ import annotations

import gc
import os

import pytest
from hypothesis import settings

# How long one example takes says more about the machine than about the code. The same examples each time, so that a
# change is judged by what it changes; HYPOTHESIS_PROFILE=explore looks for new ones.
settings.register_profile("aof-tui", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "aof-tui"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-screens", action="store_true", help="write the screens of tests/tui/screens anew")


GATED = ("domain", "policy", "engine")
LONG_STORIES = (
    "access",
    "breaker_outage",
    "collation",
    "delivery",
    "determinism",
    "disk",
    "fallback",
    "fallback_crash",
    "fallback_people",
    "health",
    "housekeeping",
    "incidents",
    "metrics",
    "no_jobs_simulated",
    "reports",
    "simulated",
    "slow_pass",
    "start_recipe",
    "supervision",
    "sweep",
    "watch_agents",
    "watch_silence",
)
"""Tests of the engine that the branch gate does not need."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Traces only the tests that the branch gate needs: traced, a played story takes twice as long."""
    for item in items:
        place, about = item.path.parent.name, item.path.stem.removeprefix("test_")
        if place not in GATED or (place == "engine" and about in LONG_STORIES):
            item.add_marker(pytest.mark.no_cover)


def pytest_collection_finish() -> None:
    """Lets the collector leave alone what stays for the whole run; to walk over it each time takes a quarter of it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
