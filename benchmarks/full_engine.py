"""What an engine is to a terminal, without Workato: the real store, queries, feed and server, in a storm of changes.

Usage: python -m benchmarks.full_engine serve|terminal FOLDER CHANGES_PER_S
`serve` answers on FOLDER/engine.sock until it is ended; `terminal` shows the terminal on it in the same process.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from unittest.mock import patch

from aiohttp import web

from aof_tui import __version__
from aof_tui.base.clock import SystemClock
from aof_tui.base.errors import UsageError
from aof_tui.base.randomness import Randomness
from aof_tui.cli.screen import show_terminal
from aof_tui.control import server
from aof_tui.control.feed import FeedHub, HubFeed
from aof_tui.control.people import Admission, Rules
from aof_tui.control.protocol import Control
from aof_tui.control.requests import Command, Topic
from aof_tui.control.rows import CommandResult
from aof_tui.control.socket_file import listen
from aof_tui.store.facts import EngineFacts
from aof_tui.store.queries import StoreQueries
from aof_tui.store.sqlite_store import open_store
from benchmarks.full_store import Size, Storm, connected

STORE, SOCKET, ANSWERED = "bench.db", "engine.sock", "answered"
TICK_S = 0.05
CHANGED = (Topic.FAILURES, Topic.EVENTS, Topic.STATUS)


class FullControl(StoreQueries):
    """Control over a store, from which nobody acts."""

    def __init__(self, queries: StoreQueries, hub: FeedHub) -> None:
        self.__dict__.update(queries.__dict__)
        self._hub = hub

    async def command(self, command: Command) -> CommandResult:
        """Refused: this is no engine."""
        raise UsageError(f"a benchmark does not {command.verb}")

    def subscribe(self) -> HubFeed:
        """The feed of the storm."""
        return self._hub.subscribe()


async def live(
    folder: Path, changes_per_s: int, size: Size, ready: Callable[[Control], None], stop: asyncio.Event
) -> None:
    """Answer from the store of the folder, and change it, until `stop`."""
    clock = SystemClock()
    store = await open_store(folder / STORE)
    facts = EngineFacts(__version__, "running", "act", False, 1, clock.wall())
    hub = FeedHub(clock)
    with closing(connected(folder / STORE)) as connection:
        storm = Storm(connection, size)
        ready(FullControl(StoreQueries(store, clock, lambda: facts), hub))
        due = time.monotonic()
        while not stop.is_set():
            if changes_per_s:
                jobs = await asyncio.to_thread(storm.change, round(changes_per_s * TICK_S), clock.wall())
                hub.publish(CHANGED, jobs)
            due = max(due + TICK_S, time.monotonic() - TICK_S)
            await clock.wait(stop, due - time.monotonic())
    await store.close()


async def serve(folder: Path, changes_per_s: int) -> None:
    """The same on a socket, until the process ends; FOLDER/answered holds the bytes of all answers so far."""
    clock = SystemClock()
    serving: list[asyncio.Task[None]] = []

    async def answer(control: Control) -> None:
        served = server.ControlServer(control, Admission(Rules(), clock), clock, Randomness())
        async with served.serving(listen(folder / SOCKET)):
            await asyncio.Event().wait()

    with (folder / ANSWERED).open("w", encoding="ascii", buffering=1) as answered:
        made = partial(counted, server._response, answered.write)
        with patch.object(server, "_response", made):
            await live(
                folder,
                changes_per_s,
                Size(),
                lambda control: serving.append(asyncio.create_task(answer(control))),
                asyncio.Event(),
            )


def counted(
    make: Callable[[int, object], web.Response], write: Callable[[str], object], status: int, value: object
) -> web.Response:
    """An answer, and a line with the time and the bytes of its body."""
    response = make(status, value)
    body = response.body
    write(f"{time.monotonic()} {len(body) if isinstance(body, bytes) else 0}\n")
    return response


def main(how: str, folder: Path, changes_per_s: int) -> int:
    """The exit code."""
    if how == "serve":
        asyncio.run(serve(folder, changes_per_s))
        return 0
    return show_terminal(partial(live, folder, changes_per_s, Size()), folder / "log", str, read_only=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
