"""The lists of the incidents screen: what is not resolved, and the downstreams that nothing goes to."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from aof_tui.control.breaker_rows import BreakerRow
from aof_tui.control.filters import INCIDENT_FIELDS, NO_FIELDS, incident_query
from aof_tui.control.requests import IncidentQuery, IncidentSort, Topic
from aof_tui.control.rows import IncidentRow, Page
from aof_tui.tui.desk import Desk
from aof_tui.tui.incident_name import IncidentName
from aof_tui.tui.incident_presenters import Downstreams, Incidents, incident_key
from aof_tui.tui.pane import Pane
from aof_tui.tui.row_view import RowView
from aof_tui.tui.window_table import WindowTable


class IncidentPane(Pane):
    """Incidents of all kinds, the worst first."""

    name_of_pane, title = "incidents", "Incidents"
    topics = frozenset({Topic.INCIDENTS, Topic.FAILURES})
    fields = INCIDENT_FIELDS

    def __init__(self, desk: Desk, looked_at: IncidentName | None) -> None:
        self._begin_at = None if looked_at is None else incident_key(*looked_at)
        super().__init__(desk)

    def make_view(self) -> RowView[Any]:
        return WindowTable(self.desk, Incidents(), self.fetch, id="incidents", begin_at=self._begin_at)

    def nothing(self) -> tuple[str, str]:
        return "No incidents.", self.swept()

    async def fetch(self, skip: int, limit: int) -> Page[IncidentRow]:
        if not self.typed.empty:
            self.unfiltered = (await self.desk.control.incidents(IncidentQuery(limit=1))).total
        query = replace(incident_query(self.typed), sort=IncidentSort.URGENCY, skip=skip, limit=limit)
        return await self.desk.control.incidents(query)

    def incident_row(self) -> IncidentRow | None:
        row = self.view.current
        return row if isinstance(row, IncidentRow) else None

    def incident_at_cursor(self) -> IncidentName | None:
        row = self.incident_row()
        return None if row is None else IncidentName(row.workspace, row.incident)


class BreakerPane(Pane):
    """Breakers that are not closed, as the last status has them."""

    name_of_pane, title = "downstreams", "Downstreams that wait"
    topics = frozenset({Topic.STATUS})
    fields = NO_FIELDS

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.shown: tuple[BreakerRow, ...] = ()

    @property
    def present(self) -> tuple[BreakerRow, ...]:
        """What there is to show now."""
        return () if self.desk.status is None else self.desk.status.breakers

    def make_view(self) -> RowView[Any]:
        return WindowTable(self.desk, Downstreams(), self.fetch, id="downstreams")

    def nothing(self) -> tuple[str, str]:
        return "All breakers are closed.", ""

    async def fetch(self, skip: int, limit: int) -> Page[BreakerRow]:
        self.shown = self.present
        return Page(self.shown[skip : skip + limit], len(self.shown), None, self.desk.time.now())

    def breaker_at_cursor(self) -> BreakerRow | None:
        row = self.view.current
        return row if isinstance(row, BreakerRow) else None

    def tick(self) -> None:
        if self.shown != self.present:
            self.view.reload()
        super().tick()
