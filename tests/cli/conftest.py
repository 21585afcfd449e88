"""A store with real contents, made by two hours of the demo in virtual time, for all tests that only read."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from aof_tui.simulator.scenario_file import load_scenario
from aof_tui.simulator.simulator import Simulator
from aof_tui.simulator.transport import InProcessTransport
from aof_tui.simulator.virtual_time import VirtualClock, run_virtual
from tests.harness.virtual import SIMULATED_URL, Bench, settings

LIVED_S = 2 * 3600.0


@pytest.fixture(scope="session")
def demo_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of a demo that has recorded failures, ended some, and told somebody, up to the present."""
    store = tmp_path_factory.mktemp("store") / "aof.db"

    async def fill(clock: VirtualClock) -> None:
        simulator = Simulator(load_scenario("demo"), "7", clock)
        wanted = settings(workspaces=[{"name": "demo", "url": SIMULATED_URL, "token": "env:TOKEN"}])
        bench = Bench(
            clock, lambda: InProcessTransport(simulator), wanted, token=simulator.token, store_path=store, seed="7"
        )
        await bench.run_for(LIVED_S)
        await bench.store.close()

    run_virtual(fill, start_wall=time.time() - LIVED_S)
    return store


@pytest.fixture
def config(demo_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration that names the demo's store, and is the one in use."""
    path = tmp_path / "config.yaml"
    workspaces = [{"name": "demo", "url": "https://www.workato.com", "token": "env:T", "production": True}]
    path.write_text(json.dumps({"store": str(demo_store), "workspaces": workspaces}), encoding="utf-8")
    monkeypatch.setenv("AOF_TUI_CONFIG", str(path))
    return path
