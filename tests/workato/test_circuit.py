"""The circuit of reads: when it opens, who probes, and that no probe is lost."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aof_tui.simulator.virtual_time import VirtualClock, run_virtual
from aof_tui.workato.circuit import FAILURES, PAUSE_MOST_S, PAUSE_S, WINDOW_S, ReadCircuit
from aof_tui.workato.errors import BadPage, NotFound, NotSent, RateLimited, Transient, WorkatoError
from aof_tui.workato.pacer import Pacer, Priority

INTERVAL = 1.25


async def read(circuit: ReadCircuit, pacer: Pacer, error: WorkatoError | None) -> None:
    await pacer.turn(Priority.COLLATE)
    try:
        with circuit.judging():
            if error is not None:
                raise error
    except WorkatoError:
        pass


def test_it_opens_after_enough_failures_in_a_row_and_not_before() -> None:
    async def main(clock: VirtualClock) -> None:
        circuit = ReadCircuit(clock)
        pacer = Pacer(clock, INTERVAL, circuit)
        for _ in range(FAILURES - 1):
            await read(circuit, pacer, Transient("503"))
        await read(circuit, pacer, None)
        for _ in range(FAILURES - 1):
            await read(circuit, pacer, NotSent("refused"))
        assert not circuit.is_open
        await read(circuit, pacer, Transient("503"))
        assert circuit.is_open

    run_virtual(main)


def test_failures_that_lie_far_apart_open_nothing() -> None:
    async def main(clock: VirtualClock) -> None:
        circuit = ReadCircuit(clock)
        pacer = Pacer(clock, INTERVAL, circuit)
        for _ in range(3 * FAILURES):
            await read(circuit, pacer, Transient("503"))
            await clock.sleep(WINDOW_S / (FAILURES - 1) + 1.0)
        assert not circuit.is_open

    run_virtual(main)


@pytest.mark.parametrize("answer", [BadPage("cut"), NotFound(404, "no"), RateLimited(429, "slow", None)])
def test_a_refusal_is_an_answer(answer: WorkatoError) -> None:
    async def main(clock: VirtualClock) -> None:
        circuit = ReadCircuit(clock)
        pacer = Pacer(clock, INTERVAL, circuit)
        for _ in range(FAILURES):
            await read(circuit, pacer, Transient("503"))
        assert circuit.is_open
        await read(circuit, pacer, answer)
        assert not circuit.is_open

    run_virtual(main)


def test_one_probe_at_a_time_in_all_families_and_ever_more_rarely() -> None:
    async def main(clock: VirtualClock) -> list[float]:
        circuit = ReadCircuit(clock)
        pacers = [Pacer(clock, INTERVAL, circuit) for _ in range(3)]
        for _ in range(FAILURES):
            await read(circuit, pacers[0], Transient("503"))
        opened = clock.boot()
        asked: list[float] = []

        async def keep_asking(pacer: Pacer) -> None:
            while True:
                await pacer.turn(Priority.COLLATE)
                asked.append(clock.boot() - opened)
                await clock.sleep(2.0)
                circuit.failed()

        tasks = [asyncio.ensure_future(keep_asking(pacer)) for pacer in pacers for _ in range(2)]
        await clock.sleep(600.0)
        for task in tasks:
            task.cancel()
        return asked

    asked = run_virtual(main)
    expected = [PAUSE_S]
    while expected[-1] < 600:
        expected.append(expected[-1] + 2.0 + min(PAUSE_MOST_S, PAUSE_S * 2 ** len(expected)))
    assert asked == pytest.approx(expected[:-1])


def test_a_probe_that_was_given_up_makes_way_for_the_next() -> None:
    async def main(clock: VirtualClock) -> None:
        circuit = ReadCircuit(clock)
        pacer = Pacer(clock, INTERVAL, circuit)
        for _ in range(FAILURES):
            await read(circuit, pacer, Transient("503"))

        async def hang() -> None:
            await pacer.turn(Priority.COLLATE)
            with circuit.judging():
                await clock.sleep(1e6)

        hanging = asyncio.ensure_future(hang())
        waiting = asyncio.ensure_future(read(circuit, pacer, None))
        await clock.sleep(PAUSE_S + 5.0)
        assert not waiting.done()
        hanging.cancel()
        await waiting
        assert not circuit.is_open
        assert clock.boot() < FAILURES * INTERVAL + PAUSE_S + 10.0

    run_virtual(main)


@given(st.lists(st.sampled_from(["answered", "failed", "given_up", "slow"]), max_size=60))
def test_it_never_stays_shut(story: list[str]) -> None:
    async def main(clock: VirtualClock) -> None:
        circuit = ReadCircuit(clock)
        pacer = Pacer(clock, INTERVAL, circuit)
        for word in story:
            before = clock.boot()
            await pacer.turn(Priority.WATCH)
            assert clock.boot() - before <= PAUSE_MOST_S + INTERVAL
            if word == "slow":
                await clock.sleep(30.0)
            else:
                getattr(circuit, word)()
                continue
            circuit.failed()

    run_virtual(main)
