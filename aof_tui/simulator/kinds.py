"""The small value types that scenarios and switches are written in."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

_DURATION = re.compile(r"(-?\d+(?:\.\d+)?)([smhd])")
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


class Plain(BaseModel):
    """Frozen, and strict about names: a misspelt key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _seconds(value: object) -> object:
    if not isinstance(value, str):
        return value
    match = _DURATION.fullmatch(value.strip())
    if match is None:
        raise ValueError("a duration is a number and s, m, h or d, such as 90s")
    return float(match[1]) * _UNITS[match[2]]


def _pair(value: object) -> object:
    if isinstance(value, list | tuple):
        return tuple(_seconds(item) for item in value)
    number = _seconds(value)
    return (number, number)


Seconds = Annotated[float, BeforeValidator(_seconds)]
"""Seconds, written as a number or as `90s`, `5m`, `2h`, `1d`."""

Span = Annotated[tuple[float, float], BeforeValidator(_pair)]
"""From and to in seconds; one value stands for both."""

Share = Annotated[float, Field(ge=0, le=1)]
"""A part of the whole, 0 to 1."""
