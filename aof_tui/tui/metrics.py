"""The screen with the figures of the last day; it renews itself now and then while it is open."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from aof_tui.base.errors import AofError
from aof_tui.control.metric_rows import MetricsRow
from aof_tui.control.requests import Topic
from aof_tui.tui.actions import View
from aof_tui.tui.cells import Cell, Line, Tone
from aof_tui.tui.chrome import HeaderStrip, KeyStrip
from aof_tui.tui.coalesce import Coalesced
from aof_tui.tui.desk import Desk
from aof_tui.tui.live_screen import LiveScreen
from aof_tui.tui.metrics_text import metrics_lines
from aof_tui.tui.situation import Situation
from aof_tui.tui.story import scrolling_keys
from aof_tui.tui.toned import ScrolledLines

WINDOW_S = 86_400.0
RENEW_S = 10.0
"""Real seconds: figures of a day do not change with every event."""


class MetricsText(ScrolledLines):
    """The figures of all workspaces, one after the other."""

    BINDINGS: ClassVar[list[BindingType]] = scrolling_keys()

    def __init__(self) -> None:
        super().__init__(id="metrics")
        self.metrics: tuple[MetricsRow, ...] = ()
        self.words = "Loading…"

    def lines(self, width: int) -> tuple[Line, ...]:
        if not self.metrics:
            return ((Cell(self.words, Tone.MUTED),),)
        # The scroll bar comes with the lines and takes a cell.
        first, *rest = (metrics_lines(metrics, width - 1) for metrics in self.metrics)
        return (*first, *(line for lines in rest for line in ((), *lines)))


class MetricsScreen(LiveScreen):
    """Figures have no failure under the cursor: keys that act on one say so."""

    kind = View.METRICS

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.text = MetricsText()
        self._header = HeaderStrip(desk)
        self._keys = KeyStrip(self.kind)
        self._loads = Coalesced(self, self._load)

    def compose(self) -> ComposeResult:
        yield self._header
        yield self.text
        yield self._keys

    def on_mount(self) -> None:
        self.text.focus()
        self._loads.request()
        self.set_interval(RENEW_S, self._loads.request)

    def reload(self, topics: frozenset[Topic]) -> None:
        """Nothing at once: the interval sees to it."""

    def tick(self, situation: Situation) -> None:
        self._header.tick()
        self._keys.show(situation)

    async def _load(self) -> None:
        names = [] if self.desk.status is None else [state.workspace for state in self.desk.status.workspaces]
        until = self.desk.time.now()
        try:
            found = [await self.desk.control.metrics(name, until - WINDOW_S, until) for name in names]
        except AofError as error:
            self.text.words = f"The figures cannot be shown now: {error}"
        else:
            self.text.metrics = tuple(found)
        self.text.renew()
