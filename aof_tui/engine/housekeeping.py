"""Once a day: delete what is older than it has to be kept, and sooner where the store grows too large."""

from __future__ import annotations

from aof_tui.base.durations import human_duration
from aof_tui.base.wording import counted
from aof_tui.domain.event_kinds import EventKind
from aof_tui.engine.context import Context
from aof_tui.engine.telling import Telling
from aof_tui.engine.unit import Unit
from aof_tui.store.mapping import integer, text
from aof_tui.store.metric_retention import fold_metrics
from aof_tui.store.retention import Deleted, Retention, apply_retention

DAY_S = 86_400.0
CHECK_S = 3_600.0
KEY = "retention_at"
SHORTEST_S = DAY_S
"""What is younger is kept however large the store is."""
TOLD_AGAIN_S = DAY_S
MB = 1_000_000


class Housekeeping:
    """The loop that keeps the store small."""

    def __init__(self, ctx: Context, telling: Telling) -> None:
        self._ctx = ctx
        self._telling = telling
        self._told_at = float("-inf")

    async def run(self) -> None:
        """Apply retention daily, and look at the size every hour, until the engine stops."""
        while not self._ctx.stopping.is_set():
            rows = await self._ctx.store.read("meta_get", {"key": KEY})
            last = float(text(rows[0], "value")) if rows else 0.0
            if self._ctx.clock.wall() - last >= DAY_S:
                await self.once()
            await self.watch_size()
            await self._ctx.clock.wait(self._ctx.stopping, CHECK_S)

    async def once(self) -> None:
        """Delete what is over its time, and say how much."""
        now = self._ctx.clock.wall()
        kept = self._ctx.settings.retention
        deleted = await apply_retention(self._ctx.store, now, Retention(kept.events, kept.closed_failures))
        await fold_metrics(self._ctx.store, now)
        await self._ctx.store.write(lambda tx: tx.execute("meta_put", {"key": KEY, "value": str(now)}))
        if deleted.any:
            first = self._ctx.settings.workspaces[0].name
            await self._ctx.write(lambda unit: unit.event(EventKind.RETENTION_APPLIED, _said(deleted), workspace=first))

    async def watch_size(self) -> None:
        """Keep half as long, and half of that, until the store is small enough; people are told that it is not."""
        most = self._ctx.settings.retention.max_size_mb * MB
        kept = self._ctx.settings.retention
        events_s, failures_s = kept.events, kept.closed_failures
        used = before = await self._used()
        while used > most and events_s > SHORTEST_S:
            events_s, failures_s = max(SHORTEST_S, events_s / 2), max(SHORTEST_S, failures_s / 2)
            await apply_retention(self._ctx.store, self._ctx.clock.wall(), Retention(events_s, failures_s))
            used = await self._used()
        now = self._ctx.clock.boot()
        if before > most and now - self._told_at >= TOLD_AGAIN_S:
            self._told_at = now
            said = (
                f"the store has {before // MB} MB, more than its {most // MB}: what is older than "
                f"{human_duration(events_s)} was deleted, which leaves {used // MB} MB"
            )
            await self._ctx.write(lambda unit: self._record_size(unit, said, before, used))

    async def _used(self) -> int:
        return integer((await self._ctx.store.read("store_size", {}))[0], "used")

    async def _record_size(self, unit: Unit, said: str, before: int, used: int) -> None:
        first = self._ctx.settings.workspaces[0].name
        await unit.event(EventKind.STORE_FILLED, said, workspace=first, data={"before": before, "bytes": used})
        await self._telling.alarm(unit, first, "aof-tui: the store is too large", said)


def _said(deleted: Deleted) -> str:
    gone = (
        counted(deleted.events, "event"),
        counted(deleted.failures, "failure"),
        counted(deleted.notifications, "notice"),
    )
    return f"deleted {', '.join(gone)}"
