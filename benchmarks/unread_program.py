"""`aof-tui` as it is, with a heartbeat on each of its two loops: run by `benchmarks.unread` in a pseudo-terminal.

Usage: python -m benchmarks.unread_program FOLDER ARGUMENTS…
It appends monotonic times to FOLDER/engine and FOLDER/terminal, a line a beat, and takes the arguments of `aof-tui`.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from aof_tui.cli.main import main
from aof_tui.control.protocol import Control
from aof_tui.control.thread import EngineMain, EngineThread
from aof_tui.tui.app import AofApp

BEAT_S = 0.02


async def beat(file: Path) -> None:
    """Write down the time, for ever, as often as the loop lets this task run."""
    with file.open("a", encoding="ascii", buffering=1) as beats:
        while True:
            beats.write(f"{time.monotonic()}\n")
            await asyncio.sleep(BEAT_S)


def with_beat(file: Path, engine: EngineMain) -> EngineThread:
    """An engine thread whose loop beats from the time the engine answers until it has ended."""
    beats: list[asyncio.Task[None]] = []

    async def beating(ready: Callable[[Control], None], stop: asyncio.Event) -> None:
        def ready_and_beating(control: Control) -> None:
            beats.append(asyncio.create_task(beat(file)))
            ready(control)

        try:
            await engine(ready_and_beating, stop)
        finally:
            for task in beats:
                task.cancel()

    return EngineThread(beating)


def app_with_beat(file: Path, control: Control, *, on_first_paint: Callable[[], None], **how: Any) -> AofApp:
    """A terminal whose loop beats from its first paint on."""
    beats: list[asyncio.Task[None]] = []

    def painted() -> None:
        beats.append(asyncio.create_task(beat(file)))
        on_first_paint()

    return AofApp(control, on_first_paint=painted, **how)


def run(folder: Path, arguments: list[str]) -> int:
    """The exit code of `aof-tui`."""
    with (
        patch("aof_tui.cli.run.EngineThread", partial(with_beat, folder / "engine")),
        patch("aof_tui.tui.run.AofApp", partial(app_with_beat, folder / "terminal")),
    ):
        return main(arguments)


if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1]), sys.argv[2:]))
