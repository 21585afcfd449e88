"""The judge of simulated days can be convinced of a crime, and a world is the same each time it is lived through."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.harness.audit import Auditor
from tests.harness.mortal import fresh_database
from tests.years.__main__ import plan
from tests.years.climate import climate
from tests.years.judge import acted_while_forbidden, unbounded
from tests.years.world import live_through

EVENT = (
    "INSERT INTO event (at, workspace, kind, level, actor, master_job_id, dispatch_id, text, data)"
    " VALUES (0, 'prod', ?, 'info', 'engine', ?, ?, ?, ?)"
)
INCIDENT = (
    "INSERT INTO incident (workspace, kind, scope, fingerprint, status, novelty, category, severity, title,"
    " first_seen_at, last_seen_at) VALUES ('prod', 'jobs', 's', 'f', 'open', 'new', 'unknown', 'error', ?, 0, 0)"
)


@pytest.fixture
def silence() -> Iterator[None]:
    """What goes wrong on purpose stays out of the log."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def test_a_seed_says_the_whole_world(silence: None) -> None:
    first, second = live_through(climate("short", 0.2)), live_through(climate("short", 0.2))
    assert first == second
    assert first.violations == ()
    assert first.figures["events"] > 30


def test_the_days_asked_for_are_split_into_worlds() -> None:
    worlds = list(plan("s", 30.0))
    assert sum(days for _, days in worlds) == 30.0
    assert len({seed for seed, _ in worlds}) == len(worlds) > 10


@pytest.fixture
def raw() -> Iterator[sqlite3.Connection]:
    with closing(fresh_database()) as connection:
        yield connection


def test_a_change_without_its_event_is_found(raw: sqlite3.Connection) -> None:
    auditor = Auditor(raw)
    raw.execute("BEGIN")
    raw.execute(INCIDENT, ["t"])
    auditor.before_commit()
    raw.execute("COMMIT")
    assert auditor.findings == ["incident 1 became open without an event"]


def test_a_log_that_was_touched_is_found(raw: sqlite3.Connection) -> None:
    auditor = Auditor(raw)
    for number in range(3):
        raw.execute("BEGIN")
        raw.execute(EVENT, ["engine.started", None, None, f"{number}", "{}"])
        auditor.before_commit()
        raw.execute("COMMIT")
    raw.execute("DELETE FROM event WHERE sequence = 2")
    auditor.end()
    assert auditor.findings == ["the log is not what was written"]


def test_acting_in_spite_of_a_pause_is_found(raw: sqlite3.Connection) -> None:
    raw.execute(
        "INSERT INTO dispatch (dispatch_id, workspace, recipe_id, epoch, state, when_in_doubt, prepared_at, boot_id,"
        " outcome) VALUES ('d', 'prod', '7', 1, 'answered', 'hold', 0, 'b', 'answered')"
    )
    for kind in ("repeat.sent", "workspace.paused", "workspace.resumed", "repeat.sent"):
        raw.execute(EVENT, [kind, None, "d", "", "{}"])
    assert list(acted_while_forbidden(raw)) == []
    for kind in ("acting.stopped", "repeat.sent"):
        raw.execute(EVENT, [kind, None, "d", "", "{}"])
    assert list(acted_while_forbidden(raw)) == ["d was sent before acting.allowed"]


def test_a_text_without_bounds_is_found(raw: sqlite3.Connection) -> None:
    assert list(unbounded(raw)) == []
    raw.execute(INCIDENT, ["x" * 200_000])
    assert list(unbounded(raw)) == ["a text of 200000 characters in incident"]
