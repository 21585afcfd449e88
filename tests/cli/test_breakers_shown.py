"""`aof-tui status` shows the breakers that are not closed, from the store alone."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from aof_tui.cli.main import main
from aof_tui.domain.breaker import Breaker
from aof_tui.domain.words import BreakerCause
from aof_tui.policy.breaker import BreakerTerms, closed, half_opened, opened
from aof_tui.store.breaker_mapping import breaker_params
from aof_tui.store.named_sql import load_statements

NOW = 1_750_000_000.0
OPEN = opened(Breaker("demo", "connection:7301"), BreakerTerms(), NOW, BreakerCause.FAILURES, "engine")
TRYING = half_opened(OPEN, "j-1", NOW)
BY_PERSON = opened(Breaker("demo", "application:rest"), BreakerTerms(), NOW, BreakerCause.PERSON, "terminal:ana")


@pytest.fixture
def with_breakers(demo_store: Path, config: Path, tmp_path: Path) -> Path:
    """The demo's store with one breaker of each kind."""
    store = tmp_path / "breakers.db"
    shutil.copy(demo_store, store)
    settings = json.loads(config.read_text(encoding="utf-8")) | {"store": str(store)}
    config.write_text(json.dumps(settings), encoding="utf-8")
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("DELETE FROM breaker")
        put = load_statements()["breaker_put"]
        for breaker in (OPEN, BY_PERSON, closed(Breaker("demo", "application:jira"))):
            connection.execute(put, breaker_params(breaker, 0.0))
        connection.commit()
    return store


def test_open_ones_are_listed_with_their_next_probe(with_breakers: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(("status", "--fail-on", "none", "--json")) == 0
    by_person, by_failures = json.loads(capsys.readouterr().out)["breakers"]
    assert by_failures == {
        "workspace": "demo",
        "downstream": "connection:7301",
        "name": "Web shop (shopify)",
        "state": "open",
        "cause": "failures",
        "held": 0,
        "opened_at": "2025-06-15T15:06:40.000Z",
        "opened_by": "engine",
        "next_probe_at": "2025-06-15T15:11:40.000Z",
        "probe": None,
    }
    assert (by_person["name"], by_person["opened_by"]) == ("application rest", "terminal:ana")
    assert by_person["next_probe_at"] is None


def test_a_person_reads_them_as_a_table(with_breakers: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(sqlite3.connect(with_breakers)) as connection:
        connection.execute(load_statements()["breaker_put"], breaker_params(TRYING, 0.0))
        connection.commit()
    assert main(("status", "--fail-on", "none")) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines if line.startswith("BREAKER")] == ["BREAKER"]
    (trying,) = [line for line in lines if line.startswith("Web shop (shopify)")]
    assert "half open" in trying
    assert trying.endswith("–")


def test_where_all_are_closed_nothing_is_said(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(("status", "--fail-on", "none", "--workspace", "demo")) == 0
    assert "BREAKER" not in capsys.readouterr().out
