"""The four live panes: each a list with its heading, its filter and what it says when it is empty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from textual.app import ComposeResult
from textual.containers import Vertical

from aof_tui.control.requests import EventQuery, FailureQuery, FailureSort, Topic
from aof_tui.control.rows import EventRow, FailureRow, NotificationRow, Page
from aof_tui.domain.words import MOVING
from aof_tui.tui.cells import Cell, Line, Tone
from aof_tui.tui.desk import Desk
from aof_tui.tui.filters import (
    EVENT_FIELDS,
    FAILURE_FIELDS,
    NOTICE_FIELDS,
    Filter,
    Vocabulary,
    event_query,
    failure_query,
    notification_query,
    parse_filter,
)
from aof_tui.tui.incident_name import IncidentName
from aof_tui.tui.log_pane import STEP, LogPane
from aof_tui.tui.presenters import Countdowns, FailingJobs, LogLines, Notices
from aof_tui.tui.row_view import RowView
from aof_tui.tui.times import age
from aof_tui.tui.toned import Lines
from aof_tui.tui.window_table import WindowTable


class Pane(Vertical):
    """A heading over a list."""

    number: int
    title: str
    topic: Topic
    fields: Mapping[str, Vocabulary]

    def __init__(self, desk: Desk) -> None:
        super().__init__(id=f"pane-{self.number}", classes="pane")
        self.desk = desk
        self.filter_text = ""
        self.typed = Filter()
        self.unfiltered = 0
        """Rows there would be without the filter, as of the last reading with one."""
        self.heading_lines = Lines(classes="pane-heading")
        self.view: RowView[Any] = self.make_view()

    def make_view(self) -> RowView[Any]:
        """The list of this pane."""
        raise NotImplementedError

    def nothing(self) -> tuple[str, str]:
        """What an empty list means, in two lines."""
        raise NotImplementedError

    def failure_at_cursor(self) -> FailureRow | None:
        """The failure under the cursor, if the row is one."""
        return None

    def incident_at_cursor(self) -> IncidentName | None:
        """The incident that the row under the cursor is about, where the row is no failure."""
        row = self.view.current
        if isinstance(row, EventRow | NotificationRow) and row.incident is not None:
            return IncidentName(row.workspace, row.incident)
        return None

    def names_failure(self) -> bool:
        """Whether the row under the cursor is a failure or names one."""
        return self.failure_at_cursor() is not None

    async def find_failure(self) -> FailureRow | None:
        """The failure the row under the cursor is or names, as the engine knows it now. Raises AofError."""
        return self.failure_at_cursor()

    def compose(self) -> ComposeResult:
        yield self.heading_lines
        yield self.view

    def set_filter(self, text: str) -> None:
        """Shows only what matches from now on."""
        if text != self.filter_text:
            self.filter_text = text
            self.typed = parse_filter(text, self.fields)
            self.view.forget()

    def state_words(self) -> Cell:
        """What the heading says beside the title."""
        if self.view.problem is not None:
            return Cell("old", Tone.BAD)
        if not self.view.loaded:
            return Cell("loading", Tone.MUTED)
        if self.typed.empty:
            return Cell(f"{self.view.count:,}", Tone.MUTED)
        return Cell(f"{self.view.count:,} of {self.unfiltered:,}", Tone.WARN)

    def heading(self) -> Line:
        """Number, title, state and filter."""
        here = self.has_class("-active")
        line = [
            Cell(f" {self.number} ", Tone.MARK if here else Tone.MUTED),
            Cell(f"{self.title}", Tone.STRONG if here else Tone.PLAIN),
            Cell("  ", Tone.PLAIN),
            self.state_words(),
        ]
        if self.typed.problem is not None:
            line.append(Cell(f"  {self.typed.problem}", Tone.BAD))
        elif self.filter_text:
            line.append(Cell(f"  /{self.filter_text}", Tone.WARN))
        return tuple(line)

    def tick(self) -> None:
        """Time has passed, or something has changed."""
        self.heading_lines.update((self.heading(),))
        empty = self._empty_lines()
        if empty != self.view.empty:
            self.view.empty = empty
            if not self.view.count:
                self.view.refresh()
        self.view.tick()

    def _empty_lines(self) -> tuple[Line, ...]:
        if self.desk.stale:
            return ((Cell("  Unknown: the engine does not answer.", Tone.BAD),),)
        if not self.typed.empty:
            return ((Cell("  Nothing matches the filter.", Tone.PLAIN),), (Cell("  Esc clears it.", Tone.MUTED),))
        first, second = self.nothing()
        return ((Cell(f"  {first}", Tone.PLAIN),), (Cell(f"  {second}", Tone.MUTED),))

    def swept(self) -> str:
        """When the last sweep ended, as a sentence."""
        states = self.desk.status.workspaces if self.desk.status is not None else ()
        ends = [state.swept_at for state in states if state.swept_at is not None]
        if len(ends) < len(states) or not states:
            return "No sweep of all workspaces has completed yet."
        return f"Last sweep {age(min(ends), self.desk.time.now())} ago."


class FailurePane(Pane):
    """A pane whose rows are failures."""

    topic = Topic.FAILURES
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

    number, title = 1, "Failing jobs"

    def make_view(self) -> RowView[Any]:
        return WindowTable(self.desk, FailingJobs(), self.fetch, id="failing")

    def nothing(self) -> tuple[str, str]:
        return "No failing jobs.", self.swept()


class CountdownPane(FailurePane):
    """What the engine does next, the soonest first."""

    number, title = 2, "Retry countdowns"

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

    number, title = 3, "Log"
    topic = Topic.EVENTS
    fields = EVENT_FIELDS

    def make_view(self) -> RowView[Any]:
        return LogPane(self.desk, LogLines(), self.fetch, id="log")

    def nothing(self) -> tuple[str, str]:
        return "No events yet.", "Everything the engine does is written here."

    async def fetch(self, query: EventQuery) -> Page[EventRow]:
        return await self.desk.control.events(
            replace(
                event_query(self.typed),
                after=query.after,
                before=query.before,
                newest=query.newest,
                limit=query.limit,
            )
        )

    def state_words(self) -> Cell:
        view = self.view
        if not isinstance(view, LogPane) or view.problem is not None or not view.loaded:
            return super().state_words()
        if view.following:
            return Cell("follows", Tone.MUTED)
        if not view.new_lines:
            return Cell("stopped, G follows", Tone.WARN)
        more = "+" if view.new_lines >= STEP else ""
        return Cell(f"+{view.new_lines}{more} new, G follows", Tone.WARN)

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

    number, title = 4, "Notifications"
    topic = Topic.NOTIFICATIONS
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
