"""Durations as people write and read them."""

from __future__ import annotations

import re

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)\s*([smhd])", re.ASCII)


def parse_duration(text: str) -> float:
    """Seconds of a number with one unit: `90s`, `5m`, `1.5h`, `14d`. Raises ValueError for anything else."""
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"not a duration (number + s|m|h|d): {text!r}")
    return float(match[1]) * _UNITS[match[2]]


def human_duration(seconds: float) -> str:
    """The two largest units that matter: `8s`, `4m 05s`, `2h 30m`, `3d 04h`; a minus sign before a negative one."""
    sign, whole = ("-", int(-seconds)) if seconds < 0 else ("", int(seconds))
    if whole == 0:
        return "0s"
    if whole < _UNITS["m"]:
        return f"{sign}{whole}s"
    if whole < _UNITS["h"]:
        return f"{sign}{whole // 60}m {whole % 60:02d}s"
    if whole < _UNITS["d"]:
        return f"{sign}{whole // 3_600}h {whole % 3_600 // 60:02d}m"
    return f"{sign}{whole // 86_400}d {whole % 86_400 // 3_600:02d}h"
