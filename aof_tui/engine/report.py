"""Sends the periodic job report on its cron schedule (CALL-007)."""

from __future__ import annotations

from cronsim import CronSim

from aof_tui.base.clock import utc
from aof_tui.config.settings import Report
from aof_tui.control.protocol import Queries
from aof_tui.control.rows import ReportRow
from aof_tui.domain.event_kinds import EventKind
from aof_tui.engine.context import SHORTEST_WAIT_S, Context
from aof_tui.engine.telling import Telling
from aof_tui.engine.unit import Unit
from aof_tui.store.mapping import moment

MOST_WAIT_S = 300.0


def next_slot(report: Report, after: float) -> float:
    """The schedule's next time after a moment, both UTC seconds; the schedule is read in the report's time zone."""
    return next(CronSim(report.cron, utc(after).astimezone(report.zone))).timestamp()


class Reports:
    """The loop of one configured report."""

    def __init__(self, ctx: Context, telling: Telling, queries: Queries, report: Report, number: int) -> None:
        self._ctx = ctx
        self._telling = telling
        self._queries = queries
        self._report = report
        self._name = f"{number}/{report.cron}/{report.timezone}"

    async def run(self) -> None:
        """Report at every slot until the engine stops; slots missed while it was down are told as one."""
        since = await self._ctx.write(self._begin)
        while not self._ctx.stopping.is_set():
            # A clock that was set back must not keep the next report away until it has caught up.
            since = min(since, self._ctx.clock.wall())
            slot = next_slot(self._report, since)
            wait = slot - self._ctx.clock.wall()
            if wait > 0:
                await self._ctx.clock.wait(self._ctx.stopping, max(SHORTEST_WAIT_S, min(wait, MOST_WAIT_S)))
                continue
            since = await self._send(since, slot)

    async def _begin(self, unit: Unit) -> float:
        rows = await unit.tx.fetch("report_slot", {"name": self._name})
        if rows:
            return moment(rows[0], "last_slot")
        await unit.tx.execute("report_slot_put", {"name": self._name, "last_slot": unit.now})
        return unit.now

    async def _send(self, since: float, slot: float) -> float:
        until = slot
        while (later := next_slot(self._report, until)) <= self._ctx.clock.wall():
            until = later
        rows = [await self._queries.report(name, since, until) for name in self._ctx.workspaces]
        await self._ctx.write(lambda unit: self._queue(unit, rows, until))
        return until

    async def _queue(self, unit: Unit, rows: list[ReportRow], until: float) -> None:
        for row in rows:
            await self._telling.report(unit, row, self._report.receivers)
            await unit.event(EventKind.REPORT_QUEUED, "periodic job report", workspace=row.workspace)
        await unit.tx.execute("report_slot_put", {"name": self._name, "last_slot": until})
