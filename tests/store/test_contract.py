"""What every adapter of the store promises; each test runs on all of them."""

from __future__ import annotations

import asyncio
import gc
import logging
import sqlite3
import weakref
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from aof_tui.base.errors import StoreError
from aof_tui.store.port import Params, Tx
from tests.store.conftest import AnyStore, Opener

BEGIN: Params = {"started_at": 1.0, "pid": 1, "version": "0", "boot_id": "b", "mode": "observe"}
COUNT = "SELECT count(*) AS runs FROM engine_run"


def end(epoch: int) -> dict[str, str | int | float]:
    return {"epoch": epoch, "ended_at": 2.0, "ended_how": "stopped"}


async def begin(tx: Tx) -> int:
    return int(str((await tx.fetch("begin_engine_run", BEGIN))[0]["epoch"]))


async def count(store: AnyStore) -> object:
    return (await store.select(COUNT, {}))[0]["runs"]


async def test_a_transaction_gives_its_result_and_commits(store: AnyStore) -> None:
    assert await store.write(begin) == 1
    assert await store.write(begin) == 2
    assert await count(store) == 2


async def test_execute_counts_the_changed_rows(store: AnyStore) -> None:
    epoch = await store.write(begin)

    async def end_twice(tx: Tx) -> tuple[int, int]:
        return await tx.execute("end_engine_run", end(epoch)), await tx.execute("end_engine_run", end(epoch))

    assert await store.write(end_twice) == (1, 0)


async def test_a_statement_that_returns_rows_must_be_fetched(store: AnyStore) -> None:
    with pytest.raises(ValueError, match="fetch it"):
        await store.write(lambda tx: tx.execute("begin_engine_run", BEGIN))
    assert await count(store) == 0


async def test_work_that_raises_leaves_nothing_and_the_writer_goes_on(store: AnyStore) -> None:
    async def fail(tx: Tx) -> None:
        await begin(tx)
        raise LookupError("changed my mind")

    with pytest.raises(LookupError, match="changed my mind"):
        await store.write(fail)
    assert await count(store) == 0
    assert await store.write(begin) == 1


async def test_nothing_of_a_transaction_that_failed_stays_in_memory(store: AnyStore) -> None:
    class Written:
        """What a transaction was to write."""

    async def fail() -> weakref.ref[Written]:
        large = Written()

        async def work(tx: Tx) -> None:
            raise LookupError(f"not written: {type(large)}")

        with suppress(LookupError):
            await store.write(work)
        return weakref.ref(large)

    gc.disable()
    try:
        left = await fail()
        await store.write(begin)
        assert left() is None
    finally:
        gc.enable()


async def test_an_unknown_name_or_a_missing_parameter_rolls_back(store: AnyStore) -> None:
    async def unknown(tx: Tx) -> None:
        await begin(tx)
        await tx.execute("no_such_statement", {})

    async def unbound(tx: Tx) -> None:
        await begin(tx)
        await tx.execute("end_engine_run", {})

    with pytest.raises(KeyError):
        await store.write(unknown)
    with pytest.raises(sqlite3.ProgrammingError):
        await store.write(unbound)
    assert await count(store) == 0


async def test_a_violated_constraint_keeps_its_own_error(store: AnyStore) -> None:
    async def no_mode(tx: Tx) -> None:
        await tx.fetch("begin_engine_run", {**BEGIN, "mode": None})

    with pytest.raises(sqlite3.IntegrityError):
        await store.write(no_mode)


async def test_transactions_run_in_the_order_of_calls(store: AnyStore) -> None:
    epochs = await asyncio.gather(*(store.write(begin) for _ in range(20)))
    assert epochs == list(range(1, 21))


async def test_transactions_never_overlap(store: AnyStore) -> None:
    steps: list[tuple[int, str]] = []

    def work(number: int) -> Callable[[Tx], Awaitable[None]]:
        async def run(tx: Tx) -> None:
            steps.append((number, "begins"))
            for _ in range(3):
                await begin(tx)
            steps.append((number, "ends"))

        return run

    await asyncio.gather(*(store.write(work(number)) for number in range(5)))
    assert steps == [(number, step) for number in range(5) for step in ("begins", "ends")]


async def test_reads_see_only_what_is_committed(store: AnyStore) -> None:
    seen: list[object] = []
    inside, go_on = asyncio.Event(), asyncio.Event()

    async def slow(tx: Tx) -> None:
        await begin(tx)
        inside.set()
        await go_on.wait()
        await begin(tx)

    async def look() -> None:
        seen.append(await count(store))

    writing = asyncio.create_task(store.write(slow))
    await inside.wait()
    looking = asyncio.create_task(look())
    await asyncio.wait([looking], timeout=0.05)
    go_on.set()
    await writing
    await looking
    assert seen[0] in (0, 2)
    assert await count(store) == 2


@pytest.mark.parametrize("turns", range(40))
async def test_a_cancelled_caller_still_commits(store: AnyStore, turns: int) -> None:
    """Cancels at every step of the loop on the transaction's way."""

    async def two(tx: Tx) -> None:
        await begin(tx)
        await begin(tx)

    calling = asyncio.create_task(store.write(two))
    for _ in range(turns):
        await asyncio.sleep(0)
    calling.cancel()
    outcome = (await asyncio.gather(calling, return_exceptions=True))[0]
    # A task that never had its first turn never asked for anything.
    expected = 0 if turns == 0 else 2
    # A transaction left open would refuse this one's BEGIN.
    assert await store.write(begin) == expected + 1
    assert outcome is None or isinstance(outcome, asyncio.CancelledError)


@pytest.mark.parametrize("step", ["before", "between", "after", "commit"])
async def test_a_caller_cancelled_inside_its_transaction_still_commits(store: AnyStore, step: str) -> None:
    async def two(tx: Tx) -> None:
        for here in ("before", "between"):
            if here == step:
                calling.cancel()
            await begin(tx)
        if step == "after":
            calling.cancel()
        if step == "commit":
            asyncio.get_running_loop().call_soon(calling.cancel)

    calling = asyncio.create_task(store.write(two))
    outcome = (await asyncio.gather(calling, return_exceptions=True))[0]
    assert await store.write(begin) == 3
    assert isinstance(outcome, asyncio.CancelledError) or step == "commit"


async def test_the_failure_of_a_transaction_nobody_waits_for_is_logged(
    store: AnyStore, caplog: pytest.LogCaptureFixture
) -> None:
    started, go_on = asyncio.Event(), asyncio.Event()

    async def fail(tx: Tx) -> None:
        started.set()
        await go_on.wait()
        raise LookupError("lost and found")

    calling = asyncio.create_task(store.write(fail))
    await started.wait()
    calling.cancel()
    await asyncio.gather(calling, return_exceptions=True)
    with caplog.at_level(logging.WARNING):
        go_on.set()
        await store.write(begin)
    assert "lost and found" in caplog.text


async def test_a_transaction_may_use_only_its_own_tx(store: AnyStore) -> None:
    async def nested_write(tx: Tx) -> None:
        await store.write(begin)

    async def nested_read(tx: Tx) -> None:
        await count(store)

    for work in (nested_write, nested_read):
        with pytest.raises(RuntimeError, match="only its Tx"):
            await store.write(work)


async def test_closing_finishes_what_is_queued(opener: Opener) -> None:
    store = await opener()
    writing = [asyncio.create_task(store.write(begin)) for _ in range(5)]
    await asyncio.sleep(0)
    await store.close()
    assert await asyncio.gather(*writing) == [1, 2, 3, 4, 5]


async def test_a_closed_store_refuses_and_closes_again(opener: Opener) -> None:
    store = await opener()
    await store.close()
    await store.close()
    with pytest.raises(StoreError, match="closed"):
        await store.write(begin)
    with pytest.raises(StoreError, match="closed"):
        await count(store)


async def test_a_killed_writer_leaves_no_transaction_and_no_waiting_caller(store: AnyStore) -> None:
    started = asyncio.Event()

    async def stuck(tx: Tx) -> None:
        await begin(tx)
        started.set()
        await asyncio.Event().wait()

    calls = [asyncio.create_task(store.write(work)) for work in (stuck, begin)]
    await started.wait()
    next(task for task in asyncio.all_tasks() if task.get_name() == "store writer").cancel()
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [asyncio.CancelledError] * 2
    assert await count(store) == 0
    with pytest.raises(StoreError, match="closed"):
        await store.write(begin)
