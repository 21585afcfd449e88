"""A screen that shows what the engine says and changes with it."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from aof_tui.control.breaker_rows import BreakerRow
from aof_tui.control.requests import Topic
from aof_tui.control.rows import FailureRow, IncidentRow
from aof_tui.tui.actions import BY_ID, View
from aof_tui.tui.incident_name import IncidentName
from aof_tui.tui.situation import Situation
from aof_tui.tui.toned import TonedScreen


class LiveScreen(TonedScreen[None]):
    """What the app needs of its screens: reading again, the passing of time, and what is under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key, f"app.do('{name}')", show=False)
        for name in ("incidents", "metrics", "theme", "filter")
        for key in BY_ID[name].keys
    ]

    kind: ClassVar[View]
    has_lists: ClassVar[bool] = False
    """It has lists with a filter."""

    def reload(self, topics: frozenset[Topic]) -> None:
        """Reads again what is visible of these topics."""
        raise NotImplementedError

    def tick(self, situation: Situation) -> None:
        """Time has passed or something has changed: repaints what that changes."""
        raise NotImplementedError

    def back(self) -> None:
        """Exactly one step out."""
        self.dismiss(None)

    def show_keys(self, situation: Situation) -> None:
        """Which keys can act has changed with the row under the cursor."""

    def next_pane(self, step: int) -> None:
        """Goes to another list, where there is more than one."""

    def open_filter(self) -> None:
        """Lets the person type a filter, where there is a list."""

    def choose(self) -> None:
        """A person has used a key: the cursor means its row from now on, wherever that goes."""

    # What is under the cursor: nothing, unless a screen says otherwise

    def failure_at_cursor(self) -> FailureRow | None:
        """The failure that keys act on, if it is at hand."""
        return None

    def names_failure(self) -> bool:
        """Whether something under the cursor is a failure or names one."""
        return False

    async def find_failure(self) -> FailureRow | None:
        """The failure that keys act on, read from the engine if need be. Raises AofError."""
        return None

    def incident_at_cursor(self) -> IncidentName | None:
        """The incident that the row under the cursor is, belongs to or tells of."""
        return None

    def incident_row(self) -> IncidentRow | None:
        """The incident itself, if it is at hand."""
        return None

    def breaker_at_cursor(self) -> BreakerRow | None:
        """The breaker under the cursor."""
        return None
