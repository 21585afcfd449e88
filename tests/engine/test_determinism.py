"""The same seed is the same event log, in any process; and a draw depends on what it is for alone."""

from __future__ import annotations

import os
import subprocess
import sys

from aof_tui.base.randomness import Randomness
from tests.engine.scene import Scene, play

PLANNED = (
    "SELECT event.master_job_id AS job, json_extract(data, '$.attempt') AS attempt,"
    " json_extract(data, '$.next_action_at') - at AS wait"
    " FROM event WHERE kind = 'failure.scheduled' ORDER BY sequence"
)


def digest(seed: str, hash_seed: str) -> tuple[int, str]:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.engine.digest_of_events", seed],
        env=os.environ | {"PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    count, _, total = ran.stdout.partition(" ")
    return int(count), total


def test_processes_with_other_hash_seeds_write_the_same_log() -> None:
    first, second, other = digest("7", "1"), digest("7", "2"), digest("8", "1")
    assert first[0] > 500
    assert first == second
    assert first != other


def test_failures_of_one_read_share_their_draw_and_every_attempt_has_its_own() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.heals = False
        for number in range(3):
            scene.workato.fail(f"j-{number}")
        await scene.until_status("exhausted", job_id="j-2")
        rows = await scene.bench.rows(PLANNED)
        by_attempt = {n: {row["wait"] for row in rows if row["attempt"] == n} for n in range(1, 6)}
        assert all(len(waits) == 1 for waits in by_attempt.values()), by_attempt
        assert len(set().union(*by_attempt.values())) == 5
        assert all(300 <= float(str(row["wait"])) < 600 for row in rows)

    play(story)


def test_a_draw_does_not_depend_on_what_was_drawn_before() -> None:
    fresh, used = Randomness("7"), Randomness("7")
    for number in range(10):
        used.uniform(0.0, 1.0, "other", number)
        used.new_id()
    assert fresh.uniform(300.0, 600.0, "prod", "7@1.0", "default") == used.uniform(
        300.0, 600.0, "prod", "7@1.0", "default"
    )
    assert Randomness("8").uniform(0.0, 1.0, "key") != Randomness("7").uniform(0.0, 1.0, "key")
