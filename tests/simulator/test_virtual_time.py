"""Virtual time: order, timers, deadlocks, and what it refuses."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from typing import TypeVar

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aof_tui.base.clock import Clock
from aof_tui.simulator.virtual_time import DeadlockError, VirtualClock, VirtualTimeError, run_virtual

T = TypeVar("T")

delays = st.lists(st.floats(0, 1e6, allow_nan=False), min_size=1, max_size=20)


@given(delays)
def test_sleepers_wake_in_order_of_time_at_their_time(wanted: list[float]) -> None:
    async def main(clock: VirtualClock) -> list[tuple[float, float]]:
        woken: list[tuple[float, float]] = []

        async def sleeper(seconds: float) -> None:
            await clock.sleep(seconds)
            woken.append((seconds, clock.boot()))

        async with asyncio.TaskGroup() as group:
            for seconds in wanted:
                group.create_task(sleeper(seconds))
        return woken

    woken = run_virtual(main)
    assert [seconds for seconds, _ in woken] == sorted(wanted)
    assert all(abs(at - seconds) < 1e-6 for seconds, at in woken)


def test_wall_and_boot_start_as_asked_and_a_jump_moves_only_the_wall() -> None:
    async def main(clock: VirtualClock) -> tuple[float, float]:
        as_port: Clock = clock
        await as_port.sleep(5)
        clock.jump_wall(-3600)
        await clock.sleep(5)
        return clock.wall(), clock.boot()

    wall, boot = run_virtual(main, start_wall=1_000_000.0)
    assert (wall, boot) == (1_000_000.0 + 10 - 3600, 10.0)


def test_timeout_event_queue_and_wait_work() -> None:
    async def main(clock: VirtualClock) -> list[object]:
        seen: list[object] = []
        event = asyncio.Event()
        seen.append(await clock.wait(event, 30))
        asyncio.get_running_loop().call_later(7, event.set)
        seen.append(await clock.wait(event, None))
        seen.append(clock.boot())
        with contextlib.suppress(TimeoutError):
            async with clock.deadline(100):
                await asyncio.Event().wait()
        seen.append(clock.boot())
        queue: asyncio.Queue[int] = asyncio.Queue(1)

        async def producer() -> None:
            for number in range(3):
                await queue.put(number)
                await clock.sleep(1)

        task = asyncio.create_task(producer())
        seen.extend([await queue.get() for _ in range(3)])
        await task
        return seen

    assert run_virtual(main) == [False, True, 37.0, 137.0, 0, 1, 2]


def test_deadlock_is_an_error_and_not_a_hang() -> None:
    async def main(clock: VirtualClock) -> None:
        await asyncio.Event().wait()

    with pytest.raises(DeadlockError):
        run_virtual(main)


def test_threads_and_sockets_are_refused() -> None:
    async def thread(clock: VirtualClock) -> None:
        await asyncio.to_thread(threading.get_ident)

    async def connection(clock: VirtualClock) -> None:
        await asyncio.open_connection("127.0.0.1", 9)

    async def raw_socket(clock: VirtualClock) -> None:
        with socket.socket() as sock:
            await asyncio.get_running_loop().sock_recv(sock, 1)

    for main in (thread, connection, raw_socket):
        with pytest.raises(VirtualTimeError):
            run_virtual(main)


def test_a_call_from_another_thread_stops_the_loop() -> None:
    async def main(clock: VirtualClock) -> None:
        loop = asyncio.get_running_loop()
        refused: list[BaseException] = []

        def intrude() -> None:
            try:
                loop.call_soon_threadsafe(print)
            except VirtualTimeError as error:
                refused.append(error)

        thread = threading.Thread(target=intrude)
        thread.start()
        thread.join()
        assert len(refused) == 1
        await clock.sleep(1)

    with pytest.raises(VirtualTimeError, match="another thread"):
        run_virtual(main)


def test_a_thread_safe_call_from_the_loops_own_thread_is_a_call() -> None:
    async def main(clock: VirtualClock) -> str:
        event = asyncio.Event()
        asyncio.get_running_loop().call_soon_threadsafe(event.set)
        await event.wait()
        return clock.boot_id

    assert run_virtual(main) == "virtual-boot"


def test_leftover_tasks_are_cancelled_in_order_of_creation() -> None:
    cancelled: list[int] = []

    async def main(clock: VirtualClock) -> list[asyncio.Task[None]]:
        async def worker(number: int) -> None:
            try:
                await clock.sleep(1e9)
            finally:
                cancelled.append(number)

        tasks = [asyncio.create_task(worker(number)) for number in range(50)]
        await clock.sleep(0)
        return tasks

    tasks = run_virtual(main)
    assert cancelled == list(range(50))
    assert all(task.cancelled() for task in tasks)


def test_a_task_group_cancels_its_children_in_order_of_creation() -> None:
    cancelled: list[int] = []

    async def main(clock: VirtualClock) -> None:
        async def worker(number: int) -> None:
            try:
                await clock.sleep(1e9)
            finally:
                cancelled.append(number)

        async def fail() -> None:
            await clock.sleep(1)
            raise ValueError

        with contextlib.suppress(ExceptionGroup):
            async with asyncio.TaskGroup() as group:
                for number in range(50):
                    group.create_task(worker(number))
                group.create_task(fail())

    run_virtual(main)
    assert cancelled == list(range(50))


def test_httpx_runs_over_an_in_process_transport() -> None:
    class Echo(httpx.AsyncBaseTransport):
        def __init__(self, clock: VirtualClock) -> None:
            self._clock = clock

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await self._clock.sleep(3600)
            return httpx.Response(200, json={"path": request.url.path})

    async def main(clock: VirtualClock) -> tuple[object, float]:
        async with httpx.AsyncClient(transport=Echo(clock), base_url="http://simulated") as client:
            answer = await client.get("/x")
        return answer.json(), clock.boot()

    assert run_virtual(main) == ({"path": "/x"}, 3600.0)


def test_time_still_passes_after_years() -> None:
    async def main(clock: VirtualClock) -> float:
        for _ in range(50):
            await clock.sleep(100 * 86_400.0)
            await clock.sleep(0.3)
        return clock.boot()

    assert run_virtual(main) == pytest.approx(50 * (100 * 86_400.0 + 0.3))
