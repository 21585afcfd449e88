"""The simulation's adapter: the same seed takes the same turns."""

from __future__ import annotations

import asyncio

from aof_tui.base.clock import SystemClock
from aof_tui.base.randomness import Randomness
from aof_tui.store.port import Tx
from aof_tui.store.sync_store import open_sync_store


class CountingClock(SystemClock):
    """Counts how often others were given a turn."""

    def __init__(self) -> None:
        super().__init__()
        self.sleeps: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        await super().sleep(seconds)


async def trace(seed: str) -> tuple[list[str], int]:
    """In which order two tasks beside the store get their turns, and how many turns the store gives."""
    clock = CountingClock()
    store = open_sync_store(None, clock, Randomness(seed))
    turns: list[str] = []

    async def beside() -> None:
        while not done.is_set():
            turns.append("beside")
            await asyncio.sleep(0)

    async def work(tx: Tx) -> None:
        for number in range(10):
            await tx.execute("meta_put", {"key": str(number), "value": "v"})
            turns.append(str(number))

    done = asyncio.Event()
    running = asyncio.create_task(beside())
    await store.write(work)
    done.set()
    await running
    await store.close()
    assert set(clock.sleeps) == {0}
    return turns, len(clock.sleeps)


async def test_the_same_seed_takes_the_same_turns() -> None:
    first, again, other = await trace("a"), await trace("a"), await trace("b")
    assert first == again
    assert first != other


async def test_each_statement_gives_up_to_three_turns_on_either_side() -> None:
    _, turns = await trace("a")
    statements = 12
    assert statements < turns <= statements * 6
