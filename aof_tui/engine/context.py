"""What every part of the engine shares: ports, settings, the store, and the workspaces with their clients."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from aof_tui.base.clock import REAL_DEADLINE_FLOOR_S, Clock
from aof_tui.base.failpoints import Failpoints
from aof_tui.base.randomness import Randomness
from aof_tui.base.secret import Secret
from aof_tui.config.secrets import SecretRef
from aof_tui.config.settings import Settings, WorkspaceSettings
from aof_tui.control.feed import FeedHub
from aof_tui.domain.event_kinds import EventKind
from aof_tui.domain.listing import ListFact
from aof_tui.domain.words import Mode, Reason
from aof_tui.engine.points import FallbackPoint, Point
from aof_tui.engine.progress import Progress
from aof_tui.engine.sent_mark import SentMark
from aof_tui.engine.timekeeper import Base, Timekeeper
from aof_tui.engine.unit import Unit
from aof_tui.policy.decide import PolicyBook
from aof_tui.policy.route import Route
from aof_tui.store.port import Store, Tx
from aof_tui.workato.client import WorkatoClient
from aof_tui.workato.starts import Starts

T = TypeVar("T")


SHORTEST_WAIT_S = 0.001


class Signal:
    """A flag that wakes one loop; raised any number of times, it wakes once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._event = asyncio.Event()

    def raise_(self) -> None:
        self._event.set()

    async def wait(self, seconds: float | None) -> None:
        """Return when raised or when the time is over; lowered again then."""
        # A timer may fire a hair early: a loop that waits for the rest must not spin on nothing.
        await self._clock.wait(self._event, seconds if seconds is None else max(SHORTEST_WAIT_S, seconds))
        self._event.clear()


EVERYTHING = float("-inf")
"""How far back a read has come that has shown a whole list."""


@dataclass(frozen=True, slots=True)
class LastRead:
    """The last complete read of a recipe's repeated runs: the boot time it began at, and how far back it came."""

    began: float
    reaches: float


NEVER_READ = LastRead(float("-inf"), float("inf"))


@dataclass
class Workspace:
    """One workspace at work. What is kept only here is rebuilt after a restart, or errs to the safe side."""

    settings: WorkspaceSettings
    client: WorkatoClient
    starts: Starts
    read_secret: Callable[[SecretRef], Secret]
    marked: Signal
    undecided: Signal
    due: Signal
    awaited: Signal
    concerned: Signal
    breakers: Signal
    connections: Signal
    fallback: Signal
    fallback_followed: Signal
    mode: Mode
    paused: bool = False
    acting_stopped: str | None = None
    store_fails: bool = False
    """What cannot be written down first is not done."""
    identity_known: bool = False
    """False until the token's workspace was seen to be the pinned one since the start: until then nothing is sent."""
    list_facts: frozenset[ListFact] = frozenset()
    """What pages have proven of the order of its lists."""
    lag_s: float = 0.0
    reads: dict[str, LastRead] = field(default_factory=dict)
    """By recipe id."""
    starting: set[str] = field(default_factory=set)
    """Requests of this process to start a recipe that have no outcome yet."""
    unsent: int = 0
    """Repeat requests in a row that never left this machine."""

    @property
    def name(self) -> str:
        return self.settings.name

    def last_read(self, recipe_id: str) -> LastRead:
        """The last complete read of a recipe's repeated runs."""
        return self.reads.get(recipe_id, NEVER_READ)

    def hindrance(self) -> Reason | None:
        """Why nothing may be sent to this workspace now."""
        if self.mode is Mode.OBSERVE:
            return Reason.OBSERVE
        if self.paused:
            return Reason.PAUSED
        return Reason.ACTING_STOPPED if self.acting_stopped is not None or self.store_fails else None


class Context:
    """The engine's shared ground."""

    def __init__(
        self,
        settings: Settings,
        book: PolicyBook,
        routes: tuple[Route, ...],
        store: Store,
        clock: Clock,
        randomness: Randomness,
        failpoints: Failpoints,
        hub: FeedHub,
        epoch: int,
        mark: SentMark,
    ) -> None:
        self.settings = settings
        self.book = book
        self.routes = routes
        self.store = store
        self.clock = clock
        self.randomness = randomness
        self.failpoints = failpoints
        self.hub = hub
        self.epoch = epoch
        self.mark = mark
        self.progress = Progress(clock)
        self.swept = Signal(clock)
        """Wakes whoever waits for completed sweeps."""
        self.timekeeper = Timekeeper(
            clock, settings.workspaces[0].name, settings.collation.lookback, self._spread_after_sleep
        )
        self.stopping = asyncio.Event()
        self.workspaces: dict[str, Workspace] = {}
        self._owned: set[asyncio.Task[object]] = set()

    async def write(self, work: Callable[[Unit], Awaitable[T]]) -> T:
        """Run `work` as one transaction and tell the feed what changed."""
        unit: Unit | None = None
        base: Base | None = None

        async def body(tx: Tx) -> T:
            nonlocal unit, base
            unit = Unit(tx, self.clock.wall(), self.failpoints)
            if self.timekeeper.is_astray():
                base = await self.timekeeper.settle(unit)
                self._wake_all(unit)
            return await work(unit)

        self.progress.note()
        try:
            answer = await self.store.write(body)
            if base is not None:
                self.timekeeper.settled(base)
        finally:
            if unit is not None:
                self._announce(unit)
        if unit is not None:
            await self._committed(unit)
        return answer

    async def settle_clocks(self) -> None:
        """Plan anew if a clock jumped or the machine slept: to be called before acting on what was only read."""

        async def nothing(_unit: Unit) -> None:
            return None

        if self.timekeeper.is_astray():
            await self.write(nothing)

    def refusal(self, workspace: Workspace) -> str | None:
        """Why no request may act on the workspace now: in memory and at once, so that nothing changes behind it."""
        if self.stopping.is_set():
            return "the engine is stopping"
        if not workspace.identity_known:
            return "it is not known which workspace the token belongs to"
        hindrance = workspace.hindrance()
        return hindrance.replace("_", " ") if hindrance is not None else None

    def cared_for_since(self, now: float) -> float:
        """Failures before this time are history; a clock that jumped ahead makes none of them."""
        return now - self.settings.collation.lookback - self.timekeeper.ahead_s(now)

    def _wake_all(self, unit: Unit) -> None:
        for workspace in self.workspaces.values():
            signals = (workspace.marked, workspace.undecided, workspace.due, workspace.awaited, workspace.concerned)
            for signal in signals:
                unit.wake(signal)

    def _spread_after_sleep(self, recipe_id: str) -> float:
        key = f"{self.clock.boot():.6f}"
        return self.randomness.uniform(0.0, self.settings.retry.min, "slept", recipe_id, key)

    async def _committed(self, unit: Unit) -> None:
        if unit.sends:
            # Before the request leaves, and after the commit: so the mark never runs ahead of the store.
            await self.mark.raise_to(unit.sequence)
        if EventKind.SWEEP_COMPLETED in unit.kinds:
            self.swept.raise_()

    def _announce(self, unit: Unit) -> None:
        for signal in unit.woken:
            signal.raise_()
        if unit.topics:
            self.hub.publish(sorted(unit.topics), sorted(unit.master_job_ids))

    async def reach(self, point: Point | FallbackPoint) -> None:
        self.progress.note()
        await self.failpoints.reach(point)

    async def shielded(self, work: Awaitable[T]) -> T:
        """Await `work` in a task of its own that the engine waits for at its end, whatever happens to the caller."""
        task = asyncio.ensure_future(work)
        self._owned.add(task)
        task.add_done_callback(self._owned.discard)
        return await asyncio.shield(task)

    async def finish_owned(self, seconds: float) -> bool:
        """Wait for shielded work to end; False if some is still under way when the time is over.

        A sped-up clock shortens it as it does a request's deadline: never below what real sockets need.
        """
        if self._owned:
            real = seconds / self.clock.rate
            await asyncio.wait(tuple(self._owned), timeout=max(real, min(seconds, REAL_DEADLINE_FLOOR_S)))
        return not self._owned
