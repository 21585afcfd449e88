"""The line in which the filter of a list is typed."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input

from aof_tui.control.filters import MAX_CHARACTERS
from aof_tui.tui.cells import Cell, Tone
from aof_tui.tui.pane import Pane
from aof_tui.tui.toned import Lines


class FilterBar(Horizontal):
    """Shown only while somebody types."""

    def __init__(self) -> None:
        super().__init__(id="filter-bar")
        self._field = Input(id="filter", max_length=MAX_CHARACTERS, compact=True, disabled=True)

    def compose(self) -> ComposeResult:
        mark = Lines(id="filter-mark")
        mark.update(((Cell(" Filter", Tone.MARK),),))
        yield mark
        yield self._field

    @property
    def typing(self) -> bool:
        return self.has_class("-open")

    def begin(self, pane: Pane) -> None:
        """Lets the person type the filter of this list."""
        self._field.placeholder = "words  -without  " + " ".join(f"{name}:" for name in pane.fields)
        self._field.disabled = False
        self.add_class("-open")
        with self._field.prevent(Input.Changed):
            self._field.value = pane.filter_text
        self._field.focus()

    def end(self) -> None:
        """Ends typing; the filter stays."""
        self.remove_class("-open")
        self._field.disabled = True
