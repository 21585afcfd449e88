"""Times to recovery as a small fixed histogram, from which median and high quantiles are read. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping

BOUNDS_S = (
    15.0, 30.0, 60.0, 120.0, 300.0, 450.0, 600.0, 900.0, 1200.0, 1800.0, 2700.0, 3600.0, 5400.0, 7200.0, 10_800.0,
    14_400.0, 21_600.0, 28_800.0, 43_200.0, 86_400.0, 172_800.0, 345_600.0, 604_800.0, 2_592_000.0,
)  # fmt: skip
"""Upper ends of the buckets; what takes longer than the last falls into one more."""


def bucket_of(seconds: float) -> int:
    """The bucket of a time: the first whose upper end is not below it."""
    return bisect_left(BOUNDS_S, seconds)


def quantile(counts: Mapping[int, int], share: float) -> float | None:
    """Seconds within which this share of the times lies, evenly spread inside a bucket; None without any.

    Never off by more than the width of one bucket. Of times beyond the last bound the bound itself is told.
    """
    filled = sorted(bucket for bucket, amount in counts.items() if amount > 0)
    if not filled:
        return None
    wanted = share * sum(counts[bucket] for bucket in filled)
    passed = 0
    for bucket in filled[:-1]:
        if passed + counts[bucket] >= wanted:
            break
        passed += counts[bucket]
    else:
        bucket = filled[-1]
    lower = BOUNDS_S[bucket - 1] if bucket else 0.0
    upper = BOUNDS_S[min(bucket, len(BOUNDS_S) - 1)]
    return lower + (upper - lower) * (wanted - passed) / counts[bucket]
