"""The four panes of the main screen."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from aof_tui.control.filters import (
    EVENT_FIELDS,
    FAILURE_FIELDS,
    NOTICE_FIELDS,
    Filter,
    event_query,
    failure_query,
    notification_query,
)
from aof_tui.control.requests import EventQuery, FailureQuery, FailureSort, Topic
from aof_tui.control.rows import EventRow, FailureRow, NotificationRow, Page
from aof_tui.domain.words import MOVING
from aof_tui.tui.cells import Cell, Tone
from aof_tui.tui.log_pane import STEP, LogPane
from aof_tui.tui.pane import Pane
from aof_tui.tui.presenters import Countdowns, FailingJobs, LogLines, Notices
from aof_tui.tui.row_view import RowView
from aof_tui.tui.window_table import WindowTable


class FailurePane(Pane):
    """A pane whose rows are failures."""

    topics = frozenset({Topic.FAILURES})
    fields = FAILURE_FIELDS

    def failure_at_cursor(self) -> FailureRow | None:
        row = self.view.current
        return row if isinstance(row, FailureRow) else None

    def wanted(self) -> FailureQuery:
        """What belongs in the pane under its filter."""
        return failure_query(self.typed)

    def unfiltered_query(self) -> FailureQuery:
        """What belongs in the pane without one."""
        return FailureQuery()

    async def fetch(self, skip: int, limit: int) -> Page[FailureRow]:
        if not self.typed.empty:
            self.unfiltered = (await self.desk.control.failures(replace(self.unfiltered_query(), limit=1))).total
        return await self.desk.control.failures(replace(self.wanted(), skip=skip, limit=limit))


class FailingPane(FailurePane):
    """Failing jobs, the newest first."""

    name_of_pane, number, title = "failing", 1, "Failing jobs"

    def make_view(self) -> RowView[Any]:
        return WindowTable(self.desk, FailingJobs(), self.fetch, id="failing")

    def nothing(self) -> tuple[str, str]:
        return "No failing jobs.", self.swept()


class CountdownPane(FailurePane):
    """What the engine does next, the soonest first."""

    name_of_pane, number, title = "countdowns", 2, "Retry countdowns"

    def make_view(self) -> RowView[Any]:
        return WindowTable(self.desk, Countdowns(), self.fetch, id="countdowns")

    def unfiltered_query(self) -> FailureQuery:
        return FailureQuery(statuses=tuple(sorted(MOVING)), sort=FailureSort.NEXT_ACTION, descending=False)

    def wanted(self) -> FailureQuery:
        base = self.unfiltered_query()
        chosen = self.typed.values("status")
        moving = tuple(status for status in base.statuses if not chosen or status in chosen)
        return replace(failure_query(self.typed), statuses=moving, only_open=True, sort=base.sort, descending=False)

    async def fetch(self, skip: int, limit: int) -> Page[FailureRow]:
        if not self.wanted().statuses:
            return Page((), 0, None, self.desk.time.now())
        return await super().fetch(skip, limit)

    def nothing(self) -> tuple[str, str]:
        return "No repeat is planned.", self.swept()


class EventPane(Pane):
    """The log of every event, the newest at its end."""

    name_of_pane, number, title = "log", 3, "Log"
    topics = frozenset({Topic.EVENTS})
    fields = EVENT_FIELDS
    matching = 0
    """Lines that the filter lets through, as of the last reading."""

    def make_view(self) -> RowView[Any]:
        return LogPane(self.desk, LogLines(), self.fetch, id="log")

    def nothing(self) -> tuple[str, str]:
        return "No events yet.", "Everything the engine does is written here."

    async def fetch(self, query: EventQuery) -> Page[EventRow]:
        if not self.typed.empty:
            self.unfiltered = (await self.desk.control.events(EventQuery(limit=1))).total
        page = await self.desk.control.events(
            replace(
                event_query(self.typed),
                after=query.after,
                before=query.before,
                newest=query.newest,
                limit=query.limit,
            )
        )
        self.matching = page.total
        return page

    def state_words(self) -> Cell:
        view = self.view
        if not isinstance(view, LogPane) or view.problem is not None or not view.loaded:
            return super().state_words()
        found = "" if self.typed.empty else f"{self.matching:,} of {self.unfiltered:,}, "
        if view.following:
            return Cell(f"{found}follows", Tone.WARN if found else Tone.MUTED)
        if not view.new_lines:
            return Cell(f"{found}stopped, G follows", Tone.WARN)
        more = "+" if view.new_lines >= STEP else ""
        return Cell(f"{found}+{view.new_lines}{more} new, G follows", Tone.WARN)

    def names_failure(self) -> bool:
        row = self.view.current
        return isinstance(row, EventRow) and row.master_job_id is not None

    async def find_failure(self) -> FailureRow | None:
        row = self.view.current
        if not isinstance(row, EventRow) or row.master_job_id is None:
            return None
        query = FailureQuery(workspaces=(row.workspace,), master_job_ids=(row.master_job_id,), only_open=False, limit=1)
        page = await self.desk.control.failures(query)
        return page.rows[0] if page.rows else None


class NoticePane(Pane):
    """Who was told what, the newest first."""

    name_of_pane, number, title = "notices", 4, "Notifications"
    topics = frozenset({Topic.NOTIFICATIONS})
    fields = NOTICE_FIELDS

    def make_view(self) -> RowView[Any]:
        return WindowTable(self.desk, Notices(), self.fetch, id="notices")

    def nothing(self) -> tuple[str, str]:
        return "Nobody was told anything yet.", "People are told about outcomes, not about attempts."

    async def fetch(self, skip: int, limit: int) -> Page[NotificationRow]:
        query = notification_query(self.typed)
        if not self.typed.empty:
            self.unfiltered = (
                await self.desk.control.notifications(replace(notification_query(Filter()), limit=1))
            ).total
        return await self.desk.control.notifications(replace(query, skip=skip, limit=limit))

    def names_failure(self) -> bool:
        row = self.view.current
        return isinstance(row, NotificationRow) and row.incident is not None

    async def find_failure(self) -> FailureRow | None:
        """The newest failure of the incident that the notification is about."""
        row = self.view.current
        if not isinstance(row, NotificationRow) or row.incident is None:
            return None
        query = FailureQuery(workspaces=(row.workspace,), incident=row.incident, only_open=False, limit=1)
        page = await self.desk.control.failures(query)
        return page.rows[0] if page.rows else None
