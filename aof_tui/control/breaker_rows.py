"""Circuit breakers as listings show them."""

from __future__ import annotations

from aof_tui.control.value import Value


class BreakerRow(Value, frozen=True):
    """One breaker that is not closed: nothing is repeated there but its probe and what a person forces."""

    workspace: str
    downstream: str
    """`connection:<id>`, else `application:<name>`; how commands name it."""
    name: str
    state: str
    """`open` or `half_open`."""
    cause: str
    """`failures`, `lost` (Workato reports it so) or `person`."""
    held: int
    """Failures that wait for it."""
    opened_at: float | None
    opened_by: str
    next_probe_at: float | None
    """When one repeat tries it; None while a probe is under way, or where nothing is tried."""
    probe: str | None
    """The failure whose repeat tries it now."""
