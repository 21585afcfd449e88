"""A screen of lists: one of them is active, and keys act on the row under its cursor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widgets import Input

from aof_tui.control.breaker_rows import BreakerRow
from aof_tui.control.requests import Topic
from aof_tui.control.rows import FailureRow, IncidentRow
from aof_tui.tui.actions import ACTIONS, Scope
from aof_tui.tui.chrome import Detail, HeaderStrip, KeyStrip
from aof_tui.tui.desk import Desk
from aof_tui.tui.filter_bar import FilterBar
from aof_tui.tui.incident_name import IncidentName
from aof_tui.tui.live_screen import LiveScreen
from aof_tui.tui.pane import Pane
from aof_tui.tui.situation import Situation


class PaneScreen(LiveScreen):
    """Header, lists, detail, filter, footer; the subclass lays them out."""

    has_lists = True
    opened_by_person: ClassVar[bool] = True
    """Else nobody has gone to a list at first: while its rows come in, the cursor stays on top."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key, f"app.do('{action.id}')", action.title, show=False)
        for action in ACTIONS
        if action.scope is Scope.VIEW
        for key in action.keys
    ]

    def __init__(self, desk: Desk, panes: Sequence[Pane]) -> None:
        super().__init__()
        self.desk = desk
        self.panes = tuple(panes)
        self.active: Pane = self.panes[0]
        self.header_strip = HeaderStrip(desk)
        self.detail = Detail(desk)
        self.key_strip = KeyStrip(self.kind)
        self.filter_bar = FilterBar()
        for pane in self.panes:
            pane.view.when_moved = self.row_moved

    def on_mount(self) -> None:
        self.activate(self.active, chosen=self.opened_by_person)

    def reload(self, topics: frozenset[Topic]) -> None:
        for pane in self.panes:
            if pane.topics & topics and pane.display:
                pane.view.reload()

    def tick(self, situation: Situation) -> None:
        self.set_class(self.desk.stale, "-stale")
        for pane in self.panes:
            if pane.display:
                pane.tick()
        self.header_strip.tick()
        self.detail.tick()
        self.key_strip.show(situation)

    def show_keys(self, situation: Situation) -> None:
        self.key_strip.show(situation)

    def choose(self) -> None:
        self.active.view.chosen = True

    def failure_at_cursor(self) -> FailureRow | None:
        return self.active.failure_at_cursor()

    def names_failure(self) -> bool:
        return self.active.names_failure()

    async def find_failure(self) -> FailureRow | None:
        return await self.active.find_failure()

    def incident_at_cursor(self) -> IncidentName | None:
        return self.active.incident_at_cursor()

    def incident_row(self) -> IncidentRow | None:
        return self.active.incident_row()

    def breaker_at_cursor(self) -> BreakerRow | None:
        return self.active.breaker_at_cursor()

    # Lists

    def activate(self, pane: Pane, *, chosen: bool = True) -> None:
        """Makes a list the one that keys act on; with `chosen`, a person wanted it, and its cursor keeps its row."""
        self.active = pane
        for other in self.panes:
            other.set_class(other is pane, "-active")
        self.detail.pane = pane
        self.detail.tick()
        self.close_filter()
        pane.view.chosen = pane.view.chosen or chosen
        pane.view.focus()
        self.call_after_refresh(pane.view.reload)

    def next_pane(self, step: int) -> None:
        shown = [pane for pane in self.panes if self.can_show(pane)]
        place = shown.index(self.active) if self.active in shown else 0
        self.activate(shown[(place + step) % len(shown)])

    def can_show(self, pane: Pane) -> bool:
        """Whether one can go to this list now."""
        return True

    def row_moved(self) -> None:
        """The cursor of a list stands on another row, or its row has changed."""
        for pane in self.panes:
            pane.heading_lines.update((pane.heading(),))
        self.detail.tick()

    # Filter

    def open_filter(self) -> None:
        self.filter_bar.begin(self.active)

    def close_filter(self) -> None:
        """Ends typing; the filter stays."""
        self.filter_bar.end()
        self.active.view.focus()

    def clear_filter(self) -> bool:
        """Ends typing and the filter. False where there was neither."""
        if not self.active.filter_text and not self.filter_bar.typing:
            return False
        self.active.set_filter("")
        self.close_filter()
        self.row_moved()
        return True

    @on(Input.Changed, "#filter")
    def filter_typed(self, event: Input.Changed) -> None:
        self.active.set_filter(event.value)
        self.row_moved()

    @on(Input.Submitted, "#filter")
    def filter_done(self) -> None:
        self.close_filter()
