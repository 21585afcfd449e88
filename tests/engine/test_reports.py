"""The periodic job report: when it is due in its own time zone, and that its figures add up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aof_tui.base.clock import parse_rfc3339, utc
from aof_tui.config.settings import Report
from aof_tui.control.rows import ReportRow
from aof_tui.engine.report import next_slot
from aof_tui.notify.message import ReportNotice
from aof_tui.notify.render.compose import compose
from aof_tui.simulator.virtual_time import VirtualClock, run_virtual
from tests.engine.scene import HOUR, MINUTE, Scene, play, play_around

INVALID = {"adapter": "rest", "error_type": "Request error", "message": "422 Unprocessable Entity: name is missing"}


def report(cron: str, timezone: str = "UTC") -> Report:
    return Report.model_validate({"cron": cron, "timezone": timezone, "receivers": ["admins"]})


def slots(wanted: Report, since: str, until: str) -> list[str]:
    """The schedule's times in its own time zone."""
    at, end = parse_rfc3339(since), parse_rfc3339(until)
    found = []
    while (at := next_slot(wanted, at)) < end:
        found.append(utc(at).astimezone(wanted.zone).isoformat(timespec="minutes"))
    return found


def test_a_schedule_is_read_in_the_reports_time_zone() -> None:
    berlin = report("0 8 * * 1-5", "Europe/Berlin")
    assert slots(berlin, "2025-06-13T00:00:00Z", "2025-06-18T00:00:00Z") == [
        "2025-06-13T08:00+02:00",
        "2025-06-16T08:00+02:00",
        "2025-06-17T08:00+02:00",
    ]
    assert next_slot(berlin, parse_rfc3339("2025-01-06T00:00:00Z")) == parse_rfc3339("2025-01-06T07:00:00Z")


def test_a_time_that_the_clocks_skip_is_not_left_out_and_one_they_repeat_comes_once() -> None:
    night = report("30 2 * * *", "Europe/Berlin")
    spring = slots(night, "2025-03-29T00:00:00Z", "2025-04-01T00:00:00Z")
    assert [slot[:10] for slot in spring] == ["2025-03-29", "2025-03-30", "2025-03-31"]
    assert spring[1] == "2025-03-30T03:00+02:00"
    autumn = slots(night, "2025-10-25T00:00:00Z", "2025-10-28T00:00:00Z")
    assert [slot[:10] for slot in autumn] == ["2025-10-25", "2025-10-26", "2025-10-27"]


def test_an_hourly_report_comes_every_hour_when_the_clocks_change() -> None:
    hourly = report("0 * * * *", "Europe/Berlin")
    for day in ("2025-03-30", "2025-10-26"):
        at = parse_rfc3339(f"{day}T00:00:00Z")
        times = [at := next_slot(hourly, at) for _ in range(12)]
        assert {later - earlier for earlier, later in pairwise(times)} == {HOUR}


ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/Santiago"]
CRONS = ["0 8 * * *", "30 2 * * *", "*/15 * * * *", "0 0 1 * *", "0 23 * * 7", "5 1,2,3 * * *"]


@given(
    zone=st.sampled_from(ZONES),
    cron=st.sampled_from(CRONS),
    after=st.floats(min_value=1_700_000_000, max_value=1_900_000_000),
)
def test_the_next_slot_lies_ahead_and_none_is_skipped(zone: str, cron: str, after: float) -> None:
    wanted = report(cron, zone)
    slot = next_slot(wanted, after)
    assert slot > after
    assert next_slot(wanted, (after + slot) / 2) == slot or (after + slot) / 2 >= slot
    assert next_slot(wanted, slot) > slot


@pytest.mark.parametrize("zone", ZONES)
def test_a_daily_report_comes_once_on_every_day_of_a_year(zone: str) -> None:
    daily = report("30 2 * * *", zone)
    begin = datetime(2025, 1, 1, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    found = slots(daily, begin.isoformat(), datetime(2026, 1, 1, tzinfo=ZoneInfo(zone)).isoformat())
    assert [slot[:10] for slot in found] == [
        (datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=n)).date().isoformat() for n in range(365)
    ]


def told(scene: Scene) -> list[ReportRow]:
    return [message.report for message, _ in scene.bench.email.sent if isinstance(message, ReportNotice)]


def windows(scene: Scene) -> list[tuple[str, str]]:
    """From when until when each report was, as hours and minutes."""
    return [(utc(row.since).strftime("%H:%M"), utc(row.until).strftime("%H:%M")) for row in told(scene)]


def test_reports_follow_each_other_without_a_gap() -> None:
    async def story(scene: Scene) -> None:
        await scene.clock.sleep(3 * HOUR)
        assert windows(scene) == [("15:06", "16:00"), ("16:00", "17:00"), ("17:00", "18:00")]
        rows = await scene.bench.rows("SELECT created_at FROM outbox WHERE kind = 'report'")
        assert [float(str(row["created_at"])) % HOUR < 1 for row in rows] == [True] * 3
        assert await scene.events("report.queued") == ["report.queued"] * 3

    play(story)


def test_slots_missed_while_the_engine_was_away_are_told_as_one() -> None:
    async def story(scene: Scene) -> None:
        await scene.bench.run_for(HOUR)
        await scene.clock.sleep(5.5 * HOUR)
        await scene.bench.run_for(2 * MINUTE)
        # From 16:00 until the newest slot that has passed.
        assert windows(scene) == [("15:06", "16:00"), ("16:00", "21:00")]
        assert utc(scene.clock.wall()).strftime("%H:%M") == "21:38"

    play_around(story)


def test_a_restart_does_not_repeat_a_slot() -> None:
    async def story(scene: Scene) -> None:
        await scene.bench.run_for(54 * MINUTE)
        for _ in range(3):
            await scene.bench.run_for(MINUTE)
        assert windows(scene) == [("15:06", "16:00")]

    play_around(story)


def test_a_report_that_was_queued_when_the_engine_died_is_told_once() -> None:
    async def main(clock: VirtualClock) -> None:
        scene = Scene(clock, {})

        async def queued() -> bool:
            return bool(await scene.events("report.queued"))

        await scene.bench.run_until_killed(lambda _control: scene.until(queued))
        await scene.bench.run_for(10 * MINUTE)
        assert len({reference for _, reference in scene.bench.email.sent}) == 1
        assert set(windows(scene)) == {("15:06", "16:00")}

    run_virtual(main)


def test_every_report_has_its_own_schedule_zone_and_receivers() -> None:
    async def story(scene: Scene) -> None:
        await scene.clock.sleep(10 * HOUR)
        rows = await scene.bench.rows(
            "SELECT receiver, created_at FROM outbox WHERE kind = 'report' ORDER BY created_at"
        )
        assert [(row["receiver"], utc(float(str(row["created_at"]))).strftime("%d %H:%M")) for row in rows] == [
            ("oncall", "15 18:30"),
            ("admins", "16 00:00"),
            ("oncall", "16 00:00"),
        ]

    kolkata = {"cron": "0 0 * * *", "timezone": "Asia/Kolkata", "receivers": ["oncall"]}
    midnight = {"cron": "0 0 * * *", "receivers": ["admins", "oncall"]}
    play(story, reports=[kolkata, midnight], collation={"interval": "1h"})


def test_the_figures_of_a_report_add_up() -> None:
    async def story(scene: Scene) -> None:
        await scene.clock.sleep(5 * MINUTE)
        for number in range(4):
            scene.workato.fail(f"ok-{number}")
        for number in range(3):
            scene.workato.fail(f"bad-{number}").error_parts = dict(INVALID)
        old = scene.workato.fail("old")
        old.started, old.ended = old.started - 72 * HOUR, old.started + 1 - 72 * HOUR
        await scene.clock.sleep(HOUR)
        (row,) = told(scene)
        assert (row.recorded, row.recovered, row.needs_person, row.exhausted) == (7, 4, 3, 0)
        assert row.recorded == sum(row.by_category.values()) == sum(int(str(e["count"])) for e in row.top_errors)
        assert row.by_category == {"rate_limit": 4, "validation_data": 3}
        assert row.still_open == 3 == sum(incident.open_failures for incident in row.open_incidents)
        assert row.repeats_accepted == 4
        assert row.healed_by_repeat_share == 1.0
        assert 5 * MINUTE <= (row.median_time_to_recovery_s or 0) <= 13 * MINUTE

    play(story)


def test_what_failed_before_and_fails_on_is_not_counted_as_new() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.heals = False
        await scene.clock.sleep(25 * MINUTE)
        scene.workato.fail("j-1")
        await scene.clock.sleep(2 * HOUR)
        first, second = told(scene)
        assert (first.recorded, sum(first.by_category.values())) == (1, 1)
        assert (second.recorded, second.by_category, second.top_errors) == (0, {}, ())
        assert (second.exhausted, second.still_open) == (1, 1)
        assert second.repeats_accepted + first.repeats_accepted == 5

    play(story)


def test_a_quiet_time_is_told_in_one_line() -> None:
    async def story(scene: Scene) -> None:
        await scene.clock.sleep(HOUR)
        (message,) = [message for message, _ in scene.bench.email.sent]
        sheet = compose(message)
        assert sheet.headline == "[REPORT] prod · no job failed"
        assert sheet.lead == "No job failed in this time."
        assert sheet.lists == ()

    play(story)
