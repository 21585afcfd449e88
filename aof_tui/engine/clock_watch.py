"""Looks at the clocks every few seconds, so that a jump or a sleep is noticed also while nothing is committed."""

from __future__ import annotations

from aof_tui.engine.context import Context
from aof_tui.engine.timekeeper import TICK_S


class ClockWatch:
    """The loop over the clocks."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    async def run(self) -> None:
        """Look at the clocks until the engine stops."""
        while not await self._ctx.clock.wait(self._ctx.stopping, TICK_S):
            await self._ctx.settle_clocks()
            self._ctx.timekeeper.tick()
