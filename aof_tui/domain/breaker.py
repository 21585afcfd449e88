"""A circuit breaker: whether repeats go to one downstream, and what was seen of it. Times are UTC seconds."""

from __future__ import annotations

from dataclasses import dataclass

from aof_tui.domain.words import BreakerCause, BreakerState, IncidentKind

PARENT_FINGERPRINT = "breaker_open"
"""The fingerprint of the incident that gathers the failures of a downstream; its scope is the downstream."""

ALL_AGENTS = "agents"
"""The downstream that stands for the on-prem agents: failures of their category pass it besides their own."""


def connection_key(connection_id: str) -> str:
    return f"connection:{connection_id}"


def application_key(adapter: str) -> str:
    return f"application:{adapter}"


@dataclass(frozen=True, slots=True)
class Slot:
    """What ended in a short span of time that begins at `at`."""

    at: float
    failed: int = 0
    succeeded: int = 0


@dataclass(frozen=True, slots=True)
class Breaker:
    """The breaker of one downstream: `connection:<id>`, else `application:<adapter>`."""

    workspace: str
    downstream: str
    state: BreakerState = BreakerState.CLOSED
    tally: tuple[Slot, ...] = ()
    """What ended within the window, oldest first."""
    cause: BreakerCause | None = None
    """Why it is not closed."""
    pause_s: float | None = None
    """The present pause between two probes."""
    opened_at: float | None = None
    opened_by: str | None = None
    next_probe_at: float | None = None
    """When one repeat may try the downstream; None while nothing may."""
    probed_at: float | None = None
    probe: str | None = None
    """The lineage whose repeat is the probe, while half open."""
    succeeded_total: int | None = None
    """Successes that the recipes using it had counted when last looked at."""
    releasing: bool = False
    """It closed, and what it held is not all released yet."""
    parent: IncidentKind = IncidentKind.JOBS
    """The kind of the incident that its failures belong to while it is not closed."""

    @property
    def barring(self) -> bool:
        return self.state is not BreakerState.CLOSED

    def passes(self, master_job_id: str) -> bool:
        """Whether a repeat of this lineage may be sent by the engine itself."""
        return not self.barring or (self.state is BreakerState.HALF_OPEN and self.probe == master_job_id)
