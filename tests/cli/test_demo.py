"""The demo without a terminal: what it prints, how it ends, and that its figures can tell a loss."""

from __future__ import annotations

import json
import signal
import sqlite3
from pathlib import Path

import pytest

from aof_tui.base.clock import SystemClock
from aof_tui.cli import demo_summary
from aof_tui.cli.demo_summary import Summary, summarise
from aof_tui.simulator.truth import RunTruth, Truth
from aof_tui.store.read_only import open_reader
from tests.cli.processes import run, running, until

COUNTS = ("detected", "recovered", "needs_person", "repeats_accepted", "notifications_delivered", "events")
PROMISES = ("lost", "quota_violations", "lineages_over_budget", "repeats_after_success")
ALL = (*COUNTS, "exhausted", "escalations", "reports", *PROMISES)


def test_ends_with_one_object_and_leaves_nothing_behind(tmp_path: Path) -> None:
    done = run(tmp_path, "demo", "--headless", "--for", "6s", "--seed", "7", "--json", TMPDIR=str(tmp_path))
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert done.stdout.count("\n") == 1
    assert set(ALL) <= summary.keys()
    assert (summary["seed"], summary["speed"]) == ("7", 120.0)
    assert summary["seconds"] >= 6
    assert not [name for name in COUNTS if summary[name] <= 0]
    assert not [name for name in PROMISES if summary[name] != 0]
    assert list(tmp_path.iterdir()) == []


def test_sigint_ends_early_and_still_sums_up(tmp_path: Path) -> None:
    words = ("demo", "--headless", "--for", "10m", "--speed", "300")
    with running(tmp_path, *words) as demo:
        until(lambda: "300 times the speed" in demo.err.read_text(encoding="utf-8"))
        demo.send(signal.SIGINT)
        assert demo.ends() == 0
        lines = demo.out.read_text(encoding="utf-8").splitlines()
    figures = dict(line.rsplit(maxsplit=1) for line in lines)
    assert figures["lost"] == "0"
    assert "quota violations" in figures


def run_truth(master: str, shown_at: float) -> RunTruth:
    """A failed run that an answer showed."""
    return RunTruth(
        job_id=master,
        master=master,
        number=0,
        recipe_id=1,
        by="origin",
        correlation=None,
        created_at=0.0,
        started_at=0.0,
        ended_at=1.0,
        status="failed",
        category=None,
        listed_from=1.0,
        end_listed_from=1.0,
        first_shown={"failed": shown_at},
        calling_job_id=None,
        is_test=False,
        is_poll_error=False,
        erased=False,
    )


def truth_of(*runs: RunTruth) -> Truth:
    return Truth(
        now=1000.0, start=0.0, addresses={}, runs=runs, repeats=(), violations=(), deliveries=(), requests=(),
        request_counts={},
    )  # fmt: skip


async def count(store: Path, truth: Truth) -> Summary:
    reader = await open_reader(store, SystemClock())
    try:
        return await summarise(reader, truth, seed="7", speed=1.0, seconds=1.0, max_attempts=5, settle_s=120.0)
    finally:
        await reader.close()


async def test_a_loss_would_be_counted(demo_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_summary, "PAGE", 5)
    with sqlite3.connect(demo_store) as connection:
        masters = [row[0] for row in connection.execute("SELECT master_job_id FROM failure")]
    connection.close()
    known = [run_truth(master, 500.0) for master in masters]
    late, gone = run_truth("j-late", 900.0), run_truth("j-gone", 500.0)
    whole = await count(demo_store, truth_of(*known, late))
    assert (whole.lost, whole.detected, whole.good) == (0, len(masters), True)
    missed = await count(demo_store, truth_of(*known, gone))
    assert (missed.lost, missed.good) == (1, False)


@pytest.fixture
def copy(demo_store: Path, tmp_path: Path) -> Path:
    copied = tmp_path / "copy.db"
    copied.write_bytes(demo_store.read_bytes())
    return copied


async def test_a_failure_that_nobody_would_look_at_again_is_lost(demo_store: Path, copy: Path) -> None:
    with sqlite3.connect(copy) as connection:
        resting = connection.execute(
            "SELECT master_job_id FROM failure WHERE status = 'needs_person' AND incident_id IS NOT NULL"
        ).fetchone()[0]
        connection.execute(
            "UPDATE incident SET remind_at = NULL "
            "WHERE incident_id = (SELECT incident_id FROM failure WHERE master_job_id = ?)",
            (resting,),
        )
    connection.close()
    assert (await count(copy, truth_of(run_truth(resting, 1.0)))).lost == 1
    assert (await count(demo_store, truth_of(run_truth(resting, 1.0)))).lost == 0
