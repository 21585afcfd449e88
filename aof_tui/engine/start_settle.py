"""Finds out what became of starts whose answer was lost: the sweep shows whether the recipe runs."""

from __future__ import annotations

from aof_tui.domain.event_kinds import EventKind
from aof_tui.domain.model import Dispatch
from aof_tui.domain.words import DispatchState
from aof_tui.engine.context import Context, Workspace
from aof_tui.engine.unit import Unit
from aof_tui.store.mapping import dispatch_from, optional_moment, text

EVERY_S = 30.0


class StartSettle:
    """The loop over doubtful starts of one workspace. It only reads: starting again is a person's choice."""

    def __init__(self, ctx: Context, workspace: Workspace) -> None:
        self._ctx = ctx
        self._workspace = workspace

    async def run(self) -> None:
        """Look until the engine stops."""
        while not self._ctx.stopping.is_set():
            if await self._ctx.store.read("starts_open", {"workspace": self._workspace.name}):
                await self._ctx.write(self._settle)
            await self._ctx.clock.wait(self._ctx.stopping, EVERY_S)

    async def _settle(self, unit: Unit) -> None:
        for row in await unit.tx.fetch("starts_open", {"workspace": self._workspace.name}):
            dispatch = dispatch_from(row)
            if dispatch.dispatch_id in self._workspace.starting:
                continue
            match dispatch.state:
                case DispatchState.PREPARED:
                    said = "the start was not sent: the engine ended before"
                    await self._conclude(unit, dispatch, DispatchState.NOT_SENT, EventKind.START_WITHHELD, said)
                case DispatchState.SENDING:
                    said = "it is not known whether Workato starts the recipe: the engine ended before the answer"
                    await self._conclude(unit, dispatch, DispatchState.UNKNOWN, EventKind.START_DOUBTED, said)
                case _:
                    await self._look(unit, dispatch)

    async def _look(self, unit: Unit, dispatch: Dispatch) -> None:
        """Running proves it started; stopped proves nothing before a whole sweep has begun after the settle time."""
        key = {"workspace": dispatch.workspace, "recipe_id": dispatch.recipe_id}
        recipes = await unit.tx.fetch("recipe_get", key)
        if recipes and recipes[0]["running"]:
            said = f"{text(recipes[0], 'name') or dispatch.recipe_id} was started: it runs"
            await self._conclude(unit, dispatch, DispatchState.SETTLED, EventKind.START_CONFIRMED, said)
            return
        workspace = (await unit.tx.fetch("workspace_get", {"name": dispatch.workspace}))[0]
        began = optional_moment(workspace, "sweep_started_at") or 0.0
        ended = optional_moment(workspace, "swept_at") or 0.0
        if ended >= began > (dispatch.settle_until or dispatch.prepared_at):
            said = "the recipe did not start: start it again if it shall run"
            await self._conclude(unit, dispatch, DispatchState.SETTLED, EventKind.START_MISSED, said)

    async def _conclude(self, unit: Unit, dispatch: Dispatch, state: DispatchState, kind: EventKind, said: str) -> None:
        await unit.tx.execute("dispatch_state", {"dispatch_id": dispatch.dispatch_id, "state": state})
        await unit.event(
            kind, said, workspace=dispatch.workspace, recipe_id=dispatch.recipe_id, dispatch_id=dispatch.dispatch_id
        )
