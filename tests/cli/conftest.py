"""A store with real contents, made by one short demo for all tests that only read."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from aof_tui.cli.demo_life import live
from aof_tui.control.protocol import Control
from aof_tui.control.requests import FailureQuery

SPEED = 600.0
DEADLINE_S = 60.0


@pytest.fixture(scope="session")
def demo_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of a demo that has recorded some failures, ended some, and told somebody."""
    store = tmp_path_factory.mktemp("store") / "aof.db"
    asyncio.run(_fill(store))
    return store


async def _fill(store: Path) -> None:
    stop = asyncio.Event()
    watching: list[asyncio.Task[None]] = []

    async def watch(control: Control) -> None:
        try:
            async with asyncio.timeout(DEADLINE_S):
                feed = control.subscribe()
                while not await _is_enough(control):
                    await feed.wait(1.0)
        finally:
            stop.set()

    def ready(control: Control) -> None:
        watching.append(asyncio.create_task(watch(control)))

    await live(store, "7", SPEED, ready, stop)
    await asyncio.gather(*watching)


async def _is_enough(control: Control) -> bool:
    counts = (await control.status()).workspaces[0].counts
    recovered = (await control.failures(FailureQuery(statuses=("recovered",), only_open=False))).rows
    by_a_repeat = any(row.reason == "repeat_succeeded" for row in recovered)
    return by_a_repeat and counts["recovered"] >= 5 and counts["needs_person"] >= 3 and counts["scheduled"] >= 1


@pytest.fixture
def config(demo_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration that names the demo's store, and is the one in use."""
    path = tmp_path / "config.yaml"
    workspaces = [{"name": "demo", "url": "https://www.workato.com", "token": "env:T", "production": True}]
    path.write_text(json.dumps({"store": str(demo_store), "workspaces": workspaces}), encoding="utf-8")
    monkeypatch.setenv("AOF_TUI_CONFIG", str(path))
    return path
