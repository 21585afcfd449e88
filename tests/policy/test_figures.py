"""Times to recovery as a histogram, and availability from intervals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aof_tui.domain.metrics import DAY_S, HOUR_S, day_of, hour_of, time_measure
from aof_tui.policy.availability import Availability, Outage, availability, by_day, lost_seconds
from aof_tui.policy.recovery_times import BOUNDS_S, bucket_of, quantile

TIMES = st.floats(0.0, BOUNDS_S[-1])


def counts(times: list[float]) -> dict[int, int]:
    found: dict[int, int] = {}
    for seconds in times:
        found[bucket_of(seconds)] = found.get(bucket_of(seconds), 0) + 1
    return found


@given(st.lists(TIMES, min_size=1), st.sampled_from([0.1, 0.5, 0.9, 1.0]))
def test_a_quantile_is_off_by_no_more_than_one_bucket(times: list[float], share: float) -> None:
    told = quantile(counts(times), share)
    assert told is not None
    rank = next(place for place in range(len(times)) if place + 1 >= share * len(times))
    true = sorted(times)[rank]
    assert abs(bucket_of(told) - bucket_of(true)) <= 1


@given(st.lists(st.floats(0.0, 1e8)), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_a_higher_quantile_is_not_shorter(times: list[float], one: float, other: float) -> None:
    low, high = quantile(counts(times), min(one, other)), quantile(counts(times), max(one, other))
    assert (low is None) == (high is None) == (not times)
    assert low is None or high is None or low <= high + 1e-6


def test_the_edges_of_the_histogram() -> None:
    assert [bucket_of(0.0), bucket_of(15.0), bucket_of(15.1)] == [0, 0, 1]
    assert quantile({len(BOUNDS_S): 3}, 0.5) == BOUNDS_S[-1]
    assert quantile({0: 4}, 0.5) == 7.5
    assert quantile({3: 0, 4: -1}, 0.5) is None
    assert [time_measure(bucket) for bucket in (0, 24)] == ["recovery_00", "recovery_24"]


def test_two_outages_at_once_count_once() -> None:
    both = [Outage(10.0, 30.0), Outage(20.0, 40.0), Outage(35.0, 36.0), Outage(90.0, None)]
    assert lost_seconds(both, 0.0, 100.0) == 40.0
    assert lost_seconds(both, 25.0, 38.0) == 13.0
    assert availability(both, 0.0, 100.0).share == pytest.approx(0.6)
    assert availability([], 5.0, 5.0).share is None
    assert Availability(10.0, 11.0).share == 0.0


OUTAGES = st.lists(
    st.tuples(st.integers(0, 5 * DAY_S), st.none() | st.integers(0, DAY_S)).map(
        lambda pair: Outage(float(pair[0]), None if pair[1] is None else float(pair[0] + pair[1]))
    ),
    max_size=8,
)


@given(OUTAGES, st.integers(0, 3 * DAY_S), st.integers(0, 3 * DAY_S))
def test_days_add_up_to_the_whole(outages: list[Outage], since: int, length: int) -> None:
    whole = availability(outages, float(since), float(since + length))
    days = by_day(outages, float(since), float(since + length))
    assert sum(part.observed_s for _, part in days) == pytest.approx(whole.observed_s)
    assert sum(part.lost_s for _, part in days) == pytest.approx(whole.lost_s)
    assert 0.0 <= whole.lost_s <= whole.observed_s
    assert [day for day, _ in days] == [day_of(since) + number * DAY_S for number in range(len(days))]


@given(st.floats(0.0, 4e9))
def test_hours_and_days_are_utc_and_of_one_length(at: float) -> None:
    assert 0 <= at - hour_of(at) < HOUR_S
    assert hour_of(at) % HOUR_S == 0
    assert day_of(hour_of(at)) == day_of(at)
