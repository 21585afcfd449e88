"""A breaker as a pure thing: when it opens, how long it pauses, and what it lets through."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aof_tui.domain.breaker import Breaker
from aof_tui.domain.words import BreakerCause, BreakerState, IncidentKind
from aof_tui.policy.breaker import (
    LAST_ATTEMPT_AFTER_S,
    SLOTS,
    BreakerTerms,
    closed,
    downstream_of,
    encouraged,
    failed_again,
    half_opened,
    is_down,
    is_healing,
    is_quiet,
    may_probe,
    may_spend_last,
    observed,
    opened,
    restored,
    withdrawn,
)

TERMS = BreakerTerms()
FRESH = Breaker("prod", "connection:1")
NOW = 1_000_000.0
OPEN = opened(FRESH, TERMS, NOW, BreakerCause.FAILURES, "engine")

evidence = st.lists(st.tuples(st.floats(0, 2_000), st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=60).map(
    sorted
)
terms = st.builds(
    BreakerTerms,
    failures=st.integers(1, 10),
    window_s=st.floats(10, 600),
    pause_s=st.floats(1, 600),
    max_pause_s=st.floats(600, 7200),
)


def after(times: list[float], breaker: Breaker = FRESH, failed: int = 1, succeeded: int = 0) -> Breaker:
    for at in times:
        breaker = observed(breaker, TERMS, NOW + at, NOW + at, failed, succeeded)
    return breaker


def test_enough_failures_over_some_time_open_it() -> None:
    assert is_down(after([0, 30, 60, 90, 135]), TERMS, NOW + 135)
    assert not is_down(after([0, 45, 90, 135]), TERMS, NOW + 135)
    assert not is_down(FRESH, TERMS, NOW)


def test_a_burst_does_not() -> None:
    assert not is_down(after([0.2 * number for number in range(500)]), TERMS, NOW + 100)


def test_failures_that_are_outnumbered_do_not() -> None:
    failing = after([0, 30, 60, 90, 135])
    assert is_down(after([135], failing, 0, 5), TERMS, NOW + 135)
    outnumbered = after([135], failing, 0, 6)
    assert not is_down(outnumbered, TERMS, NOW + 135)
    assert is_healing(outnumbered, TERMS, NOW + 135)
    assert not is_healing(failing, TERMS, NOW + 135)


def test_what_is_older_than_the_window_is_forgotten() -> None:
    failing = after([0, 30, 60, 90, 135])
    assert not is_quiet(failing, TERMS, NOW + 135)
    assert is_quiet(failing, TERMS, NOW + 600)
    assert not is_down(failing, TERMS, NOW + 600)


@given(evidence, terms)
def test_a_storm_is_remembered_in_few_numbers(seen: list[tuple[float, int, int]], drawn: BreakerTerms) -> None:
    breaker, now = FRESH, 0.0
    for at, failed, succeeded in seen:
        now = NOW + at
        breaker = observed(breaker, drawn, now, now, failed, succeeded)
        assert len(breaker.tally) <= SLOTS + 2
    window = [item for item in seen if NOW + item[0] > now - drawn.window_s]
    assert sum(slot.failed for slot in breaker.tally) >= sum(item[1] for item in window)
    assert [slot.at for slot in breaker.tally] == sorted({slot.at for slot in breaker.tally})
    if is_down(breaker, drawn, now):
        assert sum(item[1] for item in seen) >= drawn.failures


@given(st.floats(0, 10_000), st.floats(0, 10_000))
def test_a_clock_ahead_of_ours_counts_as_now(now: float, at: float) -> None:
    breaker = observed(FRESH, TERMS, now, at, 1, 0)
    assert all(slot.at <= now for slot in breaker.tally)


@given(terms, st.lists(st.booleans(), max_size=20))
def test_the_pause_only_grows_and_has_a_cap(drawn: BreakerTerms, answers: list[bool]) -> None:
    breaker, now = opened(FRESH, drawn, NOW, BreakerCause.FAILURES, "engine"), NOW
    pauses = []
    for answered in answers:
        assert breaker.next_probe_at is not None
        assert breaker.pause_s is not None
        assert not may_probe(breaker, breaker.next_probe_at - 0.5)
        now = breaker.next_probe_at
        assert may_probe(breaker, now)
        pauses.append(breaker.pause_s)
        trying = half_opened(breaker, "j-1", now)
        assert not may_probe(trying, now + 1e9)
        breaker = failed_again(trying, drawn, now) if answered else withdrawn(trying, drawn, now)
        assert (breaker.state, breaker.probe) == (BreakerState.OPEN, None)
    assert pauses == sorted(pauses)
    assert all(drawn.pause_s <= pause <= drawn.max_pause_s for pause in pauses)


@given(st.text(max_size=5), st.text(max_size=5))
def test_half_open_lets_exactly_one_lineage_through(probe: str, other: str) -> None:
    assert FRESH.passes(probe)
    assert not OPEN.passes(probe)
    trying = half_opened(OPEN, probe, NOW)
    assert trying.passes(probe)
    assert trying.passes(other) == (other == probe)


def test_only_what_failures_opened_is_probed() -> None:
    for cause in (BreakerCause.LOST, BreakerCause.PERSON):
        breaker = opened(FRESH, TERMS, NOW, cause, "terminal:ana")
        assert not may_probe(breaker, NOW + 1e9)
    lost = opened(FRESH, TERMS, NOW, BreakerCause.LOST, "engine", IncidentKind.CONNECTION_LOST)
    back = restored(lost, NOW + 60)
    assert may_probe(back, NOW + 60)
    assert back.parent is IncidentKind.JOBS


def test_closing_forgets_everything() -> None:
    assert closed(after([0, 1], OPEN)) == replace(FRESH, releasing=True)


def test_others_successes_bring_the_probe_forward_but_not_too_close() -> None:
    waiting = failed_again(failed_again(half_opened(OPEN, "j-1", NOW), TERMS, NOW), TERMS, NOW)
    assert waiting.next_probe_at == NOW + 1200
    healing = after([400], waiting, 0, 3)
    assert encouraged(healing, TERMS, NOW + 400).next_probe_at == NOW + 400
    soon = after([100], waiting, 0, 3)
    assert encouraged(soon, TERMS, NOW + 100).next_probe_at == NOW + TERMS.pause_s
    assert encouraged(waiting, TERMS, NOW + 400) == waiting
    unprobed = after([10], OPEN, 0, 3)
    assert encouraged(unprobed, TERMS, NOW + 10).next_probe_at == NOW + TERMS.pause_s
    lost = after([10], opened(FRESH, TERMS, NOW, BreakerCause.LOST, "engine"), 0, 3)
    assert encouraged(lost, TERMS, NOW + 10) == lost


def test_the_last_attempt_is_kept_for_a_day() -> None:
    assert not may_spend_last(FRESH, NOW)
    assert not may_spend_last(OPEN, NOW + LAST_ATTEMPT_AFTER_S - 1)
    assert may_spend_last(OPEN, NOW + LAST_ATTEMPT_AFTER_S)


@pytest.mark.parametrize(
    ("adapter", "accounts", "found"),
    [
        ("rest", (("rest", "7"), ("jira", "8")), "connection:7"),
        ("rest", (("rest", "7"), ("rest", "9")), "application:rest"),
        ("rest", (("rest", ""),), "application:rest"),
        ("rest", (), "application:rest"),
        (None, (("rest", "7"),), None),
        ("", (), None),
    ],
)
def test_the_connection_where_it_is_certain_else_the_application(
    adapter: str | None, accounts: tuple[tuple[str, str], ...], found: str | None
) -> None:
    assert downstream_of(adapter, accounts) == found
