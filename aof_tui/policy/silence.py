"""When a recipe has been quiet for far longer than it ever is: its rhythm is learned from its runs, or declared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from aof_tui.domain.words import Category
from aof_tui.policy.match import ANYTHING, Match, RecipeFacts, Subject

DAY_S = 86_400.0
ENOUGH_GAPS = 12
"""Gaps between runs that must have been seen before anything is concluded from them."""
ENOUGH_TIME_S = 7 * DAY_S
"""A rhythm of less than a week does not know its weekend."""
HALF_LIFE_S = 30 * DAY_S
"""After this long without one like it, the longest gap counts half."""
FAR_LONGER = 3.0
SHORTEST_S = 3600.0
"""A silence shorter than this is never learned to be one; it may be declared."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How a recipe runs, as far as it was watched. Times are UTC seconds since 1970."""

    since: float
    """When it was first watched."""
    last_run_at: float | None = None
    gaps: int = 0
    longest_s: float = 0.0
    """The longest time between two runs; what lies long ago counts less."""


@dataclass(frozen=True, slots=True)
class SilenceRule:
    """A declared rhythm: recipes that match run at least once in that time."""

    after_s: float
    match: Match = ANYTHING


def learn(rhythm: Rhythm, ran_at: float | None, *, counts: bool, at_most_s: float | None = None) -> Rhythm:
    """The rhythm after another last run was seen.

    `counts` is False for a gap that says nothing: the recipe was stopped in it, or nobody looked meanwhile. A gap that
    was told of as a silence teaches no more than `at_most_s`: an outage must not make the next one longer, while a
    rhythm that really became slower is learned in a few steps.
    """
    before = rhythm.last_run_at
    if ran_at is None or before is None or ran_at <= before or not counts:
        return replace(rhythm, last_run_at=ran_at)
    gap = ran_at - before if at_most_s is None else min(ran_at - before, at_most_s)
    faded = rhythm.longest_s * 0.5 ** ((ran_at - before) / HALF_LIFE_S)
    return replace(rhythm, last_run_at=ran_at, gaps=rhythm.gaps + 1, longest_s=max(gap, faded))


def allowed(rhythm: Rhythm, declared_s: float | None) -> float | None:
    """Seconds without a run after which the recipe counts as silent; None while nobody can say."""
    if declared_s is not None:
        return declared_s
    if rhythm.last_run_at is None or rhythm.gaps < ENOUGH_GAPS or rhythm.last_run_at - rhythm.since < ENOUGH_TIME_S:
        return None
    return max(SHORTEST_S, FAR_LONGER * rhythm.longest_s)


def silent_from(rhythm: Rhythm, awake_since: float, declared_s: float | None) -> float | None:
    """When a recipe that has been running since then becomes silent unless it has a job before; None: never."""
    span = allowed(rhythm, declared_s)
    return None if span is None else max(rhythm.last_run_at or awake_since, awake_since) + span


def declared(rules: Iterable[SilenceRule], recipe: RecipeFacts) -> float | None:
    """What the first rule that matches the recipe declares, in seconds."""
    subject = Subject(Category.UNKNOWN, None, recipe)
    return next((rule.after_s for rule in rules if rule.match.fits(subject)), None)
