"""The benchmarks of storms on small workspaces: they run, count what the simulator saw, and judge it."""

from __future__ import annotations

from functools import partial

import pytest

from aof_tui.simulator.virtual_time import run_virtual
from benchmarks import flood, steady


@pytest.fixture(scope="module")
def flooded() -> flood.Figures:
    return run_virtual(partial(flood.play, size=flood.Size(recipes=3, jobs=30), page_size=100))


def test_a_small_flood_is_repeated_in_as_few_requests_as_can_be(flooded: flood.Figures) -> None:
    assert (flooded.failures, flooded.requests) == (90, 6)
    assert 0.0 < flooded.accepted_s < 400.0
    assert flooded.accepted_s < flooded.ends_known_s


def test_a_flood_that_takes_too_long_is_told(flooded: flood.Figures, monkeypatch: pytest.MonkeyPatch) -> None:
    # Three recipes fall due minutes apart: 3.6 s is not to be reached.
    assert not flooded.met
    monkeypatch.setattr(flood, "MOST_TIMES_IDEAL", 1000.0)
    monkeypatch.setattr(flood, "MOST_TIMES_ENDS", 1000.0)
    assert run_virtual(partial(flood.play, size=flood.Size(recipes=1, jobs=5), page_size=100)).met


def test_a_small_workspace_keeps_up_with_steady_failures(monkeypatch: pytest.MonkeyPatch) -> None:
    small = partial(steady.play, size=steady.Size(recipes=40, failing=2), minutes=5)
    figures = run_virtual(small)
    assert figures.met
    assert figures.failures == 10
    assert 0.0 < figures.median_s <= figures.worst_s < 120.0
    monkeypatch.setattr(steady, "MOST_WORST_S", 1.0)
    assert not run_virtual(small).met
