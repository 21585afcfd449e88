"""The body of `aof-tui simulate`: a simulator of its own, for any client."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

from aof_tui.base.clock import Clock
from aof_tui.base.errors import TemporaryError, UsageError
from aof_tui.simulator.scenario_file import load_scenario
from aof_tui.simulator.server import serving
from aof_tui.simulator.simulator import Simulator


async def simulate(
    *,
    port: int,
    seed: str,
    scenario: str,
    speed: float,
    clock: Clock,
    stop: asyncio.Event,
    say: Callable[[str], None],
) -> None:
    """Serve until `stop` is set; `say` is given the one line with the origin and the token.

    The speed compresses what happens in the world, quotas and lags keep the clock's seconds. Raises UsageError for an
    unknown scenario or a speed that is not positive, TemporaryError when the port is taken.
    """
    if not speed > 0:
        raise UsageError(f"--speed must be positive, not {speed}")
    simulator = Simulator(load_scenario(scenario), seed, clock, speed)
    try:
        async with serving(simulator, port) as server:
            say(json.dumps({"url": server.url, "token": server.token}))
            await stop.wait()
    except OSError as error:
        raise TemporaryError(f"port {port}: {error.strerror or error}") from error
