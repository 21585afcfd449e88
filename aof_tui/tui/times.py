"""Times and durations as the screens show them."""

from __future__ import annotations

from aof_tui.base.clock import utc
from aof_tui.base.durations import human_duration

DUE = "now"


def countdown(until: float | None, now: float) -> str:
    """Time left as `0:41`, `12:05` or `3:02:11`; `now` when it is over, a dash without an end."""
    if until is None:
        return "–"
    left = int(until - now + 0.999)
    if left <= 0:
        return DUE
    if left < 3_600:
        return f"{left // 60}:{left % 60:02d}"
    if left < 360_000:
        return f"{left // 3_600}:{left % 3_600 // 60:02d}:{left % 60:02d}"
    return human_duration(left)


def in_time(until: float | None, now: float) -> str:
    """The same as part of a sentence: `in 0:41`, or `now`."""
    left = countdown(until, now)
    return left if until is None or left == DUE else f"in {left}"


def age(since: float, now: float) -> str:
    """How long ago, in the largest unit alone: `8s`, `4m`, `2h`, `3d`."""
    return human_duration(max(0.0, now - since)).split()[0]


def clock_time(at: float) -> str:
    """Time of day, UTC."""
    return utc(at).strftime("%H:%M:%S")


def day_and_time(at: float) -> str:
    """Date and time of day, UTC."""
    return utc(at).strftime("%Y-%m-%d %H:%M:%S")
