"""What a status says of the engine itself, which the store does not hold."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class EngineFacts:
    """The engine as its own process knows it; see `control.rows.Status` for the meanings."""

    version: str
    engine: str
    mode: str
    read_only: bool
    epoch: int
    started_at: float | None
    rate: float = 1.0
    engine_error: str | None = None
    production: frozenset[str] = field(default_factory=frozenset)
    """Names of the workspaces that are marked as production."""
