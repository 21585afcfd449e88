"""Incidents as a queue: the most urgent first, and what can be filtered."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from aof_tui.base.clock import SystemClock
from aof_tui.base.errors import UsageError
from aof_tui.control.requests import FailureQuery, IncidentQuery, IncidentSort
from aof_tui.store.read_only import StoreReader, open_reader
from tests.store.seed import NOW, Seed, seeded

URGENT = IncidentQuery(sort=IncidentSort.URGENCY)


@pytest.fixture
def seed(tmp_path: Path) -> Iterator[Seed]:
    with seeded(tmp_path / "aof.db") as opened:
        yield opened


@pytest.fixture
async def queries(seed: Seed, tmp_path: Path) -> AsyncIterator[StoreReader]:
    reader = await open_reader(tmp_path / "aof.db", SystemClock())
    yield reader
    await reader.close()


def put_queue(seed: Seed) -> None:
    for number, (severity, status) in enumerate(
        (
            ("info", "open"),
            ("critical", "snoozed"),
            ("warning", "acknowledged"),
            ("error", "open"),
            ("critical", "acknowledged"),
            ("error", "resolved"),
            ("error", "open"),
        ),
        1,
    ):
        seed.put(
            "incident",
            kind="recipe_stopped" if number == 3 else "jobs",
            fingerprint=f"v1:{number}",
            severity=severity,
            status=status,
            level=1 if number == 4 else 0,
            title=f"Title {number}",
            last_seen_at=NOW + number,
        )


async def names(queries: StoreReader, query: IncidentQuery) -> list[str]:
    page = await queries.incidents(query)
    assert page.total == len(page.rows)
    return [row.incident for row in page.rows]


async def test_the_most_urgent_come_first_and_snoozed_ones_last(seed: Seed, queries: StoreReader) -> None:
    put_queue(seed)
    assert await names(queries, URGENT) == ["I5", "I4", "I7", "I3", "I1", "I2"]
    assert (await names(queries, replace(URGENT, only_open=False)))[-1] == "I6"
    assert await names(queries, IncidentQuery()) == ["I7", "I5", "I4", "I3", "I2", "I1"]


async def test_the_queue_goes_on_where_a_page_stopped(seed: Seed, queries: StoreReader) -> None:
    put_queue(seed)
    every = await queries.incidents(URGENT)
    first = await queries.incidents(replace(URGENT, limit=2))
    second = await queries.incidents(replace(URGENT, cursor=first.cursor))
    assert (*first.rows, *second.rows) == every.rows
    with pytest.raises(UsageError):
        await queries.incidents(IncidentQuery(cursor=first.cursor))


async def test_the_queue_can_be_filtered_by_kind_severity_and_words_that_must_not_occur(
    seed: Seed, queries: StoreReader
) -> None:
    put_queue(seed)
    assert await names(queries, IncidentQuery(kinds=("recipe_stopped",))) == ["I3"]
    assert await names(queries, IncidentQuery(severities=("critical",))) == ["I5", "I2"]
    assert await names(queries, IncidentQuery(text=("title",), without=("title 7", "title 5"))) == [
        "I4",
        "I3",
        "I2",
        "I1",
    ]


async def test_a_failure_row_says_until_when_its_decision_waits(seed: Seed, queries: StoreReader) -> None:
    seed.put("failure", master_job_id="j-1", status="scheduled", next_action_at=NOW + 60, undecided_until=NOW + 60)
    seed.put("failure", master_job_id="j-2")
    rows = (await queries.failures(FailureQuery())).rows
    assert {row.master_job_id: row.undecided_until for row in rows} == {"j-1": NOW + 60, "j-2": None}
