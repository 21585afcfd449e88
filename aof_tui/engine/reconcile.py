"""Follows what was sent: accepted repeats to their end, doubtful ones to a proof."""

from __future__ import annotations

from dataclasses import replace

from aof_tui.domain.model import Dispatch
from aof_tui.domain.words import AttemptState, DispatchState, FailureStatus
from aof_tui.engine.access import Access
from aof_tui.engine.backoff import Backoff
from aof_tui.engine.context import Context, Workspace
from aof_tui.engine.orchestrator import Orchestrator
from aof_tui.engine.points import Point
from aof_tui.engine.reconcile_gone import refer_gone
from aof_tui.engine.recovery_conclude import Verdict, conclude, settle_after
from aof_tui.engine.recovery_read import ReadIncompleteError, RecoveryRead
from aof_tui.engine.unit import Unit
from aof_tui.store.mapping import attempt_from, dispatch_from, moment, text
from aof_tui.store.port import Row
from aof_tui.workato.errors import NotFound, WorkatoError
from aof_tui.workato.pacer import Priority

IDLE_S = 30.0
OTHER_BOOT_SLACK_S = 60.0
"""Added to a settle time that only the wall clock can measure, because the machine was restarted since."""
OTHER_BOOT_READS_APART_S = 30.0


class Reconcile:
    """The loop that looks at watched and doubtful lineages of one workspace."""

    def __init__(
        self, ctx: Context, workspace: Workspace, orchestrator: Orchestrator, reader: RecoveryRead, access: Access
    ) -> None:
        self._ctx = ctx
        self._workspace = workspace
        self._orchestrator = orchestrator
        self._reader = reader
        self._access = access
        self._unread = Backoff(ctx.clock)

    async def run(self) -> None:
        """Look at each recipe when its turn comes, until the engine stops."""
        while not self._ctx.stopping.is_set():
            await self._ctx.reach(Point.SETTLE)
            row = await self._first()
            wait = IDLE_S if row is None else moment(row, "at") - self._ctx.clock.wall()
            if row is None or wait > 0:
                await self._ctx.reach(Point.SETTLE)
                await self._workspace.awaited.wait(min(IDLE_S, wait, self._unread.next_in() or IDLE_S))
                continue
            await self._ctx.reach(Point.SETTLE)
            await self.look(text(row, "recipe_id"), in_doubt=row["status"] == FailureStatus.IN_DOUBT)

    async def look(self, recipe_id: str, in_doubt: bool) -> None:
        """Read a recipe's repeated runs and settle what they prove."""
        try:
            await self._ctx.reach(Point.SETTLE)
            began = await self._reader.read(recipe_id, Priority.SETTLE if in_doubt else Priority.WATCH)
        except (WorkatoError, ReadIncompleteError) as error:
            self._unread.failed(recipe_id)
            await self._ctx.reach(Point.SETTLE)
            await self._access.note(self._workspace, error if isinstance(error, WorkatoError) else None)
            if isinstance(error, NotFound):
                await self._ctx.reach(Point.SETTLE)
                await self._ctx.write(
                    lambda unit: refer_gone(unit, self._ctx, self._workspace, self._orchestrator, recipe_id)
                )
            return
        self._unread.succeeded(recipe_id)
        await self._ctx.reach(Point.SETTLE)
        await self._ctx.write(lambda unit: self._settle(unit, recipe_id, began))
        await self._ctx.reach(Point.SETTLED)
        await self._look_at_overtaken(recipe_id)

    async def _look_at_overtaken(self, recipe_id: str) -> None:
        """Read by itself what was seen under way and no list shows any more, so that nobody waits for it for ever."""
        try:
            await self._ctx.reach(Point.SETTLED)
            await self._reader.read_overtaken(recipe_id)
        except WorkatoError as error:
            await self._ctx.reach(Point.SETTLED)
            await self._access.note(self._workspace, error)

    async def _first(self) -> Row | None:
        await self._ctx.reach(Point.SETTLE)
        rows = await self._ctx.store.read(
            "recipe_first_awaited", {"workspace": self._workspace.name, "skipped": self._unread.waiting()}
        )
        return rows[0] if rows else None

    async def _settle(self, unit: Unit, recipe_id: str, began: float) -> None:
        params = {"workspace": self._workspace.name, "recipe_id": recipe_id}
        for row in await unit.tx.fetch("dispatches_in_doubt", params):
            await self._judge(unit, dispatch_from(row), began)
        await unit.reach(Point.SETTLE_INSIDE)
        for failure in await unit.failures("failures_unfinished_of_recipe", **params):
            if failure.status is FailureStatus.IN_DOUBT and (failure.next_action_at or 0.0) <= unit.now:
                # Still in doubt after a read: the settle time is not over, or the second read is to come.
                await unit.put(replace(failure, next_action_at=unit.now + self._reads_apart(True)))

    async def _judge(self, unit: Unit, dispatch: Dispatch, began: float) -> None:
        """Close a doubtful dispatch whose runs were all seen, or that two reads after its settle time did not show."""
        rows = await unit.tx.fetch("attempts_of_dispatch", {"dispatch_id": dispatch.dispatch_id})
        doubted = [attempt for attempt in map(attempt_from, rows) if attempt.state is AttemptState.UNKNOWN]
        if not doubted:
            await self._close(unit, dispatch)
        elif not self._is_settled(dispatch, unit.now, began):
            return
        elif self._is_second_read(dispatch, began):
            for attempt in doubted:
                verdict = Verdict(AttemptState.ABSENT, "two reads after the settle time show no run of it", unit.now)
                await conclude(unit, self._ctx, self._orchestrator, attempt, verdict)
            await self._close(unit, dispatch)
        elif dispatch.absent_reads == 0 or dispatch.boot_id != self._ctx.clock.boot_id:
            await unit.tx.execute(
                "dispatch_read_absent",
                {
                    "dispatch_id": dispatch.dispatch_id,
                    "absent_reads": 1,
                    "absent_read_boot": began,
                    "boot_id": self._ctx.clock.boot_id,
                },
            )

    async def _close(self, unit: Unit, dispatch: Dispatch) -> None:
        change = {"dispatch_id": dispatch.dispatch_id, "state": DispatchState.SETTLED}
        await unit.tx.execute("dispatch_state", change)

    def _is_settled(self, dispatch: Dispatch, now: float, began: float) -> bool:
        """Whether the read began after Workato can no longer accept the request and would show what it accepted."""
        if dispatch.absent_reads or dispatch.settle_until is None or dispatch.sending_at is None:
            return True
        if dispatch.boot_id != self._ctx.clock.boot_id or dispatch.sending_boot is None:
            return now >= dispatch.settle_until + OTHER_BOOT_SLACK_S
        return began >= dispatch.sending_boot + (dispatch.settle_until - dispatch.sending_at)

    def _is_second_read(self, dispatch: Dispatch, began: float) -> bool:
        if not dispatch.absent_reads or dispatch.absent_read_boot is None:
            return False
        same_boot = dispatch.boot_id == self._ctx.clock.boot_id
        return same_boot and began - dispatch.absent_read_boot >= self._reads_apart(same_boot)

    def _reads_apart(self, same_boot: bool) -> float:
        apart = settle_after(self._workspace.lag_s) / 2
        return apart if same_boot else max(apart, OTHER_BOOT_READS_APART_S)
