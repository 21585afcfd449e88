"""When the next attempt is due."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from aof_tui.domain.words import Curve

Draw = Callable[[float, float], float]
"""A number in [low, high), the same one whenever the same decision is made again."""

LONG_OUTAGE_S = (300.0, 1_800.0, 3_600.0, 10_800.0, 21_600.0)
"""Waits before the attempts of the ready-made curve: ten and a half hours, as hosted integration platforms wait."""

_JITTER = 0.1


@dataclass(frozen=True, slots=True)
class RetryTerms:
    """How attempts follow each other; `time_limit_s` counts from the first recording of the failure."""

    max_attempts: int = 5
    curve: Curve = Curve.WINDOW
    min_s: float = 300.0
    max_s: float = 600.0
    time_limit_s: float | None = None


SEED_TERMS = RetryTerms()


def delay(terms: RetryTerms, attempt_number: int, draw: Draw) -> float:
    """Seconds from the recording of a failed run to the repeat that is the lineage's n-th attempt (from 1).

    Jitter only ever lengthens a wait: nothing is repeated earlier than its curve says.
    """
    step = max(1, attempt_number)
    longest = max(terms.min_s, terms.max_s)
    if terms.curve is Curve.WINDOW:
        return draw(terms.min_s, longest)
    if terms.curve is Curve.FIXED:
        return terms.min_s
    if terms.curve is Curve.EXPONENTIAL:
        # The exponent is bounded before it is used: a float overflows at 2**1024.
        return _lengthened(min(terms.min_s * 2.0 ** min(step - 1, 64), longest), draw)
    return _lengthened(LONG_OUTAGE_S[min(step, len(LONG_OUTAGE_S)) - 1], draw)


def _lengthened(wait: float, draw: Draw) -> float:
    return wait + draw(0.0, wait * _JITTER)
