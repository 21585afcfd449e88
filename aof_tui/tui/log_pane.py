"""The log: follows its end, or stays where a person reads and says how much is new meanwhile."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import Enum, auto

from textual import events

from aof_tui.base.errors import AofError
from aof_tui.control.requests import EventQuery
from aof_tui.control.rows import EventRow, Page
from aof_tui.tui.desk import Desk
from aof_tui.tui.presenters import Presenter
from aof_tui.tui.row_view import RowView, is_upright

STEP = 100
"""Lines read at a time."""
MAX_LINES = 600
"""Lines held. Lines further away are dropped and read again when they are needed."""
MARGIN = 30


class Place(Enum):
    """Where the reader is."""

    TAIL = auto()
    BEGINNING = auto()
    """Asked for, until its lines are here."""
    BETWEEN = auto()


FetchEvents = Callable[[EventQuery], Awaitable[Page[EventRow]]]


class LogPane(RowView[EventRow]):
    """Windows by sequence: lines never change, so what was read stays true."""

    def __init__(
        self,
        desk: Desk,
        presenter: Presenter[EventRow],
        fetch: FetchEvents,
        *,
        id: str | None = None,
    ) -> None:
        super().__init__(desk, presenter, id=id)
        self._fetch = fetch
        self._rows: tuple[EventRow, ...] = ()
        self._place = Place.TAIL
        self._has_older = True
        self._has_newer = False
        self.new_lines = 0
        """Lines that came since the reader left the end, counted up to `STEP`."""

    @property
    def count(self) -> int:
        return len(self._rows)

    @property
    def following(self) -> bool:
        """It shows the newest line."""
        return self._place is Place.TAIL

    def row_at(self, index: int) -> EventRow | None:
        return self._rows[index] if 0 <= index < len(self._rows) else None

    def forget(self) -> None:
        """Another filter holds from now on: read its newest lines."""
        self._rows = ()
        self._place = Place.TAIL
        self.cursor = 0
        self.reload()

    async def load(self) -> None:
        try:
            if self._place is Place.BEGINNING:
                await self._load_beginning()
            elif self._place is Place.TAIL:
                await self._load_tail()
            else:
                await self._load_around()
        except AofError as error:
            self.problem = str(error)
        else:
            self.problem, self.loaded = None, True
        self.moved()

    async def _load_beginning(self) -> None:
        page = await self._fetch(EventQuery(newest=False, limit=STEP))
        self._place = Place.BETWEEN if page.rows else Place.TAIL
        self._has_older, self._has_newer = False, len(page.rows) == STEP
        self._show(page.rows, cursor=0)

    async def _load_tail(self) -> None:
        last = self._rows[-1].sequence if self._rows else None
        page = await self._fetch(EventQuery(after=last, limit=STEP))
        if self._place is not Place.TAIL:
            self.reload()
            return
        self.new_lines, self._has_newer = 0, False
        gap = last is not None and len(page.rows) == STEP
        if last is None or gap:
            self._has_older = len(page.rows) == STEP
            rows = page.rows
        else:
            rows = (self._rows + page.rows)[-MAX_LINES:]
            self._has_older = self._has_older or len(self._rows) + len(page.rows) > MAX_LINES
        if rows != self._rows or not self.loaded:
            self._show(rows, cursor=len(rows) - 1)
        else:
            self.show_cursor()

    async def _load_around(self) -> None:
        if not self._rows:
            return
        if self._has_older and self.first_visible < MARGIN:
            await self._load_older()
        if self._has_newer and self.first_visible + self.visible_rows > self.count - MARGIN:
            await self._load_newer()
        page = await self._fetch(EventQuery(after=self._rows[-1].sequence, limit=STEP))
        self.new_lines = len(page.rows)
        self._has_newer = self._has_newer or bool(page.rows)

    async def _load_older(self) -> None:
        page = await self._fetch(EventQuery(before=self._rows[0].sequence, limit=STEP))
        self._has_older = len(page.rows) == STEP
        rows = page.rows + self._rows
        self._has_newer = self._has_newer or len(rows) > MAX_LINES
        self._show(rows[:MAX_LINES], cursor=self.cursor + len(page.rows))

    async def _load_newer(self) -> None:
        page = await self._fetch(EventQuery(after=self._rows[-1].sequence, newest=False, limit=STEP))
        self._has_newer = len(page.rows) == STEP
        rows = self._rows + page.rows
        dropped = max(0, len(rows) - MAX_LINES)
        self._has_older = self._has_older or dropped > 0
        self._show(rows[dropped:], cursor=self.cursor - dropped)

    def _show(self, rows: tuple[EventRow, ...], cursor: int) -> None:
        shift = cursor - self.cursor
        self._rows = rows
        self.resized()
        self.cursor = max(0, min(cursor, len(rows) - 1))
        if shift and not self.following:
            self.scroll_rows(self.first_visible + shift)
        self.show_cursor()
        self.refresh()

    def move_to(self, index: int) -> None:
        at_end = max(0, index) >= self.count - 1 and not self._has_newer
        if at_end != self.following:
            self._place = Place.TAIL if at_end else Place.BETWEEN
        super().move_to(index)
        self.reload()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if not self.following:
            self.reload()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        # Told by the wheel itself: a list also scrolls when it is hidden, shown, or has another size.
        if is_upright(event) and self.following and self.count > self.visible_rows:
            self._place = Place.BETWEEN

    def action_first(self) -> None:
        self._place = Place.BEGINNING
        self.reload()

    def action_last(self) -> None:
        self.forget()
