"""Notices that the wall clock jumped or the machine slept, and plans anew before anything else is committed.

What is planned is kept as wall times, because it outlives a boot. When the wall clock is stepped, plans move along, so
that every wait keeps its length by the boot clock; after a sleep, what fell due meanwhile is spread.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace

from aof_tui.base.clock import Clock
from aof_tui.base.durations import human_duration
from aof_tui.base.wording import counted
from aof_tui.domain.event_kinds import EventKind
from aof_tui.engine.unit import Unit
from aof_tui.store.mapping import text

TICK_S = 5.0
JUMP_S = 60.0
"""A smaller step is taken for the clock being set right: no plan is that exact."""
SLEPT_S = 60.0
WRONG_BEFORE_S = 7 * 86_400.0
"""A longer jump ahead is the setting of a clock that was never right: nothing of before it is worth keeping."""
LATE_S = 60.0
SETTLE_DOWN_S = 300.0
"""How long after a sleep incidents wait for the first reads before they escalate or resolve."""
KEY = "clock"
SHIFTED = (
    "clock_shift_failures",
    "clock_shift_held",
    "clock_shift_incidents",
    "clock_shift_outbox",
    "clock_shift_recipes",
    "clock_shift_dispatches",
    "clock_shift_attempts",
    "clock_shift_runs",
    "clock_shift_workspaces",
    "clock_shift_breakers",
    "clock_shift_fallbacks",
    "clock_shift_rhythms",
)


@dataclass(frozen=True, slots=True)
class Reading:
    """Both clocks at one moment; `offset` stays as it is while the wall clock goes on evenly."""

    boot_id: str
    boot: float
    offset: float

    @property
    def wall(self) -> float:
        return self.boot + self.offset


@dataclass(frozen=True, slots=True)
class Base:
    """The last reading that all plans are in line with, and how far the wall clock lately jumped ahead."""

    reading: Reading
    ahead_s: float = 0.0
    ahead_until: float = 0.0


Spread = Callable[[str], float]
"""Seconds by which a recipe's overdue failures are put off."""


class Timekeeper:
    """Compares the two clocks of one engine. Kept in memory; the store has the word on what is planned anew already."""

    def __init__(self, clock: Clock, workspace: str, lookback_s: float, spread: Spread) -> None:
        self._clock = clock
        self._workspace = workspace
        self._lookback_s = lookback_s
        self._spread = spread
        self._base: Base | None = None
        self._ticked = clock.boot()
        self._began = self._read()

    def is_astray(self) -> bool:
        """Whether a clock did what it should not since the last look; plans are not to be trusted until a commit."""
        if self._base is None:
            return True
        present = self._read()
        return abs(present.offset - self._base.reading.offset) > JUMP_S or self._slept(present) > 0.0

    def tick(self) -> None:
        """All is well: the next look compares with this one."""
        if self._base is not None:
            self._ticked = self._read().boot

    def ahead_s(self, now: float) -> float:
        """By how much the wall clock may be ahead of Workato's, as far as a jump of the last lookback tells."""
        return self._base.ahead_s if self._base is not None and now < self._base.ahead_until else 0.0

    async def settle(self, unit: Unit) -> Base:
        """Bring the plans in line with the clocks, once, in the transaction that is the first to notice."""
        present = self._read()
        rows = await unit.tx.fetch("meta_get", {"key": KEY})
        known = _parse(text(rows[0], "value")) if rows else None
        base = known or Base(present)
        jumped = present.offset - base.reading.offset if base.reading.boot_id == present.boot_id else 0.0
        if abs(jumped) > JUMP_S:
            base = await self._shift(unit, base, present, jumped)
        elif self._slept(present) > 0.0 and base.reading.boot < present.boot - self._slept(present):
            await self._spread_overdue(unit, self._slept(present))
        base = replace(base, reading=present)
        await unit.tx.execute("meta_put", {"key": KEY, "value": _format(base)})
        return base

    def settled(self, base: Base) -> None:
        """The transaction is committed."""
        self._base = base
        self._ticked = max(self._ticked, base.reading.boot)

    def _read(self) -> Reading:
        boot = self._clock.boot()
        return Reading(self._clock.boot_id, boot, self._clock.wall() - boot)

    def _slept(self, present: Reading) -> float:
        """Seconds that passed without a tick, where these are too many to have been busy ones; else 0."""
        gap = present.boot - self._ticked
        return gap if gap > TICK_S + SLEPT_S * self._clock.rate else 0.0

    async def _shift(self, unit: Unit, base: Base, present: Reading, jumped: float) -> Base:
        for statement in SHIFTED:
            await unit.tx.execute(statement, {"seconds": jumped})
        await unit.tx.execute("clock_shift_reports", {"now": present.wall})
        in_this_run = abs(present.offset - self._began.offset) > JUMP_S
        await unit.tx.execute("clock_shift_engine_runs", {"seconds": jumped, "present_too": int(in_this_run)})
        way = "ahead" if jumped > 0 else "back"
        said = f"the wall clock jumped {way} by {human_duration(round(abs(jumped)))}: all plans moved along"
        data = {"seconds": round(jumped, 3)}
        await unit.event(EventKind.CLOCK_JUMPED, said, workspace=self._workspace, data=data)
        if not 0.0 < base.ahead_s + jumped <= WRONG_BEFORE_S:
            return Base(present)
        return Base(present, base.ahead_s + jumped, present.wall + self._lookback_s)

    async def _spread_overdue(self, unit: Unit, slept: float) -> None:
        late = await unit.failures("failures_overdue", until=unit.now - LATE_S)
        for failure in late:
            await unit.put(replace(failure, next_action_at=unit.now + self._spread(failure.recipe_id)))
        await unit.tx.execute("clock_calm_incidents", {"until": unit.now + SETTLE_DOWN_S})
        said = (
            f"nothing was done for {human_duration(round(slept))}: {counted(len(late), 'overdue repeat')} spread anew"
        )
        data = {"seconds": round(slept, 3), "spread": len(late)}
        await unit.event(EventKind.ENGINE_RESUMED, said, workspace=self._workspace, data=data)


def _format(base: Base) -> str:
    reading = base.reading
    return json.dumps([reading.boot_id, reading.boot, reading.offset, base.ahead_s, base.ahead_until])


def _parse(value: str) -> Base:
    boot_id, boot, offset, ahead_s, ahead_until = json.loads(value)
    return Base(Reading(boot_id, boot, offset), ahead_s, ahead_until)
