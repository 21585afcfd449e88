"""`aof-tui simulate`: the simulated Workato until a signal ends it."""

from __future__ import annotations

import asyncio

from aof_tui.base.clock import SystemClock
from aof_tui.cli.output import say
from aof_tui.cli.stopping import Stopping
from aof_tui.simulator.command import simulate


def run_simulate(*, port: int, seed: str, scenario: str, speed: float) -> int:
    """Serve until SIGTERM or SIGINT. Raises UsageError and TemporaryError as `simulate` does."""

    async def serve(signals: Stopping) -> None:
        stop = asyncio.Event()
        signals.bind(stop)
        clock = SystemClock()
        await simulate(port=port, seed=seed, scenario=scenario, speed=speed, clock=clock, stop=stop, say=say)

    with Stopping() as signals:
        asyncio.run(serve(signals))
    return 0
