"""Lives through a world from its first day to its judgement."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from aof_tui.base.errors import StoreFaultError
from aof_tui.control.protocol import Control
from aof_tui.simulator.simulator import Simulator
from aof_tui.simulator.virtual_time import VirtualClock, VirtualLoop, run_virtual
from aof_tui.store.port import Store
from tests.harness.disk import FaultyStore
from tests.harness.mortal import Gallows, Household
from tests.harness.virtual import settings
from tests.years.channel import FickleChannel
from tests.years.climate import CALM_S, Life, Year
from tests.years.extras import DiskFault, extra_secrets, extra_settings
from tests.years.judge import MOST_TASKS, judge_world, rows_hold
from tests.years.judge_extras import Watch, judge_extras
from tests.years.people import People

DIES_WITHIN_S = 900.0
"""An engine at rest reaches few places: after so long it is killed where it stands."""

COUNTS = {
    "failure": "SELECT COUNT(*) AS n FROM failure",
    "event": "SELECT COUNT(*) AS n FROM event",
}


@dataclass(frozen=True, slots=True)
class WorldResult:
    """What became of a world."""

    seed: str
    days: float
    violations: tuple[str, ...]
    digest: str
    figures: dict[str, int]


def live_through(year: Year) -> WorldResult:
    """The whole world in virtual time."""
    return run_virtual(lambda clock: _World(year, clock).run())


class _World:
    """One world at its present time."""

    def __init__(self, year: Year, clock: VirtualClock) -> None:
        self._year = year
        self._clock = clock
        self._simulator = Simulator(year.scenario, year.seed, clock)
        self._channels = [FickleChannel(name, clock, year.seed, lambda: self._lives) for name in ("oncall", "admins")]
        channels = {"oncall": (self._channels[0],), "admins": (self._channels[1],)}
        wanted = settings(**year.settings, **extra_settings(year.extras, self._simulator))
        self._household = Household(
            clock,
            self._simulator,
            wanted,
            channels,
            year.seed,
            turns=year.turns,
            disk=self._put_on_disk,
            secrets=extra_secrets(self._simulator),
        )
        self._disk_faults: DiskFault | None = None
        self._store: FaultyStore | None = None
        self._alive: list[tuple[float, float]] = []
        """From when to when an engine answered."""
        self._slept: list[tuple[float, float]] = []
        self._people = People(clock, year.seed, year.acts_every)
        self._violations: list[str] = []
        self._most_tasks = 0

    @property
    def _lives(self) -> int:
        return self._household.lives

    async def run(self) -> WorldResult:
        weather = [asyncio.create_task(task()) for task in (self._weather, self._suspend, self._jump, self._spoil_disk)]
        for life in self._year.lives:
            await self._live(life)
            self._look()
            await self._clock.sleep(life.downtime)
        await self._calm(weather)
        found, verdict = judge_world(self._year, self._household, [one for way in self._channels for one in way.sent])
        alarms = [at for way in self._channels for at in way.unlogged]
        found += judge_extras(
            self._year, self._household, Watch(tuple(self._alive), tuple(self._slept), tuple(alarms)), verdict
        )
        figures = {
            "lives": self._household.lives,
            "deaths": self._household.deaths,
            "accepted": verdict.accepted,
            "races": len(verdict.races),
            "commits": self._household.auditor.commits,
            "failures": self._count("failure"),
            "events": self._count("event"),
            "fallbacks": verdict.fallbacks,
            "starts": len(self._simulator.truth().switched),
            "disk_faults": len(self._year.extras.disk),
            "most_tasks": self._most_tasks,
        }
        violations = (*dict.fromkeys(self._violations), *found)
        return WorldResult(self._year.seed, self._year.days, violations, self._household.auditor.digest, figures)

    async def _live(self, life: Life) -> None:
        gallows = Gallows()
        began = [self._clock.boot()]

        async def story(control: Control) -> None:
            began[:] = [self._clock.boot()]
            await self._people.act(control, life.lasts)
            self._count_tasks()
            if life.dies:
                gallows.doom(life.places)
                await self._clock.sleep(DIES_WITHIN_S)
                gallows.fallen.set()
                await self._clock.sleep(1.0)

        try:
            await self._household.live(story, gallows)
        except StoreFaultError:
            # It cannot begin on a disk that it cannot write to: whoever starts it will try again.
            return
        self._alive.append((began[0], self._clock.boot()))

    async def _calm(self, weather: list[asyncio.Task[None]]) -> None:
        """The last engine comes to rest."""
        length = self._year.days * 86_400.0
        left = max(0.0, length - CALM_S - self._clock.boot())

        async def story(control: Control) -> None:
            await self._people.act(control, left)
            for task in weather:
                task.cancel()
            for channel in self._channels:
                channel.calm = True
            self._simulator.faults.set([])
            await self._people.resume(control)
            await self._clock.sleep(CALM_S / 2)
            await self._people.resume(control)
            await self._clock.sleep(CALM_S / 2)
            self._count_tasks()

        while self._disk_faults is not None:
            await self._clock.sleep(60.0)
        left = max(0.0, length - CALM_S - self._clock.boot())
        await self._household.live(story, Gallows())
        self._look()

    async def _weather(self) -> None:
        for trouble in self._year.troubles:
            await self._clock.sleep(max(0.0, trouble.at - self._clock.boot()))
            self._simulator.faults.set(trouble.faults)
            await self._clock.sleep(trouble.lasts)
            self._simulator.faults.set([])

    async def _spoil_disk(self) -> None:
        for fault in self._year.extras.disk:
            await self._clock.sleep(max(0.0, fault.at - self._clock.boot()))
            self._set_disk(fault)
            try:
                await self._clock.sleep(fault.lasts)
            finally:
                # Also when a fault that a sleeping machine put off is cut short by the calm at the end.
                self._set_disk(None)

    def _set_disk(self, fault: DiskFault | None) -> None:
        self._disk_faults = fault
        if self._store is not None:
            self._store.fault = None if fault is None else fault.fault
            self._store.reads_fail = fault is not None and fault.reads_fail

    def _put_on_disk(self, genuine: Store) -> Store:
        """The next engine's store, on the disk as it is now."""
        self._store = FaultyStore(genuine)
        self._set_disk(self._disk_faults)
        return self._store

    async def _suspend(self) -> None:
        """The machine sleeps: time passes, and nothing here notices until it wakes."""
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        for at, seconds in self._year.suspends:
            await self._clock.sleep(max(0.0, at - self._clock.boot()))
            asleep = self._clock.boot()
            loop.pass_time(seconds)
            self._slept.append((asleep, self._clock.boot()))

    async def _jump(self) -> None:
        """Somebody corrects the wall clock, or spoils it; in the end it is right again."""
        try:
            for at, seconds in self._year.jumps:
                await self._clock.sleep(max(0.0, at - self._clock.boot()))
                self._clock.jump_wall(seconds)
        finally:
            self._clock.jump_wall(self._simulator.now() - self._clock.wall())

    def _look(self) -> None:
        self._violations += rows_hold(self._household.raw)

    def _count_tasks(self) -> None:
        self._most_tasks = max(self._most_tasks, len(asyncio.all_tasks()))
        if self._most_tasks > MOST_TASKS:
            self._violations.append(f"10 bounded: {self._most_tasks} tasks")

    def _count(self, table: str) -> int:
        return int(self._household.raw.execute(COUNTS[table]).fetchone()["n"])
