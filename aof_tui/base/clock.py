"""The clock port: the only place where time is read and waited for.

Wall time is for display and calendar rules. Durations, guards and settle times use boot time, which counts a suspended
machine's sleep and never steps.
"""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

REAL_DEADLINE_FLOOR_S = 5.0
"""A sped-up clock shortens waiting, not the work of real sockets: no I/O deadline falls below these real seconds."""


class Clock(Protocol):
    """Time as the engine sees it. All values are seconds."""

    @property
    def rate(self) -> float:
        """Clock seconds that pass in one real second (1 outside demonstrations)."""
        ...

    @property
    def boot_id(self) -> str:
        """Names the boot that `boot()` counts from; values of different boots do not compare."""
        ...

    def wall(self) -> float:
        """Seconds since 1970-01-01T00:00Z."""
        ...

    def boot(self) -> float:
        """Seconds since boot, suspended time included."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait; a negative time still gives other tasks a turn."""
        ...

    async def wait(self, event: asyncio.Event, seconds: float | None) -> bool:
        """Wait until the event is set (True) or the time is over (False); None waits without limit."""
        ...

    def deadline(self, seconds: float) -> AbstractAsyncContextManager[object]:
        """A total limit for I/O in its body; raises TimeoutError when it is over."""
        ...


def _raw_boot() -> float:
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


def _read_boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        # Without a kernel boot id, the start of the boot in whole minutes tells one boot from another.
        return f"boot-{int((time.time() - _raw_boot()) // 60)}"


class SystemClock:
    """The machine's clock; a rate above 1 compresses time for demonstrations."""

    def __init__(self, rate: float = 1.0) -> None:
        if rate <= 0:
            raise ValueError("a clock's rate must be positive")
        self._rate = rate
        self._wall_start = time.time()
        self._boot_start = _raw_boot()
        self._boot_id = _read_boot_id()

    @property
    def rate(self) -> float:
        return self._rate

    @property
    def boot_id(self) -> str:
        return self._boot_id

    def wall(self) -> float:
        now = time.time()
        return now if self._rate == 1.0 else self._wall_start + (now - self._wall_start) * self._rate

    def boot(self) -> float:
        now = _raw_boot()
        return now if self._rate == 1.0 else self._boot_start + (now - self._boot_start) * self._rate

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds) / self._rate)

    async def wait(self, event: asyncio.Event, seconds: float | None) -> bool:
        if event.is_set():
            return True
        # Not by asyncio.timeout: after its cancellation Python 3.11 traces the callers no further (coverage).
        waiting = asyncio.ensure_future(event.wait())
        try:
            await asyncio.wait([waiting], timeout=None if seconds is None else max(0.0, seconds) / self._rate)
        finally:
            waiting.cancel()
        return waiting.done() or event.is_set()

    def deadline(self, seconds: float) -> AbstractAsyncContextManager[object]:
        real = seconds / self._rate
        return asyncio.timeout(real if self._rate == 1.0 else max(real, REAL_DEADLINE_FLOOR_S))


def monotonic_us() -> int:
    """Microseconds of the clock by which systemd orders what it is told (systemd: sd_notify, MONOTONIC_USEC)."""
    return time.monotonic_ns() // 1_000


def utc(wall: float) -> datetime:
    """The wall time as an aware datetime."""
    return datetime.fromtimestamp(wall, tz=UTC)


def rfc3339(wall: float) -> str:
    """The wall time as RFC 3339 with `Z` and milliseconds."""
    return utc(wall).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_rfc3339(text: str) -> float:
    """Seconds since 1970 of an RFC 3339 time with any offset. Raises ValueError, also for a time without an offset."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"time without an offset: {text!r}")
    return moment.timestamp()
