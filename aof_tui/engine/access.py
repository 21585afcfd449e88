"""Whether a workspace lets us in: the pinned identity, a refused token, a missing privilege."""

from __future__ import annotations

from aof_tui.domain.event_kinds import EventKind
from aof_tui.domain.words import Reason
from aof_tui.engine.context import Context, Workspace
from aof_tui.engine.holding import release_held
from aof_tui.engine.telling import Telling
from aof_tui.engine.unit import Unit
from aof_tui.store.mapping import optional_text
from aof_tui.workato.errors import Forbidden, Unauthorized, WorkatoError
from aof_tui.workato.pacer import Priority

UNAUTHORIZED = "unauthorized"
FORBIDDEN = "forbidden"
CHANGED = "workspace_changed"
TAKEN = "workspace_taken"
RIVAL = "rival_engine"
LOST = "store_lost"
RESTORED = "store_restored"
NEEDS_PERSON = frozenset({FORBIDDEN, RIVAL, LOST})
"""Why acting stopped where only a person can say that it may go on."""
LASTING = NEEDS_PERSON | {RESTORED}
"""Reasons whose place no other takes."""


class Access:
    """Stops acting once and loudly, and allows it again when the cause is gone."""

    def __init__(self, ctx: Context, telling: Telling) -> None:
        self._ctx = ctx
        self._telling = telling

    async def identify(self, workspace: Workspace) -> None:
        """See which workspace the token belongs to; the first one seen is pinned. Raises WorkatoError."""
        identity = await workspace.client.me(Priority.PERSON)
        refusal = await self._ctx.write(lambda unit: self._pin(unit, workspace, identity.workspace_id))
        if refusal is not None:
            workspace.identity_known = False
            await self._stop(workspace, *refusal)
            return
        workspace.identity_known = True
        workspace.due.raise_()
        if workspace.acting_stopped in (UNAUTHORIZED, CHANGED, TAKEN):
            await self.allow(workspace, "engine")

    async def note(self, workspace: Workspace, error: WorkatoError | None) -> None:
        """A call ended with this error: a refused token or a missing privilege stops all acting."""
        if isinstance(error, Unauthorized):
            workspace.identity_known = False
            await self._stop(workspace, UNAUTHORIZED, f"Workato refuses the token: {error}")
        elif isinstance(error, Forbidden):
            await self._stop(workspace, FORBIDDEN, f"Workato forbids a request: {error}")

    async def allow(self, workspace: Workspace, actor: str) -> None:
        """Acting may go on."""
        await self._ctx.write(lambda unit: self._record_allowed(unit, workspace, actor))
        workspace.acting_stopped = None

    async def _stop(self, workspace: Workspace, reason: str, text: str) -> None:
        if workspace.acting_stopped == reason or workspace.acting_stopped in LASTING:
            return
        # In memory first: a dispatch whose guard comes next must see it.
        workspace.acting_stopped = reason
        await self._ctx.write(lambda unit: self.stop_within(unit, workspace, reason, text))

    async def _pin(self, unit: Unit, workspace: Workspace, workspace_id: str) -> tuple[str, str] | None:
        """Pin the first workspace seen; returns the reason and the words for it where nothing may be done there."""
        pinned = await _pinned(unit, workspace)
        if pinned not in (None, workspace_id):
            return CHANGED, "the token now belongs to another Workato workspace"
        for other in self._ctx.workspaces.values():
            same_origin = other is not workspace and other.settings.url == workspace.settings.url
            if same_origin and await _pinned(unit, other) == workspace_id:
                # Each of the two would repeat everything.
                return TAKEN, f"its token belongs to the Workato workspace that is configured as {other.name}"
        if pinned is not None:
            return None
        await unit.tx.execute("workspace_pin", {"name": workspace.name, "workspace_id": workspace_id})
        text = f"pinned to Workato workspace {workspace_id}"
        await unit.event(
            EventKind.WORKSPACE_PINNED, text, workspace=workspace.name, data={"workspace_id": workspace_id}
        )
        return None

    async def stop_within(self, unit: Unit, workspace: Workspace, reason: str, text: str) -> None:
        """Stop acting, tell everybody, all in the transaction of what it comes from."""
        workspace.acting_stopped = reason
        await unit.tx.execute("workspace_stop_acting", {"name": workspace.name, "acting_stopped": reason})
        await unit.event(EventKind.ACTING_STOPPED, text, workspace=workspace.name, data={"reason": reason})
        await self._telling.alarm(unit, workspace.name, f"Acting on {workspace.name} stopped", text)

    async def _record_allowed(self, unit: Unit, workspace: Workspace, actor: str) -> None:
        await unit.tx.execute("workspace_stop_acting", {"name": workspace.name, "acting_stopped": None})
        await unit.event(EventKind.ACTING_ALLOWED, "acting goes on", workspace=workspace.name, actor=actor)
        await release_held(unit, self._ctx, workspace, Reason.ACTING_STOPPED)


async def _pinned(unit: Unit, workspace: Workspace) -> str | None:
    rows = await unit.tx.fetch("workspace_get", {"name": workspace.name})
    return optional_text(rows[0], "workspace_id")
