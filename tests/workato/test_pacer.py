"""Turns at the pacers, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aof_tui.simulator.virtual_time import VirtualClock, run_virtual
from aof_tui.workato.circuit import ReadCircuit
from aof_tui.workato.pacer import (
    FLOORS,
    FULL_RECOVERY_S,
    RETRY_AFTER_MAX_S,
    RETRY_AFTER_MIN_S,
    SLOWEST_PACE,
    WHOLE,
    Pacer,
    Priority,
    RepeatPacer,
)

INTERVAL = 1.25


async def take_turns(pacer: Pacer, clock: VirtualClock, count: int) -> list[float]:
    times = []
    for _ in range(count):
        await pacer.turn(Priority.COLLATE)
        times.append(clock.boot())
    return times


def test_begins_with_a_pause_and_stays_evenly_spaced() -> None:
    async def main(clock: VirtualClock) -> list[float]:
        return await take_turns(Pacer(clock, INTERVAL, ReadCircuit(clock)), clock, 4)

    assert run_virtual(main) == [INTERVAL * n for n in (1, 2, 3, 4)]


def test_a_rest_below_the_clocks_resolution_does_not_stop_time() -> None:
    async def main(clock: VirtualClock) -> float:
        pacer = Pacer(clock, 0.1, ReadCircuit(clock))
        for _ in range(1000):
            await pacer.turn(Priority.COLLATE)
            await clock.sleep(0.1 - 1e-12)
        return clock.boot()

    assert run_virtual(main) == pytest.approx(100.1, abs=0.01)


def test_idle_time_is_not_made_up_for() -> None:
    async def main(clock: VirtualClock) -> list[float]:
        pacer = Pacer(clock, INTERVAL, ReadCircuit(clock))
        await clock.sleep(100)
        return await take_turns(pacer, clock, 3)

    assert run_virtual(main) == [100, 100 + INTERVAL, 100 + 2 * INTERVAL]


def test_the_more_urgent_go_first_and_equals_in_order_of_arrival() -> None:
    arrivals = [Priority.SLOW, Priority.COLLATE, Priority.WATCH, Priority.COLLATE, Priority.PERSON, Priority.SETTLE]

    async def main(clock: VirtualClock) -> list[int]:
        pacer = Pacer(clock, INTERVAL, ReadCircuit(clock))
        served: list[int] = []

        async def wait(index: int, priority: Priority) -> None:
            await pacer.turn(priority)
            served.append(index)

        async with asyncio.TaskGroup() as group:
            for index, priority in enumerate(arrivals):
                group.create_task(wait(index, priority))
        return served

    assert run_virtual(main) == [4, 5, 1, 3, 2, 0]


def test_a_late_urgent_one_overtakes_who_already_waits() -> None:
    async def main(clock: VirtualClock) -> list[tuple[str, float]]:
        pacer = Pacer(clock, INTERVAL, ReadCircuit(clock))
        served: list[tuple[str, float]] = []

        async def wait(name: str, priority: Priority, after: float) -> None:
            await clock.sleep(after)
            await pacer.turn(priority)
            served.append((name, clock.boot()))

        async with asyncio.TaskGroup() as group:
            group.create_task(wait("patient", Priority.SLOW, 0))
            group.create_task(wait("urgent", Priority.PERSON, INTERVAL - 0.01))
        return served

    assert run_virtual(main) == [("urgent", INTERVAL), ("patient", 2 * INTERVAL)]


def test_who_gives_up_takes_no_turn_along() -> None:
    async def main(clock: VirtualClock) -> tuple[float, int]:
        pacer = Pacer(clock, INTERVAL, ReadCircuit(clock))
        first = asyncio.ensure_future(pacer.turn(Priority.PERSON))
        second = asyncio.ensure_future(pacer.turn(Priority.COLLATE))
        await clock.sleep(INTERVAL / 2)
        assert pacer.waiting == 2
        first.cancel()
        await second
        return clock.boot(), pacer.waiting

    assert run_virtual(main) == (INTERVAL, 0)


@pytest.mark.parametrize(
    ("retry_after", "pause"),
    [
        (None, 2 * INTERVAL),
        (0.0, 2 * INTERVAL),
        (30.0, 30.0),
        (1e9, RETRY_AFTER_MAX_S),
        (-5.0, max(RETRY_AFTER_MIN_S, 2 * INTERVAL)),
    ],
)
def test_a_429_halves_the_rate_and_its_pause_is_kept(retry_after: float | None, pause: float) -> None:
    async def main(clock: VirtualClock) -> list[float]:
        pacer = Pacer(clock, INTERVAL, ReadCircuit(clock))
        await pacer.turn(Priority.COLLATE)
        pacer.slow_down(retry_after)
        start = clock.boot()
        return [at - start for at in await take_turns(pacer, clock, 2)]

    first, second = run_virtual(main)
    assert first == pytest.approx(pause)
    halved = INTERVAL / (0.5 + first / FULL_RECOVERY_S)
    assert second - first == pytest.approx(halved, rel=1e-6)


def test_the_rate_recovers_slowly_and_never_falls_to_nothing() -> None:
    async def main(clock: VirtualClock) -> list[float]:
        pacer = Pacer(clock, INTERVAL, ReadCircuit(clock))
        for _ in range(50):
            pacer.slow_down(None)
        seen = [pacer.interval_s]
        await clock.sleep(FULL_RECOVERY_S / 2)
        seen.append(pacer.interval_s)
        await clock.sleep(FULL_RECOVERY_S)
        return [*seen, pacer.interval_s]

    slowest, halfway, last = run_virtual(main)
    assert slowest == INTERVAL / SLOWEST_PACE
    assert halfway == pytest.approx(INTERVAL / (0.5 + SLOWEST_PACE))
    assert last == INTERVAL


def test_a_429_reaches_who_already_waits() -> None:
    async def main(clock: VirtualClock) -> float:
        pacer = Pacer(clock, INTERVAL, ReadCircuit(clock))
        waiter = asyncio.ensure_future(pacer.turn(Priority.COLLATE))
        await clock.sleep(INTERVAL / 2)
        pacer.slow_down(60.0)
        await waiter
        return clock.boot()

    assert run_virtual(main) == pytest.approx(INTERVAL / 2 + 60.0)


@dataclass(frozen=True)
class Visit:
    """A wait for a turn that begins at a time and may be given up after another."""

    arrives: float
    priority: Priority
    patience: float | None


visits = st.lists(
    st.builds(
        Visit,
        arrives=st.integers(0, 80).map(lambda step: step / 4),
        priority=st.sampled_from(Priority),
        patience=st.none() | st.integers(0, 40).map(lambda step: step / 4),
    ),
    max_size=25,
)


@given(visits)
def test_turns_keep_their_distance_and_waste_none_of_it(planned: list[Visit]) -> None:
    async def main(clock: VirtualClock) -> tuple[list[tuple[float, int]], set[int], int]:
        pacer = Pacer(clock, INTERVAL, ReadCircuit(clock))
        served: list[tuple[float, int]] = []
        given_up: set[int] = set()

        async def visit(index: int, one: Visit) -> None:
            await clock.sleep(one.arrives)
            try:
                async with asyncio.timeout(one.patience):
                    await pacer.turn(one.priority)
            except TimeoutError:
                given_up.add(index)
            else:
                served.append((clock.boot(), index))

        async with asyncio.TaskGroup() as group:
            for index, one in enumerate(planned):
                group.create_task(visit(index, one))
        return served, given_up, pacer.waiting

    served, given_up, waiting = run_virtual(main)
    assert waiting == 0
    assert len(served) + len(given_up) == len(planned)
    assert all(planned[index].patience is not None for index in given_up)
    times = [0.0, *(at for at, _ in served)]
    assert all(later - earlier >= INTERVAL - 1e-9 for earlier, later in pairwise(times))
    for (before, _), (at, index) in pairwise([(0.0, -1), *served]):
        # A turn comes an interval after the one before, or at once when nobody had waited for it.
        assert at == pytest.approx(max(before + INTERVAL, planned[index].arrives))
        overtaken = [
            one
            for at_later, later in served
            for one in [planned[later]]
            # A kind with a floor may go before who is more urgent.
            if at_later > at
            and one.arrives < at
            and one.priority < planned[index].priority
            and planned[index].priority not in FLOORS
        ]
        assert not overtaken


def shares(wanted: Mapping[Priority, int], turns: int, holding_s: float = 0.0) -> dict[Priority, int]:
    """How often each kind is served in so many turns, each by so many that always want another."""

    async def main(clock: VirtualClock) -> dict[Priority, int]:
        pacer = Pacer(clock, INTERVAL, ReadCircuit(clock))
        served: list[Priority] = []

        async def want(priority: Priority) -> None:
            while True:
                await pacer.turn(priority)
                served.append(priority)
                await clock.sleep(holding_s)

        tasks = [asyncio.ensure_future(want(one)) for one, many in wanted.items() for _ in range(many)]
        await clock.sleep(INTERVAL * (turns + 0.5))
        for task in tasks:
            task.cancel()
        return {one: served.count(one) for one in wanted}

    return run_virtual(main)


def test_floors_hold_whatever_is_more_urgent() -> None:
    everybody = shares(dict.fromkeys(Priority, 2), 100)
    assert everybody == {
        Priority.PERSON: pytest.approx(40, abs=2),
        Priority.SETTLE: pytest.approx(20, abs=2),
        Priority.GUARD: 0,
        Priority.COLLATE: pytest.approx(40, abs=2),
        Priority.WATCH: 0,
        Priority.SLOW: 0,
    }


def test_guards_of_new_repeats_slow_down_and_collation_does_not() -> None:
    assert shares({Priority.GUARD: 5, Priority.COLLATE: 1}, 100) == {
        Priority.GUARD: pytest.approx(60, abs=2),
        Priority.COLLATE: pytest.approx(40, abs=2),
    }


def test_collation_keeps_its_floor_though_it_is_away_between_two_turns() -> None:
    taken = shares({Priority.GUARD: 5, Priority.COLLATE: 1}, 100, holding_s=INTERVAL * 0.9)
    assert taken[Priority.COLLATE] >= 39


def test_a_floor_that_nobody_wants_is_lent() -> None:
    assert shares({Priority.SETTLE: 1, Priority.GUARD: 1}, 100) == {Priority.SETTLE: 100, Priority.GUARD: 0}
    assert shares({Priority.COLLATE: 1, Priority.WATCH: 1}, 100) == {Priority.COLLATE: 100, Priority.WATCH: 0}
    assert shares({Priority.GUARD: 1, Priority.SLOW: 1}, 100) == {Priority.GUARD: 100, Priority.SLOW: 0}


def test_floors_are_not_saved_for_later() -> None:
    async def main(clock: VirtualClock) -> list[Priority]:
        pacer = Pacer(clock, INTERVAL, ReadCircuit(clock))
        served: list[Priority] = []

        async def want(priority: Priority, times: int) -> None:
            for _ in range(times):
                await pacer.turn(priority)
                served.append(priority)

        await want(Priority.GUARD, 50)
        async with asyncio.TaskGroup() as group:
            for _ in range(10):
                group.create_task(want(Priority.GUARD, 1))
                group.create_task(want(Priority.COLLATE, 1))
        return served[50:55]

    # An hour without collation earns it nothing: it begins with its share.
    assert run_virtual(main).count(Priority.COLLATE) <= WHOLE * FLOORS[Priority.COLLATE] // WHOLE


@given(st.dictionaries(st.sampled_from(Priority), st.integers(1, 4), min_size=1))
def test_every_kind_with_a_floor_gets_it_and_no_turn_is_left(wanted: dict[Priority, int]) -> None:
    taken = shares(wanted, 50)
    assert sum(taken.values()) == 50
    assert all(taken[kind] >= 50 * fifths // WHOLE - 1 for kind, fifths in FLOORS.items() if wanted.get(kind, 0) > 1)


def test_a_second_repeat_waits_for_the_first_answer_and_the_distance() -> None:
    async def main(clock: VirtualClock) -> list[tuple[str, float]]:
        pacer = RepeatPacer(clock, 1.02)
        seen: list[tuple[str, float]] = []

        async def send(name: str, takes: float) -> None:
            async with pacer.turn():
                seen.append((f"{name} sent", clock.boot()))
                await clock.sleep(takes)
            seen.append((f"{name} done", clock.boot()))

        async with asyncio.TaskGroup() as group:
            group.create_task(send("a", 45))
            group.create_task(send("b", 0.5))
        return seen

    seen = run_virtual(main)
    assert [name for name, _ in seen] == ["a sent", "a done", "b sent", "b done"]
    assert [at for _, at in seen] == pytest.approx([1.02, 46.02, 47.04, 47.54])


def test_a_turn_given_back_costs_nothing() -> None:
    async def main(clock: VirtualClock) -> list[float]:
        pacer = RepeatPacer(clock, 1.02)
        times = []
        for sent in (True, False, False, True, True):
            async with pacer.turn() as turn:
                times.append(clock.boot())
                if not sent:
                    turn.give_back()
        return times

    assert run_virtual(main) == pytest.approx([1.02, 2.04, 2.04, 2.04, 3.06])


def test_an_error_or_cancellation_in_a_turn_frees_it_with_its_distance() -> None:
    async def main(clock: VirtualClock) -> list[float]:
        pacer = RepeatPacer(clock, 1.02)
        times: list[float] = []

        async def hang() -> None:
            async with pacer.turn():
                await clock.sleep(1000)

        async def break_down(pacer: RepeatPacer, times: list[float]) -> None:
            async with pacer.turn():
                times.append(clock.boot())
                raise ZeroDivisionError

        hanging = asyncio.ensure_future(hang())
        await clock.sleep(5)
        hanging.cancel()
        with pytest.raises(ZeroDivisionError):
            await break_down(pacer, times)
        async with pacer.turn():
            times.append(clock.boot())
        return times

    assert run_virtual(main) == pytest.approx([6.02, 7.04])


def test_a_person_goes_before_the_queue_of_repeats() -> None:
    async def main(clock: VirtualClock) -> list[str]:
        pacer = RepeatPacer(clock, 1.02)
        served: list[str] = []

        async def send(name: str, priority: Priority) -> None:
            async with pacer.turn(priority):
                served.append(name)

        async with asyncio.TaskGroup() as group:
            for name in ("first", "second"):
                group.create_task(send(name, Priority.COLLATE))
            await clock.sleep(1.5)
            group.create_task(send("person", Priority.PERSON))
        return served

    assert run_virtual(main) == ["first", "person", "second"]


def test_a_429_to_a_repeat_slows_the_next_one() -> None:
    async def main(clock: VirtualClock) -> float:
        pacer = RepeatPacer(clock, 1.02)
        async with pacer.turn():
            pacer.slow_down(20.0)
        start = clock.boot()
        async with pacer.turn():
            return clock.boot() - start

    assert run_virtual(main) == pytest.approx(20.0)


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 50), st.floats(0, 50)), max_size=15))
def test_repeats_never_come_closer_than_their_distance(plan: list[tuple[bool, float, float]]) -> None:
    async def main(clock: VirtualClock) -> list[tuple[float, float]]:
        pacer = RepeatPacer(clock, 1.02)
        spans: list[tuple[float, float]] = []

        async def send(used: bool, patience: float, takes: float) -> None:
            sent_at = None
            try:
                async with asyncio.timeout(patience), pacer.turn() as turn:
                    if not used:
                        turn.give_back()
                        return
                    sent_at = clock.boot()
                    await clock.sleep(takes)
            except TimeoutError:
                pass
            if sent_at is not None:
                spans.append((sent_at, clock.boot()))

        async with asyncio.TaskGroup() as group:
            for one in plan:
                group.create_task(send(*one))
        return sorted(spans)

    spans = run_virtual(main)
    assert all(sent >= 1.02 for sent, _ in spans)
    assert all(sent >= ended + 1.02 - 1e-9 for (_, ended), (sent, _) in pairwise(spans))


@pytest.mark.parametrize("interval", [0.0, -1.0, float("inf"), float("nan")])
def test_an_impossible_interval_is_refused(interval: float) -> None:
    async def main(clock: VirtualClock) -> None:
        Pacer(clock, interval, ReadCircuit(clock))

    with pytest.raises(ValueError, match="positive"):
        run_virtual(main)
