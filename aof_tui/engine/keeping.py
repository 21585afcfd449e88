"""Everything an engine does for its store but using it: lock, reserve, mark, the disk's watch and the copies."""

from __future__ import annotations

from contextlib import AsyncExitStack, suppress

from aof_tui.base.errors import StoreFaultError
from aof_tui.config.settings import Settings
from aof_tui.engine.access import Access
from aof_tui.engine.context import Context
from aof_tui.engine.copying import Copying, copies_of
from aof_tui.engine.disk import Disk, WatchedStore
from aof_tui.engine.disk_watch import DiskWatch
from aof_tui.engine.ports import Ports
from aof_tui.engine.restored import Settling, take_up_history
from aof_tui.engine.sent_mark import SentMark
from aof_tui.engine.supervisor import Supervisor
from aof_tui.engine.telling import Telling
from aof_tui.engine.unlogged import UnloggedAlarm
from aof_tui.notify.factory import Channels, open_channels
from aof_tui.store.lock import StoreLock
from aof_tui.store.mark import BesideStore
from aof_tui.store.port import Store
from aof_tui.store.reserve import Reserve

LAST_ALARM_S = 35.0
TOLD_AGAIN_S = 3_600.0


class Keeping:
    """The store's keeper in one engine."""

    def __init__(self, settings: Settings, ports: Ports) -> None:
        self._settings = settings
        self._ports = ports
        self._reserve = Reserve(settings.store) if ports.lock else None
        file = ports.mark or (BesideStore(settings.store) if ports.lock else None)
        self.disk = Disk()
        self.mark = SentMark(file, self.disk.note)
        self._alarm: UnloggedAlarm | None = None

    async def take(self, resources: AsyncExitStack) -> Store:
        """Lock and open the store until `resources` end. Raises StoreError; a damaged store is told of."""
        if self._ports.lock:
            resources.enter_context(StoreLock(self._settings.store, self._ports.clock))
        try:
            store = await self._ports.open_store(self._settings.store)
        except StoreFaultError as fault:
            await self._tell_refusal(fault)
            raise
        resources.push_async_callback(store.close)
        if self._reserve is not None:
            self._reserve.hold()
        return WatchedStore(store, self.disk)

    async def begin(self, ctx: Context, telling: Telling) -> None:
        """Before anything else: see whether the store is what it was. Raises StoreError."""
        await take_up_history(ctx, telling, self.mark)

    def start(self, ctx: Context, supervisor: Supervisor, telling: Telling, access: Access, channels: Channels) -> None:
        """Begin the loops that look after the store."""
        first = self._settings.workspaces[0].name
        self._alarm = UnloggedAlarm(ctx.clock, channels, first)
        self.disk.stops(ctx.workspaces.values)
        supervisor.start("disk", first, DiskWatch(ctx, self.disk, self.mark, telling, self._alarm).run)
        supervisor.start("settling of the store", first, Settling(ctx, access).run)
        copies = copies_of(self._settings, is_file=self._ports.lock)
        if copies is not None:
            supervisor.start("copies", first, Copying(ctx, copies, telling).run)

    def make_room(self) -> None:
        """Give the reserve to the engine's last words, where the disk is full."""
        if self.disk.fault is not None and self._reserve is not None:
            self._reserve.release()

    async def end(self) -> None:
        """See the alarm under way to its end. Raises the StoreFaultError for which the engine ends."""
        if self._alarm is not None and self.disk.fault is not None:
            await self._alarm.finish(LAST_ALARM_S)
        self.disk.raise_if_broken()

    async def _tell_refusal(self, fault: StoreFaultError) -> None:
        """Tell people of an engine that cannot begin, for nobody looks at its exit code at night."""
        if self._was_told():
            return
        first = self._settings.workspaces[0].name
        async with AsyncExitStack() as resources:
            channels = self._ports.channels
            if channels is None:
                opened = open_channels(self._settings.receivers, self._ports.read_secret, self._ports.clock)
                channels = await resources.enter_async_context(opened)
            await UnloggedAlarm(self._ports.clock, channels, first).once(fault)

    def _was_told(self) -> bool:
        """Whether an earlier start told of it within the hour: service managers try again every few seconds."""
        if not self._ports.lock:
            return False
        told = self._settings.store.with_name(f"{self._settings.store.name}.told")
        now = self._ports.clock.wall()
        with suppress(OSError, ValueError):
            if 0.0 <= now - float(told.read_text(encoding="ascii")) < TOLD_AGAIN_S:
                return True
        with suppress(OSError):
            # Where even this cannot be written, people hear of every start.
            told.write_text(str(now), encoding="ascii")
        return False
