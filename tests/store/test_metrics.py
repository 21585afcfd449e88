"""Rollups: folding changes no sum of a day, and the figures of a window are those that were counted in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aof_tui.base.clock import SystemClock
from aof_tui.base.randomness import Randomness
from aof_tui.domain.metrics import DAY_S, HOUR_S, Measure, Scope, day_of, hour_of
from aof_tui.store.mapping import failure_params
from aof_tui.store.metric_queries import bounds, read_metrics
from aof_tui.store.metric_retention import HOURS_KEPT_S, KEPT_S, fold_metrics
from aof_tui.store.port import Params, Store, Tx
from aof_tui.store.sync_store import SyncStore, open_sync_store
from tests.domain.builders import PLAN, failure

NOW = 1_700_000_000.0
WORKSPACE = "prod"


async def put(store: Store, statement: str, **params: str | float | None) -> None:
    await store.write(lambda tx: tx.execute(statement, params))


async def add(store: Store, at: float, subject: str = "7", measure: str = Measure.RECORDED, amount: int = 1) -> None:
    await put(
        store,
        "metric_add",
        workspace=WORKSPACE,
        scope=Scope.RECIPE,
        start=hour_of(at),
        subject=subject,
        measure=measure,
        amount=amount,
    )


@pytest.fixture
async def store() -> AsyncIterator[SyncStore]:
    opened = await fresh()
    yield opened
    await opened.close()


async def fresh() -> SyncStore:
    store = open_sync_store(None, SystemClock(), Randomness("metrics"))
    await put(store, "workspace_ensure", name=WORKSPACE)
    return store


async def sums(store: Store) -> dict[tuple[object, ...], object]:
    rows = await store.select("SELECT start, subject, measure, amount FROM metric", {})
    return {(row["start"], row["subject"], row["measure"]): row["amount"] for row in rows}


ADDED = st.lists(
    st.tuples(
        st.integers(0, 30 * 24).map(lambda hours: NOW - hours * HOUR_S),
        st.sampled_from(["7", "8"]),
        st.sampled_from([Measure.RECORDED, Measure.RECOVERED]),
        st.integers(-2, 5),
    ),
    max_size=30,
)


@given(ADDED, st.lists(st.integers(0, 20 * DAY_S), max_size=3))
@settings(max_examples=25, deadline=None)
async def test_folding_at_any_times_keeps_every_sum_of_a_day(
    added: list[tuple[float, str, Measure, int]], later: list[int]
) -> None:
    folded, whole = await fresh(), await fresh()
    for entry in added:
        await add(folded, *entry)
        await add(whole, *entry)
    for now in sorted(later):
        await fold_metrics(folded, NOW + now)
        await fold_metrics(folded, NOW + now)
    by_day: list[dict[tuple[object, ...], int]] = []
    for store in (folded, whole):
        days: dict[tuple[object, ...], int] = {}
        for (start, *rest), amount in (await sums(store)).items():
            day = (day_of(float(str(start))), *rest)
            days[day] = days.get(day, 0) + int(str(amount))
        by_day.append(days)
        await store.close()
    assert by_day[0] == by_day[1]


async def test_hours_become_days_after_two_weeks_and_go_after_400_days(store: SyncStore) -> None:
    old, young = NOW - HOURS_KEPT_S - DAY_S, NOW - HOUR_S
    await add(store, old)
    await add(store, old + 3 * HOUR_S, amount=2)
    await add(store, young)
    await add(store, NOW - KEPT_S - DAY_S)
    await fold_metrics(store, NOW)
    kept = await sums(store)
    assert kept[(hour_of(young), "7", "recorded")] == 1
    assert sum(int(str(amount)) for amount in kept.values()) == 4
    assert all(int(str(start)) % DAY_S == 0 for start, *_ in kept if float(str(start)) < day_of(NOW - HOURS_KEPT_S))


async def test_a_fold_that_dies_halfway_has_folded_whole_days(store: SyncStore) -> None:
    for days in (20, 19):
        for hours in (0, 5, 9):
            await add(store, day_of(NOW) - days * DAY_S + hours * HOUR_S)

    async def dies(tx: Tx, place: Params) -> None:
        await tx.execute("metric_fold_into_day", place)
        raise RuntimeError

    place: Params = {"workspace": WORKSPACE, "scope": Scope.RECIPE, "day": day_of(NOW) - 20 * DAY_S}
    with pytest.raises(RuntimeError):
        await store.write(partial(dies, place=place))
    await fold_metrics(store, NOW)
    assert sorted((await sums(store)).values(), key=str) == [3, 3]


async def test_the_figures_of_a_window_are_those_counted_in_it(store: SyncStore) -> None:
    for measure, amount in (("recorded", 5), ("recovered", 3), ("repeats_succeeded", 3), ("repeats_failed", 1)):
        await add(store, NOW, measure=measure, amount=amount)
    await add(store, NOW, measure="recovery_05", amount=3)
    await add(store, NOW, subject="8", amount=9)
    await add(store, NOW, subject="9", measure="jobs_succeeded", amount=100)
    await add(store, NOW - 2 * DAY_S, amount=50)
    row = await read_metrics(store, WORKSPACE, NOW - DAY_S, NOW, NOW)
    eight, seven = row.recipes
    assert (eight.subject, eight.figures.failures, eight.figures.retry_success_rate) == ("8", 9, None)
    assert (seven.figures.failures, seven.figures.recoveries, seven.figures.retry_success_rate) == (5, 3, 0.75)
    assert seven.figures.median_recovery_s == pytest.approx(375.0)
    assert (row.since, row.until) == (hour_of(NOW - DAY_S), hour_of(NOW) + HOUR_S)


async def test_an_error_without_an_incident_of_its_own_still_has_a_name(store: SyncStore) -> None:
    for subject in ("7 v1:a", "8 v1:b"):
        await put(
            store,
            "metric_add",
            workspace=WORKSPACE,
            scope=Scope.FINGERPRINT,
            start=hour_of(NOW),
            subject=subject,
            measure=Measure.RECORDED,
            amount=1,
        )
    now = failure_params(failure(plan=replace(PLAN, fingerprint="v1:a")), NOW)
    await store.write(lambda tx: tx.execute("failure_put", now))
    errors = (await read_metrics(store, WORKSPACE, NOW - DAY_S, NOW, NOW)).top_errors
    assert [(error.title, error.novelty) for error in errors] == [("7: 429 Too Many Requests", None), ("8: v1:b", None)]


async def test_a_downstream_is_available_but_for_its_outages_since_it_is_watched(store: SyncStore) -> None:
    begin = day_of(NOW) - DAY_S
    lost: dict[str, str | float] = {"workspace": WORKSPACE, "downstream": "application:rest"}
    for cause, at, statement in (
        ("breaker", begin + 6 * HOUR_S, "outage_begin"),
        ("connection", begin + 7 * HOUR_S, "outage_begin"),
        ("breaker", begin + 8 * HOUR_S, "outage_begin"),
        ("breaker", begin + 9 * HOUR_S, "outage_end"),
        ("connection", begin + 10 * HOUR_S, "outage_end"),
        ("breaker", begin + 23 * HOUR_S, "outage_begin"),
    ):
        await put(store, statement, **lost, cause=cause, at=at)
    assert (await read_metrics(store, WORKSPACE, begin, NOW, NOW)).availability == ()
    await put(store, "workspace_swept", name=WORKSPACE, at=begin + 2 * HOUR_S)
    until = begin + 26 * HOUR_S
    (row,) = (await read_metrics(store, WORKSPACE, begin, until, until)).availability
    assert (row.name, row.available, row.observed_s, row.lost_s) == ("rest", False, 24.0 * HOUR_S, 7.0 * HOUR_S)
    assert [(day.lost_s, day.share) for day in row.days] == [
        (5.0 * HOUR_S, pytest.approx(17 / 22)),
        (2.0 * HOUR_S, 0.0),
    ]


def test_a_window_covers_whole_hours_and_whole_days_where_hours_are_folded() -> None:
    assert bounds(NOW - 100, hour_of(NOW), NOW) == (hour_of(NOW - 100), hour_of(NOW))
    begin, end = bounds(NOW - 20 * DAY_S, NOW, NOW)
    assert (begin, end) == (day_of(NOW - 20 * DAY_S), hour_of(NOW) + HOUR_S)
