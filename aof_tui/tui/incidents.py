"""The screen with the queue of incidents, and below it the downstreams that nothing goes to."""

from __future__ import annotations

from textual.app import ComposeResult

from aof_tui.tui.actions import View
from aof_tui.tui.desk import Desk
from aof_tui.tui.incident_name import IncidentName
from aof_tui.tui.incident_panes import BreakerPane, IncidentPane
from aof_tui.tui.pane import Pane
from aof_tui.tui.pane_screen import PaneScreen
from aof_tui.tui.situation import Situation

HEADS = 2
"""Lines of a list above its rows."""
LARGEST_SHARE = 5
"""The downstreams take at most this part of the screen for their rows."""


class IncidentsScreen(PaneScreen):
    """One queue for all that is not resolved."""

    kind = View.INCIDENTS

    def __init__(self, desk: Desk, looked_at: IncidentName | None = None) -> None:
        """`looked_at`: the incident whose row the cursor begins on, if it is still in the queue."""
        self._incidents, self._downstreams = IncidentPane(desk, looked_at), BreakerPane(desk)
        super().__init__(desk, (self._incidents, self._downstreams))

    def compose(self) -> ComposeResult:
        yield self.header_strip
        yield from self.panes
        yield self.detail
        yield self.filter_bar
        yield self.key_strip

    def on_mount(self) -> None:
        super().on_mount()
        self._fit()

    def tick(self, situation: Situation) -> None:
        self._fit()
        super().tick(situation)

    def _fit(self) -> None:
        """Where all breakers are closed, the queue has the whole room."""
        rows = min(len(self._downstreams.present), max(1, self.app.size.height // LARGEST_SHARE))
        self._downstreams.display = rows > 0
        self._downstreams.styles.height = HEADS + rows
        if not rows and self.active is self._downstreams:
            self.activate(self._incidents)

    def can_show(self, pane: Pane) -> bool:
        return bool(pane.display)

    def open_filter(self) -> None:
        """Breakers are too few to be filtered."""
        if self.active is not self._incidents:
            self.activate(self._incidents)
        super().open_filter()

    def back(self) -> None:
        if not self.clear_filter():
            super().back()
