"""The loop that tells of a failing disk without the database, tries it again, and lets acting go on."""

from __future__ import annotations

import logging

from aof_tui.base.clock import rfc3339
from aof_tui.base.errors import StoreError, StoreFault, StoreFaultError
from aof_tui.domain.event_kinds import EventKind
from aof_tui.domain.words import Reason
from aof_tui.engine.context import Context
from aof_tui.engine.disk import Disk
from aof_tui.engine.holding import release_held
from aof_tui.engine.sent_mark import SentMark
from aof_tui.engine.telling import Telling
from aof_tui.engine.unit import Unit
from aof_tui.engine.unlogged import UnloggedAlarm

TRY_EVERY_S = 5.0
PATIENCE_S = {StoreFault.BUSY: 30.0}
"""How long a fault may last before people are told; what is not named is told at once."""
TOLD_AGAIN_AFTER_S = 600.0
TEST_BYTES = 1_000_000
"""Written to see whether the disk has room again: one small row might fit where nothing else does."""
TEST_KEY = "disk_test"
NEEDS_RENEWAL = frozenset({StoreFault.IO, StoreFault.READ_ONLY, StoreFault.OTHER})
"""Faults after which what SQLite keeps in memory is not believed."""

logger = logging.getLogger(__name__)


class DiskWatch:
    """Mends what mends itself; ends nothing and decides nothing for a person."""

    def __init__(self, ctx: Context, disk: Disk, mark: SentMark, telling: Telling, alarm: UnloggedAlarm) -> None:
        self._ctx = ctx
        self._disk = disk
        self._mark = mark
        self._telling = telling
        self._alarm = alarm
        self._told_at = float("-inf")

    async def run(self) -> None:
        """Wait for faults until the engine stops."""
        while not self._ctx.stopping.is_set():
            await self._disk.noticed.wait()
            await self._trouble()

    async def _trouble(self) -> None:
        clock = self._ctx.clock
        began, since = clock.boot(), clock.wall()
        renew = False
        while not self._ctx.stopping.is_set():
            fault = self._disk.fault
            if fault is None:
                return
            renew = renew or fault.fault in NEEDS_RENEWAL
            self._tell(fault, began)
            if self._disk.broken.is_set():
                await clock.wait(self._ctx.stopping, None)
                return
            await clock.wait(self._ctx.stopping, TRY_EVERY_S)
            try:
                await self._try(renew, str(fault), since)
            except StoreError as error:
                logger.debug("the store still fails: %s", error)

    def _tell(self, fault: StoreFaultError, began: float) -> None:
        now = self._ctx.clock.boot()
        patience = PATIENCE_S.get(fault.fault, 0.0)
        if now - began >= patience and now - self._told_at >= TOLD_AGAIN_AFTER_S:
            self._told_at = now
            self._alarm.begin(fault)

    async def _try(self, renew: bool, why: str, since: float) -> None:
        """Write something, and when that is committed let everything go on. Raises StoreError."""
        if renew:
            await self._ctx.store.renew()
        await self._mark.check(self._ctx.store)
        await self._ctx.store.write(lambda tx: tx.execute("meta_fill", {"key": TEST_KEY, "bytes": TEST_BYTES}))
        await self._ctx.store.write(lambda tx: tx.execute("meta_put", {"key": TEST_KEY, "value": ""}))
        if renew:
            # What was read before may not have reached the disk: nothing is repeated on it.
            for workspace in self._ctx.workspaces.values():
                workspace.reads.clear()
        await self._ctx.write(lambda unit: self._record(unit, why, since))
        self._alarm.end()
        self._disk.works_again()
        logger.info("the store works again")

    async def _record(self, unit: Unit, why: str, since: float) -> None:
        first = self._ctx.settings.workspaces[0].name
        text = f"the store works again; since {rfc3339(since)} nothing was recorded and nothing sent: {why}"
        data = {"since": since, "seconds": round(unit.now - since, 3)}
        await unit.event(EventKind.STORE_RECOVERED, text, workspace=first, data=data)
        await self._telling.alarm(unit, first, "aof-tui: the store works again", text)
        for workspace in self._ctx.workspaces.values():
            if workspace.acting_stopped is None:
                await release_held(unit, self._ctx, workspace, Reason.ACTING_STOPPED)
