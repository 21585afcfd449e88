"""A table over a listing of any length, of which only a window of rows is held."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from aof_tui.base.errors import AofError
from aof_tui.control.rows import Page
from aof_tui.tui.desk import Desk
from aof_tui.tui.presenters import Presenter
from aof_tui.tui.row_view import RowView

Row = TypeVar("Row")

MAX_WINDOW = 300
MARGIN = 20
"""Rows beyond the visible ones that are at hand, so that small steps need no reading."""

Fetch = Callable[[int, int], Awaitable[Page[Row]]]
"""`fetch(skip, limit)`"""


class WindowTable(RowView[Row]):
    """The cursor belongs to a row, not to a place: when rows move, it moves with its row.

    Only in a table that nobody has gone to yet (`chosen` is False) it stays on the first row.
    """

    def __init__(
        self,
        desk: Desk,
        presenter: Presenter[Row],
        fetch: Fetch[Row],
        *,
        id: str | None = None,
        begin_at: str | None = None,
    ) -> None:
        """`begin_at`: the key of the row that the cursor begins on, if it is among the first ones."""
        super().__init__(desk, presenter, id=id)
        self._fetch = fetch
        self._start = 0
        self._rows: tuple[Row, ...] = ()
        self._total = 0
        self._cursor_key: str | None = begin_at
        self.chosen = begin_at is not None

    @property
    def count(self) -> int:
        return self._total

    def row_at(self, index: int) -> Row | None:
        place = index - self._start
        return self._rows[place] if 0 <= place < len(self._rows) else None

    def forget(self) -> None:
        """Another listing is shown from now on: back to its first row."""
        self._cursor_key = None
        self.cursor = 0
        self.scroll_rows(0)
        self.reload()

    async def load(self) -> None:
        limit = min(MAX_WINDOW, self.visible_rows + 4 * MARGIN)
        start = max(0, min(self.first_visible, self.cursor) - 2 * MARGIN)
        if self.cursor >= start + limit:
            start = max(0, self.cursor - limit // 2)
        try:
            page = await self._fetch(start, limit)
            if start and not page.rows:
                start = max(0, page.total - limit)
                page = await self._fetch(start, limit)
        except AofError as error:
            self.problem = str(error)
            self.moved()
            return
        self._accept(page, start)

    def _accept(self, page: Page[Row], start: int) -> None:
        first = not self.loaded
        self.problem, self.loaded = None, True
        visible = range(self.first_visible, self.first_visible + self.visible_rows)
        before = [self.row_at(index) for index in visible]
        total, cursor = self._total, self.cursor
        grown = page.total != total
        self._start, self._rows, self._total = start, page.rows, page.total
        if grown:
            self.resized()
        if first or min(page.total, total) < visible.stop:
            # There are lines without a row, or there were.
            self.refresh()
        for index, row in zip(visible, before, strict=True):
            if self.row_at(index) != row:
                self.refresh_row(index)
        self._follow_cursor()
        self.refresh_row(cursor)
        self.refresh_row(self.cursor)
        self.moved()

    def _follow_cursor(self) -> None:
        if not self.chosen:
            self.cursor = 0
            self._remember()
            return
        for place, row in enumerate(self._rows):
            if self.presenter.key(row) == self._cursor_key:
                self._shift_to(self._start + place)
                return
        self.cursor = max(0, min(self.cursor, self._total - 1))
        self._remember()
        self.show_cursor()

    def _shift_to(self, index: int) -> None:
        """The cursor's row has moved: scroll by as much, so that it keeps its line; but stay at the top while there."""
        moved = index - self.cursor
        self.cursor = index
        if moved and self.first_visible:
            self.scroll_rows(self.first_visible + moved)
        self.show_cursor()

    def _remember(self) -> None:
        row = self.current
        self._cursor_key = None if row is None else self.presenter.key(row)

    def move_to(self, index: int) -> None:
        super().move_to(index)
        self._reload_if_near_edge()

    def put_cursor(self, index: int) -> None:
        super().put_cursor(index)
        self._remember()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._reload_if_near_edge()

    def _reload_if_near_edge(self) -> None:
        first = max(0, self.first_visible - MARGIN)
        last = min(self._total, self.first_visible + self.visible_rows + MARGIN)
        if self.loaded and (first < self._start or last > self._start + len(self._rows)):
            self.reload()
