"""The circuit of all reads of one workspace: while Workato does not answer, it is asked only now and then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf

from aof_tui.base.clock import Clock
from aof_tui.workato.errors import NotSent, Transient, WorkatoError

FAILURES = 8
WINDOW_S = 600.0
"""So many reads in a row that brought no answer, none of them older than this, open the circuit."""
PAUSE_S = 15.0
PAUSE_MOST_S = 120.0
"""The pause before a probe; each probe that fails doubles it."""


class ReadCircuit:
    """Closed: reads go on. Open: none does until the pause is over; then one alone, whose end decides.

    Kept in memory: an engine that begins anew finds out for itself.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failed_at: list[float] = []
        self._pause_s = PAUSE_S
        self._open_until: float | None = None
        self._probing = False
        self._listeners: list[Callable[[], None]] = []
        self.probes_failed = 0
        """How many probes in a row had no answer."""

    @property
    def is_open(self) -> bool:
        return self._open_until is not None

    def listen(self, listener: Callable[[], None]) -> None:
        """Call it after each change."""
        self._listeners.append(listener)

    def ready_at(self) -> float:
        """The boot time before which no read may be sent; infinite while a probe is under way."""
        if self._open_until is None:
            return -inf
        return inf if self._probing else self._open_until

    def taken(self) -> None:
        """A read has its turn; while the circuit is open it is the probe."""
        self._probing = self.is_open

    @contextmanager
    def judging(self) -> Iterator[None]:
        """Around one read that has its turn: what it raises says whether Workato answered."""
        judge = self.given_up
        try:
            yield
            judge = self.answered
        except (Transient, NotSent):
            judge = self.failed
            raise
        except WorkatoError:
            judge = self.answered
            raise
        finally:
            judge()

    def answered(self) -> None:
        """Workato answered, whatever it said."""
        self._failed_at.clear()
        self._probing = False
        if self._open_until is not None:
            self._open_until, self._pause_s, self.probes_failed = None, PAUSE_S, 0
            self._tell()

    def failed(self) -> None:
        """A read brought no answer: no connection, none in time, or an error of a server."""
        now = self._clock.boot()
        if self._open_until is not None:
            if self._probing:
                self._probing = False
                self._pause_s = min(PAUSE_MOST_S, 2 * self._pause_s)
                self._open_until = now + self._pause_s
                self.probes_failed += 1
                self._tell()
            return
        self._failed_at = [at for at in self._failed_at if now - at <= WINDOW_S] + [now]
        if len(self._failed_at) >= FAILURES:
            self._open_until = now + self._pause_s
            self._tell()

    def given_up(self) -> None:
        """A read ended without a word on Workato: where it was the probe, another one is."""
        if self._probing:
            self._probing = False
            self._tell()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()
