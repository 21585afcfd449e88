"""Report schedules over the changes of clocks in many time zones."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from aof_tui.config.settings import Report
from aof_tui.engine.report import next_slot

ZONES = (
    "UTC", "Europe/Berlin", "Europe/London", "Europe/Lisbon", "America/New_York", "America/Los_Angeles",
    "America/St_Johns", "America/Sao_Paulo", "America/Santiago", "America/Havana", "Africa/Cairo", "Africa/Casablanca",
    "Asia/Kolkata", "Asia/Tehran", "Asia/Kathmandu", "Asia/Tokyo", "Asia/Beirut", "Australia/Lord_Howe",
    "Australia/Adelaide", "Pacific/Chatham", "Pacific/Apia",
)  # fmt: skip
START = 1_735_689_600.0
"""2025-01-01T00:00Z: the year holds both changes of every zone that has them."""
DAY_S = 86_400.0
YEAR_DAYS = 365
SPRING = START + 60 * DAY_S
"""Most zones change in the six weeks after this."""


def slots(cron: str, zone: str, days: float, start: float = START) -> list[float]:
    report = Report.model_validate({"cron": cron, "timezone": zone, "receivers": ["a"]})
    found, at = list[float](), start
    while (at := next_slot(report, at)) <= start + days * DAY_S:
        found.append(at)
    return found


@pytest.mark.parametrize("zone", ZONES)
def test_a_daily_report_comes_once_on_every_local_day(zone: str) -> None:
    for cron in ("0 8 * * *", "30 2 * * *"):
        found = slots(cron, zone, YEAR_DAYS)
        days = [datetime.fromtimestamp(at, ZoneInfo(zone)).date() for at in found]
        assert len(days) == len(set(days))
        assert len(days) >= YEAR_DAYS - 1
        assert all(22 * 3600.0 <= later - earlier <= 26 * 3600.0 for earlier, later in pairwise(found))


@pytest.mark.parametrize("zone", ZONES)
def test_a_report_of_the_morning_keeps_its_local_hour(zone: str) -> None:
    for at in slots("0 8 * * *", zone, YEAR_DAYS):
        local = datetime.fromtimestamp(at, ZoneInfo(zone))
        assert (local.hour, local.minute) == (8, 0)


@pytest.mark.parametrize("zone", ZONES)
def test_frequent_reports_never_stand_still_or_go_back(zone: str) -> None:
    found = slots("*/30 * * * *", zone, 42, SPRING)
    gaps = [later - earlier for earlier, later in pairwise(found)]
    assert min(gaps) > 0
    assert max(gaps) <= 2 * 3600.0
