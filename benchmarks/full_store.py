"""A store in which much has failed: made by SQLite itself within seconds, and changed as fast as a storm changes it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from aof_tui.store.database import WRITER_PRAGMAS, prepare

WORKSPACE = "prod"
RECIPES, INCIDENTS, NOTICES = 200, 40, 500
NEW_AMONG = 10
"""One change in so many is a new failure, the others are steps of failures that are there."""

MAKE = (
    "INSERT INTO workspace (name, swept_at, first_sweep_at) VALUES (:workspace, :now, :now - 86400.0)",
    (
        "INSERT INTO recipe (workspace, recipe_id, name, running, failed_count, succeeded_count) "
        "SELECT :workspace, 1000 + n, 'Orders to NetSuite ' || n, 1, 500, 900 FROM numbers WHERE n < :recipes"
    ),
    (
        "INSERT INTO incident (workspace, kind, scope, fingerprint, status, novelty, category, severity, title, "
        "first_seen_at, last_seen_at) SELECT :workspace, 'jobs', 'recipe:' || (1000 + n), 'v1:' || n, 'open', 'new', "
        "'downstream_5xx', 'error', '503 Service Unavailable in Orders to NetSuite ' || n, :now - 900.0, :now "
        "FROM numbers WHERE n < :incidents"
    ),
    (
        "INSERT INTO failure (workspace, master_job_id, recipe_id, status, title, error, category, classify_rule, "
        "fingerprint, repeat_choice, policy, severity, when_in_doubt, attempts, max_attempts, first_failed_at, "
        "last_failed_at, recorded_at, next_action_at, newest_job_id, newest_status, incident_id, draw) "
        "SELECT :workspace, 'j-' || n, 1000 + n % :recipes, iif(n % 5 < 3, 'scheduled', "
        "'needs_person'), 'Order ' || n, "
        "'503 Service Unavailable from NetSuite, reference ' || n * 7919 % 100003, 'downstream_5xx', 'builtin', "
        "'v1:' || n % :incidents, 'auto', 'default', 'error', 'hold', n % 4, 5, :now - 600.0 - n * 0.01, "
        ":now - 600.0 - n * 0.01, :now, iif(n % 5 < 3, :now + n * 0.05, NULL), 'j-' || n, 'failed', "
        "1 + n % :incidents, 'd' FROM numbers WHERE n < :failures"
    ),
    (
        "INSERT INTO run (workspace, job_id, recipe_id, master_job_id, status, source, "
        "started_at, completed_at, seen_at) "
        "SELECT workspace, master_job_id, recipe_id, master_job_id, 'failed', 'original', first_failed_at - 1.0, "
        "first_failed_at, recorded_at FROM failure"
    ),
    (
        "INSERT INTO outbox (workspace, kind, receiver, channel, reference, summary, body, state, created_at) "
        "SELECT :workspace, 'opened', 'oncall', 'slack', 'r-' || n, '503 Service Unavailable ' || "
        "n, '{}', 'delivered', "
        ":now - n FROM numbers WHERE n < :notices"
    ),
    (
        "INSERT INTO event (at, workspace, kind, level, actor, recipe_id, master_job_id, text, data) "
        "SELECT :now - 600.0 + n * 600.0 / :events, :workspace, 'failure.recorded', 'info', "
        "'engine', 1000 + n % :recipes, "
        "'j-' || n % :failures, 'Order ' || n || ' failed: 503 Service Unavailable', '{}' FROM "
        "numbers WHERE n < :events"
    ),
    "INSERT INTO event_total (workspace, amount) VALUES (:workspace, :events)",
)
NUMBERS = (
    "CREATE TEMP TABLE numbers AS WITH RECURSIVE n(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n LIMIT ?) "
    "SELECT n FROM n"
)

STEP = (
    "UPDATE failure SET status = iif(status = 'scheduled', 'watching', 'scheduled'), attempts = (attempts + 1) % 5, "
    "next_action_at = :at + 300.0 WHERE workspace = :workspace AND master_job_id = :job AND status != 'needs_person'"
)
NEW = (
    "INSERT INTO failure (workspace, master_job_id, recipe_id, status, title, error, category, classify_rule, "
    "fingerprint, repeat_choice, policy, severity, when_in_doubt, max_attempts, first_failed_at, last_failed_at, "
    "recorded_at, next_action_at, newest_job_id, newest_status, incident_id, draw) VALUES (:workspace, :job, :recipe, "
    "'scheduled', :title, '503 Service Unavailable from NetSuite', 'downstream_5xx', 'builtin', 'v1:0', 'auto', "
    "'default', 'error', 'hold', 5, :at, :at, :at, :at + 300.0, :job, 'failed', 1, 'd')"
)
TELL = (
    "INSERT INTO event (at, workspace, kind, level, actor, recipe_id, master_job_id, text, data) VALUES "
    "(:at, :workspace, 'repeat.accepted', 'info', 'engine', :recipe, :job, :title || ' goes on', '{}')"
)


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is."""

    failures: int = 100_000
    events: int = 1_000_000


def make(path: Path, size: Size, now: float) -> None:
    """A new store with that much in it, all of it open."""
    prepare(path)
    given = {
        "workspace": WORKSPACE,
        "now": now,
        "failures": size.failures,
        "events": size.events,
        "recipes": RECIPES,
        "incidents": INCIDENTS,
        "notices": NOTICES,
    }
    with closing(connected(path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        connection.execute(NUMBERS, (max(size.events, size.failures),))
        # Counting each of a million lines one by one takes longer than all the rest.
        ((trigger,),) = connection.execute("SELECT sql FROM sqlite_schema WHERE name = 'event_added'").fetchall()
        connection.execute("DROP TRIGGER event_added")
        for statement in MAKE:
            connection.execute(statement, given)
        connection.execute(trigger)
        connection.execute("COMMIT")


def connected(path: Path) -> sqlite3.Connection:
    """A connection that writes as the engine's does; one thread at a time may use it."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for pragma in WRITER_PRAGMAS:
        connection.execute(pragma)
    return connection


class Storm:
    """Changes failures, each change with its event, many in one transaction."""

    def __init__(self, connection: sqlite3.Connection, size: Size) -> None:
        self._connection = connection
        self._size = size
        self._changes = 0

    def change(self, amount: int, at: float) -> Sequence[str]:
        """So many changes in one transaction; the jobs that changed."""
        numbers = range(self._changes, self._changes + amount)
        self._changes += amount
        rows = [self._change(number, at) for number in numbers]
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany(NEW, rows[::NEW_AMONG])
        self._connection.executemany(STEP, [row for place, row in enumerate(rows) if place % NEW_AMONG])
        self._connection.executemany(TELL, rows)
        self._connection.execute("COMMIT")
        return [str(row["job"]) for row in rows]

    def _change(self, number: int, at: float) -> dict[str, str | float]:
        new = number % NEW_AMONG == 0
        # A stride that shares no factor with the size touches all of them, far from each other.
        which = self._size.failures + number if new else number * 7_919 % self._size.failures
        # New ones of several storms on one store are told apart by their time.
        job = f"n-{at:.3f}-{number}" if new else f"j-{which}"
        recipe = str(1000 + which % RECIPES)
        return {"workspace": WORKSPACE, "job": job, "recipe": recipe, "title": f"Order {which}", "at": at}
