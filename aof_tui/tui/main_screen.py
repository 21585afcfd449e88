"""The screen with the four panes: one at a time on a small terminal, all at once on a large one."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.events import Resize

from aof_tui.control.requests import Topic
from aof_tui.control.rows import IncidentRow
from aof_tui.tui.actions import View
from aof_tui.tui.chrome import Tabs
from aof_tui.tui.desk import Desk
from aof_tui.tui.incident_name import IncidentName
from aof_tui.tui.pane_screen import PaneScreen
from aof_tui.tui.panes import CountdownPane, EventPane, FailingPane, NoticePane
from aof_tui.tui.situation import Situation

MULTI_FROM = (120, 34)
"""Columns and lines from which all panes are shown at once."""
LOW_BELOW = 14
"""Lines below which the detail makes room for rows."""


class MainScreen(PaneScreen):
    """Header, panes, detail, filter, footer."""

    kind = View.MAIN
    opened_by_person = False

    def __init__(self, desk: Desk) -> None:
        self.failing, self.log_pane = FailingPane(desk), EventPane(desk)
        super().__init__(desk, (self.failing, CountdownPane(desk), self.log_pane, NoticePane(desk)))
        self._tabs = Tabs(self.panes)
        self.looked_at: IncidentName | None = None
        """The incident that was opened last: the queue goes on from there."""
        self._back_to_queue = False

    def compose(self) -> ComposeResult:
        yield self.header_strip
        yield self._tabs
        with Container(id="panes"):
            yield from self.panes
        yield self.detail
        yield self.filter_bar
        yield self.key_strip

    @on(Resize)
    def _fit(self) -> None:
        """Decides by the size whether one pane is shown or all."""
        width, height = self.app.size
        # A zoomed pane is alone on any terminal; the style sheet leaves the others out.
        self.set_class(width >= MULTI_FROM[0] and height >= MULTI_FROM[1], "-multi")
        self.set_class(height < LOW_BELOW, "-low")
        self.call_after_refresh(self.reload, frozenset(Topic))

    def tick(self, situation: Situation) -> None:
        super().tick(situation)
        self._tabs.tick()

    def row_moved(self) -> None:
        super().row_moved()
        self._tabs.tick()

    def back(self) -> None:
        """One step: from the failures of an incident to the queue it was opened in, else out of the filter or zoom."""
        to_queue = self._back_to_queue and self.active.filter_text == self._filter_of_incident()
        self._back_to_queue = False
        if self.clear_filter():
            if to_queue:
                self.app.call_later(self.app.run_action, "do('incidents')")
        elif self.has_class("-zoomed"):
            self.zoom()

    def _filter_of_incident(self) -> str:
        return "" if self.looked_at is None else f"incident:{self.looked_at.name}"

    def activate_number(self, number: int) -> None:
        """Makes the pane with this number the active one."""
        self.activate(self.panes[number - 1])

    def zoom(self) -> None:
        """Shows the active pane alone, or all of them again."""
        self.toggle_class("-zoomed")
        self.call_after_refresh(self.reload, frozenset(Topic))

    def show_incident(self, incident: IncidentRow, *, from_queue: bool) -> None:
        """The open failures of an incident; without any, its lines of the log."""
        pane = self.failing if incident.open_failures else self.log_pane
        self.looked_at, self._back_to_queue = IncidentName(incident.workspace, incident.incident), from_queue
        self.activate(pane)
        pane.set_filter(self._filter_of_incident())
        self.row_moved()
