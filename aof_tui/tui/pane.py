"""A live list with its heading, its filter and what it says when it is empty."""

from __future__ import annotations

from typing import Any

from textual.app import ComposeResult
from textual.containers import Vertical

from aof_tui.control.breaker_rows import BreakerRow
from aof_tui.control.filters import Fields, Filter, parse_filter
from aof_tui.control.requests import Topic
from aof_tui.control.rows import EventRow, FailureRow, IncidentRow, NotificationRow
from aof_tui.tui.cells import Cell, Line, Tone
from aof_tui.tui.desk import Desk
from aof_tui.tui.fitting import wrap_line
from aof_tui.tui.incident_name import IncidentName
from aof_tui.tui.row_view import RowView
from aof_tui.tui.times import age
from aof_tui.tui.toned import Lines


class Pane(Vertical):
    """A heading over a list."""

    name_of_pane: str
    title: str
    number: int | None = None
    """The key that goes to it, where there is one."""
    topics: frozenset[Topic]
    fields: Fields

    def __init__(self, desk: Desk) -> None:
        super().__init__(id=f"pane-{self.name_of_pane}", classes="pane")
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
        """The incident that the row under the cursor is, belongs to or tells of."""
        row = self.view.current
        if isinstance(row, FailureRow | EventRow | NotificationRow) and row.incident is not None:
            return IncidentName(row.workspace, row.incident)
        return None

    def incident_row(self) -> IncidentRow | None:
        """The incident under the cursor, if the row is one."""
        return None

    def breaker_at_cursor(self) -> BreakerRow | None:
        """The breaker under the cursor, if the row is one."""
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
            self._renew_empty()

    def state_words(self) -> Cell:
        """What the heading says beside the title."""
        if self.view.problem is not None:
            return Cell(f"{self.view.count:,}, old", Tone.BAD)
        if not self.view.loaded:
            return Cell("loading", Tone.MUTED)
        if self.typed.empty:
            return Cell(f"{self.view.count:,}", Tone.MUTED)
        return Cell(f"{self.view.count:,} of {self.unfiltered:,}", Tone.WARN)

    def heading(self) -> Line:
        """Number, title, state and filter."""
        here = self.has_class("-active")
        line = [
            Cell(" " if self.number is None else f" {self.number} ", Tone.MARK if here else Tone.MUTED),
            Cell(f"{self.title}", Tone.STRONG if here else Tone.PLAIN),
            Cell("  ", Tone.PLAIN),
            self.state_words(),
        ]
        if self.filter_text:
            line.append(Cell(f"  /{self.filter_text}", Tone.WARN if self.typed.problem is None else Tone.BAD))
        return tuple(line)

    def tick(self) -> None:
        """Time has passed, or something has changed."""
        self.heading_lines.update((self.heading(),))
        self._renew_empty()
        self.view.tick()

    def _renew_empty(self) -> None:
        empty = self._empty_lines()
        if empty != self.view.empty:
            self.view.empty = empty
            if not self.view.count:
                self.view.refresh()

    def _empty_lines(self) -> tuple[Line, ...]:
        if self.typed.problem is not None:
            # Here, where there is room for all of it.
            told = wrap_line((Cell(f"  {self.typed.problem}", Tone.BAD),), self.view.size.width)
            return (*told, (Cell("  Esc clears the filter.", Tone.MUTED),))
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
