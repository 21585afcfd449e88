"""Puts rows into a store file directly, each with plain defaults."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aof_tui.store.database import prepare
from aof_tui.store.port import Value

NOW = 1_700_000_000.0
DAY = 86_400.0

DEFAULTS: dict[str, dict[str, Value]] = {
    "recipe": {
        "workspace": "prod",
        "recipe_id": "10",
        "name": "Orders",
        "running": 1,
        "failed_count": 0,
        "succeeded_count": 0,
    },
    "workspace": {"name": "prod"},
    "failure": {
        "workspace": "prod",
        "master_job_id": "j-1",
        "recipe_id": "10",
        "status": "needs_person",
        "title": "Order 1",
        "error": "boom",
        "category": "unknown",
        "classify_rule": "fallback",
        "fingerprint": "v1:a",
        "repeat_choice": "ask",
        "policy": "default",
        "severity": "error",
        "when_in_doubt": "hold",
        "max_attempts": 5,
        "first_failed_at": NOW,
        "last_failed_at": NOW,
        "recorded_at": NOW,
        "newest_job_id": "j-1",
        "newest_status": "failed",
        "draw": "d",
    },
    "incident": {
        "workspace": "prod",
        "kind": "jobs",
        "scope": "recipe:10",
        "fingerprint": "v1:a",
        "status": "open",
        "novelty": "new",
        "category": "unknown",
        "severity": "error",
        "title": "boom in Orders",
        "first_seen_at": NOW,
        "last_seen_at": NOW,
    },
    "event": {
        "at": NOW,
        "workspace": "prod",
        "kind": "failure.recorded",
        "level": "info",
        "actor": "engine",
        "text": "recorded",
        "data": "{}",
    },
    "outbox": {
        "workspace": "prod",
        "kind": "opened",
        "receiver": "oncall",
        "channel": "slack",
        "reference": "r-1",
        "summary": "boom",
        "body": "{}",
        "state": "delivered",
        "created_at": NOW,
    },
    "run": {
        "workspace": "prod",
        "job_id": "j-1",
        "recipe_id": "10",
        "master_job_id": "j-1",
        "status": "failed",
        "source": "original",
        "seen_at": NOW,
    },
    "dispatch": {
        "dispatch_id": "d-1",
        "workspace": "prod",
        "recipe_id": "10",
        "epoch": 1,
        "state": "settled",
        "when_in_doubt": "hold",
        "prepared_at": NOW,
        "boot_id": "b",
    },
    "attempt": {
        "workspace": "prod",
        "master_job_id": "j-1",
        "number": 1,
        "forced": 0,
        "actor": "engine",
        "state": "confirmed",
        "dispatch_id": "d-1",
        "sent_job_id": "j-1",
        "baseline": "[]",
        "decided_at": NOW,
    },
    "fallback": {
        "workspace": "prod",
        "master_job_id": "j-1",
        "name": "by-hand",
        "recipe_id": "900",
        "state": "started",
        "planned_at": NOW,
    },
    "detail": {"workspace": "prod", "recipe_id": "10", "fingerprint": "v1:a", "read_at": NOW},
    "engine_run": {
        "epoch": 1,
        "started_at": NOW,
        "pid": 1,
        "version": "0.1.0",
        "boot_id": "b",
        "mode": "act",
    },
}


class Seed:
    """Inserts into one store file."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def put(self, table: str, **values: Value) -> int:
        """One row; what is not given has a plain default. Returns its row id."""
        row = {**DEFAULTS[table], **values}
        columns, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
        cursor = self._connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", row)  # noqa: S608 - own tables
        return int(cursor.lastrowid or 0)

    def count(self, table: str) -> int:
        return int(self._connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - own tables


@contextmanager
def seeded(path: Path) -> Iterator[Seed]:
    """A new or existing store file, open for seeding."""
    prepare(path)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = OFF")
    try:
        yield Seed(connection)
    finally:
        connection.close()
