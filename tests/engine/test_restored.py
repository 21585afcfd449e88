"""A store that is older than what was sent in its name, daily copies, and a size that has a limit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from aof_tui.control.requests import Command, Verb
from aof_tui.engine import copying, housekeeping
from aof_tui.engine.points import Point
from aof_tui.engine.ports import Ports
from aof_tui.notify.message import Notice
from aof_tui.simulator.virtual_time import VirtualClock, run_virtual
from aof_tui.store.copies import Copies
from aof_tui.store.mark import Mark
from tests.engine.scene import HOUR, MINUTE, Scene, play, play_around
from tests.engine.test_guard import Once
from tests.harness.disk import MemoryMark
from tests.harness.virtual import WORKSPACE, Bench, settings

DAY = 24 * HOUR


class Machine:
    """One Workato and one mark, on which stores can be changed for others."""

    def __init__(self, clock: VirtualClock, **changes: object) -> None:
        self.clock = clock
        self.scene = Scene(clock, changes)
        self.mark = MemoryMark()
        self.keep_mark()

    def keep_mark(self) -> None:
        genuine = self.scene.bench.ports

        def ports() -> Ports:
            return replace(genuine(), mark=self.mark)

        self.scene.bench.ports = ports  # type: ignore[method-assign]  # what the next engine is given, with a mark

    def change_store(self, path: Path | None, seed: str) -> None:
        """Go on with another store; `path` None: a new one."""
        wanted = self.scene.bench.settings
        self.scene.bench = Bench(self.clock, lambda: self.scene.workato, wanted, store_path=path, seed=seed)
        self.keep_mark()

    async def acting_stopped(self) -> str | None:
        return (await self.scene.control.status()).workspaces[0].acting_stopped

    def alarms(self) -> list[str]:
        notices = [message for message, _ in self.scene.bench.slack.sent if isinstance(message, Notice)]
        return [notice.title for notice in notices if notice.kind == "alarm"]


def test_a_restored_copy_is_doubted_and_nothing_is_repeated_twice(tmp_path: Path) -> None:
    async def main(clock: VirtualClock) -> None:
        machine = Machine(clock)
        scene = machine.scene

        async def until_sent(_control: object) -> None:
            scene.workato.fail("j-1")
            await scene.until_status("scheduled")
            await scene.bench.store.copy(tmp_path / "copy.db")
            while not scene.workato.repeats:
                await clock.sleep(1.0)

        await scene.bench.run_until_killed(until_sent)
        machine.change_store(tmp_path / "copy.db", "restored")

        async def after(_control: object) -> None:
            assert await machine.acting_stopped() == "store_restored"
            assert await scene.events("store.restored") == ["store.restored"]
            row = await scene.failure()
            assert row.status == "scheduled"
            await scene.until_status("recovered", within=HOUR)
            assert await machine.acting_stopped() is None
            assert "The store was restored from a copy" in machine.alarms()

        await scene.bench.run(after)
        assert len(scene.workato.repeats) == 1
        # The next start knows its store again.
        await scene.bench.run_for(MINUTE)
        assert await scene.events("store.restored") == ["store.restored"]

    run_virtual(main)


def test_an_intent_of_the_copy_may_have_been_sent(tmp_path: Path) -> None:
    async def main(clock: VirtualClock) -> None:
        machine = Machine(clock)
        scene = machine.scene

        async def copy() -> None:
            await scene.bench.store.copy(tmp_path / "copy.db")

        scene.bench.failpoints = Once(Point.PREPARED, copy)

        async def until_sent(_control: object) -> None:
            scene.workato.fail("j-1")
            while not scene.workato.repeats:
                await clock.sleep(1.0)

        await scene.bench.run_until_killed(until_sent)
        machine.change_store(tmp_path / "copy.db", "restored")

        async def after(_control: object) -> None:
            assert await scene.attempts() == ["unknown"] or await scene.attempts() == ["sending"]
            await scene.until_status("recovered", within=HOUR)
            assert await scene.attempts() == ["confirmed"]

        await scene.bench.run(after)
        assert len(scene.workato.repeats) == 1

    run_virtual(main)


def test_a_store_whose_mark_is_gone_counts_as_restored() -> None:
    async def main(clock: VirtualClock) -> None:
        machine = Machine(clock)
        await machine.scene.bench.run_for(MINUTE)
        machine.mark.mark = None

        async def after(_control: object) -> None:
            assert await machine.acting_stopped() == "store_restored"
            await clock.sleep(2 * MINUTE)
            assert await machine.acting_stopped() is None

        await machine.scene.bench.run(after)

    run_virtual(main)


def test_a_hold_after_a_restore_begins_anew_with_a_restart_and_outlives_a_refused_token() -> None:
    async def main(clock: VirtualClock) -> None:
        machine = Machine(clock)
        scene = machine.scene
        await scene.bench.run_for(MINUTE)
        machine.mark.mark = None
        await scene.bench.run_for(40.0)

        async def after(_control: object) -> None:
            scene.workato.fail("j-1")
            await clock.sleep(40.0)
            assert await machine.acting_stopped() == "store_restored"
            await clock.sleep(30.0)
            assert await machine.acting_stopped() is None

        await scene.bench.run(after)

    run_virtual(main)


def test_a_new_store_where_another_had_sent_waits_for_a_person() -> None:
    async def main(clock: VirtualClock) -> None:
        machine = Machine(clock)
        scene = machine.scene

        async def before(_control: object) -> None:
            scene.workato.fail("j-1")
            await scene.until_status("recovered")

        await scene.bench.run(before)
        machine.change_store(None, "new")

        async def after(_control: object) -> None:
            assert await machine.acting_stopped() == "store_lost"
            scene.workato.fail("j-2")
            await clock.sleep(2 * HOUR)
            assert await scene.state("j-2") == ("held", "acting_stopped")
            assert len(scene.workato.repeats) == 1
            assert machine.alarms()[0].startswith("The store is new")

        await scene.bench.run(after)

        async def person(_control: object) -> None:
            assert await machine.acting_stopped() == "store_lost"
            await scene.control.command(Command(Verb.RESUME, "terminal:ana", WORKSPACE))
            await scene.until_status("recovered", job_id="j-2")

        await scene.bench.run(person)

    run_virtual(main)


@pytest.mark.parametrize("killed_after", [0, 1])
def test_a_first_start_that_is_killed_leaves_no_suspicion(killed_after: int) -> None:
    async def main(clock: VirtualClock) -> None:
        machine = Machine(clock)
        if killed_after == 0:
            # The mark was written, the store never learned its id.
            await machine.mark.write(Mark("somebody", 0))

        async def after(_control: object) -> None:
            assert await machine.acting_stopped() is None

        for _ in range(killed_after + 1):
            await machine.scene.bench.run(after)

    run_virtual(main)


def test_copies_are_made_at_their_time_and_a_failure_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "copies"
    monkeypatch.setattr(copying, "EVERY_S", 10 * MINUTE)
    monkeypatch.setattr(copying, "CHECK_S", MINUTE)

    async def story(scene: Scene) -> None:
        await scene.clock.sleep(32 * MINUTE)
        assert len(list(folder.iterdir())) == 2
        assert await scene.events("store.copied") == ["store.copied"] * 3
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
        folder.touch()
        await scene.clock.sleep(13 * MINUTE)
        assert len(await scene.events("copy.failed")) > 2
        assert [line for line in await scene.told() if line.startswith("alarm")] == ["alarm>oncall", "alarm>admins"]

    play(story, backup={"dir": str(folder), "keep": 2}, reports=[])


def test_copies_lie_beside_a_store_that_is_a_file_or_where_the_settings_say() -> None:
    assert copying.copies_of(settings(), is_file=False) is None
    beside = copying.copies_of(settings(store="/var/lib/aof.db"), is_file=True)
    assert beside == Copies(Path("/var/lib/aof.db.backup"), 7)
    assert copying.copies_of(settings(backup={"dir": "/b", "keep": 3}), is_file=False) == Copies(Path("/b"), 3)


def test_a_store_that_grows_too_large_keeps_less_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "MB", 1)
    monkeypatch.setattr(housekeeping, "SHORTEST_S", HOUR)

    async def story(scene: Scene) -> None:
        async def fill(_control: object) -> None:
            for number in range(12):
                scene.workato.fail(f"j-{number}")
            await scene.clock.sleep(25 * MINUTE)

        await scene.bench.run(fill)
        scene.bench.checked = False
        used = (await scene.bench.store.read("store_size", {}))[0]["used"]
        scene.bench.settings = settings(
            reports=[], retention={"max_size_mb": int(str(used)) - 1, "events": "30d", "closed_failures": "30d"}
        )
        await scene.clock.sleep(2 * DAY)
        scene.workato.jobs.clear()

        async def look(_control: object) -> None:
            await scene.clock.sleep(65 * MINUTE)
            rows = await scene.bench.rows("SELECT data, text FROM event WHERE kind = 'store.filled'")
            assert len(rows) == 1
            assert "was deleted, which leaves" in str(rows[0]["text"])

        await scene.bench.run(look)
        left = (await scene.bench.store.read("store_size", {}))[0]["used"]
        assert int(str(left)) < int(str(used))
        assert "alarm>oncall" in await scene.told()

    play_around(story, reports=[])
