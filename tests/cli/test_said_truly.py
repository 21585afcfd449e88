"""What listings and answers say to people: nothing that is undecided is planned, nothing past is to come."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from aof_tui.base.clock import SystemClock
from aof_tui.cli.listing_rows import breaker_cells, standing
from aof_tui.cli.overview import counts_of
from aof_tui.cli.troubles import Trouble
from aof_tui.control.breaker_rows import BreakerRow
from aof_tui.control.requests import FailureQuery
from aof_tui.store.read_only import open_reader
from tests.cli.test_acting import Ask, Person, ask, engine, objects

__all__ = ["ask", "engine"]


@pytest.fixture
def undecided(demo_store: Path, config: Path, tmp_path: Path) -> str:
    """The demo's store in which one scheduled failure still waits for its decision; returns its job."""
    store = tmp_path / "own.db"
    shutil.copy(demo_store, store)
    config.write_text(json.dumps(json.loads(config.read_text("utf-8")) | {"store": str(store)}), "utf-8")
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("UPDATE failure SET undecided_until = NULL")
        ((job, due),) = connection.execute(
            "SELECT master_job_id, next_action_at FROM failure WHERE status = 'scheduled' LIMIT 1"
        )
        connection.execute("UPDATE failure SET undecided_until = ? WHERE master_job_id = ?", (due, job))
        # The demo may have left but one.
        connection.execute(
            "UPDATE failure SET status = 'scheduled', reason = NULL, next_action_at = ? WHERE master_job_id ="
            " (SELECT master_job_id FROM failure WHERE status = 'needs_person' LIMIT 1)",
            (due,),
        )
        connection.commit()
    return str(job)


def test_what_is_undecided_is_said_to_be_deciding(undecided: str, ask: Ask) -> None:
    rows = [line.split() for line in ask("failures", "list").out.splitlines()]
    assert [row[0] for row in rows if row[1] == "deciding"] == [undecided]
    assert "scheduled" in {row[1] for row in rows}
    assert "status             deciding\n" in ask("failures", "show", undecided).out
    counted = dict(line.rsplit(maxsplit=1) for line in ask("status", "--fail-on", "none").out.splitlines() if line)
    planned = objects(ask("failures", "list", "--json", "status:scheduled"))
    assert (counted["deciding"], counted["scheduled"]) == ("1", str(len(planned) - 1))


def test_deciding_is_a_filter_and_goes_with_others(undecided: str, ask: Ask) -> None:
    assert [row["master_job_id"] for row in objects(ask("failures", "list", "--json", "status:deciding"))] == [
        undecided
    ]
    both = objects(ask("failures", "list", "--json", "status:deciding", "status:needs"))
    assert {row["status"] for row in both} == {"scheduled", "needs_person"}
    assert [row["master_job_id"] for row in both if row["status"] == "scheduled"] == [undecided]


def test_the_lines_of_a_watch_count_it_apart(undecided: str, config: Path) -> None:
    store = Path(json.loads(config.read_text("utf-8"))["store"])

    async def counts() -> dict[str, int]:
        reader = await open_reader(store, SystemClock())
        (state,) = (await reader.status()).workspaces
        found = await counts_of(reader, state)
        assert found["deciding"] + found["scheduled"] == state.counts["scheduled"]
        (row,) = (await reader.failures(FailureQuery(master_job_ids=(undecided,)))).rows
        assert standing(row) == "deciding"
        by_root = replace(row, undecided_until=None, status="held", reason="handled_by_root")
        assert standing(by_root) == "held: handled by its calling job"
        await reader.close()
        return found

    assert asyncio.run(counts())["deciding"] == 1


def test_a_healthy_engine_is_not_a_healthy_world(ask: Ask, engine: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    async def none(*_: object) -> list[Trouble]:
        return []

    monkeypatch.setattr("aof_tui.cli.overview.troubles", none)
    (state,) = objects(ask("status", "--json"))[0]["workspaces"]
    needed = state["counts"]["needs_person"]
    assert needed
    last = ask("status").out.splitlines()[-1]
    assert last.startswith(f"the engine is well; still open: {needed} needing a person, ")
    assert f" {state['open_incidents']} incident" in last


def test_a_probe_that_is_past_is_due() -> None:
    row = BreakerRow("w", "connection:1", "Shop", "open", "failures", 1, 10.0, "engine", 100.0, None)
    assert breaker_cells(row, 99.0)[-1] == "1970-01-01 00:01:40 UTC"
    assert breaker_cells(row, 100.0)[-1] == "due"


def test_a_name_that_means_nothing_stands_in_its_own_field(engine: Person, ask: Ask) -> None:
    known = objects(ask("incidents", "list", "--json"))[0]["incident"]
    unknown, found = objects(ask("incidents", "ack", "I999", known, "--json"))
    assert (unknown["incident"], unknown["master_job_id"], unknown["workspace"]) == ("I999", None, "demo")
    assert (found["incident"], found["workspace"], found["done"]) == (known, "demo", True)
    (nobody,) = objects(ask("failures", "retry", "nobody", "--json"))
    assert (nobody["incident"], nobody["master_job_id"]) == (None, "nobody")


def test_why_of_an_incident_tells_what_is_done_about_it(engine: Person, ask: Ask) -> None:
    name = next(
        row["incident"]
        for row in objects(ask("incidents", "list", "--json"))
        if row["open_failures"] and row["kind"] == "jobs"
    )
    plan = objects(ask("why", name, "--json"))[0]["plan"]
    assert plan["rule"]
    assert plan["next"]
    told = ask("why", name).out
    assert f"policy: {plan['policy']}" in told
    times = [line for line in told.splitlines() if line.startswith(("escalate at", "remind at", "snoozed until"))]
    assert len(times) == 3
    assert not any("T" in time and time.endswith("Z") for time in times)


def test_the_example_with_a_word_taken_out_works_as_it_is_typed(config: Path, ask: Ask) -> None:
    words = next(
        line.partition("#")[0].split()[1:]
        for line in (Path(__file__).parents[2] / "README.md").read_text("utf-8").splitlines()
        if line.startswith("aof-tui failures list --") and "-test" in line
    )
    assert ask(*words).code == 0
