"""When quiet is silence: properties of a learned rhythm, and what is declared stands above it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aof_tui.policy.match import Match, RecipeFacts
from aof_tui.policy.silence import (
    DAY_S,
    ENOUGH_GAPS,
    ENOUGH_TIME_S,
    FAR_LONGER,
    HALF_LIFE_S,
    SHORTEST_S,
    Rhythm,
    SilenceRule,
    allowed,
    declared,
    learn,
    silent_from,
)

HOUR = 3600.0
START = 1_700_000_000.0
gaps = st.lists(st.floats(1.0, 20 * DAY_S), max_size=60)


def watched(spans: Sequence[float], since: float = START) -> Rhythm:
    rhythm = learn(Rhythm(since), since, counts=True)
    for span in spans:
        assert rhythm.last_run_at is not None
        rhythm = learn(rhythm, rhythm.last_run_at + span, counts=True)
    return rhythm


@given(gaps)
def test_nothing_is_concluded_from_too_little(spans: list[float]) -> None:
    known = len(spans) >= ENOUGH_GAPS and sum(spans) >= ENOUGH_TIME_S * (1 + 1e-9)
    unknown = len(spans) < ENOUGH_GAPS or sum(spans) < ENOUGH_TIME_S * (1 - 1e-9)
    if known:
        assert allowed(watched(spans), None) is not None
    if unknown:
        assert allowed(watched(spans), None) is None


@given(gaps)
def test_no_gap_that_was_just_seen_would_have_been_a_silence(spans: list[float]) -> None:
    longest = watched(spans)
    span = allowed(longest, None)
    if span is not None:
        assert span >= FAR_LONGER * spans[-1] * (1 - 1e-9)
        assert span >= SHORTEST_S


@given(gaps, st.floats(1.0, DAY_S), st.booleans())
def test_a_gap_that_does_not_count_teaches_nothing(spans: list[float], gap: float, told: bool) -> None:
    rhythm = watched(spans)
    assert rhythm.last_run_at is not None
    after = learn(rhythm, rhythm.last_run_at + gap, counts=False, at_most_s=1.0 if told else None)
    assert (after.gaps, after.longest_s, after.since) == (rhythm.gaps, rhythm.longest_s, rhythm.since)
    assert after.last_run_at == rhythm.last_run_at + gap


@given(gaps)
def test_a_time_that_goes_back_or_away_teaches_nothing(spans: list[float]) -> None:
    rhythm = watched(spans)
    assert rhythm.last_run_at is not None
    for ran_at in (None, rhythm.last_run_at, rhythm.last_run_at - 5.0):
        after = learn(rhythm, ran_at, counts=True)
        assert (after.last_run_at, after.gaps, after.longest_s) == (ran_at, rhythm.gaps, rhythm.longest_s)


def test_a_weekend_is_part_of_the_rhythm() -> None:
    # Every half hour from eight to six, Monday to Friday, for three weeks.
    day = [1800.0] * 20 + [14 * HOUR]
    week = (day * 4 + [1800.0] * 20) + [14 * HOUR + 2 * DAY_S]
    rhythm = watched(week * 3)
    friday = [1800.0] * 20
    until_monday = 14 * HOUR + 2 * DAY_S
    span = allowed(watched(week * 3 + (day * 4 + friday)), None)
    assert span is not None
    assert span > until_monday
    assert allowed(rhythm, None) == FAR_LONGER * until_monday


def test_a_longest_gap_fades_by_half_in_a_month_of_its_usual_rhythm() -> None:
    steady = [HOUR] * int(HALF_LIFE_S / HOUR)
    faded = watched([5 * DAY_S, *steady]).longest_s
    assert faded == pytest.approx(2.5 * DAY_S, rel=0.01)
    assert watched([5 * DAY_S, *steady * 9]).longest_s == HOUR


def test_a_silence_that_was_told_teaches_no_more_than_what_was_allowed() -> None:
    rhythm = watched([HOUR] * 200)
    assert rhythm.last_run_at is not None
    span = allowed(rhythm, None)
    assert span == FAR_LONGER * HOUR
    after = learn(rhythm, rhythm.last_run_at + 4 * DAY_S, counts=True, at_most_s=span)
    assert after.longest_s == span
    # A recipe that became slower is learned in a few steps.
    for _ in range(4):
        assert after.last_run_at is not None
        after = learn(after, after.last_run_at + 4 * DAY_S, counts=True, at_most_s=allowed(after, None))
    assert (allowed(after, None) or 0.0) > 4 * DAY_S


def test_what_is_declared_stands_above_what_is_learned_and_needs_nothing_learned() -> None:
    assert allowed(Rhythm(START), 7200.0) == 7200.0
    assert allowed(watched([HOUR] * 200), 7200.0) == 7200.0


def test_silence_counts_from_the_last_run_or_from_when_the_recipe_was_started() -> None:
    never_ran = Rhythm(START)
    assert silent_from(never_ran, START + 5, None) is None
    assert silent_from(never_ran, START + 5, 60.0) == START + 65
    ran = Rhythm(START, START + 10)
    assert silent_from(ran, START + 5, 60.0) == START + 70
    assert silent_from(ran, START + 30, 60.0) == START + 90


def test_the_first_rule_that_matches_declares() -> None:
    rules = (
        SilenceRule(60.0, Match(recipe=("7",))),
        SilenceRule(120.0, Match(tag=("hourly",))),
        SilenceRule(180.0, Match(project=("Sales",))),
    )
    assert declared(rules, RecipeFacts("7", "Orders", tags=("hourly",))) == 60.0
    assert declared(rules, RecipeFacts("8", "Bills", tags=("Hourly",), project="Sales")) == 120.0
    assert declared(rules, RecipeFacts("8", "Bills", project="sales")) == 180.0
    assert declared(rules, RecipeFacts("8", "Bills")) is None
