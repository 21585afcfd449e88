"""The arithmetic of useless repeats."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aof_tui.policy.retry_budget import EARNED, ENOUGH, FULL_AFTER_S, MOST, RetryBudget

NOW = 1_750_000_000.0


def after(healed: list[bool], budget: RetryBudget | None = None, each_s: float = 0.0) -> RetryBudget:
    budget = budget or RetryBudget(at=NOW)
    for one in healed:
        budget = budget.ended(budget.at + each_s, one)
    return budget


def test_repeats_that_heal_never_slow_anything() -> None:
    assert after([True] * 20_000) == RetryBudget(MOST, NOW, slowed=False)
    # Two of three fail, for as long as you like.
    assert not after([False, False, True] * 10_000).slowed


def test_repeats_that_all_fail_are_slowed_when_the_tokens_are_gone() -> None:
    assert not after([False] * (int(MOST) - 1)).slowed
    assert after([False] * int(MOST)).slowed


def test_slowed_down_they_go_on_at_their_pace_only_with_enough() -> None:
    spent = after([False] * int(MOST))
    healing = int(ENOUGH / EARNED)
    assert after([True] * (healing - 1), spent).slowed
    assert not after([True] * healing, spent).slowed


def test_time_gives_tokens_back() -> None:
    spent = after([False] * int(MOST))
    assert spent.now(NOW + FULL_AFTER_S / 5).slowed
    assert not spent.now(NOW + FULL_AFTER_S * ENOUGH / MOST).slowed
    assert spent.now(NOW + 10 * FULL_AFTER_S).tokens == MOST


def test_a_clock_that_goes_back_earns_and_costs_nothing() -> None:
    spent = after([False] * 10)
    assert spent.now(NOW - 3600.0).tokens == spent.tokens


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 600)), max_size=200))
def test_tokens_stay_within_their_bounds(story: list[tuple[bool, float]]) -> None:
    budget = RetryBudget(tokens=5.0, at=NOW)
    for healed, passed in story:
        budget = budget.ended(budget.at + passed, healed)
        assert 0.0 <= budget.tokens <= MOST
        assert not budget.slowed or budget.tokens < ENOUGH
        assert budget.slowed or budget.tokens >= 1.0
