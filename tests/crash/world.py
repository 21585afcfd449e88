"""One world from beginning to judgement: engines live, die and are followed by the next, until all is at rest."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import random
import signal
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

import httpx

from aof_tui.base.clock import SystemClock
from aof_tui.simulator.server import Orders, RunningServer, serving
from aof_tui.simulator.simulator import Simulator
from aof_tui.simulator.truth import Truth
from tests.crash.check import Judgement, check_world, lost, read_remains
from tests.crash.engine_process import MAX_ATTEMPTS, Life, live
from tests.crash.plan import Kill, PointKill, TimedKill, WorldPlan
from tests.crash.weather import fresh_failures, let_a_person_repeat, weather
from tests.harness.anchored import Anchor, AnchoredClock

RATE = 40.0
REACHED_WITHIN_S = 60.0
"""Real seconds in which an engine must reach the point at which it is to die."""
AT_REST_WITHIN_S = 90.0
ENDED_WITHIN_S = 20.0
FRESH_EVERY_S = 1.5
LOOK_EVERY_S = 0.25
LIVES_WITH_A_PERSON = (3, 6)
"""Lives before which somebody repeats a job. Not more: three such repeats in an hour look like another engine."""
QUIET_S = 60.0
"""Seconds of the world's clock since anything changed in it, after which nothing new can come up."""

UNREST = """
SELECT acting_stopped,
       (SELECT COUNT(*) FROM failure WHERE next_action_at IS NOT NULL)
     + (SELECT COUNT(*) FROM recipe WHERE marked_at IS NOT NULL)
     + (SELECT COUNT(*) FROM attempt WHERE state IN ('prepared', 'sending', 'unknown')) AS left
FROM workspace
"""


class BrokenWorldError(Exception):
    """The world did not go as planned: a point was not reached, or an engine ended by itself."""


@dataclass(frozen=True, slots=True)
class WorldResult:
    """What a world showed."""

    plan: WorldPlan
    kills: int
    judgement: Judgement
    trouble: str | None = None
    """What did not go as planned; the judgement is on what came before."""


def fork_server() -> ForkServerContext:
    """Forks engines from one process that has imported everything and has no thread and no loop."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.crash.engine_process"])
    # The first fork waits for the imports; no world should stand still for that.
    first = context.Process(target=os.getpid)
    first.start()
    first.join()
    return context


async def run_world(plan: WorldPlan, folder: Path, forks: ForkServerContext) -> WorldResult:
    """Live through the plan's deaths, let a last engine come to rest, and judge."""
    anchor = Anchor.now()
    clock = AnchoredClock(RATE, anchor)
    wanted = weather(plan)
    simulator = Simulator(wanted.scenario, plan.seed, clock)
    async with serving(simulator) as server:
        server.obey(Orders(faults=wanted.faults))
        world = _World(plan, folder, forks, server, anchor)
        trouble = await world.live_through()
        truth = await world.truth()
        (folder / "truth.json").write_text(json.dumps(truth.to_json()), encoding="utf-8")
        in_place = plan.combination.repeat_row == "in_place"
        judgement = await check_world(folder / "aof.db", truth, MAX_ATTEMPTS, in_place=in_place)
    return WorldResult(plan, world.kills, judgement, trouble)


class _World:
    """A world with its present engine."""

    def __init__(
        self, plan: WorldPlan, folder: Path, forks: ForkServerContext, server: RunningServer, anchor: Anchor
    ) -> None:
        self.kills = 0
        self._plan = plan
        self._folder = folder
        self._forks = forks
        self._server = server
        self._anchor = anchor
        self._real = SystemClock()
        self._lives = 0

    async def live_through(self) -> str | None:
        """All lives; returns what did not go as planned."""
        try:
            for kill in self._plan.kills:
                await self._die(kill)
                self.kills += 1
            await self._come_to_rest()
        except BrokenWorldError as broken:
            return str(broken)
        return None

    async def truth(self) -> Truth:
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.get(f"{self._server.url}/_truth")
            return Truth.from_json(answer.json())

    async def _die(self, kill: Kill) -> None:
        """One life that ends by the kill."""
        life = self._next_life(kill if isinstance(kill, PointKill) else None)
        life.epitaph.unlink(missing_ok=True)
        if self._lives in LIVES_WITH_A_PERSON:
            let_a_person_repeat(self._server.simulator.world, random.Random(life.seed))
        engine = self._start(life)
        try:
            patience = kill.after_s if isinstance(kill, TimedKill) else REACHED_WITHIN_S
            if not await self._ended_at_work(engine, patience):
                if isinstance(kill, PointKill):
                    raise BrokenWorldError(f"{kill} was never reached")
                engine.kill()
                await self._ended(engine, ENDED_WITHIN_S)
            if engine.exitcode != -signal.SIGKILL:
                raise BrokenWorldError(f"an engine ended by itself with {engine.exitcode}, see {life.log}")
            if isinstance(kill, PointKill) and life.epitaph.read_text(encoding="utf-8") != str(kill):
                raise BrokenWorldError(f"an engine did not die at {kill}")
        finally:
            self._bury(engine)

    async def _come_to_rest(self) -> None:
        life = self._next_life(None)
        engine = self._start(life)
        try:
            await self._wait_for_rest(engine, life)
            engine.terminate()
            if not await self._ended(engine, ENDED_WITHIN_S) or engine.exitcode != 0:
                raise BrokenWorldError(f"the last engine did not end in order ({engine.exitcode}), see {life.log}")
        finally:
            self._bury(engine)

    async def _wait_for_rest(self, engine: ForkServerProcess, life: Life) -> None:
        until = self._real.boot() + AT_REST_WITHIN_S
        while self._real.boot() < until:
            if await self._ended(engine, LOOK_EVERY_S):
                raise BrokenWorldError(f"the last engine ended by itself with {engine.exitcode}, see {life.log}")
            if not _unrest(life.store) and _all_told(await self.truth(), life.store):
                return
        raise BrokenWorldError(f"no rest within {AT_REST_WITHIN_S * RATE:.0f} s of the world's clock")

    def _next_life(self, kill: PointKill | None) -> Life:
        self._lives += 1
        return Life(
            folder=self._folder,
            url=self._server.url,
            token=self._server.token,
            seed=f"{self._plan.seed}/{self._lives}",
            rate=RATE,
            anchor=self._anchor,
            when_in_doubt=self._plan.combination.when_in_doubt,
            kill=kill,
        )

    def _start(self, life: Life) -> ForkServerProcess:
        engine = self._forks.Process(target=live, args=(life,), daemon=True)
        engine.start()
        return engine

    async def _ended_at_work(self, engine: ForkServerProcess, seconds: float) -> bool:
        """Whether the process ends within so many real seconds, in which it never runs out of failed jobs."""
        simulator = self._server.simulator
        until = self._real.boot() + seconds
        while (left := until - self._real.boot()) > 0:
            for happening in fresh_failures(simulator.now() - simulator.world.start):
                simulator.world.let_happen(happening)
            if await self._ended(engine, min(left, FRESH_EVERY_S)):
                return True
        return False

    async def _ended(self, engine: ForkServerProcess, seconds: float) -> bool:
        """Whether the process ends within so many real seconds."""
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()
        loop.add_reader(engine.sentinel, ended.set)
        try:
            return await self._real.wait(ended, seconds)
        finally:
            loop.remove_reader(engine.sentinel)

    def _bury(self, engine: ForkServerProcess) -> None:
        if engine.exitcode is None:
            engine.kill()
        engine.join()
        engine.close()


def _unrest(store: Path) -> int:
    """How much the engine still has to do, by its own account. Raises BrokenWorldError when it does nothing more."""
    with closing(sqlite3.connect(f"{store.as_uri()}?mode=ro", uri=True)) as connection:
        row = connection.execute(UNREST).fetchone()
    if row is None:
        return 1
    if row[0] is not None:
        raise BrokenWorldError(f"the engine stopped acting: {row[0]}")
    return int(row[1])


def _all_told(truth: Truth, store: Path) -> bool:
    """Whether the world has been quiet for long, and all that it showed is in the store."""
    quiet = all(run.end_listed_from < truth.now - QUIET_S for run in truth.runs)
    return quiet and not lost(truth, read_remains(store).failures)
