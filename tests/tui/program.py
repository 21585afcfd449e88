"""The terminal as a real program around the fake Control, for tests in a pseudo-terminal.

Usage: python -m tests.tui.program FOLDER [torture|unclean|stuck|dead]
It writes FOLDER/beats and FOLDER/asked (a line with the monotonic time of each beat of the engine, and of each time the
terminal asked for the status) and FOLDER/commands.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

from msgspec.structs import replace

from aof_tui.base.errors import AofError
from aof_tui.control.protocol import Control
from aof_tui.control.requests import Command
from aof_tui.control.rows import CommandResult, Status
from aof_tui.control.thread import EngineThread
from aof_tui.tui.run import run_terminal
from tests.tui import rows
from tests.tui.fake_control import FakeControl

BEAT_S = 0.02
STUCK_S = 30.0


class WritingControl(FakeControl):
    """Writes down the commands it is sent, and when the terminal's loop was alive."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    async def status(self) -> Status:
        with (self._folder / "asked").open("a", encoding="utf-8") as file:
            file.write(f"{time.monotonic()}\n")
        return await super().status()

    async def command(self, command: Command) -> CommandResult:
        with (self._folder / "commands").open("a", encoding="utf-8") as file:
            file.write(f"{command.verb} {command.master_job_id} {command.actor}\n")
        return await super().command(command)


def _as_it_is(text: str) -> str:
    return text


def spoil(control: FakeControl) -> None:
    """Puts every hostile text everywhere."""
    for number, text in enumerate(rows.TORTURE):
        control.failure_rows[number] = replace(
            control.failure_rows[number], title=text, recipe=text, error=text, reason=text, category=text
        )
        control.event_rows[-1 - number] = replace(control.event_rows[-1 - number], text=text, recipe=text, kind=text)
        control.notice_rows[number] = replace(
            control.notice_rows[number], summary=text, receiver=text, channel=text, error=text
        )
    control.incident_rows = [
        rows.incident(number, title=text, recipe=text, assignee=text, acknowledged_by=text)
        for number, text in enumerate(rows.TORTURE, 1)
    ]
    breaker = rows.breakers()[1]
    spoiled = tuple(replace(breaker, downstream=text, name=text, opened_by=text) for text in rows.TORTURE)
    control.engine = replace(control.engine, breakers=spoiled)
    control.workspace = replace(control.workspace, workspace=rows.TORTURE[8], paused_by=rows.TORTURE[7])
    control.result = CommandResult(True, "".join(rows.TORTURE[:13]))


def main(folder: Path, how: str) -> int:
    """Runs until it is ended from outside or by a key."""

    async def engine(ready: Callable[[Control], None], stop: asyncio.Event) -> None:
        control = WritingControl(folder)
        if how in ("torture", "unclean"):
            spoil(control)
        ready(control)
        with (folder / "beats").open("a", encoding="utf-8", buffering=1) as beats:
            while not stop.is_set():
                beats.write(f"{time.monotonic()}\n")
                control.publish()
                if how == "dead":
                    raise RuntimeError("token=abc")
                await asyncio.sleep(BEAT_S)
        (folder / "stopping").touch()
        if how == "stuck":
            await asyncio.sleep(STUCK_S)
        (folder / "stopped").touch()

    if how == "unclean":
        # The first line of defence taken away: the line filter stands alone.
        patch("aof_tui.tui.cells.clean", _as_it_is).start()
        patch("aof_tui.tui.app.one_line", _as_it_is).start()
    thread = EngineThread(engine)
    try:
        return run_terminal(thread.control, actor="terminal:ana", engine=thread)
    except AofError as error:
        sys.stderr.write(f"aof-tui: {error}\n")
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""))
