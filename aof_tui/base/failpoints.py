"""Named points at which a test harness may stop the program, one at every await of the recovery protocol."""

from __future__ import annotations

from typing import Protocol


class Failpoints(Protocol):
    """Told when a named point is reached."""

    async def reach(self, name: str) -> None: ...


class NoFailpoints:
    """Does nothing: what every program run uses."""

    async def reach(self, name: str) -> None:
        return None
