"""Spacing of messages to one destination."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aof_tui.base.clock import Clock


class Pace:
    """One message at a time, the next one `interval_s` after the former was answered or given up.

    Intervals are real seconds: a sped-up clock does not speed up whoever counts our messages.
    """

    def __init__(self, clock: Clock, interval_s: float) -> None:
        self._clock = clock
        self._interval_s = interval_s * clock.rate
        self._next_at = self._silent_until = clock.boot()
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[float]:
        """Wait for the turn and hold it. Gives 0, or at once the clock seconds of silence that are still asked for."""
        async with self._lock:
            silent_s = self._silent_until - self._clock.boot()
            if silent_s > 0:
                yield silent_s
                return
            await self._clock.sleep(self._next_at - self._clock.boot())
            try:
                yield 0.0
            finally:
                self._next_at = self._clock.boot() + self._interval_s

    def be_silent(self, interval_s: float) -> float:
        """The destination asked for a pause; returns it in clock seconds."""
        silent_s = interval_s * self._clock.rate
        self._silent_until = max(self._silent_until, self._clock.boot() + silent_s)
        return silent_s
