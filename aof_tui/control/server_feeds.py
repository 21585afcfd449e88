"""The change feed for callers that come back by request: feeds by name, each of one user, forgotten when left."""

from __future__ import annotations

from dataclasses import dataclass

from aof_tui.base.clock import Clock
from aof_tui.base.errors import TemporaryError
from aof_tui.base.randomness import Randomness
from aof_tui.control.protocol import Control, Feed
from aof_tui.control.requests import Changes
from aof_tui.control.wire import LONGEST_WAIT_S, FeedAnswer, FeedWait

KEPT_S = 60.0
"""Real seconds after which a feed that nobody waited for is forgotten."""
MOST_OF_ONE_USER = 16
MOST_FEEDS = 64

EVERYTHING = Changes(everything=True)


@dataclass(slots=True)
class _Kept:
    uid: int
    feed: Feed
    used_at: float
    waiting: int = 0


class Feeds:
    """All feeds that callers of one server wait for."""

    def __init__(self, control: Control, clock: Clock, randomness: Randomness) -> None:
        self._control = control
        self._clock = clock
        self._randomness = randomness
        self._kept: dict[str, _Kept] = {}

    async def wait(self, uid: int, wish: FeedWait) -> FeedAnswer:
        """The next changes of a feed. Raises TemporaryError where one user waits for too many."""
        kept = self._kept.get(wish.feed or "")
        if wish.feed is None or kept is None or kept.uid != uid:
            return FeedAnswer(self._begin(uid), EVERYTHING)
        kept.waiting += 1
        try:
            changes = await kept.feed.wait(min(max(0.0, wish.timeout_s), LONGEST_WAIT_S))
        finally:
            kept.waiting -= 1
            kept.used_at = self._clock.boot()
        return FeedAnswer(wish.feed, changes)

    def close(self) -> None:
        """End all of them."""
        for name in list(self._kept):
            self._end(name)

    def _begin(self, uid: int) -> str:
        self._forget_left()
        mine = [name for name, kept in self._kept.items() if kept.uid == uid]
        if len(mine) >= MOST_OF_ONE_USER or len(self._kept) >= MOST_FEEDS:
            # The one left longest is as good as left for good: its client is told that everything changed.
            idle = [name for name in mine or self._kept if not self._kept[name].waiting]
            if not idle:
                raise TemporaryError("too many wait for changes already")
            self._end(min(idle, key=lambda name: self._kept[name].used_at))
        name = self._randomness.new_id()
        self._kept[name] = _Kept(uid, self._control.subscribe(), self._clock.boot())
        return name

    def _forget_left(self) -> None:
        latest = self._clock.boot() - KEPT_S
        for name, kept in list(self._kept.items()):
            if not kept.waiting and kept.used_at < latest:
                self._end(name)

    def _end(self, name: str) -> None:
        self._kept.pop(name).feed.close()
