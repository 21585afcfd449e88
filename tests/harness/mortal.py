"""Engines that die in virtual time as a killed process does: what was committed stays, and nothing happens after it."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import weakref
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import httpx

from aof_tui.base.clock import Clock
from aof_tui.base.randomness import Randomness
from aof_tui.base.secret import Secret
from aof_tui.config.secrets import SecretRef
from aof_tui.config.settings import Settings
from aof_tui.control.protocol import Control
from aof_tui.engine.engine import Engine
from aof_tui.engine.ports import Ports
from aof_tui.notify.factory import Channels
from aof_tui.simulator.simulator import Simulator
from aof_tui.simulator.transport import InProcessTransport
from aof_tui.store.database import WRITER_PRAGMAS, as_dict
from aof_tui.store.migrate import migrate
from aof_tui.store.port import Params, Row, Store
from aof_tui.store.sync_store import SyncConnection, SyncStore
from tests.harness.audit import Auditor

COMMITTING, COMMITTED = "commit.before", "commit.after"
"""Places of death beside the engine's own points: on both sides of every commit."""
CANCEL_ROUNDS = 50

Story = Callable[[Control], Awaitable[None]]


class Gallows:
    """Where the engine of one life dies: at the nth place it reaches."""

    def __init__(self, dies_at: int | None = None) -> None:
        self.fallen = asyncio.Event()
        self.trace: list[str] = []
        """Every place reached, in order."""
        self._dies_at = dies_at

    @property
    def dead(self) -> bool:
        return self.fallen.is_set()

    def doom(self, places: int) -> None:
        """Let the engine live for so many more places, at least one."""
        self._dies_at = len(self.trace) + places

    async def reach(self, name: str) -> None:
        self.breathe()
        self.trace.append(name)
        if len(self.trace) == self._dies_at:
            self.fallen.set()
            await asyncio.Event().wait()

    def breathe(self) -> None:
        """The dead do nothing: what still runs while an engine is taken down is cancelled before it has an effect."""
        if self.dead:
            raise asyncio.CancelledError


class MortalConnection(SyncConnection):
    """Executes nothing for the dead, and lets every commit be a place of death."""

    def __init__(
        self, raw: sqlite3.Connection, clock: Clock, turns: random.Random | None, gallows: Gallows, auditor: Auditor
    ) -> None:
        super().__init__(raw, clock, Randomness("unused"))
        self._turns = turns
        self._gallows = gallows
        self._auditor = auditor

    async def run(self, sql: str, params: Params) -> tuple[sqlite3.Cursor, list[Row]]:
        commits = sql == "COMMIT"
        if commits:
            self._auditor.before_commit()
            await self._gallows.reach(COMMITTING)
        self._gallows.breathe()
        done = await super().run(sql, params)
        if commits:
            await self._gallows.reach(COMMITTED)
        return done

    async def _yield(self, place: str) -> None:
        """Other tasks get a turn now and then; without `turns` never: that is quicker and less varied."""
        if self._turns is not None and self._turns.random() < 0.25:
            await asyncio.sleep(0)


class MortalStore(SyncStore):
    """One life's way to a database that outlives it."""

    async def _check(self) -> None:
        """No disk can damage what is in memory, and each life ends with a look at the whole of it."""

    async def close(self) -> None:
        """Finish what is queued; the connection stays open for the next life."""
        self._closed = True
        await self._writer.stop()


class MortalTransport(InProcessTransport):
    """Sends nothing for the dead."""

    def __init__(self, simulator: Simulator, gallows: Gallows) -> None:
        super().__init__(simulator)
        self._gallows = gallows

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._gallows.breathe()
        return await super().handle_async_request(request)


class Household:
    """A database and a workspace on which engines live one after the other."""

    def __init__(
        self,
        clock: Clock,
        simulator: Simulator,
        wanted: Settings,
        channels: Channels,
        seed: str,
        *,
        turns: bool = True,
        disk: Callable[[Store], Store] = lambda store: store,
        secrets: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.clock = clock
        self.simulator = simulator
        self.lives = 0
        self.deaths = 0
        self.raw = fresh_database()
        weakref.finalize(self, self.raw.close)
        self.auditor = Auditor(self.raw)
        self._disk = disk
        self._secrets = secrets
        self._settings = wanted
        self._channels = channels
        self._seed = seed
        self._turns = random.Random(f"{seed}/turns") if turns else None

    async def live(self, story: Story, gallows: Gallows) -> bool:
        """One engine's life, with the story around it; it ends with the story, or where it dies (then True).

        Raises what the engine raises.
        """
        self.lives += 1
        others = asyncio.all_tasks()
        stop = asyncio.Event()
        ready: asyncio.Future[Control] = asyncio.get_running_loop().create_future()
        engine = asyncio.create_task(Engine(self._settings, self._ports(gallows)).run(ready.set_result, stop))
        told = asyncio.create_task(_tell(story, ready, stop))
        fallen = asyncio.create_task(gallows.fallen.wait())
        await asyncio.wait({engine, fallen}, return_when=asyncio.FIRST_COMPLETED)
        if engine.done() and not gallows.dead:
            fallen.cancel()
            if not ready.done():
                told.cancel()
            await asyncio.wait({told, fallen})
            await engine
            await told
            return False
        self.deaths += 1
        gallows.fallen.set()
        await _take_down(others)
        self.raw.rollback()
        self.auditor.forget()
        return True

    def _ports(self, gallows: Gallows) -> Ports:
        connection = MortalConnection(self.raw, self.clock, self._turns, gallows, self.auditor)

        async def open_mortal(_path: Path) -> Store:
            return self._disk(MortalStore(connection))

        def secret(reference: SecretRef) -> Secret:
            given = self._secrets.get(reference.where)
            return self.simulator.token if given is None else Secret(given)

        return Ports(
            clock=self.clock,
            feed_clock=self.clock,
            randomness=Randomness(f"{self._seed}/{self.lives}"),
            failpoints=gallows,
            read_secret=secret,
            transports=lambda _workspace: lambda: MortalTransport(self.simulator, gallows),
            open_store=open_mortal,
            channels=self._channels,
            lock=False,
        )


def fresh_database() -> sqlite3.Connection:
    """A database in memory with the present schema."""
    raw = sqlite3.connect(":memory:", isolation_level=None)
    for pragma in WRITER_PRAGMAS:
        raw.execute(pragma)
    migrate(raw, "in memory")
    raw.row_factory = as_dict
    return raw


async def _tell(story: Story, ready: asyncio.Future[Control], stop: asyncio.Event) -> None:
    try:
        await story(await ready)
    finally:
        stop.set()


async def _take_down(others: set[asyncio.Task[object]]) -> None:
    """Cancel every task of this life, those included that begin or swallow it while they are taken down."""
    rounds = 0
    while victims := sorted(asyncio.all_tasks() - others, key=hash):
        for task in victims:
            task.cancel()
        await asyncio.wait(victims, timeout=0)
        rounds += 1
        assert rounds < CANCEL_ROUNDS, f"tasks that do not end: {[task.get_name() for task in victims]}"
