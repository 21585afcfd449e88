"""Plain lines that go on, from an engine that comes, goes and comes back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from aof_tui.cli import following
from aof_tui.cli.following import follow_log, watch_status
from aof_tui.cli.listing import Wanted
from aof_tui.control.requests import EventQuery, Topic
from aof_tui.control.rows import EventRow, Page, Status, WorkspaceState
from tests.control.fake import BareControl, empty_status
from tests.control.served import served, short_folder


class Engine(BareControl):
    """A log and one workspace that a test changes."""

    def __init__(self) -> None:
        super().__init__()
        self.log: list[EventRow] = []
        self.state = WorkspaceState("prod", False, None, None, None, 1_000.0, {"scheduled": 2}, 1, 0, None)

    async def status(self) -> Status:
        return replace(empty_status(), workspaces=(self.state,))

    async def events(self, query: EventQuery) -> Page[EventRow]:
        found = [row for row in self.log if row.sequence > (query.after or 0)]
        shown = found[-query.limit :] if query.newest else found[: query.limit]
        return Page(tuple(shown), len(found), None if len(shown) == len(found) else "more", 1_000.0)

    def note(self, text: str) -> None:
        number = len(self.log) + 1
        row = EventRow(
            number, 0.0, "prod", "failure.held", "info", "engine", f"j-{number}", None, None, None, None, text
        )
        self.log.append(row)
        self.hub.publish([Topic.EVENTS])


@pytest.fixture
def socket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(following, "LOOK_EVERY_S", 0.02)
    with short_folder() as folder:
        yield folder / "run" / "a.sock"


@pytest.fixture
def wanted(socket: Path, tmp_path: Path) -> Wanted:
    config = tmp_path / "config.yaml"
    store = tmp_path / "aof.db"
    store.touch()
    workspaces = [{"name": "prod", "url": "https://www.workato.com", "token": "env:T"}]
    settings = {"store": str(store), "workspaces": workspaces, "socket": {"path": str(socket)}}
    config.write_text(json.dumps(settings), encoding="utf-8")
    return Wanted(config=config, limit=2)


@asynccontextmanager
async def going_on(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
        assert not task.done(), task.exception()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


Printed = Callable[[str], Coroutine[Any, Any, str]]


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> Printed:
    """Waits until a text was printed, on either stream; all that was."""
    so_far: list[str] = []

    async def wait(text: str) -> str:
        async with asyncio.timeout(10):
            while True:
                captured = capsys.readouterr()
                so_far.append(captured.out + captured.err)
                if text in "".join(so_far):
                    return "".join(so_far)
                await asyncio.sleep(0.01)

    return wait


async def test_the_log_goes_on_over_a_restart(socket: Path, wanted: Wanted, printed: Printed) -> None:
    engine = Engine()
    for text in ("first", "second", "third"):
        engine.note(text)
    async with served(engine, socket):
        follow = going_on(follow_log(wanted))
        await follow.__aenter__()
        assert "first" not in await printed("1970-01-01 00:00:00 info prod failure.held j-3: third\n")
        engine.note("fo\x1b[31mur\nth")
        assert "j-4: fo" in await printed("ur th\n")
    await printed("; waiting for it\n")
    engine.note("fifth")
    async with served(engine, socket):
        engine.note("sixth")
        text = await printed("j-6: sixth\n")
        await follow.__aexit__(None, None, None)
    assert [line.split(": ")[0][-3:] for line in text.splitlines() if "failure.held" in line] == [
        *("j-2", "j-3", "j-4", "j-5", "j-6")
    ]
    assert text.count("waiting for it") == 1


async def test_a_workspace_is_told_of_when_it_changes(socket: Path, wanted: Wanted, printed: Printed) -> None:
    engine = Engine()
    async with served(engine, socket), going_on(watch_status(wanted)):
        await printed("prod: engine running; act; 2 scheduled; 1 open incident\n")
        engine.hub.publish([Topic.STATUS])
        engine.state = replace(engine.state, counts={"held": 1}, paused_by="cli:ana")
        engine.hub.publish([Topic.STATUS])
        text = await printed("prod: engine running; act; 1 held; 1 open incident; repeats are paused by cli:ana\n")
    assert len(text.splitlines()) == 2


async def test_scripts_get_objects(socket: Path, wanted: Wanted, printed: Printed) -> None:
    engine = Engine()
    engine.note("first")
    async with served(engine, socket):
        async with going_on(follow_log(replace(wanted, as_json=True))):
            line = await printed("first")
            assert json.loads(line)["master_job_id"] is None
        async with going_on(watch_status(replace(wanted, as_json=True))):
            text = await printed('"scheduled": 2')
            assert json.loads(text.splitlines()[-1])["workspaces"][0]["workspace"] == "prod"
