from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aof_tui.domain.words import Curve
from aof_tui.policy.retry import LONG_OUTAGE_S, RetryTerms, delay


def lowest(low: float, high: float) -> float:
    return low


def highest(low: float, high: float) -> float:
    return high


def test_a_window_is_drawn_between_its_ends() -> None:
    terms = RetryTerms(min_s=300, max_s=600)
    assert (delay(terms, 1, lowest), delay(terms, 4, highest)) == (300, 600)


def test_a_fixed_wait_is_the_shortest_one() -> None:
    assert delay(RetryTerms(curve=Curve.FIXED, min_s=60, max_s=90), 3, highest) == 60


@pytest.mark.parametrize(("number", "wait"), [(1, 60), (2, 120), (3, 240), (4, 300), (5_000, 300)])
def test_an_exponential_wait_doubles_up_to_its_cap(number: int, wait: float) -> None:
    terms = RetryTerms(curve=Curve.EXPONENTIAL, min_s=60, max_s=300)
    assert delay(terms, number, lowest) == wait
    assert delay(terms, number, highest) == pytest.approx(wait * 1.1)


def test_a_long_outage_is_covered_for_ten_hours_with_five_attempts() -> None:
    terms = RetryTerms(curve=Curve.LONG_OUTAGE)
    waits = [delay(terms, number, lowest) for number in range(1, 6)]
    assert waits == list(LONG_OUTAGE_S)
    assert 10 * 3_600 <= sum(waits) <= 11 * 3_600
    assert delay(terms, 6, lowest) == LONG_OUTAGE_S[-1]


@given(st.sampled_from(Curve), st.integers(-3, 10_000), st.floats(0, 1e6), st.floats(0, 1e6), st.booleans())
def test_no_wait_is_shorter_than_the_curve_says(
    curve: Curve, number: int, low: float, high: float, low_draw: bool
) -> None:
    terms = RetryTerms(curve=curve, min_s=low, max_s=high)
    wait = delay(terms, number, lowest if low_draw else highest)
    assert (300.0 if curve is Curve.LONG_OUTAGE else low) <= wait < 1.2e6
