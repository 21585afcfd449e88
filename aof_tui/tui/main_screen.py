"""The screen with the four panes: one at a time on a small terminal, all at once on a large one."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal
from textual.events import Resize
from textual.widgets import Input

from aof_tui.control.requests import Topic
from aof_tui.control.rows import FailureRow
from aof_tui.tui.actions import ACTIONS, Scope, Situation
from aof_tui.tui.cells import Cell, Tone
from aof_tui.tui.chrome import Detail, HeaderStrip, KeyStrip, Tabs
from aof_tui.tui.desk import Desk
from aof_tui.tui.filters import MAX_CHARACTERS
from aof_tui.tui.incident_name import IncidentName
from aof_tui.tui.live_screen import LiveScreen
from aof_tui.tui.panes import CountdownPane, EventPane, FailingPane, NoticePane, Pane
from aof_tui.tui.row_view import RowView
from aof_tui.tui.toned import Lines

MULTI_FROM = (120, 34)
"""Columns and lines from which all panes are shown at once."""
LOW_BELOW = 14
"""Lines below which the detail makes room for rows."""


class MainScreen(LiveScreen):
    """Header, panes, detail, filter, footer."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key, f"app.do('{action.id}')", action.title, show=False)
        for action in ACTIONS
        if action.scope is Scope.VIEW
        for key in action.keys
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.panes: tuple[Pane, ...] = (FailingPane(desk), CountdownPane(desk), EventPane(desk), NoticePane(desk))
        self.active: Pane = self.panes[0]
        self._header = HeaderStrip(desk)
        self._tabs = Tabs(self.panes)
        self._detail = Detail(desk)
        self._keys = KeyStrip()
        self._filter_bar = Horizontal(id="filter-bar")
        self._filter = Input(id="filter", max_length=MAX_CHARACTERS, compact=True, disabled=True)

    def compose(self) -> ComposeResult:
        yield self._header
        yield self._tabs
        with Container(id="panes"):
            yield from self.panes
        yield self._detail
        with self._filter_bar:
            mark = Lines(id="filter-mark")
            mark.update(((Cell(" Filter", Tone.MARK),),))
            yield mark
            yield self._filter
        yield self._keys

    def on_mount(self) -> None:
        self.activate(self.active)

    @on(Resize)
    def _fit(self) -> None:
        """Decides by the size whether one pane is shown or all."""
        width, height = self.app.size
        # A zoomed pane is alone on any terminal; the style sheet leaves the others out.
        self.set_class(width >= MULTI_FROM[0] and height >= MULTI_FROM[1], "-multi")
        self.set_class(height < LOW_BELOW, "-low")
        self.call_after_refresh(self.reload, frozenset(Topic))

    # What a live screen does

    def reload(self, topics: frozenset[Topic]) -> None:
        for pane in self.panes:
            if pane.topic in topics and pane.display:
                pane.view.reload()

    def tick(self, situation: Situation) -> None:
        self.set_class(self.desk.stale, "-stale")
        for pane in self.panes:
            if pane.display:
                pane.tick()
        self._header.tick()
        self._tabs.tick()
        self._detail.tick()
        self._keys.show(situation)

    def failure_at_cursor(self) -> FailureRow | None:
        return self.active.failure_at_cursor()

    def incident_at_cursor(self) -> IncidentName | None:
        return self.active.incident_at_cursor()

    def names_failure(self) -> bool:
        return self.active.names_failure()

    async def find_failure(self) -> FailureRow | None:
        return await self.active.find_failure()

    def back(self) -> None:
        if self.active.filter_text or self._filter_bar.has_class("-open"):
            self.active.set_filter("")
            self.close_filter()
        elif self.has_class("-zoomed"):
            self.zoom()

    def show_keys(self, situation: Situation) -> None:
        """Which keys can act has changed with the row under the cursor."""
        self._keys.show(situation)

    # Panes

    def activate(self, pane: Pane) -> None:
        """Makes a pane the one that keys act on."""
        self.active = pane
        for other in self.panes:
            other.set_class(other is pane, "-active")
        self._detail.pane = pane
        self.close_filter()
        pane.view.chosen = True
        pane.view.focus()
        self.call_after_refresh(pane.view.reload)

    def activate_number(self, number: int) -> None:
        """Makes the pane with this number the active one."""
        self.activate(self.panes[(number - 1) % len(self.panes)])

    def zoom(self) -> None:
        """Shows the active pane alone, or all of them again."""
        self.toggle_class("-zoomed")
        self.call_after_refresh(self.reload, frozenset(Topic))

    @on(RowView.Moved)
    def _row_moved(self) -> None:
        for pane in self.panes:
            pane.heading_lines.update((pane.heading(),))
        self._tabs.tick()
        self._detail.tick()

    # Filter

    def open_filter(self) -> None:
        """Lets the person type the filter of the active pane."""
        self._filter.placeholder = "words  -without  " + "  ".join(f"{name}:" for name in self.active.fields)
        self._filter.disabled = False
        self._filter_bar.add_class("-open")
        with self.prevent(Input.Changed):
            self._filter.value = self.active.filter_text
        self._filter.focus()

    def close_filter(self) -> None:
        """Ends typing; the filter stays."""
        self._filter_bar.remove_class("-open")
        self._filter.disabled = True
        self.active.view.focus()

    @on(Input.Changed, "#filter")
    def _filter_typed(self, event: Input.Changed) -> None:
        self.active.set_filter(event.value)
        self._row_moved()

    @on(Input.Submitted, "#filter")
    def _filter_done(self) -> None:
        self.close_filter()
