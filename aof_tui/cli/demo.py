"""`aof-tui demo`: an engine on a simulated Workato of its own, with the terminal or without."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from aof_tui.base.clock import SystemClock
from aof_tui.base.durations import human_duration
from aof_tui.base.errors import UsageError
from aof_tui.cli.journal import STDERR
from aof_tui.cli.logs import LogFormat, logging_to
from aof_tui.cli.output import note, say
from aof_tui.cli.stopping import Stopping
from aof_tui.control.protocol import Control

if TYPE_CHECKING:
    from aof_tui.cli.demo_summary import Summary

HEADLESS_FOR_S = 60.0
MOST_SPEED = 1000.0
BROKEN = 1


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asks of a demo; `seconds` are real ones."""

    headless: bool = False
    seconds: float | None = None
    seed: str = "7"
    speed: float = 120.0
    as_json: bool = False


def run_demo(wish: Wish) -> int:
    """Run to the end and print what it came to; the exit code is 1 where a promise was broken."""
    if not 0 < wish.speed <= MOST_SPEED:
        raise UsageError(f"--speed must be above 0 and at most {MOST_SPEED:g}")
    if wish.seconds is not None and not wish.headless:
        raise UsageError("--for goes with --headless; in the terminal q ends the demo")
    with TemporaryDirectory(prefix="aof-tui-demo-") as folder:
        demo = _Demo(wish, Path(folder))
        code = demo.without_terminal() if wish.headless else demo.with_terminal()
        if demo.summary is None:
            return code or BROKEN
        _tell(demo.summary, as_json=wish.as_json)
        return code or (0 if demo.summary.good else BROKEN)


class _Demo:
    """The two forms of a demo, and what it came to in the end."""

    def __init__(self, wish: Wish, folder: Path) -> None:
        self._wish = wish
        self._folder = folder
        self.summary: Summary | None = None

    def without_terminal(self) -> int:
        wish = self._wish
        seconds = HEADLESS_FOR_S if wish.seconds is None else wish.seconds
        if not wish.as_json:
            note(f"aof-tui: {human_duration(seconds)} at {wish.speed:g} times the speed, seed {wish.seed} …")
        with Stopping() as signals, logging_to(STDERR, str, LogFormat.CONSOLE, logging.WARNING):
            asyncio.run(self._live_for(seconds, signals))
        return 0

    def with_terminal(self) -> int:
        from aof_tui.cli.screen import show_terminal

        return show_terminal(self._live, self._folder / "demo.log", str, read_only=False, store_stays=False)

    async def _live_for(self, seconds: float, signals: Stopping) -> None:
        stop = asyncio.Event()
        signals.bind(stop)
        timer = asyncio.create_task(_end_after(stop, seconds))
        try:
            await self._live(lambda _control: None, stop)
        finally:
            timer.cancel()

    async def _live(self, ready: Callable[[Control], None], stop: asyncio.Event) -> None:
        # Imported here, in the engine's thread where there is a terminal: its first paint comes before.
        from aof_tui.cli.demo_life import live

        wish = self._wish
        self.summary = await live(self._folder / "demo.db", wish.seed, wish.speed, ready, stop)


async def _end_after(stop: asyncio.Event, seconds: float) -> None:
    await SystemClock().sleep(seconds)
    stop.set()


def _tell(summary: Summary, *, as_json: bool) -> None:
    figures = asdict(summary)
    if as_json:
        say(json.dumps(figures))
        return
    width = max(map(len, figures))
    for name, value in figures.items():
        shown = f"{value:g}" if isinstance(value, float) else str(value)
        say(f"{name.replace('_', ' '):<{width}}  {shown}")
