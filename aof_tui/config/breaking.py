"""When a downstream counts as down, so that its failures are held. Durations are in seconds."""

from __future__ import annotations

from pydantic import Field, ValidationInfo, field_validator

from aof_tui.config.group import Group
from aof_tui.config.values import Count, Flag, PositiveDuration, Seconds


class BreakerSettings(Group):
    """After how many failures within the window a downstream's repeats are held, and how long between probes."""

    enabled: Flag = True
    failures: Count = 5
    window: PositiveDuration = 300.0
    pause: PositiveDuration = 300.0
    max_pause: PositiveDuration = Field(default=Seconds(3600), validate_default=True)

    @field_validator("max_pause")
    @classmethod
    def _not_below_pause(cls, longest: float, info: ValidationInfo) -> float:
        if longest < info.data.get("pause", 0.0):
            raise ValueError("must not be shorter than pause")
        return longest
