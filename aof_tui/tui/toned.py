"""Widgets that draw lines of toned cells themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.reactive import Reactive
from textual.screen import ModalScreen, Screen
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from aof_tui.base.text import truncate_cells
from aof_tui.tui.cells import Cell, Line, Tone, show

Answer = TypeVar("Answer")


class TonedScreen(Screen[Answer]):
    """A screen whose widgets draw tones. They are styled once here: once in each widget doubles the time to begin."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"tone--{tone}" for tone in Tone}

    # Textual would paint the whole screen anew: a widget that gets or loses the focus repaints itself.
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)


class TonedDialog(TonedScreen[Answer], ModalScreen[Answer]):
    """The same, over another screen."""


def tone_style(widget: Widget, tone: Tone, own: Style | None = None) -> Style:
    """What the theme says of a tone, laid over the widget's own style, which is dear to find out: give it if known."""
    over = widget.screen.get_component_rich_style(f"tone--{tone}", partial=True)
    return (widget.rich_style if own is None else own) + over


def draw_line(widget: Widget, line: Sequence[Cell], width: int) -> Strip:
    """One line of text from anywhere, cut to the width and filled up."""
    segments: list[Segment] = []
    left, own = width, widget.rich_style
    for text, tone in line:
        # Blanks at the ends of a cell are the program's own and stay; those inside text from outside are joined.
        head = " " * (len(text) - len(text.lstrip(" ")))
        tail = " " * (len(text.lstrip(" ")) - len(text.strip(" ")))
        piece = truncate_cells(head + show(text, max(0, left - len(head))) + tail, left)
        if piece:
            segment = Segment(piece, tone_style(widget, tone, own))
            segments.append(segment)
            left -= segment.cell_length
    return Strip(segments).adjust_cell_length(width, own)


class Lines(Widget):
    """A few lines of text, repainted only when they change."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes, markup=False)
        self._lines: tuple[Line, ...] = ()
        self._made_for = -1

    def lines(self, width: int) -> tuple[Line, ...]:
        """What to show in this width."""
        return self._lines

    def update(self, lines: Sequence[Line]) -> None:
        """Shows other lines."""
        if tuple(lines) != self._lines:
            self._lines = tuple(lines)
            self.refresh()

    def tick(self) -> None:
        """Time has passed: repaint if that changes anything."""
        if self._renew():
            self.refresh()

    def _renew(self) -> bool:
        before, self._made_for = self._lines, self.size.width
        self._lines = self.lines(self.size.width)
        return self._lines != before

    def render_line(self, y: int) -> Strip:
        if self._made_for != self.size.width:
            # The first frame is whole, and so is the first one of another size.
            self._renew()
        if y >= len(self._lines):
            return Strip.blank(self.size.width, self.rich_style)
        return draw_line(self, self._lines[y], self.size.width)


SCROLL_BAR = 1
"""Cells that it takes once there are more lines than fit; they are made before that is known."""


class ScrolledLines(ScrollView, can_focus=True):
    """Any number of lines, made for a width, scrolled."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: tuple[Line, ...] = ()

    def lines(self, width: int) -> tuple[Line, ...]:
        """All lines in this width."""
        return self._lines

    def renew(self) -> None:
        """Makes the lines again."""
        self._lines = self.lines(max(1, self.size.width))
        self.virtual_size = Size(self.size.width, len(self._lines))
        self.refresh()

    def tick(self) -> None:
        """Time has passed: repaints if that changes a line."""
        if self.lines(max(1, self.size.width)) != self._lines:
            self.renew()

    def on_resize(self) -> None:
        self.renew()

    def render_line(self, y: int) -> Strip:
        place = y + self.scroll_offset.y
        if place >= len(self._lines):
            return Strip.blank(self.size.width, self.rich_style)
        return draw_line(self, self._lines[place], self.size.width)
