"""Looks for successes that somebody else brought to failures at rest."""

from __future__ import annotations

from aof_tui.engine.access import Access
from aof_tui.engine.context import Context, Workspace
from aof_tui.engine.recovery_read import ReadIncompleteError, RecoveryRead
from aof_tui.store.mapping import text
from aof_tui.workato.errors import Unauthorized, WorkatoError
from aof_tui.workato.pacer import Priority

EVERY_S = 300.0
RESTING_AGE_S = 600.0
"""How old the read of a recipe with failures at rest may grow."""


class Health:
    """The slow loop of one workspace."""

    def __init__(self, ctx: Context, workspace: Workspace, reader: RecoveryRead, access: Access) -> None:
        self._ctx = ctx
        self._workspace = workspace
        self._reader = reader
        self._access = access

    async def run(self) -> None:
        """Look round every five minutes until the engine stops."""
        while not await self._ctx.clock.wait(self._ctx.stopping, EVERY_S):
            await self.once()

    async def once(self) -> None:
        """One round; what cannot be read now is read in the next, and keeps nothing else from being read."""
        if not self._workspace.identity_known:
            return
        for row in await self._ctx.store.read("recipes_with_resting", {"workspace": self._workspace.name}):
            try:
                await self._look_at_resting(text(row, "recipe_id"))
            except (WorkatoError, ReadIncompleteError) as error:
                await self._access.note(self._workspace, error if isinstance(error, WorkatoError) else None)
                if isinstance(error, Unauthorized):
                    return

    async def _look_at_resting(self, recipe_id: str) -> None:
        if self._reader.age(recipe_id) > RESTING_AGE_S:
            await self._reader.read(recipe_id, Priority.SLOW, resting=True)
