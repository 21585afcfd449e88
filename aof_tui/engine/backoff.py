"""Waiting longer each time the same thing goes wrong again."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from aof_tui.base.clock import Clock


@dataclass
class Backoff:
    """Names that failed lately and may not be tried before their time. Kept in memory: a restart tries all again."""

    clock: Clock
    first_s: float = 15.0
    most_s: float = 600.0
    _until: dict[str, tuple[int, float]] = field(default_factory=dict)

    def failed(self, name: str) -> float:
        """Note one more failure in a row; returns the pause in seconds."""
        count = self._until.get(name, (0, 0.0))[0] + 1
        pause = min(self.most_s, self.first_s * 2.0 ** min(count - 1, 16))
        self._until[name] = (count, self.clock.boot() + pause)
        return pause

    def succeeded(self, name: str) -> None:
        self._until.pop(name, None)

    def waiting(self) -> str:
        """The names whose time has not come, as a JSON list."""
        now = self.clock.boot()
        return json.dumps(sorted(name for name, (_, until) in self._until.items() if until > now))

    def next_in(self) -> float | None:
        """Seconds until the first of them may be tried."""
        now = self.clock.boot()
        later = [until - now for _, until in self._until.values() if until > now]
        return min(later) if later else None
