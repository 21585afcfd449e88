"""Loops that fail are begun again, the store may fail for a while, and the engine begins and ends in order."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from aof_tui.base.errors import StoreError, StoreHeldError
from aof_tui.control.requests import IncidentQuery
from aof_tui.engine.engine import Engine
from aof_tui.engine.health import Health
from aof_tui.engine.points import Point
from aof_tui.engine.sweep import Sweep
from aof_tui.simulator.virtual_time import VirtualClock, run_virtual
from aof_tui.store.port import Params, Row
from aof_tui.store.sync_store import SyncConnection
from tests.engine.scene import HOUR, MINUTE, Scene, play, play_around
from tests.engine.test_guard import Once
from tests.harness.disk import MemoryMark
from tests.harness.virtual import settings

FAILED = "SELECT at, text, json_extract(data, '$.in_a_row') AS row FROM event WHERE kind = 'engine.failed'"


class Spoiled:
    """Stands in a loop's place and fails while it is told to."""

    def __init__(self, times: int) -> None:
        self.left = times
        self.runs = 0

    async def once(self) -> bool:
        self.runs += 1
        if self.left:
            self.left -= 1
            raise RuntimeError("token=s3cr3t-abcdefghijklmnop went wrong")
        return True


def test_a_loop_that_fails_is_logged_recorded_and_begun_again_after_growing_pauses(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    spoiled = Spoiled(times=7)
    monkeypatch.setattr(Sweep, "once", spoiled.once)

    async def story(scene: Scene) -> None:
        await scene.clock.sleep(10 * MINUTE)
        rows = await scene.bench.rows(FAILED)
        times = [float(str(row["at"])) for row in rows]
        assert [row["row"] for row in rows] == [1, 2, 3, 4, 5, 6, 7]
        assert [round(later - earlier) for earlier, later in pairwise(times)] == [1, 2, 4, 8, 16, 32]
        assert spoiled.runs > 7
        # People hear of it once, when it has failed three times in a row.
        assert await scene.told() == ["alarm>admins", "alarm>oncall", "resolved>oncall"]
        incident = (await scene.control.incidents(IncidentQuery(only_open=False))).rows[0]
        assert (incident.kind, incident.status) == ("engine_error", "resolved")
        assert "keeps failing" in incident.title
        assert "sweep of prod failed: RuntimeError" in str(rows[0]["text"])
        assert "s3cr3t" not in str(rows) + caplog.text

    with caplog.at_level(logging.ERROR):
        play(story)
    assert [record for record in caplog.records if "sweep of prod failed" in record.getMessage()]


def test_a_loop_that_fails_now_and_then_is_only_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    spoiled = Spoiled(times=100)
    monkeypatch.setattr(Health, "once", spoiled.once)

    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("recovered")
        await scene.clock.sleep(HOUR)
        rows = await scene.bench.rows(FAILED)
        assert len(rows) >= 10
        assert {row["row"] for row in rows} == {1}
        assert "alarm>oncall" not in await scene.told()

    play(story)


class FailingStore:
    """Refuses every statement while the disk is full."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full = False
        self.refused = 0
        genuine = SyncConnection.run

        async def run(connection: SyncConnection, sql: str, params: Params) -> tuple[object, list[Row]]:
            if self.full and sql != "COMMIT":
                self.refused += 1
                raise StoreError("the store cannot be used: database or disk is full")
            return await genuine(connection, sql, params)

        monkeypatch.setattr(SyncConnection, "run", run)


def test_a_store_that_fails_for_a_while_stops_everything_and_ends_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    disk = FailingStore(monkeypatch)

    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("scheduled")
        disk.full = True
        await scene.clock.sleep(30 * MINUTE)
        assert disk.refused > 20
        # Nothing is done that cannot be written down first.
        assert scene.workato.repeats == []
        disk.full = False
        await scene.until_status("recovered", within=5 * MINUTE)
        assert len(scene.workato.repeats) == 1

    play(story)
    assert "the failure could not be recorded: StoreError" in caplog.text


def test_a_store_that_fails_while_the_answer_is_out_leaves_a_doubt_that_is_settled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    disk = FailingStore(monkeypatch)

    async def fill_up() -> None:
        disk.full = True

    async def around(scene: Scene) -> None:
        scene.bench.failpoints = Once(Point.ANSWERED, fill_up)
        await scene.bench.run(lambda _control: story(scene))

    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        while not disk.full:
            await scene.clock.sleep(1.0)
        await scene.clock.sleep(20 * MINUTE)
        disk.full = False
        await scene.until_status("recovered", within=10 * MINUTE)
        assert len(scene.workato.repeats) == 1
        assert await scene.attempts() == ["confirmed"]

    play_around(around)


@pytest.mark.parametrize(
    ("answer_s", "least", "most", "attempt", "status"),
    [(20.0, 19, 26, "accepted", "watching"), (1000.0, 44, 54, "unknown", "in_doubt")],
)
def test_a_request_on_its_way_is_waited_for_at_the_end(
    answer_s: float, least: float, most: float, attempt: str, status: str
) -> None:
    async def story(scene: Scene) -> None:
        async def stop_while_sending(_control: object) -> None:
            scene.workato.repeat_s = answer_s
            scene.workato.fail("j-1")
            while not scene.workato.repeats:
                await scene.clock.sleep(0.1)

        await scene.bench.run(stop_while_sending)
        assert least <= scene.clock.wall() - scene.workato.repeats[0][0] <= most
        assert await scene.attempts() == [attempt]
        assert await scene.bench.rows("SELECT status FROM failure") == [{"status": status}]
        assert await scene.bench.rows("SELECT ended_how FROM engine_run") == [{"ended_how": "in order"}]
        assert (await scene.events())[-1] == "engine.stopped"

    play_around(story)


def test_nothing_new_is_begun_once_the_engine_ends() -> None:
    async def story(scene: Scene) -> None:
        async def begin_much(_control: object) -> None:
            for number in range(200):
                scene.workato.fail(f"j-{number}")
            await scene.clock.sleep(61.0)

        await scene.bench.run(begin_much)
        ended = scene.clock.wall()
        requests = len(scene.workato.reads)
        await scene.clock.sleep(HOUR)
        assert len(scene.workato.reads) == requests
        assert all(at <= ended for at, _ in scene.workato.reads)

    play_around(story)


def test_a_second_engine_on_the_same_store_is_refused(tmp_path: Path) -> None:
    async def main(clock: VirtualClock) -> None:
        scene = Scene(clock, {})
        ports = replace(scene.bench.ports(), lock=True, mark=MemoryMark())
        wanted = settings(store=str(tmp_path / "aof.db"))

        def engine(stop: asyncio.Event) -> tuple[asyncio.Task[None], asyncio.Future[object]]:
            ready: asyncio.Future[object] = asyncio.get_running_loop().create_future()
            return asyncio.create_task(Engine(wanted, ports).run(ready.set_result, stop)), ready

        stop = asyncio.Event()
        first, ready = engine(stop)
        await ready
        second, _ = engine(asyncio.Event())
        with pytest.raises(StoreHeldError, match="is held by process"):
            await second
        # The refused one has changed nothing, and the place is free when the first is gone.
        assert await scene.bench.rows("SELECT epoch FROM engine_run") == [{"epoch": 1}]
        stop.set()
        await first
        stop = asyncio.Event()
        third, ready = engine(stop)
        await ready
        stop.set()
        await third
        assert await scene.bench.rows("SELECT MAX(epoch) AS epoch FROM engine_run") == [{"epoch": 2}]

    run_virtual(main)
