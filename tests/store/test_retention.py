"""What retention takes away and what it leaves."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from aof_tui.base.clock import SystemClock
from aof_tui.base.randomness import Randomness
from aof_tui.store.port import Params, Row
from aof_tui.store.retention import Deleted, Retention, apply_retention
from aof_tui.store.sync_store import SyncConnection, SyncStore, open_sync_store
from tests.store.seed import DAY, NOW, Seed, seeded

NOTHING = Deleted(failures=0, runs=0, events=0, notifications=0, incidents=0, details=0, breakers=0)
OLD, YOUNG = NOW - 181 * DAY, NOW - 1
TABLES = ("failure", "run", "attempt", "dispatch", "event", "outbox", "incident", "detail")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "aof.db"


async def apply(path: Path, chunk: int = 3) -> Deleted:
    store = open_sync_store(path, SystemClock(), Randomness("retention"))
    try:
        deleted = await apply_retention(store, NOW, Retention(), chunk)
        assert await apply_retention(store, NOW, Retention(), chunk) == NOTHING
        return deleted
    finally:
        await store.close()


def left(path: Path, sql: str) -> list[object]:
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute(sql, {"before": NOW - 90 * DAY})]


def put_failure(seed: Seed, name: str, *, status: str, ended_at: float | None, dispatch: str) -> None:
    seed.put("failure", master_job_id=name, status=status, ended_at=ended_at)
    seed.put("run", job_id=name, master_job_id=name, seen_at=OLD)
    seed.put("run", job_id=f"{name}-again", master_job_id=name, seen_at=OLD)
    seed.put("attempt", master_job_id=name, dispatch_id=dispatch)


async def test_an_old_closed_failure_goes_with_all_that_is_its_own(path: Path) -> None:
    with seeded(path) as seed:
        for dispatch in ("own", "shared"):
            seed.put("dispatch", dispatch_id=dispatch)
        put_failure(seed, "old", status="closed", ended_at=OLD, dispatch="own")
        put_failure(seed, "old too", status="recovered", ended_at=OLD, dispatch="shared")
        put_failure(seed, "young", status="recovered", ended_at=YOUNG, dispatch="shared")
        put_failure(seed, "open", status="held", ended_at=None, dispatch="shared")
    deleted = await apply(path)
    assert (deleted.failures, deleted.any) == (2, True)
    assert left(path, "SELECT master_job_id FROM failure ORDER BY 1") == ["open", "young"]
    assert left(path, "SELECT DISTINCT master_job_id FROM run ORDER BY 1") == ["open", "young"]
    assert left(path, "SELECT master_job_id FROM attempt ORDER BY 1") == ["open", "young"]
    assert left(path, "SELECT dispatch_id FROM dispatch") == ["shared"]


async def test_old_events_go_but_for_what_is_still_open(path: Path) -> None:
    with seeded(path) as seed:
        seed.put("failure", master_job_id="open")
        seed.put("failure", master_job_id="final", status="closed", ended_at=YOUNG)
        seed.put("incident")
        seed.put("incident", fingerprint="v1:b", status="resolved", resolved_at=YOUNG)
        for at in (NOW - 91 * DAY, NOW - 89 * DAY):
            for _ in range(7):
                seed.put("event", at=at, text="plain")
            seed.put("event", at=at, master_job_id="open", text="of an open failure")
            seed.put("event", at=at, master_job_id="final", text="of a final failure")
            seed.put("event", at=at, incident_id=1, text="of an open incident")
            seed.put("event", at=at, incident_id=2, text="of a resolved incident")
    assert (await apply(path)).events == 9
    assert left(path, "SELECT text FROM event WHERE at < :before ORDER BY 1") == [
        "of an open failure",
        "of an open incident",
    ]
    assert left(path, "SELECT amount FROM event_total") == left(path, "SELECT count(*) FROM event") == [13]


async def test_only_told_notifications_of_settled_incidents_go(path: Path) -> None:
    with seeded(path) as seed:
        seed.put("incident")
        for created_at in (NOW - 91 * DAY, NOW - 89 * DAY):
            for state in ("delivered", "dead", "pending"):
                seed.put("outbox", state=state, created_at=created_at)
                seed.put("outbox", state=state, created_at=created_at, incident_id=1)
    assert (await apply(path)).notifications == 2
    assert left(path, "SELECT state FROM outbox WHERE created_at < :before ORDER BY 1") == [
        "dead",
        "delivered",
        "pending",
        "pending",
    ]


async def test_resolved_incidents_go_when_no_failure_is_theirs(path: Path) -> None:
    with seeded(path) as seed:
        seed.put("incident", title="resolved, empty", status="resolved", resolved_at=OLD)
        seed.put("incident", title="resolved, used", status="resolved", resolved_at=OLD)
        seed.put("incident", title="resolved, young", status="resolved", resolved_at=YOUNG)
        seed.put("incident", title="open")
        seed.put("failure", incident_id=2, status="closed", ended_at=YOUNG)
    assert (await apply(path)).incidents == 1
    assert left(path, "SELECT title FROM incident ORDER BY 1") == ["open", "resolved, used", "resolved, young"]


async def test_old_runs_without_a_failure_and_old_details_go(path: Path) -> None:
    with seeded(path) as seed:
        for number in range(8):
            seed.put("run", job_id=f"stray-{number}", master_job_id="stray", seen_at=OLD)
        seed.put("run", job_id="young", master_job_id="stray", seen_at=YOUNG)
        seed.put("failure", master_job_id="open")
        seed.put("run", job_id="open", master_job_id="open", seen_at=OLD)
        seed.put("detail", fingerprint="v1:old", read_at=OLD)
        seed.put("detail", fingerprint="v1:young", read_at=YOUNG)
    deleted = await apply(path)
    assert (deleted.runs, deleted.details) == (8, 1)
    assert left(path, "SELECT job_id FROM run ORDER BY 1") == ["open", "young"]
    assert left(path, "SELECT fingerprint FROM detail") == ["v1:young"]


@pytest.mark.parametrize("chunk", [1, 2, 3, 4, 100])
async def test_chunks_of_any_size_delete_the_same(path: Path, chunk: int) -> None:
    with seeded(path) as seed:
        seed.put("dispatch")
        for number in range(4):
            put_failure(seed, f"j-{number}", status="closed", ended_at=OLD, dispatch="d-1")
            seed.put("event", at=OLD)
    assert await apply(path, chunk) == replace(NOTHING, failures=4, events=4)
    with seeded(path) as seed:
        assert {table: seed.count(table) for table in TABLES} == dict.fromkeys(TABLES, 0)


class Reopening(SyncStore):
    """Somebody reopens every failure right after retention has chosen what to delete."""

    path: Path

    async def read(self, name: str, params: Params) -> list[Row]:
        rows = await super().read(name, params)
        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute("UPDATE failure SET status = 'held', ended_at = NULL")
            connection.commit()
        return rows


async def test_a_failure_reopened_after_it_was_chosen_stays(path: Path) -> None:
    with seeded(path) as seed:
        seed.put("dispatch")
        for number in range(3):
            put_failure(seed, f"j-{number}", status="closed", ended_at=OLD, dispatch="d-1")
    raw = sqlite3.connect(path, isolation_level=None)
    store = Reopening(SyncConnection(raw, SystemClock(), Randomness("retention")))
    store.path = path
    assert await apply_retention(store, NOW, Retention(), 3) == NOTHING
    await store.close()
    assert left(path, "SELECT count(*) FROM run") == [6]
