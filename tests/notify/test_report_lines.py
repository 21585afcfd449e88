"""The lines of a report: the most urgent incident first, and shares that say of what."""

from __future__ import annotations

from msgspec.structs import replace

from aof_tui.control.metric_rows import AvailabilityRow
from aof_tui.control.rows import IncidentRow
from aof_tui.notify.message import ReportNotice
from aof_tui.notify.render.compose import compose
from tests.notify.samples import AT, incident_row, report
from tests.tui.rows import metrics_of

SHOP = AvailabilityRow("connection:1", "Shop (rest)", False, 4 * 3_600.0, 3_600.0, 0.75, ())


def lists(*incidents: IncidentRow) -> dict[str, tuple[str, ...]]:
    metrics = replace(metrics_of("prod", AT - 86_400, AT), availability=(SHOP,))
    row = replace(report().report, open_incidents=incidents, metrics=metrics)
    return dict(compose(ReportNotice(row, AT)).lists)


def test_an_incident_tells_how_urgent_it_is_and_what_kind() -> None:
    level = replace(incident_row(), severity="critical", level=2)
    stopped = replace(incident_row(), kind="recipe_stopped", category="unknown", open_failures=0)
    gone = replace(
        incident_row(), fingerprint="breaker_open", recipe=None, title="connection Shop (rest) is unavailable"
    )
    since = "open · since 2026-09-21 12:13 UTC"
    assert lists(level, stopped, gone)["Open incidents, the most urgent first"] == (
        f"I7 · critical · level 2 · rate_limit · Orders to NetSuite · 3 open failures · {since}",
        f"I7 · error · recipe stopped · Orders to NetSuite · {since}",
        f"I7 · error · downstream · connection Shop (rest) is unavailable · 3 open failures · {since}",
    )


def test_a_share_says_what_it_is_a_share_of() -> None:
    (line,) = lists()["Downstreams that were away"]
    assert line == "Shop (rest): 75.00% available, away for 1h 00m of the 4h 00m observed, still away"
