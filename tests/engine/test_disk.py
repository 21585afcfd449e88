"""A disk that is full, fails or is damaged: nothing is sent that cannot be written down, and people hear of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from aof_tui.base.errors import StoreFault, StoreFaultError
from aof_tui.engine.engine import Engine
from aof_tui.engine.points import Point
from aof_tui.engine.ports import Ports
from aof_tui.notify.channels import Postponed, Trouble
from aof_tui.notify.message import Notice
from aof_tui.simulator.virtual_time import VirtualClock, run_virtual
from aof_tui.store.mark import Mark
from aof_tui.store.port import Store
from tests.engine.scene import HOUR, MINUTE, Scene
from tests.engine.test_guard import Once
from tests.harness.disk import FaultyStore, MemoryMark
from tests.harness.virtual import MemoryChannel, settings


class Desk:
    """A scene whose store can fail, and what its channels were told."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.mark = MemoryMark()
        self.stores: list[FaultyStore] = []
        genuine = scene.bench.ports

        def ports() -> Ports:
            given = genuine()

            async def open_store(path: Path) -> Store:
                self.stores.append(FaultyStore(await given.open_store(path)))
                return self.stores[-1]

            return replace(given, open_store=open_store, mark=self.mark)

        scene.bench.ports = ports  # type: ignore[method-assign]  # what the next engine is given, with a faulty disk

    @property
    def disk(self) -> FaultyStore:
        return self.stores[-1]

    def alarms(self, channel: MemoryChannel) -> list[Notice]:
        notices = [message for message, _ in channel.sent if isinstance(message, Notice)]
        return [notice for notice in notices if "(not logged)" in notice.title]


def play(story: Callable[[Desk], Awaitable[None]], **changes: object) -> None:
    async def main(clock: VirtualClock) -> None:
        desk = Desk(Scene(clock, changes))
        await desk.scene.bench.run(lambda _control: story(desk))

    run_virtual(main)


@pytest.mark.parametrize("fault", [StoreFault.FULL, StoreFault.IO, StoreFault.READ_ONLY])
def test_nothing_is_sent_while_nothing_can_be_written_and_people_hear_of_it_once(fault: StoreFault) -> None:
    async def story(desk: Desk) -> None:
        scene = desk.scene
        scene.workato.fail("j-1")
        await scene.until_status("scheduled")
        desk.disk.fault = fault
        await scene.clock.sleep(30 * MINUTE)
        assert scene.workato.repeats == []
        assert desk.disk.refused > 20
        status = await scene.control.status()
        assert str(fault) in str(status.engine_error)
        for channel in (scene.bench.slack, scene.bench.email):
            told = desk.alarms(channel)
            assert len(told) == 3  # again every ten minutes, not with every write
            assert told[0].severity == "critical"
            assert "not logged" in told[0].reasons[1]
        desk.disk.fault = None
        await scene.until_status("recovered", within=15 * MINUTE)
        assert len(scene.workato.repeats) == 1
        assert (await scene.control.status()).engine_error is None
        assert await scene.events("store.recovered") == ["store.recovered"]
        # After a failed flush nothing that is in memory is believed.
        assert (desk.disk.renewed > 0) is (fault is not StoreFault.FULL)

    play(story)


def test_a_receiver_that_is_not_reached_is_tried_again() -> None:
    async def story(desk: Desk) -> None:
        scene = desk.scene
        scene.bench.slack.answers = [Postponed(Trouble.NETWORK, "no route")] * 2
        desk.disk.fault = StoreFault.FULL
        await scene.clock.sleep(5 * MINUTE)
        assert len(desk.alarms(scene.bench.slack)) == 3
        assert len(desk.alarms(scene.bench.email)) == 1
        assert len({reference for _, reference in scene.bench.slack.sent}) == 1
        desk.disk.fault = None

    play(story)


def test_a_lock_of_somebody_else_stops_acting_at_once_and_is_told_when_it_lasts() -> None:
    async def story(desk: Desk) -> None:
        scene = desk.scene
        await scene.clock.sleep(2 * MINUTE)
        desk.disk.fault = StoreFault.BUSY
        while not desk.disk.refused:
            await scene.clock.sleep(1.0)
        assert (await scene.control.status()).engine_error is not None
        await scene.clock.sleep(20.0)
        assert desk.alarms(scene.bench.slack) == []
        await scene.clock.sleep(20.0)
        assert len(desk.alarms(scene.bench.slack)) == 1
        desk.disk.fault = None
        await scene.clock.sleep(10.0)
        assert (await scene.control.status()).engine_error is None

    play(story)


def test_a_disk_that_fails_while_the_answer_is_out_leaves_a_doubt_that_is_settled() -> None:
    async def main(clock: VirtualClock) -> None:
        desk = Desk(Scene(clock, {}))

        async def fail() -> None:
            desk.disk.fault = StoreFault.IO

        desk.scene.bench.failpoints = Once(Point.ANSWERED, fail)

        async def story(_control: object) -> None:
            desk.scene.workato.fail("j-1")
            while not desk.disk.fault:
                await clock.sleep(1.0)
            await clock.sleep(20 * MINUTE)
            desk.disk.fault = None
            await desk.scene.until_status("recovered", within=15 * MINUTE)
            assert len(desk.scene.workato.repeats) == 1

        await desk.scene.bench.run(story)

    run_virtual(main)


def test_what_was_held_while_the_disk_failed_now_and_then_goes_on() -> None:
    async def story(desk: Desk) -> None:
        scene = desk.scene
        scene.workato.fail("j-1")
        await scene.until_status("scheduled")
        workspace_fails = False
        for _ in range(60):
            desk.disk.fault = None if workspace_fails else StoreFault.FULL
            workspace_fails = not workspace_fails
            await scene.clock.sleep(7.0)
        desk.disk.fault = None
        await scene.until_status("recovered", within=HOUR)
        assert len(scene.workato.repeats) == 1
        assert len(desk.alarms(scene.bench.slack)) <= 60 * 7 / 600 + 1

    play(story)


def test_damage_ends_the_engine_in_order_and_nothing_more_is_written() -> None:
    async def main(clock: VirtualClock) -> None:
        desk = Desk(Scene(clock, {}))
        scene = desk.scene
        scene.bench.checked = False
        with pytest.raises(StoreFaultError, match="corrupt") as ended:
            await scene.bench.run(lambda _control: _damage(desk))
        assert ended.value.exit_code == 3
        assert len(desk.alarms(scene.bench.slack)) == len(desk.alarms(scene.bench.email)) == 1
        assert "store recover" in desk.alarms(scene.bench.slack)[0].next_step
        assert await scene.bench.rows("SELECT ended_how FROM engine_run") == [{"ended_how": None}]

    async def _damage(desk: Desk) -> None:
        desk.scene.workato.fail("j-1")
        await desk.scene.until_status("scheduled")
        desk.disk.fault = StoreFault.CORRUPT
        committed = desk.disk.committed
        await desk.scene.clock.sleep(2 * MINUTE)
        desk.disk.fault = None
        await desk.scene.clock.sleep(HOUR)
        assert desk.disk.committed == committed
        assert desk.scene.workato.repeats == []

    run_virtual(main)


def test_another_file_in_the_stores_place_is_never_written_to() -> None:
    async def main(clock: VirtualClock) -> None:
        desk = Desk(Scene(clock, {}))
        desk.scene.bench.checked = False

        async def story(_control: object) -> None:
            desk.scene.workato.fail("j-1")
            await desk.scene.until_status("scheduled")
            desk.disk.fault = StoreFault.IO
            await clock.sleep(2 * MINUTE)
            raw = desk.scene.bench.store._connection.raw
            raw.execute("UPDATE meta SET value = 'another' WHERE key = 'store_id'")
            desk.disk.fault = None
            await clock.sleep(HOUR)
            assert desk.scene.workato.repeats == []

        with pytest.raises(StoreFaultError, match="no longer the one that was opened"):
            await desk.scene.bench.run(story)

    run_virtual(main)


def test_an_engine_that_ends_on_a_full_disk_ends_in_order(caplog: pytest.LogCaptureFixture) -> None:
    async def story(desk: Desk) -> None:
        desk.disk.fault = StoreFault.FULL
        await desk.scene.clock.sleep(MINUTE)

    play(story)
    assert "the end of this run is not in the log" in caplog.text


def test_a_store_that_cannot_be_opened_is_told_of_and_refused() -> None:
    async def main(clock: VirtualClock) -> None:
        scene = Scene(clock, {})

        async def refuse(_path: Path) -> Store:
            raise StoreFaultError("the store is damaged", StoreFault.CORRUPT)

        ports = replace(scene.bench.ports(), open_store=refuse)
        with pytest.raises(StoreFaultError, match="damaged"):
            await Engine(settings(), ports).run(lambda _control: None, scene.bench.stop)
        assert len(scene.bench.slack.sent) == len(scene.bench.email.sent) == 1

    run_virtual(main)


def test_starts_that_are_tried_again_and_again_tell_once_an_hour(tmp_path: Path) -> None:
    async def main(clock: VirtualClock) -> None:
        scene = Scene(clock, {})

        async def refuse(_path: Path) -> Store:
            raise StoreFaultError("the store is damaged", StoreFault.CORRUPT)

        ports = replace(scene.bench.ports(), open_store=refuse, lock=True, mark=MemoryMark())
        for _ in range(130):
            with pytest.raises(StoreFaultError, match="damaged"):
                await Engine(settings(store=str(tmp_path / "aof.db")), ports).run(
                    lambda _control: None, scene.bench.stop
                )
            await clock.sleep(MINUTE)
        assert len(scene.bench.slack.sent) == 3

    run_virtual(main)


def test_nothing_is_sent_whose_mark_cannot_be_kept() -> None:
    async def story(desk: Desk) -> None:
        scene = desk.scene
        scene.workato.fail("j-1")
        await scene.until_status("scheduled")
        desk.mark.fails = True
        scene.workato.fail("j-2")
        await scene.clock.sleep(20 * MINUTE)
        assert scene.workato.repeats == []
        assert (await scene.control.status()).engine_error == "the mark cannot be written"
        # Only the first one came so far that nobody can prove afterwards that it was not sent.
        assert await scene.state() == ("in_doubt", None) or await scene.state() == ("held", "stayed_in_doubt")
        desk.mark.fails = False
        await scene.until_status("recovered", job_id="j-2", within=HOUR)
        assert [job_ids for _, _, job_ids in scene.workato.repeats] == [["j-2"]]

    play(story)


def test_the_mark_is_as_high_as_what_was_sent_before_it_leaves() -> None:
    async def story(desk: Desk) -> None:
        scene = desk.scene
        assert desk.mark.mark is not None
        assert desk.mark.mark.sequence == 0
        scene.workato.fail("j-1")
        await scene.until_status("recovered")
        sent = await scene.bench.rows("SELECT sequence FROM event WHERE kind = 'repeat.sent'")
        assert [row["sequence"] for row in sent] == desk.mark.history[2:]
        assert desk.mark.mark == Mark(desk.mark.mark.store_id, desk.mark.history[-1])

    play(story)
