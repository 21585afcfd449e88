"""One demo: a simulator and an engine that share one sped-up clock and real sockets on the loopback address."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path

from aof_tui.base.clock import SystemClock
from aof_tui.base.randomness import Randomness
from aof_tui.cli.demo_settings import demo_secret, demo_settings
from aof_tui.cli.demo_summary import SETTLE_S, Summary, summarise
from aof_tui.control.protocol import Control
from aof_tui.engine.engine import Engine
from aof_tui.engine.ports import Ports
from aof_tui.simulator.scenario_file import load_scenario
from aof_tui.simulator.server import serving
from aof_tui.simulator.simulator import Simulator
from aof_tui.store.read_only import open_reader

SCENARIO = "demo"
SETTLE_REAL_S = 2.0


async def live(store: Path, seed: str, speed: float, ready: Callable[[Control], None], stop: asyncio.Event) -> Summary:
    """Run until `stop` is set, then count."""
    clock, real = SystemClock(speed), SystemClock()
    simulator = Simulator(load_scenario(SCENARIO), seed, clock)
    async with serving(simulator) as server:
        settings = demo_settings(server, store)
        ports = Ports(
            clock=clock, feed_clock=real, randomness=Randomness(seed), read_secret=partial(demo_secret, server)
        )
        began = real.boot()
        await Engine(settings, ports).run(ready, stop)
        lived = real.boot() - began
    reader = await open_reader(store, clock)
    try:
        return await summarise(
            reader,
            simulator.truth(),
            seed=seed,
            speed=speed,
            seconds=lived,
            max_attempts=settings.retry.max_attempts,
            settle_s=max(SETTLE_S, SETTLE_REAL_S * speed),
        )
    finally:
        await reader.close()
