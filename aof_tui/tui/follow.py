"""Follows the change feed: a few times a second at most it says which topics have changed."""

from __future__ import annotations

from collections.abc import Callable

from aof_tui.base.errors import AofError
from aof_tui.control.requests import Topic
from aof_tui.tui.desk import Desk

EVERYTHING = frozenset(Topic)
WAIT_S = 2.0
"""Real seconds after which the status is asked for without any change: the age of data shows that the engine lives."""
PAUSE_S = 0.25
"""Real seconds between two rounds, however much changes."""
FIRST_RETRY_S = 0.1
"""Real seconds between two tries while the engine starts."""
RETRY_S = 1.0


class Follower:
    """The only loop of the terminal that waits for the engine."""

    def __init__(self, desk: Desk, show: Callable[[frozenset[Topic]], None]) -> None:
        self._desk = desk
        self._show = show

    async def run(self) -> None:
        """Runs until it is cancelled."""
        feed = self._desk.control.subscribe()
        unseen = EVERYTHING
        """What may have changed without a word: all of it at first, and after every silence."""
        try:
            while True:
                try:
                    changes = await feed.wait(0.0 if unseen else WAIT_S)
                except AofError as error:
                    self._desk.note_fault(error)
                    unseen = EVERYTHING
                    await self._pause_after_fault()
                    continue
                if await self._desk.read_status():
                    self._show(EVERYTHING if changes.everything else changes.topics | unseen)
                    unseen = frozenset()
                    await self._desk.clock.sleep(PAUSE_S)
                else:
                    unseen = EVERYTHING
                    await self._pause_after_fault()
        finally:
            feed.close()

    async def _pause_after_fault(self) -> None:
        self._show(frozenset())
        await self._desk.clock.sleep(FIRST_RETRY_S if self._desk.status is None else RETRY_S)
