"""Drives the app with keys and waits for what should become true."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from textual.pilot import Pilot

from aof_tui.base.clock import SystemClock
from aof_tui.control.requests import Command
from aof_tui.tui.app import AofApp
from aof_tui.tui.themes import Themes, own_themes
from tests.tui.fake_control import FakeControl

DEADLINE_S = 20.0
SMALL, LARGE = (80, 24), (200, 60)


class HeldClock(SystemClock):
    """A clock whose boot time moves only when a test moves it; waiting takes real time."""

    def __init__(self) -> None:
        super().__init__()
        self.passed_s = 0.0

    def boot(self) -> float:
        return 1_000.0 + self.passed_s


@dataclass
class Stage:
    """A running app, its fake engine and its clock."""

    app: AofApp
    control: FakeControl
    clock: HeldClock
    pilot: Pilot[int]

    @property
    def lines(self) -> list[str]:
        """What is on the screen, line by line."""
        return [strip.text.rstrip() for strip in self.app.screen._compositor.render_strips()]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def commands(self) -> list[Command]:
        return self.control.commands

    async def until(self, condition: Callable[[], bool]) -> None:
        """Lets the app run until the condition holds."""
        end = time.monotonic() + DEADLINE_S
        while not condition():
            assert time.monotonic() < end, self.text
            await asyncio.sleep(0.005)

    async def shows(self, *texts: str) -> None:
        """Waits until all the texts are on the screen."""
        await self.until(lambda: all(text in self.text for text in texts))

    async def hides(self, text: str) -> None:
        """Waits until the text is gone from the screen."""
        await self.until(lambda: text not in self.text)

    async def told(self, text: str) -> None:
        """Waits until a toast says this; on the screen its words may be on several lines."""
        await self.until(lambda: any(text in toast.message for toast in self.app._notifications))

    async def untold(self) -> None:
        """Takes all toasts off the screen: they go with real time."""
        self.app.clear_notifications()
        await self.until(lambda: not self.app.screen.query("Toast"))

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def passes(self, seconds: float) -> None:
        """Lets terminal time pass, and draws."""
        self.clock.passed_s += seconds
        self.app.tick()
        await self.pilot.pause()


@asynccontextmanager
async def staged(
    control: FakeControl | None = None,
    *,
    size: tuple[int, int] = SMALL,
    read_only: bool = False,
    ends_engine: bool = True,
    themes: Themes | None = None,
    wait_for: str = "Order sync",
) -> AsyncIterator[Stage]:
    """The app over a fake control, once `wait_for` is on the screen."""
    clock = HeldClock()
    fake = FakeControl() if control is None else control
    app = AofApp(
        fake,
        actor="terminal:ana",
        read_themes=own_themes if themes is None else lambda: themes,
        read_only=read_only,
        ends_engine=ends_engine,
        clock=clock,
    )
    async with app.run_test(size=size, notifications=True) as pilot:
        stage = Stage(app, fake, clock, pilot)
        await stage.shows(wait_for)
        yield stage
