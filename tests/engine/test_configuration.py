"""Reading the configuration again is told of in the log; an unusable file is an incident until it is mended."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path

import pytest

from aof_tui.base.errors import StoreFault
from aof_tui.control.socket_file import SocketError
from aof_tui.engine.configuration import MOST_NAMED, MOST_WAITING, Reload, Reloads
from aof_tui.engine.engine import Engine
from aof_tui.engine.ports import Ports
from aof_tui.simulator.virtual_time import VirtualClock, run_virtual
from aof_tui.store.port import Store
from tests.engine.scene import MINUTE, Scene
from tests.harness.disk import FaultyStore
from tests.harness.virtual import SIMULATED_URL, WORKSPACE, settings

REFUSED = Reload(problems=("/etc/aof-tui/config.yaml:3: mode: must be observe or act",))
APPLIED = Reload(("mode", "collation.interval"), ("store",))


class Desk:
    """A scene whose engines are told of reloads, on a store that can fail."""

    def __init__(self, clock: VirtualClock) -> None:
        self.scene = Scene(clock, {})
        self.reloads = Reloads(clock)
        self.store: FaultyStore | None = None
        genuine = self.scene.bench.ports

        def ports() -> Ports:
            given = genuine()

            async def open_store(path: Path) -> Store:
                self.store = FaultyStore(await given.open_store(path))
                return self.store

            return replace(given, reloads=self.reloads, open_store=open_store)

        self.scene.bench.ports = ports  # type: ignore[method-assign]  # what the next engine is given

    async def news(self) -> list[tuple[str, str, str]]:
        rows = await self.scene.bench.rows(
            "SELECT kind, level, text FROM event WHERE kind LIKE 'configuration.%' ORDER BY sequence"
        )
        return [(str(row["kind"]), str(row["level"]), str(row["text"])) for row in rows]

    async def incidents(self) -> list[str]:
        rows = await self.scene.bench.rows("SELECT status FROM incident WHERE scope = 'configuration'")
        return [str(row["status"]) for row in rows]


def test_a_refusal_is_told_until_a_reload_or_a_start_succeeds() -> None:
    async def main(clock: VirtualClock) -> None:
        desk = Desk(clock)
        told = desk.scene.bench.slack.sent

        async def refused_twice(_control: object) -> None:
            for _ in range(2):
                desk.reloads.tell(REFUSED)
                await clock.sleep(MINUTE)
            assert await desk.incidents() == ["open"]
            assert len(told) == 1, "people are told once"
            desk.reloads.tell(APPLIED)
            await clock.sleep(MINUTE)
            assert await desk.incidents() == ["resolved"]
            desk.reloads.tell(REFUSED)
            await clock.sleep(MINUTE)
            assert await desk.incidents() == ["open"]

        await desk.scene.bench.run(refused_twice)
        assert await desk.incidents() == ["open"]
        # The engine that goes on with the old settings was begun because the file is bad: no good sign.
        desk.reloads.tell(REFUSED)
        await desk.scene.bench.run_for(MINUTE)
        assert await desk.incidents() == ["open"]
        await desk.scene.bench.run_for(MINUTE)
        assert await desk.incidents() == ["resolved"]
        why = "the configuration stays as it was: /etc/aof-tui/config.yaml:3: mode: must be observe or act"
        changed = "the configuration was read again: mode, collation.interval changed; store changes at a restart"
        refusal, application = ("configuration.refused", "error", why), ("configuration.applied", "info", changed)
        assert await desk.news() == [refusal, refusal, application, refusal, refusal]

    run_virtual(main)


def test_what_is_mended_ends_wherever_its_workspace_stands_in_the_file_by_now() -> None:
    def places(*names: str) -> list[dict[str, object]]:
        return [{"name": name, "url": SIMULATED_URL, "token": "env:TOKEN"} for name in names]

    async def main(clock: VirtualClock) -> None:
        desk = Desk(clock)
        bench = desk.scene.bench
        desk.reloads.tell(REFUSED)
        await bench.run_for(MINUTE)
        assert await desk.incidents() == ["open"]
        bench.settings = settings(workspaces=places("other", WORKSPACE))
        desk.reloads.tell(APPLIED)
        await bench.run_for(MINUTE)
        assert await desk.incidents() == ["resolved"]

    run_virtual(main)


def test_an_engine_that_cannot_begin_after_all_leaves_nothing_running() -> None:
    async def main(clock: VirtualClock) -> None:
        scene = Scene(clock, {})

        def refuse(_control: object) -> AbstractAsyncContextManager[object]:
            raise SocketError("it is taken")

        before = asyncio.all_tasks()
        engine = Engine(scene.bench.settings, replace(scene.bench.ports(), serve=refuse))
        with pytest.raises(SocketError):
            await engine.run(lambda _control: None, asyncio.Event())
        assert {task.get_name() for task in asyncio.all_tasks() - before} == set()

    run_virtual(main)


def test_what_cannot_be_written_is_written_once_when_the_disk_works_again() -> None:
    async def main(clock: VirtualClock) -> None:
        desk = Desk(clock)

        async def story(_control: object) -> None:
            assert desk.store is not None
            desk.store.fault = StoreFault.FULL
            desk.reloads.tell(APPLIED)
            await clock.sleep(MINUTE)
            assert await desk.news() == []
            desk.store.fault = None
            await clock.sleep(5 * MINUTE)
            assert [kind for kind, _, _ in await desk.news()] == ["configuration.applied"]

        await desk.scene.bench.run(story)

    run_virtual(main)


def test_what_is_told_is_bounded_and_inert() -> None:
    names = tuple(f"routes[{number}]" for number in range(MOST_NAMED + 3))
    assert Reload(names).text.endswith(f"routes[{MOST_NAMED - 1}], and 3 more changed")
    assert Reload().text == "the configuration was read again: nothing changed"
    long = Reload(problems=("a\x1b[2J\nb" + "x" * 100_000,)).text
    assert len(long) < 3_000
    assert long.isprintable()

    async def main(clock: VirtualClock) -> None:
        reloads = Reloads(clock)
        for _ in range(2 * MOST_WAITING):
            reloads.tell(REFUSED)
        taken = 0
        while reloads.take() is not None:
            taken += 1
        assert taken == MOST_WAITING

    run_virtual(main)
