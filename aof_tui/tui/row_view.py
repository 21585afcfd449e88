"""A list of rows drawn line by line: only visible rows are rendered, and a drawn row is kept until it changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Generic, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from aof_tui.tui.actions import ACTIONS, Scope
from aof_tui.tui.cells import GAP, Cell, Line, Tone, column_widths, pad, show
from aof_tui.tui.coalesce import Coalesced
from aof_tui.tui.desk import Desk
from aof_tui.tui.presenters import Presenter
from aof_tui.tui.toned import draw_line, tone_style

Row = TypeVar("Row")

CURSOR_MARK = "▌"
KEPT_STRIPS = 400

Drawn = tuple[tuple[Cell, ...], Strip]


class RowView(ScrollView, Generic[Row], can_focus=True):
    """What the table and the log have in common: drawing, cursor, keys, mouse."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"row--head", "row--cursor", "row--cursor-blurred"}

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key, action.id, action.title, show=False)
        for action in ACTIONS
        if action.scope is Scope.LIST
        for key in action.keys
    ]

    class Moved(Message):
        """The cursor stands on another row, or its row has changed."""

    def __init__(self, desk: Desk, presenter: Presenter[Row], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.desk = desk
        self.presenter = presenter
        self.cursor = 0
        self.problem: str | None = None
        """Why the rows could not be read again; those shown are old then."""
        self.loaded = False
        self.chosen = False
        """A person has gone to this list: its cursor means something."""
        self.when_moved: Callable[[], None] = lambda: None
        """Called at once where `Moved` is posted: what it changes is painted with the cursor, and not a frame later."""
        self.empty: tuple[Line, ...] = ()
        """What to say when there is no row."""
        self._loads = Coalesced(self, self.load)
        self._strips: LRUCache[tuple[str, str], Drawn] = LRUCache(KEPT_STRIPS)
        """By the row and its look: focus moves often, and changes the look of one row."""
        self._styles: dict[tuple[Tone, str], Style] = {}
        """Of the cells in each look of a row: finding one out takes longer than drawing with it."""
        self._drawn_for: tuple[object, ...] = ()
        self._wheel_turned = False

    # What a kind of list has to say

    @property
    def count(self) -> int:
        """Rows there are to scroll through."""
        raise NotImplementedError

    def row_at(self, index: int) -> Row | None:
        """The row at a place; None while it is not at hand."""
        raise NotImplementedError

    async def load(self) -> None:
        """Reads the rows around what is visible, again."""
        raise NotImplementedError

    def forget(self) -> None:
        """Another listing is shown from now on: begin it anew."""
        raise NotImplementedError

    def reload(self) -> None:
        """Asks for `load`; many calls become one. Before the engine's time is known no row could be shown right."""
        if self.desk.time.known:
            self._loads.request()

    # State

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        return self.row_at(self.cursor) if self.count else None

    @property
    def visible_rows(self) -> int:
        """Lines there are for rows."""
        return max(1, self.size.height - 1)

    @property
    def first_visible(self) -> int:
        return self.scroll_offset.y

    def move_to(self, index: int) -> None:
        """Puts the cursor on the row at a place, within the list, and makes it visible."""
        self.chosen = True
        self.put_cursor(max(0, min(index, self.count - 1)))
        self.show_cursor()

    def put_cursor(self, index: int) -> None:
        """Puts the cursor on the row at a place that is in the list."""
        self.refresh_row(self.cursor)
        self.cursor = index
        self.refresh_row(self.cursor)
        self.moved()

    def moved(self) -> None:
        """The cursor stands on another row, or its row has changed."""
        self.when_moved()
        self.post_message(self.Moved())

    def show_cursor(self) -> None:
        """Scrolls as little as needed for the cursor to be visible."""
        if self.cursor < self.first_visible:
            self.scroll_rows(self.cursor)
        elif self.cursor >= self.first_visible + self.visible_rows:
            self.scroll_rows(self.cursor - self.visible_rows + 1)

    def refresh_row(self, index: int) -> None:
        """Repaints one row, if it is visible."""
        if self.first_visible <= index < self.first_visible + self.visible_rows:
            self.refresh_line(index + 1)

    def scroll_rows(self, first: int) -> None:
        """Makes a row the first visible one, at once."""
        # By force: whether there is a scroll bar is only decided at the next layout.
        self.scroll_to(y=max(0, first), animate=False, immediate=True, force=True)

    def resized(self) -> None:
        """The number of rows or the room for them has changed."""
        size, before = Size(self.size.width, self.count + 1), self.virtual_size
        if size.width == before.width and size.height >= before.height > self.size.height:
            # It was scrolled before and still is: laying out the whole screen for each newcomer would change nothing.
            self.set_reactive(RowView.virtual_size, size)
            self.vertical_scrollbar.window_virtual_size = size.height
        else:
            self.virtual_size = size

    def tick(self) -> None:
        """Time has passed: repaints the visible rows whose cells change with it."""
        now = self.desk.time.now()
        for y in range(1, self.size.height):
            row = self.row_at(self.first_visible + y - 1)
            if row is None:
                continue
            drawn = self._strips.get((self.presenter.key(row), self._look(self.first_visible + y - 1)))
            if drawn is not None and drawn[0] != self.presenter.cells(row, now):
                self.refresh_row(self.first_visible + y - 1)

    # Drawing

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        self._forget_old_looks(width)
        if y == 0:
            return self._head(width)
        if self.count == 0:
            return self._empty_line(y, width)
        index = self.first_visible + y - 1
        if index >= self.count:
            return Strip.blank(width, self.rich_style)
        row = self.row_at(index)
        if row is None:
            return draw_line(self, (Cell("  …", Tone.MUTED),), width)
        return self._row_strip(row, width, self._look(index))

    def _forget_old_looks(self, width: int) -> None:
        look = (width, self.app.theme, self.desk.stale)
        if look != self._drawn_for:
            self._drawn_for = look
            self._strips.clear()
            self._styles.clear()

    def _look(self, index: int) -> str:
        """The component class that a row wears; empty where the cursor is not on it."""
        if index != self.cursor:
            return ""
        return "row--cursor" if self.has_focus else "row--cursor-blurred"

    def _row_strip(self, row: Row, width: int, look: str) -> Strip:
        key = (self.presenter.key(row), look)
        cells = self.presenter.cells(row, self.desk.time.now())
        drawn = self._strips.get(key)
        if drawn is None or drawn[0] != cells:
            drawn = (cells, self._draw_cells(cells, width, look))
            self._strips[key] = drawn
        return drawn[1]

    def _draw_cells(self, cells: tuple[Cell, ...], width: int, look: str) -> Strip:
        segments = [Segment(CURSOR_MARK if look else " ", self._style(Tone.MARK, look))]
        for column, size, cell in zip(self.presenter.columns, self._widths(width), cells, strict=True):
            if size:
                # What may no longer be true has no colour: it must not look like news.
                tone = Tone.MUTED if self.desk.stale else cell.tone
                segments.append(Segment(column.fitted(cell.text, size) + " " * GAP, self._style(tone, look)))
        return Strip(segments).adjust_cell_length(width, self._style(Tone.PLAIN, look))

    def _style(self, tone: Tone, look: str) -> Style:
        known = self._styles.get((tone, look))
        if known is None:
            over = self.get_component_rich_style(look, partial=True) if look else Style.null()
            known = self._styles[tone, look] = tone_style(self, tone) + over
        return known

    def _widths(self, width: int) -> tuple[int, ...]:
        return column_widths(self.presenter.columns, width - 2)

    def _head(self, width: int) -> Strip:
        style = self.get_component_rich_style("row--head")
        words = [
            pad(show(column.title, size), size, right=column.right)
            for column, size in zip(self.presenter.columns, self._widths(width), strict=True)
            if size
        ]
        return Strip([Segment(" " + (" " * GAP).join(words), style)]).adjust_cell_length(width, style)

    def _empty_line(self, y: int, width: int) -> Strip:
        lines = self.empty if self.loaded else ((Cell("  Loading…", Tone.MUTED),),)
        return draw_line(self, lines[y - 2] if 0 <= y - 2 < len(lines) else (), width)

    # Keys and mouse

    def action_line_up(self) -> None:
        self.move_to(self.cursor - 1)

    def action_line_down(self) -> None:
        self.move_to(self.cursor + 1)

    def action_page_up(self) -> None:
        self.move_to(self.cursor - self.visible_rows)

    def action_page_down(self) -> None:
        self.move_to(self.cursor + self.visible_rows)

    def action_first(self) -> None:
        self.move_to(0)

    def action_last(self) -> None:
        self.move_to(self.count - 1)

    def on_resize(self) -> None:
        self.resized()
        # How far it can be scrolled is known once the new size is laid out.
        self.call_after_refresh(self.show_cursor)
        self.reload()

    def on_mount(self) -> None:
        self.reload()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._note_wheel(event)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._note_wheel(event)

    def _note_wheel(self, event: events.MouseEvent) -> None:
        if is_upright(event):
            self.chosen = self._wheel_turned = True

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if self._wheel_turned and self.count:
            self._wheel_turned = False
            # The wheel takes the cursor along: keys never act on a row that nobody sees.
            last = min(self.count, self.first_visible + self.visible_rows) - 1
            self.put_cursor(max(self.first_visible, min(self.cursor, last)))

    def on_click(self, event: events.Click) -> None:
        index = self.first_visible + event.y - 1
        if event.y > 0 and index < self.count:
            self.move_to(index)
            if event.chain > 1:
                self.app.call_next(self.app.run_action, "do('open')")


def is_upright(event: events.MouseEvent) -> bool:
    """Whether a turn of the wheel scrolls up or down: with these keys Textual scrolls sideways."""
    return not (event.shift or event.ctrl)
