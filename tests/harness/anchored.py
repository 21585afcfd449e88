"""A sped-up clock that several processes share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from aof_tui.base.clock import SystemClock


@dataclass(frozen=True, slots=True)
class Anchor:
    """One moment by both of the machine's clocks, from which sped-up time counts."""

    wall: float
    boot: float

    @classmethod
    def now(cls) -> Self:
        real = SystemClock()
        return cls(real.wall(), real.boot())


class AnchoredClock(SystemClock):
    """Says the same in every process that is given the same anchor, whenever it is made."""

    def __init__(self, rate: float, anchor: Anchor) -> None:
        super().__init__(rate)
        self._wall_start, self._boot_start = anchor.wall, anchor.boot
