"""The settings that decide what becomes of a failure. Durations are in seconds."""

from __future__ import annotations

from pydantic import Field, ValidationInfo, field_validator

from aof_tui.config.group import Group
from aof_tui.config.values import Count, Duration, Flag, HttpCode, IdOrName, PositiveDuration, Seconds, Text
from aof_tui.domain.words import Category, Curve, Mode, PartialRun, RepeatChoice, Severity, WhenInDoubt


class ErrorMatch(Group):
    """Which errors a classification rule is for: all that is given must match."""

    message: Text | None = None
    error_type: Text | None = None
    adapter: Text | None = None
    http: tuple[HttpCode, ...] = Field(default=(), min_length=1)


class ClassifySettings(Group):
    """A user's own classification rule, tried before the built-in ones."""

    name: Text
    match: ErrorMatch
    category: Category
    repeat: RepeatChoice | None = None

    @field_validator("match")
    @classmethod
    def _matches_something(cls, match: ErrorMatch) -> ErrorMatch:
        if not match.model_fields_set:
            raise ValueError("needs at least one of message, error_type, adapter, http")
        return match


class FailureMatch(Group):
    """Which failures a policy is for: any entry of a list, and every list that is given. Empty matches all."""

    category: tuple[Category, ...] = Field(default=(), min_length=1)
    recipe: tuple[IdOrName, ...] = Field(default=(), min_length=1)
    project: tuple[IdOrName, ...] = Field(default=(), min_length=1)
    tag: tuple[IdOrName, ...] = Field(default=(), min_length=1)
    application: tuple[IdOrName, ...] = Field(default=(), min_length=1)


def _ordered(longest: float, info: ValidationInfo) -> float:
    """Check `max` against `min`, where the curve uses both."""
    uses_both = info.data.get("curve") not in (Curve.FIXED, Curve.LONG_OUTAGE)
    if uses_both and longest < (info.data.get("min") or 0.0):
        raise ValueError("must not be shorter than min")
    return longest


class Policy(Group):
    """How failures of one kind are repeated; None is taken from `retry`, or from the category's own choice."""

    name: Text
    match: FailureMatch = FailureMatch()
    mode: Mode | None = None
    repeat: RepeatChoice | None = None
    severity: Severity | None = None
    max_attempts: Count | None = None
    curve: Curve | None = None
    min: Duration | None = None
    max: Duration | None = None
    time_limit: PositiveDuration | None = None
    when_in_doubt: WhenInDoubt | None = None
    partial_run: PartialRun | None = None
    require_same_version: Flag | None = None
    fallback: Text | None = None

    @property
    def catches_all(self) -> bool:
        return not self.match.model_fields_set

    @field_validator("max")
    @classmethod
    def _not_below_min(cls, longest: float | None, info: ValidationInfo) -> float | None:
        return None if longest is None else _ordered(longest, info)


class Retry(Group):
    """How a failure is repeated where no policy says otherwise."""

    max_attempts: Count = 5
    curve: Curve = Curve.WINDOW
    min: Duration = 300.0
    max: Duration = Field(default=Seconds(600), validate_default=True)
    time_limit: PositiveDuration | None = None
    when_in_doubt: WhenInDoubt = WhenInDoubt.HOLD
    partial_run: PartialRun = PartialRun.ASK
    require_same_version: Flag = False

    @field_validator("max")
    @classmethod
    def _not_below_min(cls, longest: float, info: ValidationInfo) -> float:
        return _ordered(longest, info)


class SafeToRepeat(Group):
    """Recipes whose owners say that a whole run may happen twice."""

    all: Flag = False
    recipes: tuple[IdOrName, ...] = ()
    tags: tuple[IdOrName, ...] = ()
    projects: tuple[IdOrName, ...] = ()

    @property
    def opted_in(self) -> bool:
        """Whether any recipe can be meant at all."""
        return bool(self.all or self.recipes or self.tags or self.projects)
