"""Signs of life: to the service manager while every loop gets on, and to a URL after completed sweeps."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping

from aof_tui.base.errors import AofError
from aof_tui.base.secret import Secret
from aof_tui.config.secrets import SecretRef
from aof_tui.config.settings import Heartbeat
from aof_tui.config.values import secure_url
from aof_tui.engine.context import Context
from aof_tui.engine.service import Service
from aof_tui.store.mapping import optional_moment, text

SWEEP_LIMIT_S = 600.0
"""How long a sweep may take between two of its pages, its waits for the interval apart."""
RECOVERY_LIMIT_S = 300.0
PING_DEADLINE_S = 10.0

logger = logging.getLogger(__name__)


class Watchdog:
    """Feeds the service manager as long as sweeps and recoveries of all workspaces get on."""

    def __init__(self, ctx: Context, service: Service) -> None:
        self._ctx = ctx
        self._service = service
        self._told: list[str] = []
        sweep_limit = ctx.settings.collation.interval + SWEEP_LIMIT_S
        for name in ctx.workspaces:
            ctx.progress.watch(f"sweep of {name}", sweep_limit)
            ctx.progress.watch(f"recovery of {name}", RECOVERY_LIMIT_S)

    async def run(self) -> None:
        """Feed while there is progress, until the engine stops."""
        if self._service.watchdog_s is None:
            return
        pause = self._service.watchdog_s / 3 * self._ctx.clock.rate
        while not await self._ctx.clock.wait(self._ctx.stopping, pause):
            self.look()

    def look(self) -> None:
        """Feed it, or say once who hangs."""
        stalled = self._ctx.progress.stalled()
        if not stalled:
            self._service.feed()
        elif stalled != self._told:
            logger.error("the service manager is not fed: %s did not get on", ", ".join(stalled))
        self._told = stalled


class HeartbeatLoop:
    """Asks for a URL each time every workspace has completed a sweep since the last time."""

    def __init__(
        self,
        ctx: Context,
        heartbeat: Heartbeat,
        read_secret: Callable[[SecretRef], Secret],
        ping: Callable[[str], Awaitable[str | None]],
    ) -> None:
        self._ctx = ctx
        self._heartbeat = heartbeat
        self._read_secret = read_secret
        self._ping = ping
        self._seen: Mapping[str, float | None] = {}
        self._failing = False

    async def run(self) -> None:
        """Wait for sweeps until the engine stops."""
        self._seen = await self._swept()
        while not self._ctx.stopping.is_set():
            await self._ctx.swept.wait(None)
            swept = await self._swept()
            if all(at is not None and at != self._seen.get(name) for name, at in swept.items()):
                self._seen = swept
                await self._beat()

    async def _swept(self) -> dict[str, float | None]:
        rows = await self._ctx.store.read("status_workspaces", {})
        swept = {text(row, "name"): optional_moment(row, "swept_at") for row in rows}
        return {name: swept.get(name) for name in self._ctx.workspaces}

    async def _beat(self) -> None:
        """Ask once; a failure is logged once, and holds up nothing."""
        problem = await self._asked()
        if problem is not None and not self._failing:
            logger.warning("the heartbeat is not taken: %s", problem)
        elif problem is None and self._failing:
            logger.info("the heartbeat is taken again")
        self._failing = problem is not None

    async def _asked(self) -> str | None:
        url = self._heartbeat.url
        try:
            asked = secure_url(self._read_secret(url).reveal(), query=True) if isinstance(url, SecretRef) else url
            async with self._ctx.clock.deadline(PING_DEADLINE_S):
                return await self._ping(asked)
        except TimeoutError:
            return "no answer in time"
        except (AofError, ValueError) as error:
            return str(error)
