"""The clock of what Workato keeps, and the price of repeats."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aof_tui.policy.price import Purse, month_of, tasks_per_job
from aof_tui.policy.retention_clock import comes_too_late, expiring_before, notice_s, repeatable_until

DAY = 86_400.0
KEPT = st.floats(60.0, 400 * DAY)


@given(st.floats(0.0, 4e9), KEPT)
def test_people_are_told_before_the_end_and_not_from_the_beginning(failed_at: float, kept: float) -> None:
    until = repeatable_until(failed_at, kept)
    assert until is not None
    assert 0 < notice_s(kept) <= min(DAY, 0.1 * kept)
    early, late = expiring_before(kept, failed_at + 0.8 * kept), expiring_before(kept, until)
    assert early is not None
    assert late is not None
    assert early < failed_at <= late


@given(st.floats(0.0, 4e9), st.floats(0.0, 1e9))
def test_nothing_is_too_late_where_nobody_knows_when_it_is(failed_at: float, later: float) -> None:
    assert repeatable_until(failed_at, None) is None
    assert not comes_too_late(failed_at + later, None)
    assert expiring_before(None, failed_at + later) is None


def test_a_repeat_comes_too_late_from_the_moment_the_job_is_gone() -> None:
    until = repeatable_until(1000.0, 30 * DAY)
    assert until == 1000.0 + 30 * DAY
    assert [comes_too_late(until - 1, until), comes_too_late(until, until)] == [False, True]
    assert notice_s(30 * DAY) == DAY
    assert notice_s(5 * DAY) == DAY / 2


@pytest.mark.parametrize(
    ("tasks", "jobs", "price"),
    [(None, 10, None), (100, 0, None), (0, 5, 1), (100, 10, 10), (101, 10, 11), (3, 10, 1)],
)
def test_the_price_of_a_run_is_rounded_up(tasks: int | None, jobs: int, price: int | None) -> None:
    assert tasks_per_job(tasks, jobs) == price


@given(st.integers(0, 1000), st.lists(st.none() | st.integers(1, 50)))
def test_what_is_spent_never_passes_the_cap(cap: int, prices: list[int | None]) -> None:
    purse = Purse(cap, 0)
    for price in prices:
        if purse.has_room(price):
            purse = purse.paid(price)
    assert purse.spent <= cap


def test_a_full_purse_has_no_room_for_an_unknown_price_and_one_without_cap_for_any() -> None:
    assert Purse(10, 9).has_room(None)
    assert not Purse(10, 10).has_room(None)
    assert not Purse(10, 9).has_room(2)
    assert Purse(None, 10**9).has_room(10**9)


def test_a_month_is_a_month_in_utc() -> None:
    assert [month_of(1_748_735_999.0), month_of(1_748_736_000.0)] == ["2025-05", "2025-06"]
