"""Turns at Workato's API: evenly spaced, the more urgent first above floors, nothing lost when one gives up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import IntEnum
from math import inf
from types import MappingProxyType

from aof_tui.base.clock import Clock
from aof_tui.workato.circuit import ReadCircuit

RETRY_AFTER_MIN_S = 1.0
RETRY_AFTER_MAX_S = 300.0
SLOWEST_PACE = 1 / 16
"""However often Workato says 429, a family keeps this share of its rate: it must notice when the limit is lifted."""
FULL_RECOVERY_S = 600.0
"""From nothing back to the whole rate; after one halving it takes half of that."""
TICK_S = 1e-6
"""The shortest wait: timers end up to a clock's resolution early, and virtual time would stand still over the rest."""


class Priority(IntEnum):
    """Who goes first at a pacer; the smaller, the sooner."""

    PERSON = 0
    SETTLE = 1
    GUARD = 2
    COLLATE = 3
    WATCH = 4
    SLOW = 5


WHOLE = 5
FLOORS: Mapping[Priority, int] = MappingProxyType({Priority.SETTLE: 1, Priority.COLLATE: 2})
"""Fifths of a family's turns that a kind of read gets when it wants them, whatever is more urgent.

So new repeats, which need guards, slow down before collation does. What a kind does not want is the others'.
"""


@dataclass(slots=True, eq=False)
class _Waiter:
    priority: Priority
    arrival: int
    wake: asyncio.Event = field(default_factory=asyncio.Event)


class _Queue:
    """Waiters for turns at times that `ready_at` names; it holds no task and no lock, only who waits."""

    def __init__(self, clock: Clock, interval_s: float, floors: Mapping[Priority, int]) -> None:
        if not 0 < interval_s < inf:
            raise ValueError("an interval must be positive")
        self._owed = dict.fromkeys(floors, 0)
        """Fifths of turns by which a kind that waited is behind its floor; a whole one is its next turn."""
        self._floors = floors
        self._clock = clock
        self._interval_s = interval_s
        self._pace = 1.0
        self._paced_at = clock.boot()
        # A restart begins with a pause: what the process before it sent last is not known.
        self._next_at = clock.boot() + interval_s
        self._arrivals = 0
        self._waiting: list[_Waiter] = []

    @property
    def waiting(self) -> int:
        """How many wait for a turn."""
        return len(self._waiting)

    @property
    def interval_s(self) -> float:
        """The present distance between turns."""
        self._recover()
        return self._interval_s / self._pace

    def slow_down(self, retry_after_s: float | None) -> None:
        """Workato answered 429: halve the rate, and send nothing before the time it asked for (1 to 300 s)."""
        interval = self.interval_s
        self._pace = max(SLOWEST_PACE, self._pace / 2)
        pause = interval if retry_after_s is None else min(max(retry_after_s, RETRY_AFTER_MIN_S), RETRY_AFTER_MAX_S)
        self._next_at = max(self._next_at, self._clock.boot() + max(pause, self._interval_s / self._pace))
        self._wake_first()

    def _recover(self) -> None:
        now = self._clock.boot()
        self._pace = min(1.0, self._pace + (now - self._paced_at) / FULL_RECOVERY_S)
        self._paced_at = now

    def _ready_at(self) -> float:
        return self._next_at

    def _take(self) -> None:
        self._next_at = self._clock.boot() + self.interval_s

    def _first(self) -> _Waiter:
        """Whose turn is next: the most urgent of those that are owed one, else of all."""
        owed = [waiter for waiter in self._waiting if self._owed.get(waiter.priority, 0) >= WHOLE]
        return min(owed or self._waiting, key=lambda waiter: (waiter.priority, waiter.arrival))

    def _settle_floors(self, served: Priority) -> None:
        """Count a turn. Who does not wait is owed nothing more, and never more than one turn: floors are not saved."""
        for kind in {waiter.priority for waiter in self._waiting} & self._owed.keys():
            self._owed[kind] = min(2 * WHOLE, self._owed[kind] + self._floors[kind])
        if served in self._owed:
            self._owed[served] = max(0, self._owed[served] - WHOLE)

    async def _enter(self, priority: Priority) -> None:
        self._arrivals += 1
        me = _Waiter(priority, self._arrivals)
        self._waiting.append(me)
        try:
            while True:
                me.wake.clear()
                wait_s = self._ready_at() - self._clock.boot() if self._first() is me else inf
                if wait_s <= 0:
                    self._take()
                    self._settle_floors(priority)
                    return
                await self._clock.wait(me.wake, None if wait_s == inf else max(wait_s, TICK_S))
        finally:
            self._waiting.remove(me)
            self._wake_first()

    def _wake_first(self) -> None:
        if self._waiting:
            self._first().wake.set()


class Pacer(_Queue):
    """Turns of one read family in one workspace: one each interval, never two at once to catch up."""

    def __init__(self, clock: Clock, interval_s: float, circuit: ReadCircuit) -> None:
        """`circuit` is that of all families of the workspace: no turn is given while it is open, but to its probe."""
        super().__init__(clock, interval_s, FLOORS)
        self._circuit = circuit
        circuit.listen(self._wake_first)

    async def turn(self, priority: Priority) -> None:
        """Return when a request may be sent: floors first, then the more urgent, equals as they came."""
        await self._enter(priority)

    def _ready_at(self) -> float:
        return max(self._next_at, self._circuit.ready_at())

    def _take(self) -> None:
        super()._take()
        self._circuit.taken()


class RepeatTurn:
    """The right to send one repeat request."""

    def __init__(self) -> None:
        self.used = True

    def give_back(self) -> None:
        """Say that nothing was sent: then the next turn need not wait for it."""
        self.used = False


class RepeatPacer(_Queue):
    """Turns for repeat requests: one in flight, the next an interval after it was answered or given up.

    Spaced by answers and not by sendings, no delay on the way brings two of them closer than the interval.
    """

    def __init__(self, clock: Clock, interval_s: float) -> None:
        super().__init__(clock, interval_s, {})
        self._in_flight = False

    @asynccontextmanager
    async def turn(self, priority: Priority = Priority.COLLATE) -> AsyncIterator[RepeatTurn]:
        """Hold the only right to send in this workspace; end the body when the answer is there or given up."""
        await self._enter(priority)
        turn = RepeatTurn()
        try:
            yield turn
        finally:
            self._in_flight = False
            if turn.used:
                self._next_at = max(self._next_at, self._clock.boot() + self.interval_s)
            self._wake_first()

    def _ready_at(self) -> float:
        return inf if self._in_flight else self._next_at

    def _take(self) -> None:
        self._in_flight = True
