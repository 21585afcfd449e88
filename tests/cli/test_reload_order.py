"""Reloads that meet each other, files that break the reading, and engines that do not begin: with scripted engines."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from aof_tui.base.errors import StoreError
from aof_tui.cli import headless
from aof_tui.cli.configuration_file import ConfigurationFile
from aof_tui.cli.logs import LogFormat
from aof_tui.cli.service import SystemdService
from aof_tui.config.settings import Settings
from aof_tui.control.protocol import Control
from aof_tui.engine.ports import Ports
from tests.cli.processes import SimulatedWorkato, write_config
from tests.control.served import short_folder
from tests.tui.fake_control import FakeControl

NOWHERE = SimulatedWorkato("http://127.0.0.1:1", "")
READ, KEPT = "the configuration was read again: ", "the configuration stays as it was: "
WITHIN_S = 30.0


class Play:
    """Engines that do what their scripts say, one after the other; a last one ends the program."""

    def __init__(self, folder: Path, socket: Path) -> None:
        self.folder, self.socket = folder, socket
        self.scripts: list[Callable[[Life], Awaitable[None]]] = []
        self.seen: list[str] = []
        """Engines as `begins INTERVAL`, what they were told, and what systemd was told, in the order of it."""

    def write(self, interval: str = "1s", **changes: object) -> None:
        given = {"collation": {"interval": interval}, "socket": {"path": str(self.socket)}}
        write_config(self.folder, NOWHERE, **given | changes)

    def hang_up(self) -> None:
        os.kill(os.getpid(), signal.SIGHUP)

    def run(self) -> int:
        return headless.run_headless(
            self.folder / "config.yaml", observe=False, read_only=False, log_format=LogFormat.JSON
        )


class Life:
    """One scripted engine."""

    def __init__(self, play: Play, settings: Settings, ports: Ports) -> None:
        self.play = play
        self.interval = settings.collation.interval
        self._ports = ports
        self._ready: Callable[[Control], None] | None = None
        self.stop = asyncio.Event()

    async def run(self, ready: Callable[[Control], None], stop: asyncio.Event) -> None:
        self._ready, self.stop = ready, stop
        self.play.seen.append(f"begins {self.interval:g}")
        await self.play.scripts.pop(0)(self)

    async def answer(self) -> None:
        control = FakeControl(0, 0, 0)
        async with self._ports.serve(control):
            assert self._ready is not None
            self._ready(control)

    async def hear(self, count: int = 1) -> None:
        """What it is told, so many times."""
        reloads = self._ports.reloads
        assert reloads is not None
        async with asyncio.timeout(WITHIN_S):
            while count:
                while (reload := reloads.take()) is not None:
                    self.play.seen.append(reload.text)
                    count -= 1
                if count:
                    await reloads.wait()

    async def stopped(self) -> None:
        async with asyncio.timeout(WITHIN_S):
            await self.stop.wait()


async def leaves(life: Life) -> None:
    os.kill(os.getpid(), signal.SIGTERM)
    await life.stopped()


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Play]:
    with short_folder() as folder:
        made = Play(tmp_path, folder / "a.sock")
        made.write()
        with_scripted_engines(made, monkeypatch)
        yield made
    assert made.scripts == []


def with_scripted_engines(made: Play, monkeypatch: pytest.MonkeyPatch) -> None:

    def engine(settings: Settings, ports: Ports, *, read_only: bool) -> Life:
        return Life(made, settings, ports)

    monkeypatch.setattr(headless, "Engine", engine)
    monkeypatch.setattr(SystemdService, "reloading", lambda _self: made.seen.append("reloading"))
    monkeypatch.setattr(SystemdService, "ready", lambda _self, _status="": made.seen.append("ready"))
    monkeypatch.setenv("WORKATO_TOKEN", "a-token-for-tests")
    monkeypatch.setenv("SLACK_TOKEN", "another-token")


def asks(interval: str, **changes: object) -> Callable[[Life], Awaitable[None]]:
    """An engine that answers, and lives until a reload with another file ends it."""

    async def script(life: Life) -> None:
        await life.answer()
        life.play.write(interval, **changes)
        life.play.hang_up()
        await life.stopped()

    return script


async def hears_and_leaves(life: Life) -> None:
    await life.answer()
    await life.hear()
    await leaves(life)


async def settle() -> None:
    """Let whoever would answer a signal at once do so, reading the file included."""
    await asyncio.sleep(0)
    await asyncio.to_thread(lambda: None)
    await asyncio.sleep(0)


def test_a_file_mended_while_a_bad_one_is_tried_is_used(play: Play) -> None:
    async def cannot_begin(life: Life) -> None:
        play.write("3s")
        play.hang_up()
        await settle()
        raise StoreError("it cannot")

    async def is_begun_again(life: Life) -> None:
        await life.hear()
        await life.answer()
        await life.stopped()

    play.scripts = [asks("2s"), cannot_begin, is_begun_again, hears_and_leaves]
    assert play.run() == 0
    assert play.seen == [
        *("begins 1", "ready", "reloading", "begins 2", "begins 1", f"{KEPT}it cannot", "ready"),
        *("reloading", "begins 3", "ready", f"{READ}collation.interval changed"),
    ]


def test_a_file_broken_while_a_good_one_is_tried_is_refused_after_it(play: Play) -> None:
    async def begins_slowly(life: Life) -> None:
        (play.folder / "config.yaml").write_text("", encoding="utf-8")
        play.hang_up()
        await settle()
        await life.answer()
        await life.hear(2)
        await leaves(life)

    play.scripts = [asks("2s"), begins_slowly]
    assert play.run() == 0
    assert [said for said in play.seen if not said.startswith((READ, KEPT))] == [
        *("begins 1", "ready", "reloading", "begins 2", "ready", "reloading", "ready"),
    ]
    applied, refused = [said for said in play.seen if said.startswith((READ, KEPT))]
    assert applied == f"{READ}collation.interval changed"
    assert refused.startswith(KEPT)
    assert refused.endswith("the file is empty; aof-tui init writes one")


def test_two_reloads_at_once_are_both_told(play: Play) -> None:
    async def begins_slowly(life: Life) -> None:
        play.write("2s", mode="act")
        play.hang_up()
        await settle()
        await life.answer()
        await life.hear()
        await life.stopped()

    play.scripts = [asks("2s"), begins_slowly, hears_and_leaves]
    assert play.run() == 0
    assert [said for said in play.seen if said.startswith(READ)] == [
        f"{READ}collation.interval changed",
        f"{READ}mode changed",
    ]


def test_whatever_a_file_brings_about_the_next_reload_is_heard(
    play: Play, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    async def first(life: Life) -> None:
        await life.answer()
        with monkeypatch.context() as broken:
            broken.setattr(ConfigurationFile, "read", explode)
            play.hang_up()
            await life.hear()
        play.write("2s")
        play.hang_up()
        await life.stopped()

    def explode(_self: object) -> None:
        # A slow disk must not stop the engine that works meanwhile.
        assert threading.current_thread() is not threading.main_thread()
        raise RuntimeError("a-token-for-tests")

    play.scripts = [first, hears_and_leaves]
    assert play.run() == 0
    assert play.seen[:6] == [
        *("begins 1", "ready", "reloading", "ready", f"{KEPT}internal error: RuntimeError", "reloading"),
    ]
    assert play.seen[6] == "begins 2"
    (logged,) = [line for line in map(json.loads, capfd.readouterr().err.splitlines()) if line["level"] == "error"]
    assert (logged["message"], logged["error"]) == (f"{KEPT}internal error: RuntimeError", "RuntimeError")


@pytest.mark.parametrize("answers_first", [False, True])
def test_an_engine_that_dies_of_anything_as_it_begins_is_given_up(play: Play, *, answers_first: bool) -> None:
    async def dies(life: Life) -> None:
        if answers_first:
            await life.answer()
        raise ZeroDivisionError

    # Only as it begins: one that died after it answered could do so again and again.
    play.scripts = [asks("2s"), dies] if answers_first else [asks("2s"), dies, hears_and_leaves]
    assert play.run() == (1 if answers_first else 0)
    if not answers_first:
        assert play.seen[3:] == ["begins 2", "begins 1", "ready", f"{KEPT}internal error: ZeroDivisionError"]


def test_a_socket_that_cannot_be_opened_refuses_the_reload_that_names_it_and_no_other(play: Play) -> None:
    async def has_none_either(life: Life) -> None:
        await life.answer()
        await life.hear()
        play.write("2s", socket={"path": str(other)})
        play.hang_up()
        await life.stopped()

    taken, other = play.socket.with_name("taken"), play.socket.with_name("other")
    for path in (taken, other):
        path.write_text("no socket", encoding="utf-8")
    play.write("1s", socket={"path": str(taken)})
    play.scripts = [asks("2s", socket={"path": str(taken)}), has_none_either, Life.answer, hears_and_leaves]
    assert play.run() == 0
    assert [said for said in play.seen if said.startswith("begins")] == ["begins 1", *["begins 2"] * 3]
    told = [said for said in play.seen if said.startswith((READ, KEPT))]
    assert told == [f"{READ}collation.interval changed", f"{KEPT}{other} is in the way of the socket: it is no socket"]
