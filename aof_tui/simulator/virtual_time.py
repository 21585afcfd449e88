"""An asyncio loop whose time passes only when everything waits: days run in seconds, and always in the same order."""

from __future__ import annotations

import asyncio
import contextvars
import itertools
import math
import threading
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any, NoReturn, TypeVar, TypeVarTuple, Unpack

from aof_tui.base.clock import SystemClock

T = TypeVar("T")
L = TypeVar("L", bound=asyncio.BaseEventLoop)
Ts = TypeVarTuple("Ts")

DEFAULT_START_WALL = 1_750_000_000.0
"""2025-06-15T15:06:40Z."""
FINEST_S = 1e-9


class VirtualTimeError(RuntimeError):
    """Something under virtual time asked for a real thread or socket."""


class DeadlockError(VirtualTimeError):
    """Every task waits, and nothing is scheduled that could wake one."""


class VirtualTask(asyncio.Task[Any]):
    """A task that sets order by its serial number, not by its address: `TaskGroup` and `wait` keep tasks in sets."""

    def __init__(
        self, serial: int, coro: Coroutine[Any, Any, Any] | Generator[Any, None, Any], **settings: Any
    ) -> None:
        self._serial = serial
        super().__init__(coro, **settings)

    def __hash__(self) -> int:
        return self._serial


class _VirtualSelector:
    """Stands where a loop has its selector: waiting for sockets becomes a step of the loop's time."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop

    def select(self, timeout: float | None) -> list[tuple[object, int]]:
        self._loop.pass_time(timeout)
        return []


def _refuse(*_: object, **__: object) -> NoReturn:
    raise VirtualTimeError("virtual time has no threads, processes or sockets")


def _cut_off(loop_class: type[L]) -> type[L]:
    """Refuse every method of a loop that would reach the world outside it."""
    outside = (
        "run_in_executor add_reader add_writer remove_reader remove_writer sock_recv sock_recv_into sock_sendall "
        "sock_connect sock_accept create_connection create_server create_unix_connection create_unix_server "
        "create_datagram_endpoint subprocess_exec subprocess_shell add_signal_handler"
    )
    for name in outside.split():
        setattr(loop_class, name, _refuse)
    return loop_class


@_cut_off
class VirtualLoop(asyncio.BaseEventLoop):
    """Runs callbacks in order and jumps to the next timer when none is ready. Starts at 0."""

    def __init__(self) -> None:
        super().__init__()
        self._now = 0.0
        self._owner = threading.get_ident()
        self._foreign_thread = False
        self._selector = _VirtualSelector(self)
        serials = itertools.count(1)

        def factory(
            loop: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, T] | Generator[Any, None, T], **settings: Any
        ) -> asyncio.Future[T]:
            return VirtualTask(next(serials), coro, loop=loop, **settings)

        self.set_task_factory(factory)

    def time(self) -> float:
        return self._now

    def pass_time(self, timeout: float | None) -> None:
        """Move on by what the loop would have waited. Raises DeadlockError when it would have waited for ever."""
        if self._foreign_thread:
            self._foreign_thread = False
            raise VirtualTimeError("another thread called into virtual time")
        if timeout is None:
            raise DeadlockError("deadlock: every task waits and nothing is scheduled")
        self._now += timeout
        # asyncio runs what is due before now plus this: after months it must still be more than nothing.
        self._clock_resolution = max(FINEST_S, math.ulp(self._now))

    def call_soon_threadsafe(
        self, callback: Callable[[Unpack[Ts]], object], *args: *Ts, context: contextvars.Context | None = None
    ) -> asyncio.Handle:
        if threading.get_ident() != self._owner:
            self._foreign_thread = True
            raise VirtualTimeError("another thread called into virtual time")
        return self.call_soon(callback, *args, context=context)

    def _process_events(self, event_list: list[tuple[object, int]]) -> None:
        return None


class VirtualClock(SystemClock):
    """The clock port over a virtual loop; its wall time can be made to jump, as a machine's can."""

    def __init__(self, loop: VirtualLoop, start_wall: float = DEFAULT_START_WALL) -> None:
        super().__init__()
        self._loop = loop
        self._wall_zero = start_wall
        self._boot_zero = 0.0

    @property
    def boot_id(self) -> str:
        return "virtual-boot"

    def wall(self) -> float:
        return self._wall_zero + self.boot()

    def boot(self) -> float:
        return self._boot_zero + self._loop.time()

    def jump_wall(self, seconds: float) -> None:
        """Step the wall time, as a time server or a person would; boot time goes on evenly."""
        self._wall_zero += seconds

    def suspend(self, seconds: float) -> None:
        """Sleep as a machine does: both clocks go on, but no timer of the loop does."""
        self._boot_zero += seconds


def run_virtual(main: Callable[[VirtualClock], Awaitable[T]], start_wall: float = DEFAULT_START_WALL) -> T:
    """Run `main` to its end in virtual time.

    Raises DeadlockError when nothing can happen any more, and VirtualTimeError when a real thread or socket is asked
    for. Tasks that are left over when `main` ends are cancelled, oldest first.
    """
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(_as_coroutine(main, VirtualClock(loop, start_wall)))
    finally:
        try:
            loop.run_until_complete(_cancel_leftovers())
            loop.run_until_complete(loop.shutdown_asyncgens())
        finally:
            loop.close()


async def _as_coroutine(main: Callable[[VirtualClock], Awaitable[T]], clock: VirtualClock) -> T:
    return await main(clock)


async def _cancel_leftovers() -> None:
    mine = asyncio.current_task()
    leftovers = sorted((task for task in asyncio.all_tasks() if task is not mine), key=hash)
    for task in leftovers:
        task.cancel()
    await asyncio.gather(*leftovers, return_exceptions=True)
