"""The settings of what is watched beside jobs. Durations are in seconds."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field, field_validator

from aof_tui.config.group import Group
from aof_tui.config.values import IdOrName, PositiveDuration
from aof_tui.policy.match import Match
from aof_tui.policy.silence import SilenceRule


class SilenceMatch(Group):
    """Which recipes a declared rhythm is for: any entry of a list, and every list that is given."""

    recipe: tuple[IdOrName, ...] = Field(default=(), min_length=1)
    project: tuple[IdOrName, ...] = Field(default=(), min_length=1)
    tag: tuple[IdOrName, ...] = Field(default=(), min_length=1)


class Silence(Group):
    """Recipes that have a job at least once in `after`; the first entry that matches a recipe counts."""

    match: SilenceMatch
    after: PositiveDuration

    @field_validator("match")
    @classmethod
    def _matches_something(cls, match: SilenceMatch) -> SilenceMatch:
        if not match.model_fields_set:
            raise ValueError("needs at least one of recipe, project, tag")
        return match


def silence_rules(declared: Iterable[Silence]) -> tuple[SilenceRule, ...]:
    """Declared rhythms as policy reads them, in the order of the file."""
    return tuple(
        SilenceRule(one.after, Match(recipe=one.match.recipe, project=one.match.project, tag=one.match.tag))
        for one in declared
    )
