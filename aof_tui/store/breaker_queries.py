"""The breakers that are not closed."""

from __future__ import annotations

from aof_tui.control.breaker_rows import BreakerRow
from aof_tui.store.mapping import integer, optional_moment, optional_text, text
from aof_tui.store.port import Reader, Row


async def read_breakers(reader: Reader) -> tuple[BreakerRow, ...]:
    """By workspace and downstream."""
    return tuple(_breaker(row) for row in await reader.read("status_breakers", {}))


def _breaker(row: Row) -> BreakerRow:
    downstream = text(row, "downstream")
    called, application = optional_text(row, "name"), optional_text(row, "application")
    return BreakerRow(
        workspace=text(row, "workspace"),
        downstream=downstream,
        name=f"{called} ({application})" if called else downstream.replace(":", " "),
        state=text(row, "state"),
        cause=text(row, "cause"),
        held=integer(row, "held"),
        opened_at=optional_moment(row, "opened_at"),
        opened_by=text(row, "opened_by"),
        next_probe_at=optional_moment(row, "next_probe_at"),
        probe=optional_text(row, "probe"),
    )
