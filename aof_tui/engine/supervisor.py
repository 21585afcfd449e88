"""Keeps the engine's loops alive: one that fails is logged, told of, and begun again after a growing pause."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from types import TracebackType

from aof_tui.base.redaction import redact
from aof_tui.domain.event_kinds import EventKind
from aof_tui.domain.words import IncidentKind
from aof_tui.engine.context import Context
from aof_tui.engine.incidents import Incidents
from aof_tui.engine.unit import Unit

FIRST_PAUSE_S = 1.0
MOST_PAUSE_S = 60.0
HEALED_AFTER_S = 2 * MOST_PAUSE_S
TOLD_AFTER = 3
"""Failures in a row after which people are told; what heals at once is only logged."""

logger = logging.getLogger(__name__)


class Supervisor:
    """Owns the tasks of all loops."""

    def __init__(self, ctx: Context, incidents: Incidents) -> None:
        self._ctx = ctx
        self._incidents = incidents
        self._failed: dict[str, float] = {}
        """Boot times of the last failure of each loop; its start counts as one, for a restart forgets the real ones."""
        self._homes: dict[str, str] = {}
        """The workspace that each loop's incidents are shown in."""
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, name: str, workspace: str, loop: Callable[[], Awaitable[None]]) -> None:
        """Run a loop under supervision until it returns or the engine ends."""
        self._failed[name] = self._ctx.clock.boot()
        self._homes[name] = workspace
        self._tasks.append(asyncio.create_task(self._keep(name, workspace, loop), name=name))

    async def __aenter__(self) -> Supervisor:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Where an engine cannot begin after all, nothing of it may live on."""
        await self.end()

    async def end(self) -> None:
        """Cancel what is still running; shielded work goes on by itself."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _keep(self, name: str, workspace: str, loop: Callable[[], Awaitable[None]]) -> None:
        failures = 0
        while not self._ctx.stopping.is_set():
            began = self._ctx.clock.boot()
            try:
                await loop()
            except (Exception, asyncio.CancelledError) as error:
                if isinstance(error, asyncio.CancelledError) and self._is_ending():
                    raise
                self._failed[name] = self._ctx.clock.boot()
                failures = failures + 1 if self._ctx.clock.boot() - began < HEALED_AFTER_S else 1
                await self._report(name, workspace, error, failures)
                pause = min(MOST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(failures - 1, 10))
                await self._ctx.clock.wait(self._ctx.stopping, pause)
            else:
                return

    def _is_ending(self) -> bool:
        """Whether this task itself was cancelled; a loop may also await something that somebody else cancelled."""
        task = asyncio.current_task()
        return self._ctx.stopping.is_set() or (task is not None and task.cancelling() > 0)

    async def _report(self, name: str, workspace: str, error: BaseException, failures: int) -> None:
        where = traceback.extract_tb(error.__traceback__)[-1]
        text = redact(f"{name} failed: {type(error).__name__}: {error}")[:500]
        logger.error("%s (%s:%s)", text, where.filename.rpartition("/")[2], where.lineno)
        try:
            await self._ctx.write(lambda unit: self._record(unit, workspace, name, text, failures))
        except Exception as second:
            # The store itself may be what fails: then the log on stderr is all there is.
            logger.error("the failure could not be recorded: %s", type(second).__name__)

    async def _record(self, unit: Unit, workspace: str, name: str, text: str, failures: int) -> None:
        await unit.event(EventKind.ENGINE_FAILED, text, workspace=workspace, data={"loop": name, "in_a_row": failures})
        if failures >= TOLD_AFTER:
            await self._incidents.raise_alarm(
                unit, workspace, IncidentKind.ENGINE_ERROR, f"aof-tui: {name} keeps failing: {text}", scope=_scope(name)
            )

    async def mend(self) -> None:
        """End the incidents of loops that have lived long enough since they failed, until the engine stops."""
        while not await self._ctx.clock.wait(self._ctx.stopping, MOST_PAUSE_S):
            now = self._ctx.clock.boot()
            healed = [name for name, at in self._failed.items() if now - at >= HEALED_AFTER_S]
            if healed:
                await self._ctx.write(partial(self._end_alarms, names=healed))
            for name in healed:
                del self._failed[name]

    async def _end_alarms(self, unit: Unit, names: Sequence[str]) -> None:
        for name in names:
            await self._incidents.end_alarm(unit, self._homes[name], IncidentKind.ENGINE_ERROR, _scope(name))


def _scope(name: str) -> str:
    return f"loop:{name}"
