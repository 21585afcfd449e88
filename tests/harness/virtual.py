"""An engine and a simulated Workato together in virtual time, in one process and without a socket."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aof_tui.base.clock import Clock
from aof_tui.base.failpoints import Failpoints, NoFailpoints
from aof_tui.base.randomness import Randomness
from aof_tui.base.secret import Secret
from aof_tui.config.secrets import SecretRef
from aof_tui.config.settings import Settings
from aof_tui.control.protocol import Control
from aof_tui.engine.engine import Engine
from aof_tui.engine.ports import Ports
from aof_tui.notify.channels import Checked, Delivered, Delivery
from aof_tui.notify.message import Message
from aof_tui.simulator.simulator import Simulator
from aof_tui.simulator.transport import InProcessTransport
from aof_tui.store.port import Store
from aof_tui.store.sync_store import SyncStore, open_sync_store
from aof_tui.workato.transport import TransportFactory
from tests.harness.invariants import check_rows

WORKSPACE = "prod"
SIMULATED_URL = "http://127.0.0.1:1"
NO_TOKEN = Secret("token")


@dataclass
class MemoryChannel:
    """Takes every message and keeps it."""

    name: str = "slack"
    answers: list[Delivery] = field(default_factory=list)
    """What it says to the next messages; afterwards everything is delivered."""
    refuses: Callable[[Message, str], Delivery | None] = lambda _message, _reference: None
    """What it says to a message instead, if anything."""
    sent: list[tuple[Message, str]] = field(default_factory=list)

    async def send(self, message: Message, reference: str) -> Delivery:
        self.sent.append((message, reference))
        refused = self.refuses(message, reference)
        if refused is not None:
            return refused
        return self.answers.pop(0) if self.answers else Delivered(f"m{len(self.sent)}")

    async def check(self) -> Checked:
        return Checked(True, "memory")


def settings(**changes: object) -> Settings:
    """Settings as the demo has them: one workspace that acts, one receiver and a super admin."""
    given: dict[str, object] = {
        "mode": "act",
        "workspaces": [{"name": WORKSPACE, "url": SIMULATED_URL, "token": "env:TOKEN"}],
        "receivers": [
            {"name": "oncall", "slack": {"token": "env:SLACK", "channel": "C1"}},
            {
                "name": "admins",
                "email": {
                    "host": "localhost",
                    "port": 25,
                    "tls": "none",
                    "from": "aof@example.com",
                    "to": ["a@example.com"],
                },
            },
        ],
        "routes": [{"receivers": ["oncall"]}],
        "escalation": {"receivers": ["admins"], "after": "30m"},
        "safe_to_repeat": {"tags": ["safe-to-repeat"]},
        "reports": [{"cron": "0 * * * *", "receivers": ["admins"]}],
    }
    return Settings.model_validate(given | changes)


class Bench:
    """One workspace with its store, on which engines can be started one after the other."""

    def __init__(
        self,
        clock: Clock,
        transports: TransportFactory,
        wanted: Settings,
        *,
        token: Secret = NO_TOKEN,
        store_path: Path | None = None,
        seed: str = "e",
    ) -> None:
        self.clock = clock
        self.settings = wanted
        self.token = token
        self.transports = transports
        self.failpoints: Failpoints = NoFailpoints()
        self.slack = MemoryChannel("slack")
        self.email = MemoryChannel("email")
        self.more_channels: dict[str, tuple[MemoryChannel, ...]] = {}
        """Channels of receivers beyond the usual two."""
        self.control: Control | None = None
        self.stop = asyncio.Event()
        """Ends the engine that is running."""
        self.checked = True
        """False where a test has broken the store on purpose."""
        self.secrets: dict[str, Secret] = {}
        """Secrets by where they lie; all others are the token."""
        self._seed = seed
        self._starts = 0
        self._store = open_sync_store(store_path, clock, Randomness(f"{seed}/store"))
        # Engines leave it open for the next one.
        weakref.finalize(self, self._store._connection.raw.close)

    @property
    def store(self) -> SyncStore:
        return self._store

    async def run(self, work: Callable[[Control], Awaitable[object]]) -> None:
        """Start an engine, do the work, and end the engine in order."""
        engine = await self._start()
        try:
            await work(self._answering())
        finally:
            self.stop.set()
            await engine
        self.check()

    async def run_for(self, seconds: float) -> None:
        """Let an engine work for so long."""
        await self.run(lambda _control: self.clock.sleep(seconds))

    async def run_until_killed(self, work: Callable[[Control], Awaitable[object]]) -> None:
        """Start an engine, do the work, and let the engine die where it stands; what it had committed stays."""
        others = asyncio.all_tasks()
        await self._start()
        await work(self._answering())
        killed = sorted(asyncio.all_tasks() - others, key=hash)
        for task in killed:
            task.cancel()
        await asyncio.wait(killed)
        self.check()

    def check(self) -> None:
        """What must hold in the store at any time does."""
        if self.checked:
            check_rows(self._store)

    async def _start(self) -> asyncio.Task[None]:
        """An engine that answers, as a task."""
        self.stop = asyncio.Event()
        ready: asyncio.Future[Control] = asyncio.get_running_loop().create_future()
        self._starts += 1
        engine = asyncio.create_task(Engine(self.settings, self.ports()).run(ready.set_result, self.stop))
        waited: set[asyncio.Future[Any]] = {engine, ready}
        await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        if engine.done():
            await engine
        self.control = ready.result()
        return engine

    def _answering(self) -> Control:
        assert self.control is not None
        return self.control

    async def rows(self, sql: str, **params: str | int | float | None) -> list[dict[str, object]]:
        """Rows of the store, for looking at; `sql` is the test's own."""
        return [dict(row) for row in await self._store.select(sql, params)]

    def ports(self) -> Ports:
        """What the next engine is given."""

        async def same_store(_path: Path) -> Store:
            return _Kept(self._store)

        return Ports(
            clock=self.clock,
            feed_clock=self.clock,
            randomness=Randomness(f"{self._seed}/{self._starts}"),
            failpoints=self.failpoints,
            read_secret=self._secret,
            transports=lambda _workspace: self.transports,
            open_store=same_store,
            channels={"oncall": (self.slack,), "admins": (self.email,), **self.more_channels},
            lock=False,
        )

    def _secret(self, reference: SecretRef) -> Secret:
        return self.secrets.get(reference.where, self.token)


def simulated(clock: Clock, simulator: Simulator, wanted: Settings, seed: str = "e") -> Bench:
    """A bench whose workspace is the simulator's."""
    return Bench(clock, lambda: InProcessTransport(simulator), wanted, token=simulator.token, seed=seed)


class _Kept(SyncStore):
    """The bench's store as one engine sees it: closing it leaves it open for the next."""

    def __init__(self, store: SyncStore) -> None:
        self.__dict__.update(store.__dict__)

    async def close(self) -> None:
        return None
