"""A store that is older than what was sent in its name: doubted as a whole, and read again before anything acts."""

from __future__ import annotations

from aof_tui.domain.event_kinds import EventKind
from aof_tui.domain.model import Dispatch
from aof_tui.engine.access import LOST, NEEDS_PERSON, RESTORED, Access
from aof_tui.engine.context import Context
from aof_tui.engine.fallback_plan import RESTORED_KEY
from aof_tui.engine.recovery_conclude import settle_after
from aof_tui.engine.sent_mark import Found, History, SentMark
from aof_tui.engine.telling import Telling
from aof_tui.engine.unit import Unit
from aof_tui.store.mapping import dispatch_from, moment, optional_text, text
from aof_tui.store.port import Row
from aof_tui.workato.client import REPEAT_DEADLINE_S

WORDS = {
    History.RESTORED: (
        "The store was restored from a copy",
        "older than what was sent, or without its mark: nothing is sent until every lineage can be read again",
    ),
    History.LOST: (
        "The store is new, but another one had sent repeats",
        "a new store does not know what an earlier one sent: nothing is sent until a person resumes",
    ),
}


async def take_up_history(ctx: Context, telling: Telling, mark: SentMark) -> None:
    """Compare the store with its mark before any loop begins, and stop acting where they differ. Raises StoreError."""
    found = await mark.find(ctx.store)
    if found.history is History.KNOWN:
        mark.trust(found.mark)
        return
    store_id = ctx.randomness.new_id()
    if found.history is History.NEW:
        # The mark first: a store with an id and without a mark counts as restored.
        await mark.keep(store_id, 0)
    sequence = await ctx.write(lambda unit: _record(unit, ctx, telling, found, store_id))
    await mark.keep(store_id, sequence)


async def _record(unit: Unit, ctx: Context, telling: Telling, found: Found, store_id: str) -> int:
    await unit.tx.execute("meta_put", {"key": "store_id", "value": store_id})
    if found.history is History.NEW:
        return 0
    await unit.tx.execute("meta_put", {"key": RESTORED_KEY, "value": repr(unit.now)})
    title, said = WORDS[found.history]
    for row in await unit.tx.fetch("restored_dispatches", {}):
        await _doubt(unit, ctx, row)
    for name in (workspace.name for workspace in ctx.settings.workspaces):
        await _stop(unit, name, LOST if found.history is History.LOST else RESTORED)
        data = {"history": found.history, "sequence": found.sequence, "mark": found.mark.sequence if found.mark else -1}
        await unit.event(EventKind.STORE_RESTORED, said, workspace=name, data=data)
    await telling.alarm(unit, ctx.settings.workspaces[0].name, title, said)
    return unit.sequence


async def _stop(unit: Unit, name: str, reason: str) -> None:
    row = (await unit.tx.fetch("workspace_get", {"name": name}))[0]
    if optional_text(row, "acting_stopped") not in NEEDS_PERSON:
        await unit.tx.execute("workspace_stop_acting", {"name": name, "acting_stopped": reason})


async def _doubt(unit: Unit, ctx: Context, row: Row) -> None:
    """An intent of the copy proves nothing: its request may have left after the copy was made."""
    dispatch: Dispatch = dispatch_from(row)
    lag_s = moment((await unit.tx.fetch("workspace_get", {"name": dispatch.workspace}))[0], "max_lag_s")
    await unit.tx.execute(
        "dispatch_sending",
        {
            "dispatch_id": dispatch.dispatch_id,
            "sending_at": unit.now,
            "sending_boot": ctx.clock.boot(),
            "settle_until": unit.now + REPEAT_DEADLINE_S + settle_after(lag_s),
        },
    )
    await unit.tx.execute("attempts_sending", {"dispatch_id": dispatch.dispatch_id})
    await unit.event(
        EventKind(f"{text(row, 'kind')}.sent"),
        "counted as sent, which it may have been after the copy was made",
        workspace=dispatch.workspace,
        recipe_id=dispatch.recipe_id,
        dispatch_id=dispatch.dispatch_id,
    )


class Settling:
    """Lets acting go on once whatever the restored store does not know would show in Workato's lists."""

    def __init__(self, ctx: Context, access: Access) -> None:
        self._ctx = ctx
        self._access = access

    async def run(self) -> None:
        """Wait the longest settle time of the workspaces concerned, anew after a restart."""
        concerned = [one for one in self._ctx.workspaces.values() if one.acting_stopped == RESTORED]
        if not concerned:
            return
        settle_s = REPEAT_DEADLINE_S + max(settle_after(workspace.lag_s) for workspace in concerned)
        if not await self._ctx.clock.wait(self._ctx.stopping, settle_s):
            for workspace in concerned:
                await self._access.allow(workspace, "engine")
