"""A screen that shows what the engine says and changes with it."""

from __future__ import annotations

from aof_tui.control.requests import Topic
from aof_tui.control.rows import FailureRow
from aof_tui.tui.actions import Situation
from aof_tui.tui.incident_name import IncidentName
from aof_tui.tui.toned import TonedScreen


class LiveScreen(TonedScreen[None]):
    """What the app needs of its screens: reading again, the passing of time, and what is under the cursor."""

    def reload(self, topics: frozenset[Topic]) -> None:
        """Reads again what is visible of these topics."""
        raise NotImplementedError

    def tick(self, situation: Situation) -> None:
        """Time has passed or something has changed: repaints what that changes."""
        raise NotImplementedError

    def failure_at_cursor(self) -> FailureRow | None:
        """The failure that keys act on, if it is at hand."""
        raise NotImplementedError

    def names_failure(self) -> bool:
        """Whether something under the cursor is a failure or names one."""
        raise NotImplementedError

    async def find_failure(self) -> FailureRow | None:
        """The failure that keys act on, read from the engine if need be. Raises AofError."""
        raise NotImplementedError

    def incident_at_cursor(self) -> IncidentName | None:
        """The incident that something else than a failure under the cursor is about."""
        return None

    def back(self) -> None:
        """Exactly one step out."""
        raise NotImplementedError
