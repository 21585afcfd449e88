"""How much of a time something was available, from the intervals in which it was not. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from aof_tui.domain.metrics import DAY_S, day_of


@dataclass(frozen=True, slots=True)
class Outage:
    """Not available from `began_at` until `ended_at`; None: it still is not. UTC seconds."""

    began_at: float
    ended_at: float | None


@dataclass(frozen=True, slots=True)
class Availability:
    """Of `observed_s` seconds it was not available for `lost_s`."""

    observed_s: float
    lost_s: float

    @property
    def share(self) -> float | None:
        """From 0 to 1; None where nothing was observed."""
        return None if self.observed_s <= 0 else max(0.0, 1.0 - self.lost_s / self.observed_s)


def lost_seconds(outages: Iterable[Outage], since: float, until: float) -> float:
    """Seconds of [since, until) that lie in at least one outage: two at the same time count once."""
    lost, reached = 0.0, since
    for outage in sorted(outages, key=lambda outage: outage.began_at):
        ends = until if outage.ended_at is None else min(outage.ended_at, until)
        begins = max(outage.began_at, reached)
        if ends > begins:
            lost += ends - begins
            reached = ends
    return lost


def availability(outages: Iterable[Outage], since: float, until: float) -> Availability:
    """What an observed time [since, until) was like."""
    return Availability(max(0.0, until - since), lost_seconds(outages, since, until))


def by_day(outages: Iterable[Outage], since: float, until: float) -> tuple[tuple[float, Availability], ...]:
    """The same for each UTC day of [since, until), by the day's begin; the first and the last may be parts of one."""
    kept = tuple(outages)
    days = []
    at = since
    while at < until:
        ends = min(until, day_of(at) + DAY_S)
        days.append((float(day_of(at)), availability(kept, at, ends)))
        at = ends
    return tuple(days)
