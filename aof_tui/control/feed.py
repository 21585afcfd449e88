"""The engine's end of the change feed: every subscriber has one bounded set of what changed and one flag."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from aof_tui.base.clock import Clock
from aof_tui.control.requests import Changes, Topic

MAX_IDS = 1_000
"""Ids a subscriber may have waiting. More of them mean "everything": memory stays flat in any storm."""

NOTHING = Changes()


class HubFeed:
    """One subscription. All calls belong to the loop of its hub."""

    def __init__(self, hub: FeedHub, clock: Clock, max_ids: int) -> None:
        self._hub = hub
        self._clock = clock
        self._max_ids = max_ids
        self._changed = asyncio.Event()
        self._topics: set[Topic] = set()
        self._ids: set[str] = set()
        self._everything = False

    def add(self, topics: Iterable[Topic], master_job_ids: Iterable[str]) -> None:
        """Notes a change and raises the flag."""
        self._topics.update(topics)
        if not self._everything:
            self._ids.update(master_job_ids)
            if len(self._ids) > self._max_ids:
                self._everything = True
                self._ids.clear()
        self._changed.set()

    async def wait(self, timeout_s: float) -> Changes:
        """See `Feed.wait`. What it returns is no longer waiting: a caller that drops it has to read all again."""
        if not await self._clock.wait(self._changed, timeout_s):
            return NOTHING
        return self._take()

    def close(self) -> None:
        """Ends the subscription; a `wait` under way runs into its timeout."""
        self._hub.forget(self)

    def _take(self) -> Changes:
        changes = Changes(frozenset(self._topics), frozenset(self._ids), self._everything)
        self._topics.clear()
        self._ids.clear()
        self._everything = False
        self._changed.clear()
        return changes


class FeedHub:
    """Spreads changes to all subscribers without ever waiting for one.

    `clock` counts the timeout of `wait`, which is in real seconds: give it a clock of rate 1.
    """

    def __init__(self, clock: Clock, max_ids: int = MAX_IDS) -> None:
        self._clock = clock
        self._max_ids = max_ids
        self._feeds: list[HubFeed] = []

    def subscribe(self) -> HubFeed:
        """A new feed that knows of no change yet."""
        feed = HubFeed(self, self._clock, self._max_ids)
        self._feeds.append(feed)
        return feed

    def publish(self, topics: Iterable[Topic], master_job_ids: Iterable[str] = ()) -> None:
        """Tells every subscriber what changed. Costs two set updates each; call it once per committed transaction."""
        if self._feeds:
            known_topics, known_ids = tuple(topics), tuple(master_job_ids)
            for feed in self._feeds:
                feed.add(known_topics, known_ids)

    def forget(self, feed: HubFeed) -> None:
        """Drops a subscriber; one that is gone already is no error."""
        if feed in self._feeds:
            self._feeds.remove(feed)
