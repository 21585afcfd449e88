"""Repeats what is due in one workspace, recipe by recipe, each on a fresh read (CALL-004)."""

from __future__ import annotations

import asyncio

from aof_tui.domain.words import Reason
from aof_tui.engine.access import Access
from aof_tui.engine.backoff import Backoff
from aof_tui.engine.context import Context, Workspace
from aof_tui.engine.holding import hold_due
from aof_tui.engine.orchestrator import Orchestrator
from aof_tui.engine.points import Point
from aof_tui.engine.reconcile_gone import refer_gone
from aof_tui.engine.reconcile_restart import take_up_open
from aof_tui.engine.recovery_dispatch import RecoveryDispatch
from aof_tui.engine.recovery_read import GUARD_AGE_S, ReadIncompleteError, ReadTooLongError, RecoveryRead
from aof_tui.engine.retry_budget import Throttle
from aof_tui.engine.unit import Unit
from aof_tui.store.mapping import optional_moment, text
from aof_tui.store.port import Row
from aof_tui.workato.errors import NotFound, WorkatoError
from aof_tui.workato.pacer import Priority

IDLE_S = 30.0
AHEAD_RECIPES = 2
YOUNGEST_S = 1.0
COMMITS_S = 1.0


class Recovery:
    """The loop that sends repeats."""

    def __init__(
        self,
        ctx: Context,
        workspace: Workspace,
        orchestrator: Orchestrator,
        reader: RecoveryRead,
        dispatch: RecoveryDispatch,
        access: Access,
    ) -> None:
        self._ctx = ctx
        self._workspace = workspace
        self._orchestrator = orchestrator
        self._reader = reader
        self._dispatch = dispatch
        self._access = access
        self._unread = Backoff(ctx.clock)
        self._throttle = Throttle(ctx, workspace)
        self._ahead: dict[str, asyncio.Task[bool]] = {}

    async def run(self) -> None:
        """Repeat what falls due until the engine stops."""
        await self._ctx.reach(Point.LOOP)
        await self._ctx.write(
            lambda unit: take_up_open(unit, self._ctx, self._workspace, self._orchestrator, self._dispatch.in_flight)
        )
        try:
            while not self._ctx.stopping.is_set():
                await self._ctx.reach(Point.LOOP)
                await self._step()
        finally:
            # Begun again after a failure, the loop must not await what it cancelled here.
            for task in self._ahead.values():
                task.cancel()
            self._ahead.clear()

    async def _step(self) -> None:
        await self._ctx.reach(Point.DUE)
        await self._ctx.settle_clocks()
        await self._ctx.reach(Point.DUE)
        first = await self._first_due()
        if first is not None and self._workspace.hindrance() is None and not self._workspace.identity_known:
            await self._ctx.reach(Point.DUE)
            await self._workspace.due.wait(IDLE_S)
        elif first is not None:
            await self._ctx.reach(Point.DUE)
            await self._repeat_or_wait(text(first, "recipe_id"), forced=first["forced_by"] is not None)
        else:
            await self._ctx.reach(Point.DUE)
            pause = await self._pause()
            await self._ctx.reach(Point.DUE)
            await self._workspace.due.wait(pause)

    async def _repeat_or_wait(self, recipe_id: str, forced: bool) -> None:
        """Where repeats keep failing the engine's own wait for their turn; a person's wish never does."""
        await self._ctx.reach(Point.DUE)
        wait = 0.0 if forced else await self._throttle.pause_s()
        if wait > 0.0:
            await self._ctx.reach(Point.DUE)
            await self._workspace.due.wait(wait)
            return
        await self._ctx.reach(Point.DUE)
        await self._repeat(recipe_id, forced)

    async def _first_due(self) -> Row | None:
        await self._ctx.reach(Point.DUE)
        rows = await self._ctx.store.read("failure_first_due", self._due_now())
        return rows[0] if rows else None

    def _due_now(self) -> dict[str, str | float]:
        return {
            "workspace": self._workspace.name,
            "until": self._ctx.clock.wall(),
            "skipped": self._unread.waiting(),
        }

    async def _pause(self) -> float:
        """Seconds until something falls due, or may be tried again."""
        await self._ctx.reach(Point.DUE)
        rows = await self._ctx.store.read(
            "failure_next_scheduled_at", {"workspace": self._workspace.name, "skipped": self._unread.waiting()}
        )
        at = optional_moment(rows[0], "at")
        until_due = IDLE_S if at is None else max(0.0, at - self._ctx.clock.wall())
        return min(IDLE_S, until_due, self._unread.next_in() or IDLE_S)

    async def _repeat(self, recipe_id: str, forced: bool) -> None:
        await self._ctx.reach(Point.DUE)
        hindrance = await self._hindrance(recipe_id, forced)
        if hindrance is not None:
            await self._ctx.reach(Point.DUE)
            await self._ctx.write(lambda unit: self._give_way(unit, recipe_id))
            return
        priority = Priority.PERSON if forced else Priority.GUARD
        await self._ctx.reach(Point.DUE)
        if not await self._fresh(recipe_id, priority):
            return
        await self._ctx.reach(Point.DUE)
        await self._look_ahead(recipe_id)
        self._throttle.sent()
        await self._ctx.reach(Point.DUE)
        await self._ctx.shielded(self._dispatch.send_due(recipe_id, forced))
        if recipe_id not in self._workspace.reads:
            # Workato refused because somebody else acted: see at once what they did.
            await self._ctx.reach(Point.DUE)
            await self._read(recipe_id, priority)

    async def _give_way(self, unit: Unit, recipe_id: str) -> None:
        """A recipe that is gone never runs again: what would wait for that is a person's matter."""
        await unit.reach(Point.DUE)
        if not await refer_gone(unit, self._ctx, self._workspace, self._orchestrator, recipe_id):
            await hold_due(unit, self._orchestrator, self._workspace, recipe_id)

    async def _hindrance(self, recipe_id: str, forced: bool) -> Reason | None:
        hindrance = self._workspace.hindrance()
        if hindrance is not None or forced:
            return hindrance
        await self._ctx.reach(Point.DUE)
        rows = await self._ctx.store.read("recipe_get", {"workspace": self._workspace.name, "recipe_id": recipe_id})
        return Reason.RECIPE_STOPPED if rows and not rows[0]["running"] else None

    async def _fresh(self, recipe_id: str, priority: Priority) -> bool:
        """Whether a read young enough to repeat on is at hand, after reading if need be."""
        ahead = self._ahead.pop(recipe_id, None)
        if ahead is not None:
            await self._ctx.reach(Point.DUE)
            await ahead
        # What is left of the guard's age is for the turn and the two commits; more would cost each batch a read.
        turn = self._workspace.client.pacers.repeats.interval_s
        young = max(YOUNGEST_S, GUARD_AGE_S - COMMITS_S - 1.5 * turn)
        await self._ctx.reach(Point.DUE)
        if await self._reader.is_fresh(recipe_id, young):
            return True
        await self._ctx.reach(Point.DUE)
        return await self._read(recipe_id, priority)

    async def _read(self, recipe_id: str, priority: Priority) -> bool:
        try:
            await self._ctx.reach(Point.READ_TURN)
            await self._reader.guard(recipe_id, priority)
        except (WorkatoError, ReadIncompleteError, ReadTooLongError) as error:
            self._unread.failed(recipe_id)
            await self._ctx.reach(Point.READ_TURN)
            await self._access.note(self._workspace, error if isinstance(error, WorkatoError) else None)
            if isinstance(error, NotFound):
                await self._ctx.reach(Point.READ_TURN)
                await self._ctx.write(
                    lambda unit: refer_gone(unit, self._ctx, self._workspace, self._orchestrator, recipe_id)
                )
            return False
        self._unread.succeeded(recipe_id)
        return True

    async def _look_ahead(self, recipe_id: str) -> None:
        """Begin the next recipe's read while this one's repeats wait for their turns."""
        await self._ctx.reach(Point.DUE)
        rows = await self._ctx.store.read("recipes_next_due", {**self._due_now(), "limit": AHEAD_RECIPES})
        following = [text(row, "recipe_id") for row in rows if row["recipe_id"] != recipe_id]
        unread = [name for name in following if self._reader.age(name) > GUARD_AGE_S / 2]
        if unread and not self._ahead:
            upcoming = unread[0]
            self._ahead[upcoming] = asyncio.create_task(self._read(upcoming, Priority.GUARD), name=f"ahead {upcoming}")
