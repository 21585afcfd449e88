"""Failures, incidents, events and notifications as listings show them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from aof_tui.base.clock import SystemClock
from aof_tui.base.errors import UsageError
from aof_tui.control.requests import EventQuery, FailureQuery, FailureSort, IncidentQuery, NotificationQuery
from aof_tui.control.rows import EventRow, FailureRow, IncidentRow, NotificationRow
from aof_tui.domain.words import Category, FailureStatus
from aof_tui.store.read_only import StoreReader, open_reader
from tests.store.seed import NOW, Seed, seeded

STATUSES = tuple(FailureStatus)
CATEGORIES = tuple(Category)


@pytest.fixture
def seed(tmp_path: Path) -> Iterator[Seed]:
    with seeded(tmp_path / "aof.db") as opened:
        yield opened


@pytest.fixture
async def queries(seed: Seed, tmp_path: Path) -> AsyncIterator[StoreReader]:
    reader = await open_reader(tmp_path / "aof.db", SystemClock())
    yield reader
    await reader.close()


def put_many(seed: Seed, amount: int = 60) -> None:
    """Failures of several workspaces, recipes and statuses with many ties in every sort column."""
    for number in range(5):
        seed.put("recipe", recipe_id=str(10 + number), name=f"Recipe {'CABED'[number]}")
    for number in range(amount):
        status = STATUSES[number % len(STATUSES)]
        seed.put(
            "failure",
            workspace="prod" if number % 3 else "test",
            master_job_id=f"j-{number:03}",
            newest_job_id=f"n-{number:03}",
            recipe_id=str(10 + number % 7),
            status=status,
            category=CATEGORIES[number % 4],
            title=f"Order {number}",
            error="Error 100%" if number % 5 == 0 else "Error 1000",
            attempts=number % 3,
            last_failed_at=NOW + number % 10,
            next_action_at=NOW + 60 + number % 4 if status.moving else None,
            ended_at=NOW if status.final else None,
            incident_id=1 + number % 2,
        )


async def ids(queries: StoreReader, query: FailureQuery) -> list[str]:
    page = await queries.failures(query)
    assert page.total == len(page.rows)
    return [row.master_job_id for row in page.rows]


async def test_a_failure_row_tells_all(seed: Seed, queries: StoreReader) -> None:
    seed.put("recipe")
    seed.put("incident", status="acknowledged")
    seed.put("failure", incident_id=1, reason="policy_ask", attempts=2, forced=1, external=3, newest_job_id="j-9")
    page = await queries.failures(FailureQuery())
    assert page.rows == (
        FailureRow(
            workspace="prod",
            recipe_id="10",
            recipe="Orders",
            master_job_id="j-1",
            newest_job_id="j-9",
            title="Order 1",
            status="needs_person",
            reason="policy_ask",
            category="unknown",
            severity="error",
            fingerprint="v1:a",
            error="boom",
            attempts=2,
            max_attempts=5,
            forced=1,
            external=3,
            first_failed_at=NOW,
            last_failed_at=NOW,
            next_action_at=None,
            incident="I1",
            incident_status="acknowledged",
        ),
    )
    assert (page.total, page.cursor) == (1, None)


async def test_filters_narrow_alone_and_together(seed: Seed, queries: StoreReader) -> None:
    put_many(seed)
    every = (await queries.failures(FailureQuery(only_open=False))).rows
    assert len(every) == 60

    async def check(query: FailureQuery, expected: list[FailureRow]) -> None:
        assert expected, "a filter that finds nothing tests nothing"
        assert await ids(queries, query) == [row.master_job_id for row in expected]

    final = {"recovered", "closed"}
    await check(FailureQuery(), [row for row in every if row.status not in final])
    await check(
        FailureQuery(statuses=("held", "watching"), only_open=False),
        [row for row in every if row.status in {"held", "watching"}],
    )
    await check(FailureQuery(statuses=("closed",), only_open=False), [row for row in every if row.status == "closed"])
    await check(
        FailureQuery(workspaces=("test",), categories=(CATEGORIES[1],), only_open=False),
        [row for row in every if (row.workspace, row.category) == ("test", CATEGORIES[1])],
    )
    await check(
        FailureQuery(recipes=("11",), only_open=True),
        [row for row in every if row.recipe_id == "11" and row.status not in final],
    )
    for workspaces in ((), ("prod", "test")):
        await check(
            FailureQuery(master_job_ids=("j-004", "j-005", "no"), workspaces=workspaces),
            [row for row in every if row.master_job_id in {"j-004", "j-005"}],
        )
    await check(FailureQuery(incident="i2"), [row for row in every if row.incident == "I2" and row.status not in final])
    await check(FailureQuery(text=("100%",), only_open=False), [row for row in every if row.error == "Error 100%"])
    await check(
        FailureQuery(text=("recipe b", "order"), without=("100%",), only_open=False),
        [row for row in every if row.recipe == "Recipe B" and "100%" not in row.error],
    )
    await check(FailureQuery(without=("100%",), only_open=False), [row for row in every if row.error != "Error 100%"])
    await check(FailureQuery(text=("N-007",), only_open=False), [row for row in every if row.newest_job_id == "n-007"])


async def test_a_failure_without_a_known_recipe_shows_its_id(seed: Seed, queries: StoreReader) -> None:
    seed.put("failure", recipe_id="77")
    assert [row.recipe for row in (await queries.failures(FailureQuery(text=("77",)))).rows] == ["77"]


@pytest.mark.parametrize("only_open", [True, False])
@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("sort", FailureSort)
async def test_every_order_is_total_and_pages_join_without_gap(
    seed: Seed, queries: StoreReader, sort: FailureSort, descending: bool, only_open: bool
) -> None:
    put_many(seed)

    def key(row: FailureRow) -> tuple[object, str, str]:
        first = getattr(row, sort.value)
        return (float("inf") if first is None else first, row.workspace, row.master_job_id)

    for workspaces in ((), ("prod",)):
        whole = FailureQuery(sort=sort, descending=descending, only_open=only_open, workspaces=workspaces)
        expected = (await queries.failures(whole)).rows
        assert list(expected) == sorted(expected, key=key, reverse=descending)
        paged: list[FailureRow] = []
        cursor: str | None = None
        while True:
            page = await queries.failures(
                FailureQuery(
                    sort=sort, descending=descending, only_open=only_open, workspaces=workspaces, limit=7, cursor=cursor
                )
            )
            assert page.total == len(expected)
            paged += page.rows
            if (cursor := page.cursor) is None:
                break
        assert tuple(paged) == expected
        skipped = FailureQuery(
            sort=sort, descending=descending, only_open=only_open, workspaces=workspaces, limit=5, skip=11
        )
        assert (await queries.failures(skipped)).rows == expected[11:16]


async def test_the_last_page_has_no_cursor_even_when_it_is_full(seed: Seed, queries: StoreReader) -> None:
    for number in range(4):
        seed.put("failure", master_job_id=f"j-{number}")
        seed.put("incident", fingerprint=f"v1:{number}")
        seed.put("outbox")
        seed.put("event")
    for limit, ends in ((4, True), (3, False)):
        cursors = [
            (await queries.failures(FailureQuery(limit=limit))).cursor,
            (await queries.incidents(IncidentQuery(limit=limit))).cursor,
            (await queries.notifications(NotificationQuery(limit=limit))).cursor,
            (await queries.events(EventQuery(limit=limit, newest=False))).cursor,
        ]
        assert [cursor is None for cursor in cursors] == [ends] * 4


async def test_a_listing_in_pages_neither_repeats_nor_loses_what_stays(seed: Seed, queries: StoreReader) -> None:
    put_many(seed)
    query = FailureQuery(sort=FailureSort.LAST_FAILED, limit=10)
    first = await queries.failures(query)
    seed.put("failure", master_job_id="j-new", last_failed_at=NOW + 99)
    second = await queries.failures(FailureQuery(sort=query.sort, limit=1000, cursor=first.cursor))
    seen = [row.master_job_id for row in (*first.rows, *second.rows)]
    assert len(seen) == len(set(seen)) == first.total


async def test_senseless_filters_are_named(queries: StoreReader) -> None:
    cursor_of_another_order = "WyJmYWlsdXJlcyBzdGF0dXMgdXAiLCAiYSIsICJiIiwgImMiXQ=="
    for query in (
        FailureQuery(limit=0),
        FailureQuery(limit=100_000),
        FailureQuery(skip=-1),
        FailureQuery(incident="7"),
        FailureQuery(cursor="nonsense"),
        FailureQuery(cursor=cursor_of_another_order),
        FailureQuery(text=("x" * 1_000,)),
    ):
        with pytest.raises(UsageError):
            await queries.failures(query)


async def test_an_incident_row_tells_all(seed: Seed, queries: StoreReader) -> None:
    seed.put("recipe")
    seed.put("incident", level=2, total=9, escalate_at=NOW + 1, remind_at=NOW + 2, assignee="ana")
    for number, status in enumerate(("held", "needs_person", "recovered", "closed")):
        seed.put("failure", master_job_id=f"j-{number}", incident_id=1, status=status)
    page = await queries.incidents(IncidentQuery())
    assert page.rows == (
        IncidentRow(
            workspace="prod",
            incident="I1",
            kind="jobs",
            status="open",
            novelty="new",
            category="unknown",
            severity="error",
            title="boom in Orders",
            recipe_id="10",
            recipe="Orders",
            fingerprint="v1:a",
            open_failures=2,
            total=9,
            level=2,
            first_seen_at=NOW,
            last_seen_at=NOW,
            escalate_at=NOW + 1,
            remind_at=NOW + 2,
            acknowledged_by=None,
            snoozed_until=None,
            assignee="ana",
            resolved_at=None,
        ),
    )


async def test_incidents_come_newest_first_and_can_be_filtered(seed: Seed, queries: StoreReader) -> None:
    seed.put("recipe", recipe_id="1", name="Invoices")
    for number in range(1, 25):
        seed.put(
            "incident",
            scope=f"recipe:{number}" if number % 2 else f"connection:{number}",
            fingerprint=f"v1:{number}",
            status="resolved" if number % 4 == 0 else ("open", "acknowledged")[number % 2],
            category=CATEGORIES[number % 3],
            title=f"Title {number}",
            last_seen_at=NOW + number // 3,
        )
    every = (await queries.incidents(IncidentQuery(only_open=False))).rows
    assert list(every) == sorted(every, key=lambda row: (row.last_seen_at, int(row.incident[1:])), reverse=True)
    assert {row.recipe_id is None for row in every if int(row.incident[1:]) % 2 == 0} == {True}
    assert len(every) == 24

    async def found(query: IncidentQuery) -> list[str]:
        page = await queries.incidents(query)
        assert page.total == len(page.rows)
        return [row.incident for row in page.rows]

    assert await found(IncidentQuery()) == [row.incident for row in every if row.status != "resolved"]
    assert await found(IncidentQuery(statuses=("acknowledged",))) == [
        row.incident for row in every if row.status == "acknowledged"
    ]
    assert await found(IncidentQuery(categories=(CATEGORIES[2],), only_open=False)) == [
        row.incident for row in every if row.category == CATEGORIES[2]
    ]
    assert await found(IncidentQuery(text=("invoices",))) == ["I1"]
    assert await found(IncidentQuery(text=("title 7",))) == ["I7"]
    assert await found(IncidentQuery(workspaces=("test",))) == []

    first = await queries.incidents(IncidentQuery(only_open=False, limit=10))
    second = await queries.incidents(IncidentQuery(only_open=False, limit=100, cursor=first.cursor))
    assert (*first.rows, *second.rows) == every
    assert (await queries.incidents(IncidentQuery(only_open=False, skip=20))).rows == every[20:]


async def test_an_event_row_tells_all(seed: Seed, queries: StoreReader) -> None:
    seed.put("recipe")
    seed.put(
        "event",
        recipe_id="10",
        master_job_id="j-1",
        incident_id=4,
        dispatch_id="d-1",
        data='{"attempt": 2}',
        level="error",
    )
    page = await queries.events(EventQuery())
    assert page.rows == (
        EventRow(
            sequence=1,
            at=NOW,
            workspace="prod",
            kind="failure.recorded",
            level="error",
            actor="engine",
            subject="job:j-1",
            recipe_id="10",
            recipe="Orders",
            master_job_id="j-1",
            incident="I4",
            text="recorded",
            data={"attempt": 2},
        ),
    )


async def test_an_event_names_the_nearest_thing_as_its_subject(seed: Seed, queries: StoreReader) -> None:
    seed.put("event", incident_id=4, recipe_id="10")
    seed.put("event", dispatch_id="d-1", recipe_id="10")
    seed.put("event", recipe_id="10")
    seed.put("event")
    subjects = [row.subject for row in (await queries.events(EventQuery())).rows]
    assert subjects == ["incident:I4", "dispatch:d-1", "recipe:10", "workspace:prod"]


async def test_the_log_is_read_in_slices(seed: Seed, queries: StoreReader) -> None:
    for number in range(1, 31):
        seed.put(
            "event",
            workspace="prod" if number % 2 else "test",
            kind="run.seen" if number % 3 else "run.failed",
            level="warning" if number % 5 == 0 else "info",
            master_job_id=f"j-{number % 4}",
            incident_id=number % 2,
            text=f"line {number}_",
        )

    async def sequences(query: EventQuery) -> tuple[list[int], int, str | None]:
        page = await queries.events(query)
        return [row.sequence for row in page.rows], page.total, page.cursor

    assert await sequences(EventQuery(limit=3)) == ([28, 29, 30], 30, None)
    assert await sequences(EventQuery(limit=3, newest=False)) == ([1, 2, 3], 30, "3")
    assert await sequences(EventQuery(limit=3, newest=False, after=28)) == ([29, 30], 30, None)
    assert await sequences(EventQuery(limit=3, before=10)) == ([7, 8, 9], 30, None)
    assert await sequences(EventQuery(limit=3, before=10, after=8)) == ([9], 30, None)
    assert await sequences(EventQuery(workspaces=("test",), limit=2)) == ([28, 30], 15, None)
    assert await sequences(EventQuery(kinds=("run.failed",), limit=2)) == ([27, 30], 10, None)
    assert await sequences(EventQuery(levels=("warning",), limit=2)) == ([25, 30], 6, None)
    assert await sequences(EventQuery(master_job_id="j-3", workspaces=("prod",), limit=2)) == ([23, 27], 7, None)
    assert await sequences(EventQuery(incident="I1", limit=1)) == ([29], 15, None)
    assert await sequences(EventQuery(text=("line 1", "_"), limit=2)) == ([18, 19], 11, None)
    assert await sequences(EventQuery(text=("line",), without=("line 1", "line 2"), limit=2)) == ([9, 30], 8, None)
    with pytest.raises(UsageError):
        await queries.events(EventQuery(limit=0))


async def test_the_log_knows_its_length_after_deletions(seed: Seed, queries: StoreReader) -> None:
    for _ in range(5):
        seed.put("event")
    seed.put("event", workspace="test")
    seed._connection.execute("DELETE FROM event WHERE sequence IN (2, 4)")
    assert (await queries.events(EventQuery())).total == 4
    assert (await queries.events(EventQuery(workspaces=("prod",)))).total == 3


async def test_notifications_come_newest_first_and_can_be_filtered(seed: Seed, queries: StoreReader) -> None:
    seed.put("outbox", state="dead", error="channel_not_found", attempts=3, incident_id=4, next_try_at=NOW + 1)
    for number in range(2, 13):
        seed.put("outbox", receiver="admins" if number % 2 else "oncall", workspace="prod" if number % 3 else "test")
    every = (await queries.notifications(NotificationQuery())).rows
    assert [row.notification for row in every] == [str(number) for number in range(12, 0, -1)]
    assert every[-1] == NotificationRow(
        notification="1",
        workspace="prod",
        kind="opened",
        receiver="oncall",
        channel="slack",
        state="dead",
        attempts=3,
        created_at=NOW,
        next_try_at=NOW + 1,
        delivered_at=None,
        incident="I4",
        summary="boom",
        error="channel_not_found",
    )

    async def total(query: NotificationQuery) -> int:
        page = await queries.notifications(query)
        assert page.total == len(page.rows)
        return page.total

    assert await total(NotificationQuery(states=("dead",))) == 1
    assert await total(NotificationQuery(receivers=("admins",))) == 5
    assert await total(NotificationQuery(workspaces=("test",))) == 4
    assert await total(NotificationQuery(text=("not_found", "boom"))) == 1
    assert await total(NotificationQuery(without=("not_found",))) == 11
    first = await queries.notifications(NotificationQuery(limit=5))
    second = await queries.notifications(NotificationQuery(limit=50, cursor=first.cursor))
    assert (*first.rows, *second.rows) == every
    assert (await queries.notifications(NotificationQuery(skip=10))).rows == every[10:]
