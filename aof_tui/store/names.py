"""An incident's name for people: `I` and its number."""

from __future__ import annotations

import re

from aof_tui.base.errors import UsageError


def incident_name(number: int | None) -> str | None:
    return None if number is None else f"I{number}"


def incident_number(name: str) -> int:
    """The number in an incident's name. Raises UsageError when it is none."""
    match = re.fullmatch(r"[Ii]([0-9]{1,18})", name)
    if match is None:
        raise UsageError(f"{name!r} is no incident; incidents are named I and a number, such as I7")
    return int(match[1])
