"""What the terminal knows of the engine as a whole: its last status, its time, and whether it still answers."""

from __future__ import annotations

from aof_tui.base.clock import Clock
from aof_tui.base.errors import AofError, UsageError
from aof_tui.control.bridge import EngineGoneError
from aof_tui.control.protocol import Control
from aof_tui.control.rows import Status, WorkspaceState
from aof_tui.control.why_not import ENGINE_READ_ONLY
from aof_tui.domain.words import MOVING, RESTING
from aof_tui.tui.engine_time import EngineTime
from aof_tui.tui.situation import TERMINAL_READ_ONLY

STALE_AFTER_S = 10.0
"""Real seconds without an answer after which what is shown counts as old."""


class Desk:
    """Shared by all widgets. Only `read_status` changes it."""

    def __init__(self, control: Control, clock: Clock, *, actor: str, read_only: bool) -> None:
        self.control = control
        self.clock = clock
        self.actor = actor
        self.time = EngineTime(clock)
        self.status: Status | None = None
        self.error: AofError | None = None
        self._read_only = read_only

    @property
    def read_only(self) -> bool:
        return self._read_only or (self.status is not None and self.status.read_only)

    @property
    def read_only_why(self) -> str:
        """What keeps this terminal from changing anything, if something does."""
        return TERMINAL_READ_ONLY if self._read_only else ENGINE_READ_ONLY

    @property
    def fault(self) -> str | None:
        """Why the engine does not answer, in words."""
        return None if self.error is None else str(self.error)

    @property
    def gone(self) -> bool:
        """The engine has ended and will not answer again."""
        return isinstance(self.error, EngineGoneError)

    @property
    def kept_out(self) -> bool:
        """It never answered, and asking again is of no use."""
        return self.status is None and isinstance(self.error, UsageError)

    @property
    def stale(self) -> bool:
        """What is shown may no longer be true."""
        return (
            self.gone or self.time.silence_s() > STALE_AFTER_S or (self.status is not None and self.fault is not None)
        )

    async def read_status(self) -> bool:
        """Whether the engine answered."""
        try:
            status = await self.control.status()
        except AofError as error:
            self.note_fault(error)
            return False
        self.status, self.error = status, None
        self.time.anchor(status.at, status.rate)
        return True

    def note_fault(self, error: AofError) -> None:
        """The engine did not answer."""
        self.error = error

    def workspace(self, name: str | None) -> WorkspaceState | None:
        """The state of a workspace; without a name, of the first."""
        if self.status is None:
            return None
        for state in self.status.workspaces:
            if name is None or state.workspace == name:
                return state
        return None

    def count(self, *statuses: str) -> int:
        """Failures with one of these statuses, over all workspaces."""
        if self.status is None:
            return 0
        return sum(state.counts.get(status, 0) for state in self.status.workspaces for status in statuses)

    @property
    def open_failures(self) -> int:
        return self.count(*MOVING, *RESTING)

    @property
    def moving_failures(self) -> int:
        return self.count(*MOVING)
