"""Once a day: a whole copy of the store, made beside the writer's way."""

from __future__ import annotations

from functools import partial

from aof_tui.base.errors import StoreFaultError
from aof_tui.config.settings import Settings
from aof_tui.domain.event_kinds import EventKind
from aof_tui.engine.context import Context
from aof_tui.engine.telling import Telling
from aof_tui.engine.unit import Unit
from aof_tui.store.copies import Copies
from aof_tui.store.mapping import text
from aof_tui.store.port import Params, Tx

EVERY_S = 86_400.0
CHECK_S = 3_600.0
KEY = "copied_at"


def copies_of(settings: Settings, *, is_file: bool) -> Copies | None:
    """Where the store's copies lie: the folder that is set, else one beside a store that is a file."""
    folder = settings.backup.dir
    if folder is None and is_file:
        folder = settings.store.with_name(f"{settings.store.name}.backup")
    return None if folder is None else Copies(folder, settings.backup.keep)


class Copying:
    """The loop that copies the store."""

    def __init__(self, ctx: Context, copies: Copies, telling: Telling) -> None:
        self._ctx = ctx
        self._copies = copies
        self._telling = telling
        self._failing = False

    async def run(self) -> None:
        """Copy daily until the engine stops; a copy that failed is tried again every hour."""
        while not self._ctx.stopping.is_set():
            rows = await self._ctx.store.read("meta_get", {"key": KEY})
            if not rows:
                # A store that was made this moment holds nothing that a copy could save.
                began = {"key": KEY, "value": str(self._ctx.clock.wall())}
                await self._ctx.store.write(partial(_put, params=began))
            elif self._ctx.clock.wall() - float(text(rows[0], "value")) >= EVERY_S:
                await self.once()
            await self._ctx.clock.wait(self._ctx.stopping, CHECK_S)

    async def once(self) -> None:
        """One copy, and what became of it."""
        now = self._ctx.clock.wall()
        try:
            path = await self._copies.make(self._ctx.store, now)
        except StoreFaultError as error:
            failed = str(error)
            await self._ctx.write(lambda unit: self._record_failed(unit, failed))
            self._failing = True
            return
        self._failing = False
        await self._ctx.write(lambda unit: self._record(unit, str(path), path.stat().st_size))

    async def _record(self, unit: Unit, path: str, size: int) -> None:
        await unit.tx.execute("meta_put", {"key": KEY, "value": str(unit.now)})
        first = self._ctx.settings.workspaces[0].name
        said = f"the store was copied to {path}"
        await unit.event(EventKind.STORE_COPIED, said, workspace=first, data={"path": path, "bytes": size})

    async def _record_failed(self, unit: Unit, error: str) -> None:
        first = self._ctx.settings.workspaces[0].name
        await unit.event(EventKind.COPY_FAILED, f"no copy of the store could be made: {error}", workspace=first)
        if not self._failing:
            await self._telling.alarm(unit, first, "aof-tui: the daily copy of the store fails", error)


async def _put(tx: Tx, params: Params) -> None:
    await tx.execute("meta_put", params)
