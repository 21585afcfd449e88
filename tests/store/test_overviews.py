"""Status, story and report."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from aof_tui.base.clock import Clock, SystemClock
from aof_tui.base.randomness import Randomness
from aof_tui.control.rows import AttemptRow, RunRow, Status
from aof_tui.domain.words import FailureStatus
from aof_tui.store.facts import EngineFacts
from aof_tui.store.queries import StoreQueries
from aof_tui.store.read_only import open_reader
from aof_tui.store.sync_store import open_sync_store
from tests.store.seed import DAY, NOW, Seed, seeded


class FixedClock(SystemClock):
    """The wall stands still at NOW."""

    def wall(self) -> float:
        return NOW


CLOCK: Clock = FixedClock()
FACTS = EngineFacts(
    version="9.9",
    engine="stopping",
    mode="act",
    read_only=False,
    epoch=7,
    started_at=NOW - 5,
    rate=2.0,
    engine_error="out of luck",
    production=frozenset({"prod"}),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "aof.db"


@pytest.fixture
def seed(path: Path) -> Iterator[Seed]:
    with seeded(path) as opened:
        yield opened


async def status_of(path: Path) -> Status:
    store = open_sync_store(path, CLOCK, Randomness("status"))
    try:
        return await StoreQueries(store, CLOCK, lambda: FACTS).status()
    finally:
        await store.close()


async def test_the_status_joins_facts_and_counts(seed: Seed, path: Path) -> None:
    seed.put("workspace", name="test")
    seed.put(
        "workspace", name="prod", paused_by="terminal:ana", paused_at=NOW - 1, acting_stopped="401", swept_at=NOW - 2
    )
    for number, state in enumerate(("prepared", "sending", "unknown", "answered", "settled")):
        seed.put("dispatch", dispatch_id=f"d-{number}", state=state)
    for state in ("pending", "pending", "dead", "delivered"):
        seed.put("outbox", state=state)
    # The one that waits for its first read is in the queue, and not what tells how far collation is behind.
    for number, (at, marks) in enumerate(((NOW - 9, 1), (NOW - 4, 1), (NOW - 60, 0), (None, 1))):
        seed.put("recipe", recipe_id=str(number), marked_at=at, mark_count=marks)
    seed.put("incident")
    seed.put("incident", fingerprint="v1:b", status="resolved")
    rows = [("held", None), ("held", None), ("recovered", NOW - 60), ("closed", NOW - 60), ("closed", NOW - 2 * DAY)]
    for number, (stood, ended_at) in enumerate(rows):
        seed.put("failure", master_job_id=f"j-{number}", status=stood, ended_at=ended_at)

    status = await status_of(path)
    assert (status.at, status.rate, status.version, status.engine) == (NOW, 2.0, "9.9", "stopping")
    assert (status.mode, status.read_only, status.epoch, status.started_at) == ("act", False, 7, NOW - 5)
    assert status.engine_error == "out of luck"
    assert (status.open_dispatches, status.notices_pending, status.notices_dead) == (3, 2, 1)
    prod, test = status.workspaces
    assert (prod.workspace, prod.production, test.workspace, test.production) == ("prod", True, "test", False)
    assert (prod.paused_by, prod.paused_at, prod.acting_stopped) == ("terminal:ana", NOW - 1, "401")
    assert (prod.swept_at, prod.open_incidents, prod.queue, prod.oldest_mark_at) == (NOW - 2, 1, 3, NOW - 9)
    assert prod.counts == {str(name): 0 for name in FailureStatus} | {"held": 2, "recovered": 1, "closed": 1}
    assert (test.open_incidents, test.queue, test.oldest_mark_at, set(test.counts.values())) == (0, 0, None, {0})


@pytest.mark.parametrize(
    ("boot", "pid", "ended_at", "engine"),
    [
        (CLOCK.boot_id, os.getpid(), None, "running"),
        (CLOCK.boot_id, 1, None, "running"),
        (CLOCK.boot_id, os.getpid(), NOW, "absent"),
        ("another boot", os.getpid(), None, "absent"),
        (CLOCK.boot_id, 2**22 + 1, None, "absent"),
    ],
    ids=["this process", "another's process", "ended", "another boot", "no process"],
)
async def test_a_reader_tells_whether_an_engine_lives(
    seed: Seed, path: Path, boot: str, pid: int, ended_at: float | None, engine: str
) -> None:
    seed.put("engine_run", epoch=3, boot_id="long ago", mode="observe", ended_at=NOW)
    seed.put("engine_run", epoch=4, boot_id=boot, pid=pid, ended_at=ended_at)
    reader = await open_reader(path, CLOCK)
    status = await reader.status()
    await reader.close()
    assert (status.engine, status.epoch, status.mode, status.version) == (engine, 4, "act", "0.1.0")
    assert status.read_only


async def test_a_store_that_no_engine_ever_ran_on_has_a_status(seed: Seed, path: Path) -> None:
    reader = await open_reader(path, CLOCK)
    status = await reader.status()
    await reader.close()
    assert (status.engine, status.epoch, status.started_at, status.workspaces) == ("absent", 0, None, ())


async def test_a_story_tells_everything_in_order(seed: Seed, path: Path) -> None:
    seed.put("recipe")
    seed.put("incident")
    seed.put("failure", status="scheduled", next_action_at=NOW + 60, attempts=1, incident_id=1)
    seed.put("failure", master_job_id="j-2")
    seed.put("run", job_id="j-9", source="engine", started_at=NOW + 50, status="pending")
    seed.put("run", job_id="j-1", started_at=NOW - 50, completed_at=NOW - 40, error="boom")
    seed.put("run", job_id="j-8", master_job_id="j-2")
    seed.put("dispatch", sending_at=NOW, settle_until=NOW + 60, http_status=200, outcome="enqueued")
    seed.put("attempt", new_job_id="j-9")
    for number in range(3):
        seed.put("event", master_job_id="j-1", text=f"line {number}")
    seed.put("event", master_job_id="j-2")
    seed.put("outbox", incident_id=1)
    seed.put("outbox", master_job_id="j-1")
    seed.put("outbox", incident_id=2)

    reader = await open_reader(path, CLOCK)
    story = await reader.story("prod", "j-1")
    other = await reader.story("test", "j-1")
    await reader.close()
    assert other is None
    assert story is not None
    assert (story.failure.master_job_id, story.failure.incident) == ("j-1", "I1")
    assert story.plan == {
        "category": "unknown",
        "rule": "fallback",
        "policy": "default",
        "repeat": "ask",
        "when_in_doubt": "hold",
        "severity": "error",
        "next": "attempt 2 of 5 at 2023-11-14T22:14:20.000Z",
    }
    assert story.runs == (
        RunRow("j-1", "failed", "original", NOW - 50, NOW - 40, "boom"),
        RunRow("j-9", "pending", "engine", NOW + 50, None, None),
    )
    assert story.attempts == (
        AttemptRow(
            number=1,
            forced=False,
            actor="engine",
            state="confirmed",
            decided_at=NOW,
            sent_job_id="j-1",
            new_job_id="j-9",
            outcome="enqueued",
            dispatch_id="d-1",
            dispatch_state="settled",
            sending_at=NOW,
            settle_until=NOW + 60,
            http_status=200,
        ),
    )
    assert [event.text for event in story.events] == ["line 0", "line 1", "line 2"]
    assert [notice.notification for notice in story.notifications] == ["1", "2"]


@pytest.mark.parametrize("status", FailureStatus)
async def test_every_status_says_what_comes_next(seed: Seed, path: Path, status: FailureStatus) -> None:
    seed.put(
        "failure", status=status, reason="observe", next_action_at=NOW if status.moving else None, recipe_id="unknown"
    )
    reader = await open_reader(path, CLOCK)
    story = await reader.story("prod", "j-1")
    await reader.close()
    assert story is not None
    assert ("2023-11-14T22:13:20.000Z" in story.plan["next"]) == status.moving
    assert ("(observe)" in story.plan["next"]) == (not status.moving)


async def test_a_report_counts_its_window_only(seed: Seed, path: Path) -> None:
    since, until = NOW, NOW + DAY
    seed.put("recipe")
    seed.put("incident", novelty="regressed")
    kinds = {
        "failure.recorded": 5,
        "failure.recovered": 3,
        "failure.exhausted": 1,
        "failure.referred": 2,
        "failure.held": 4,
        "repeat.accepted": 6,
    }
    for kind, amount in kinds.items():
        for number in range(amount):
            seed.put("event", kind=kind, at=since + number, master_job_id=f"j-{number}")
        seed.put("event", kind=kind, at=since - 1)
        seed.put("event", kind=kind, at=until)
        seed.put("event", kind=kind, at=since, workspace="test")
    healed = [(10, "repeat_succeeded"), (30, "forced_repeat_succeeded"), (50, "external_success")]
    for took_s, reason in healed:
        seed.put(
            "failure",
            master_job_id=f"healed-{took_s}",
            status="recovered",
            reason=reason,
            first_failed_at=NOW,
            succeeded_at=NOW + took_s,
            ended_at=NOW + took_s,
            recorded_at=NOW - 1,
        )
    seed.put(
        "failure", master_job_id="too late", status="recovered", succeeded_at=until, ended_at=until, recorded_at=0.0
    )
    for number, (fingerprint, category) in enumerate(
        [("v1:a", "unknown"), ("v1:a", "unknown"), ("v1:b", "rate_limit")]
    ):
        seed.put(
            "failure",
            master_job_id=f"j-{number}",
            fingerprint=fingerprint,
            category=category,
            incident_id=1,
            # When its newest run failed: what a report counts is when it was first recorded.
            recorded_at=until,
        )

    reader = await open_reader(path, CLOCK)
    report = await reader.report("prod", since, until)
    nothing = await reader.report("dev", since, until)
    await reader.close()
    assert (report.recorded, report.recovered, report.exhausted) == (5, 3, 1)
    assert (report.needs_person, report.held, report.repeats_accepted, report.still_open) == (2, 4, 6, 3)
    assert report.healed_by_repeat_share == 2 / 4
    assert report.median_time_to_recovery_s == 30
    assert report.by_category == {"unknown": 2, "rate_limit": 1}
    assert report.top_errors[0] == {
        "fingerprint": "v1:a",
        "error": "boom",
        "recipe": "Orders",
        "count": 2,
        "novelty": "regressed",
    }
    assert [error["count"] for error in report.top_errors] == [2, 1]
    assert [incident.incident for incident in report.open_incidents] == ["I1"]
    assert (nothing.recorded, nothing.healed_by_repeat_share, nothing.median_time_to_recovery_s) == (0, None, None)
    assert (nothing.by_category, nothing.top_errors, nothing.open_incidents) == ({}, (), ())


async def test_a_report_lists_the_most_urgent_incident_first(seed: Seed, path: Path) -> None:
    queue = [("warning", 9, 30.0), ("error", 0, 20.0), ("error", 0, 40.0), ("error", 1, 10.0), ("critical", 0, 0.0)]
    for number, (severity, level, seen) in enumerate(queue, start=1):
        seed.put(
            "incident",
            incident_id=number,
            fingerprint=f"v1:{number}",
            severity=severity,
            level=level,
            last_seen_at=NOW + seen,
        )
    reader = await open_reader(path, CLOCK)
    report = await reader.report("prod", NOW - DAY, NOW)
    await reader.close()
    assert [incident.incident for incident in report.open_incidents] == ["I5", "I4", "I3", "I2", "I1"]


async def test_the_median_of_an_even_number_lies_between(seed: Seed, path: Path) -> None:
    for took_s in (40, 10, 20, 90):
        seed.put(
            "failure",
            master_job_id=f"j-{took_s}",
            status="recovered",
            first_failed_at=NOW,
            succeeded_at=NOW + took_s,
            ended_at=NOW + took_s,
        )
    reader = await open_reader(path, CLOCK)
    report = await reader.report("prod", NOW, NOW + DAY)
    await reader.close()
    assert report.median_time_to_recovery_s == 30
