"""Workato's rate limits, counted when a request arrives and without tolerance."""

from __future__ import annotations

from collections import deque
from enum import StrEnum

from aof_tui.simulator.scenario import Quotas

_WINDOW_S = 60.0
_CLOCK_NOISE_S = 1e-6
"""Below what a clock resolves: the sum of sixty waits of one second is not exactly sixty."""


class Family(StrEnum):
    """Endpoints that share a limit."""

    REPEAT = "repeat"
    FORCE_RUN = "force_run"
    CANCEL = "cancel"
    JOBS = "jobs"
    RECIPES = "recipes"
    CONNECTIONS = "connections"
    ON_PREM = "on_prem"
    OTHER = "other"


_ACTING = frozenset({Family.REPEAT, Family.FORCE_RUN, Family.CANCEL})


class QuotaMeter:
    """At most n arrivals in any minute, refused ones included; requests that act never closer than their interval."""

    def __init__(self, quotas: Quotas) -> None:
        self._quotas = quotas
        self._arrivals: dict[Family, deque[float]] = {family: deque() for family in Family}

    def arrive(self, family: Family, now: float) -> float | None:
        """Count an arrival; above the limit, the seconds until a request would be in order."""
        arrivals = self._arrivals[family]
        window = self._quotas.repeat_interval if family in _ACTING else _WINDOW_S
        allowed = 1 if family in _ACTING else self._quotas.per_minute
        while arrivals and arrivals[0] <= now - window + _CLOCK_NOISE_S:
            arrivals.popleft()
        arrivals.append(now)
        if len(arrivals) <= allowed:
            return None
        return arrivals[-allowed] + window - now
