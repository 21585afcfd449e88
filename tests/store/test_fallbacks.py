"""Fallbacks in the store: one unforced start for each lineage, told in its story, gone with it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from aof_tui.base.clock import SystemClock
from aof_tui.base.randomness import Randomness
from aof_tui.control.rows import FallbackRow
from aof_tui.store.fallback_queries import read_fallbacks
from aof_tui.store.port import Value
from aof_tui.store.retention import Retention, apply_retention
from aof_tui.store.sync_store import open_sync_store
from tests.store.seed import DAY, NOW, seeded


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "aof.db"


async def rows(path: Path) -> tuple[FallbackRow, ...]:
    store = open_sync_store(path, SystemClock(), Randomness("fallbacks"))
    try:
        return await read_fallbacks(store, "prod", "j-1")
    finally:
        await store.close()


def test_a_second_unforced_start_of_a_lineage_is_refused_by_the_database(path: Path) -> None:
    start: dict[str, Value] = {"kind": "fallback", "master_job_id": "j-1", "forced": 0}
    with seeded(path) as seed:
        seed.put("dispatch", dispatch_id="d-1", state="not_sent", **start)
        seed.put("dispatch", dispatch_id="d-2", state="unknown", **start)
        seed.put("dispatch", dispatch_id="d-3", state="answered", **start | {"forced": 1})
        seed.put("dispatch", dispatch_id="d-4", state="answered", **start | {"master_job_id": "j-2"})
        for state in ("prepared", "sending", "answered", "unknown", "settled"):
            with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
                seed.put("dispatch", dispatch_id="d-5", state=state, **start)


async def test_the_story_tells_every_start_and_what_is_planned(path: Path) -> None:
    start: dict[str, Value] = {"kind": "fallback", "master_job_id": "j-1", "recipe_id": "900"}
    with seeded(path) as seed:
        seed.put("recipe", recipe_id="900", name="By hand")
        seed.put("failure")
        seed.put("dispatch", dispatch_id="d-1", state="unknown", prepared_at=NOW, http_status=502, **start)
        seed.put("dispatch", dispatch_id="d-2", state="answered", prepared_at=NOW + 9, forced=1, **start)
        seed.put("fallback", state="succeeded", dispatch_id="d-2", job_id="j-f", forced_by="cli:ana")
    first, second = await rows(path)
    assert (first.state, first.forced, first.http_status, first.job_id) == ("doubted", False, 502, None)
    assert (second.state, second.forced, second.recipe, second.job_id) == ("succeeded", True, "By hand", "j-f")


@pytest.mark.parametrize("state", ["planned", "observed", "cancelled"])
async def test_what_was_not_sent_stands_in_the_story_without_a_dispatch(path: Path, state: str) -> None:
    with seeded(path) as seed:
        seed.put("failure")
        seed.put("fallback", state=state, next_at=NOW if state == "planned" else None)
    (row,) = await rows(path)
    assert (row.state, row.dispatch_id, row.recipe) == (state, None, None)


async def test_no_fallback_is_no_row(path: Path) -> None:
    with seeded(path) as seed:
        seed.put("failure")
    assert await rows(path) == ()


async def test_an_old_failure_takes_its_fallback_along(path: Path) -> None:
    old = NOW - 181 * DAY
    with seeded(path) as seed:
        for name, ended in (("old", old), ("young", NOW - 1)):
            seed.put("failure", master_job_id=name, status="closed", ended_at=ended)
            seed.put("fallback", master_job_id=name, dispatch_id=f"d-{name}")
            seed.put("dispatch", dispatch_id=f"d-{name}", kind="fallback", master_job_id=name)
    store = open_sync_store(path, SystemClock(), Randomness("retention"))
    await apply_retention(store, NOW, Retention(), 3)
    await store.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT master_job_id FROM fallback").fetchall() == [("young",)]
        assert connection.execute("SELECT dispatch_id FROM dispatch").fetchall() == [("d-young",)]
