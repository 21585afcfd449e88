"""What becomes of an engine that dies of an error it should never have, and of a log that cannot be read."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aof_tui.base.errors import StoreError
from aof_tui.cli import event_lines, headless
from aof_tui.cli.event_lines import EventLines
from aof_tui.cli.logs import FIELDS
from aof_tui.cli.main import main
from aof_tui.control.protocol import Control
from aof_tui.control.requests import EventQuery
from aof_tui.control.rows import EventRow, Page
from tests.cli.processes import SimulatedWorkato, write_config
from tests.tui.fake_control import FakeControl

TOKEN = "a-token-that-must-not-show"


class DyingEngine:
    """Takes the place of the engine."""

    error: Exception = RuntimeError(f"Bearer {TOKEN}")

    def __init__(self, *_given: object, **_more: object) -> None:
        pass

    async def run(self, ready: Callable[[Control], None], stop: asyncio.Event) -> None:
        raise self.error


@pytest.fixture
def die(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Any:
    def run(error: Exception) -> tuple[int, str]:
        monkeypatch.setenv("WORKATO_TOKEN", TOKEN)
        monkeypatch.setattr(headless, "Engine", DyingEngine)
        monkeypatch.setattr(DyingEngine, "error", error)
        config = write_config(tmp_path, SimulatedWorkato("http://127.0.0.1:1", ""))
        code = main(["headless", "--config", str(config)])
        captured = capfd.readouterr()
        assert captured.out == ""
        return code, captured.err

    return run


def test_an_unhandled_death_is_logged_without_a_value(die: Callable[[Exception], tuple[int, str]]) -> None:
    code, err = die(RuntimeError(f"Bearer {TOKEN}"))
    assert code == 1
    (line,) = [json.loads(line) for line in err.splitlines()]
    assert (line["level"], line["message"], line["error"]) == ("error", "the engine died", "RuntimeError")
    assert line["where"][0].startswith("test_engine_death.py:")
    assert TOKEN not in err


def test_an_engine_that_cannot_begin_is_one_line(die: Callable[[Exception], tuple[int, str]]) -> None:
    assert die(StoreError("the store is newer than this program")) == (
        2,
        "aof-tui: the store is newer than this program\n",
    )


class FlakyControl(FakeControl):
    """Its log cannot be read at first."""

    def __init__(self) -> None:
        super().__init__()
        self.refusals = 1
        self.read = asyncio.Event()

    async def events(self, query: EventQuery) -> Page[EventRow]:
        if self.refusals:
            self.refusals -= 1
            raise StoreError("the store is busy")
        page = await super().events(query)
        if query.after == self.event_rows[-1].sequence:
            self.read.set()
        return page


async def test_a_log_that_cannot_be_read_is_read_later(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_lines, "LOOK_EVERY_S", 0.01)
    monkeypatch.setattr(event_lines, "BATCH", 50)
    caplog.set_level(logging.INFO, "aof_tui.events")
    control = FlakyControl()
    following = asyncio.create_task(EventLines().follow(control))
    async with asyncio.timeout(30):
        await control.read.wait()
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    assert caplog.messages[0] == "events cannot be read for the log: the store is busy"
    told = [vars(record)[FIELDS]["sequence"] for record in caplog.records[1:]]
    assert told == [event.sequence for event in control.event_rows]
