"""Once a day: delete what is older than it has to be kept."""

from __future__ import annotations

from aof_tui.domain.words import EventKind
from aof_tui.engine.context import Context
from aof_tui.store.mapping import text
from aof_tui.store.retention import Retention, apply_retention

DAY_S = 86_400.0
CHECK_S = 3_600.0
KEY = "retention_at"


class Housekeeping:
    """The loop that keeps the store small."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    async def run(self) -> None:
        """Apply retention daily until the engine stops."""
        while not self._ctx.stopping.is_set():
            rows = await self._ctx.store.read("meta_get", {"key": KEY})
            last = float(text(rows[0], "value")) if rows else 0.0
            if self._ctx.clock.wall() - last >= DAY_S:
                await self.once()
            await self._ctx.clock.wait(self._ctx.stopping, CHECK_S)

    async def once(self) -> None:
        """Delete what is over its time, and say how much."""
        now = self._ctx.clock.wall()
        kept = self._ctx.settings.retention
        deleted = await apply_retention(self._ctx.store, now, Retention(kept.events, kept.closed_failures))
        await self._ctx.store.write(lambda tx: tx.execute("meta_put", {"key": KEY, "value": str(now)}))
        if deleted.any:
            said = f"deleted {deleted.events} events, {deleted.failures} failures, {deleted.notifications} notices"
            first = self._ctx.settings.workspaces[0].name
            await self._ctx.write(lambda unit: unit.event(EventKind.RETENTION_APPLIED, said, workspace=first))
