"""An alarm that goes out without the database, when it is the database that fails."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from aof_tui.base.clock import Clock
from aof_tui.base.errors import StoreFault, StoreFaultError
from aof_tui.domain.words import NoticeKind, Severity
from aof_tui.notify.channels import Channel, Delivered
from aof_tui.notify.factory import Channels
from aof_tui.notify.message import Notice

SEND_DEADLINE_S = 30.0
AGAIN_AFTER_S = 60.0
NEXT_STEP = {
    StoreFault.FULL: "Make room on the disk; aof-tui goes on by itself.",
    StoreFault.CORRUPT: "The engine ends. Look at docs/operations.md: a damaged store, then aof-tui store recover.",
    StoreFault.READ_ONLY: "Let the engine's user write to the store and its folder; aof-tui goes on by itself.",
    StoreFault.BUSY: "End the process that locks the store; aof-tui goes on by itself.",
}
LOOK = "Look at the disk and at the system's log; aof-tui goes on by itself once writing works."

logger = logging.getLogger(__name__)


class UnloggedAlarm:
    """Tells every receiver once, and tries again those that did not take it, until the trouble is over."""

    def __init__(self, clock: Clock, channels: Channels, workspace: str) -> None:
        self._clock = clock
        self._channels = channels
        self._workspace = workspace
        self._task: asyncio.Task[None] | None = None

    def begin(self, fault: StoreFaultError) -> None:
        """Tell of this fault, in a task of its own."""
        self.end()
        self._task = asyncio.create_task(self._tell(fault), name="unlogged alarm")

    def end(self) -> None:
        """The trouble is over: whoever was not reached is told of that instead."""
        if self._task is not None:
            self._task.cancel()

    async def finish(self, seconds: float) -> None:
        """Wait for the alarm under way, before the engine ends."""
        if self._task is not None:
            await asyncio.wait([self._task], timeout=seconds / self._clock.rate)
            self._task.cancel()

    async def once(self, fault: StoreFaultError) -> None:
        """Tell of this fault, and try nobody again: the program is about to end."""
        notice = self._notice(fault)
        await self._round(notice, {name: ways[0] for name, ways in sorted(self._channels.items()) if ways})

    async def _tell(self, fault: StoreFaultError) -> None:
        notice = self._notice(fault)
        left = {name: ways[0] for name, ways in sorted(self._channels.items()) if ways}
        while left := await self._round(notice, left):
            await self._clock.sleep(AGAIN_AFTER_S)

    async def _round(self, notice: Notice, left: Mapping[str, Channel]) -> dict[str, Channel]:
        """Hand the notice to these receivers at once; returns those that did not take it."""
        sends = [self._send(way, notice, f"store-{int(notice.at)}-{name}") for name, way in left.items()]
        taken = await asyncio.gather(*sends)
        return {name: way for (name, way), took in zip(left.items(), taken, strict=True) if not took}

    def _notice(self, fault: StoreFaultError) -> Notice:
        return Notice(
            kind=NoticeKind.ALARM,
            workspace=self._workspace,
            severity=Severity.CRITICAL,
            title="aof-tui: the store fails, acting is stopped (not logged)",
            at=self._clock.wall(),
            reasons=(fault.fault.replace("_", " "), "not logged: this message is in no database"),
            next_step=NEXT_STEP.get(fault.fault, LOOK),
            error=str(fault),
        )

    async def _send(self, channel: Channel, notice: Notice, reference: str) -> bool:
        try:
            async with self._clock.deadline(SEND_DEADLINE_S):
                answer = await channel.send(notice, reference)
        except TimeoutError:
            return False
        if not isinstance(answer, Delivered):
            logger.error("the alarm of the failing store was not delivered to %s: %s", channel.name, answer.error)
        return isinstance(answer, Delivered)
