"""The engine's wall time as the terminal reckons it: from the last status and the terminal's own steady clock."""

from __future__ import annotations

from aof_tui.base.clock import Clock


class EngineTime:
    """Counts on from the last answer. The wall clock of this machine plays no part: it may differ from the engine's."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._at: float | None = None
        self._rate = 1.0
        self._received = clock.boot()

    @property
    def known(self) -> bool:
        return self._at is not None

    @property
    def rate(self) -> float:
        """Engine seconds in one real second."""
        return self._rate

    def anchor(self, at: float, rate: float) -> None:
        """An answer that has just come: it was `at` in the engine, which runs `rate` times as fast."""
        self._at, self._rate, self._received = at, rate, self._clock.boot()

    def now(self) -> float:
        """The engine's wall time now, 0 before the first answer."""
        return 0.0 if self._at is None else self._at + self.silence_s() * self._rate

    @property
    def answered_at(self) -> float:
        """The engine's wall time at its last answer: what is shown was true then."""
        return 0.0 if self._at is None else self._at

    def silence_s(self) -> float:
        """Real seconds since the last answer, or since the start without one."""
        return max(0.0, self._clock.boot() - self._received)
