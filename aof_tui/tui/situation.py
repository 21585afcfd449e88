"""What decides whether an action is possible now."""

from __future__ import annotations

from msgspec import Struct

from aof_tui.control.breaker_rows import BreakerRow
from aof_tui.control.rows import FailureRow, IncidentRow, WorkspaceState
from aof_tui.domain.words import Mode

TERMINAL_READ_ONLY = "This terminal is read-only."


class Situation(Struct, frozen=True):
    """The engine's state, and what is under the cursor."""

    read_only: bool = False
    read_only_why: str = TERMINAL_READ_ONLY
    """What makes it so, in one sentence."""
    engine: str = "running"
    fault: str | None = None
    """Why the engine does not answer, in words."""
    mode: str = Mode.ACT
    row_named: bool = False
    """The row under the cursor names a failure, known or still to be looked up."""
    failure: FailureRow | None = None
    """The failure itself, once it is known."""
    incident: str | None = None
    """The incident that the row under the cursor is, belongs to or tells of."""
    incident_row: IncidentRow | None = None
    """The incident itself, once it is known."""
    breaker: BreakerRow | None = None
    """The breaker under the cursor."""
    workspace: WorkspaceState | None = None
