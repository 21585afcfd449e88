"""When each loop last got on: what a watchdog is fed by, so that a loop that hangs is not hidden by a timer."""

from __future__ import annotations

import asyncio

from aof_tui.base.clock import Clock


class Progress:
    """The boot times at which loops, known by their tasks' names, last began a transaction or reached a point."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._limits_s: dict[str, float] = {}
        self._last: dict[str, float] = {}

    def watch(self, name: str, limit_s: float) -> None:
        """From now on the loop of this name must get on every so many seconds."""
        self._limits_s[name] = limit_s
        self._last[name] = self._clock.boot()

    def note(self) -> None:
        """The present task gets on."""
        task = asyncio.current_task()
        if task is not None and task.get_name() in self._last:
            self._last[task.get_name()] = self._clock.boot()

    def stalled(self) -> list[str]:
        """The watched loops that did not get on for longer than their limit."""
        now = self._clock.boot()
        return [name for name, limit in self._limits_s.items() if now - self._last[name] > limit]
