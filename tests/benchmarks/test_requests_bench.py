"""The request benchmark on a small workspace: it runs, counts what the simulator saw, and judges it."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from aof_tui.domain.words import Category
from benchmarks import requests
from benchmarks.bursts import Trial
from benchmarks.requests import Figures, measure
from benchmarks.workspace import Shape, Size

SMALL = Size(recipes=200, busy=100, burst=5)
PLAN = (
    Trial(Shape.SPREAD, Category.RATE_LIMIT, 0.0, new_errors=True),
    Trial(Shape.SPREAD, Category.RATE_LIMIT, 0.0, new_errors=False),
    Trial(Shape.ONE_PAGE, Category.RATE_LIMIT, 0.5, new_errors=True),
    Trial(Shape.ONE_RECIPE, Category.TIMEOUT_NETWORK, 0.75, new_errors=True),
)


@pytest.fixture(scope="module")
def told() -> list[str]:
    return []


@pytest.fixture(scope="module")
def figures(told: list[str]) -> Figures:
    return measure(SMALL, "1", PLAN, told.append)


def test_a_small_workspace_meets_the_targets(figures: Figures) -> None:
    assert figures.met
    assert figures.requests_per_sweep == 3 + SMALL.burst  # two full pages, an empty one, a list for each that failed
    assert figures.unmoved_reads == 0
    assert figures.details_per_sweep == SMALL.burst
    assert 0.0 < figures.burst_median_s < figures.burst_worst_s < 120.0


def test_errors_that_are_known_need_no_details(figures: Figures, told: list[str]) -> None:
    known = [line for line in told if line.startswith("spread       known")]
    assert len(known) == 1
    assert "details" not in known[0]
    assert f"{SMALL.burst} job lists" in known[0]


def test_the_figures_are_one_json_object(figures: Figures) -> None:
    content = json.loads(json.dumps(asdict(figures)))
    assert {"requests_per_sweep", "unmoved_reads", "burst_median_s", "burst_worst_s", "seed"} <= set(content)
    assert set(content["shape_medians_s"]) == {"spread", "one page", "one recipe"}


@pytest.mark.parametrize("target", ["MOST_REQUESTS", "MOST_MEDIAN_S", "MOST_WORST_S"])
def test_a_missed_target_is_told(monkeypatch: pytest.MonkeyPatch, target: str) -> None:
    monkeypatch.setattr(requests, target, 1)
    assert not measure(SMALL, "1", PLAN[:1], lambda _line: None).met
