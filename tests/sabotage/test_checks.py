"""Checks that some of the planted bugs need and that no other test makes so directly."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing

import pytest

from aof_tui.base.secret import Secret
from aof_tui.config.settings import Quotas
from aof_tui.engine.points import Point
from aof_tui.simulator.scenario_file import load_scenario
from aof_tui.simulator.simulator import Simulator
from aof_tui.simulator.transport import InProcessTransport
from aof_tui.simulator.virtual_time import VirtualClock, run_virtual
from aof_tui.workato.client import WorkatoClient
from aof_tui.workato.families import Pacers
from aof_tui.workato.outside import TITLE_LIMIT, label
from tests.engine.scene import Scene, play, play_around
from tests.engine.test_guard import Once
from tests.harness.mortal import Gallows, Household, fresh_database
from tests.harness.virtual import MemoryChannel, settings

CALLS = 70
"""More than any family's limit for a minute."""


def test_every_family_keeps_its_quota() -> None:
    async def main(clock: VirtualClock) -> dict[str, int]:
        simulator = Simulator(load_scenario("quiet"), "7", clock)
        token = Secret(simulator.api.token)
        pacers = Pacers(clock, Quotas(), 1.0)
        recipe_id = str(next(iter(simulator.world.place.recipes)))
        async with WorkatoClient(
            "http://127.0.0.1:1", lambda: token, lambda: InProcessTransport(simulator), clock, pacers
        ) as client:
            families: list[Callable[[], Awaitable[object]]] = [
                client.me,
                lambda: client.recipes_page(1),
                lambda: client.jobs_page(recipe_id),
                client.connections,
            ]
            for ask in families:
                for _ in range(CALLS):
                    await ask()
        assert simulator.log.violations == []
        return {str(family): count for family, count in simulator.log.request_counts.items()}

    asked = run_virtual(main)
    assert min(asked.values()) == CALLS


def test_no_lineage_has_two_open_attempts() -> None:
    intend = (
        "INSERT INTO attempt (workspace, master_job_id, number, forced, actor, state, dispatch_id, sent_job_id,"
        " baseline, decided_at) VALUES ('prod', 'j-1', 1, 0, 'engine', ?, 'd', 'j-1', '[]', 0)"
    )
    with closing(fresh_database()) as raw:
        raw.execute(
            "INSERT INTO dispatch (dispatch_id, workspace, recipe_id, epoch, state, when_in_doubt, prepared_at,"
            " boot_id) VALUES ('d', 'prod', '7', 1, 'prepared', 'hold', 0, 'b')"
        )
        raw.execute(intend, ["confirmed"])
        raw.execute(intend, ["sending"])
        for state in ("prepared", "sending", "unknown"):
            with pytest.raises(sqlite3.IntegrityError):
                raw.execute(intend, [state])


def test_titles_hold_no_secret() -> None:
    assert "hunter2hunter2" not in label("Order with password=hunter2hunter2", TITLE_LIMIT)


def test_names_are_made_harmless() -> None:
    assert label("a\x1b]0;x\x07b\u202ec\nd", TITLE_LIMIT).isprintable()


def test_no_request_names_more_than_25_jobs_though_one_read_shows_sixty() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.page_size = 100
        for number in range(60):
            scene.workato.fail(f"j-{number}")
        await scene.until_status("recovered", job_id="j-59")
        await scene.clock.sleep(600.0)
        assert [len(jobs) for _, _, jobs in scene.workato.repeats] == [25, 25, 10]

    play(story)


def test_a_wall_clock_that_is_put_back_makes_no_old_read_young() -> None:
    async def around(scene: Scene) -> None:
        async def pass_unseen() -> None:
            await scene.clock.sleep(30.0)
            scene.clock.jump_wall(-30.0)

        async def story(_control: object) -> None:
            scene.workato.fail("j-1")
            await scene.until_status("recovered")
            assert await scene.attempts() == ["not_sent", "accepted"]

        scene.bench.failpoints = Once(Point.SENDING, pass_unseen)
        await scene.bench.run(story)

    play_around(around)


def test_every_notice_is_committed_together_with_its_line_in_the_log() -> None:
    async def main(clock: VirtualClock) -> tuple[int, list[str]]:
        simulator = Simulator(load_scenario("demo"), "7", clock)
        channels = {"oncall": (MemoryChannel(),), "admins": (MemoryChannel("email"),)}
        household = Household(clock, simulator, settings(), channels, "7")
        await household.live(lambda _control: clock.sleep(900.0), Gallows())
        household.auditor.end()
        return len(channels["oncall"][0].sent), household.auditor.findings

    sent, findings = run_virtual(main)
    assert sent > 5
    assert findings == []


def test_what_was_sent_had_been_marked_as_sending() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("recovered")
        assert len(scene.workato.repeats) == 1
        rows = await scene.bench.rows("SELECT dispatch_id FROM dispatch WHERE sending_at IS NOT NULL")
        assert [row["dispatch_id"] for row in rows] == [scene.workato.repeats[0][1]]

    play(story)
