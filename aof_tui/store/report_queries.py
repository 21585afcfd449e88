"""The figures of a periodic job report."""

from __future__ import annotations

from collections.abc import Mapping

from aof_tui.control.requests import IncidentQuery, IncidentSort
from aof_tui.control.rows import ReportRow
from aof_tui.domain.event_kinds import EventKind
from aof_tui.domain.words import FailureStatus
from aof_tui.store.incident_queries import list_incidents
from aof_tui.store.mapping import integer, optional_moment, text
from aof_tui.store.metric_queries import read_metrics
from aof_tui.store.port import Params, Reader, Row

MOST_ERRORS = 10
MOST_INCIDENTS = 50


async def read_report(reader: Reader, workspace: str, since: float, until: float, at: float) -> ReportRow:
    """What happened in [since, until); what is open is as of now."""
    window: Params = {"workspace": workspace, "since": since, "until": until}
    events = {text(row, "kind"): integer(row, "amount") for row in await reader.read("report_events", window)}
    rows = await reader.read("report_still_open", {"workspace": workspace})
    still_open = {text(row, "status"): integer(row, "amount") for row in rows}
    by_repeat = await reader.read("report_recovered_by_repeat", window)
    median = await reader.read("report_median_recovery", window)
    categories = await reader.read("report_categories", window)
    errors = await reader.read("report_top_errors", {**window, "most": MOST_ERRORS})
    urgent = IncidentQuery(workspaces=(workspace,), sort=IncidentSort.URGENCY, limit=MOST_INCIDENTS)
    incidents = await list_incidents(reader, urgent, at)
    ended = events.get(EventKind.FAILURE_RECOVERED, 0) + events.get(EventKind.FAILURE_EXHAUSTED, 0)
    return ReportRow(
        workspace=workspace,
        since=since,
        until=until,
        recorded=events.get(EventKind.FAILURE_RECORDED, 0),
        recovered=events.get(EventKind.FAILURE_RECOVERED, 0),
        exhausted=events.get(EventKind.FAILURE_EXHAUSTED, 0),
        needs_person=events.get(EventKind.FAILURE_REFERRED, 0),
        held=events.get(EventKind.FAILURE_HELD, 0),
        still_open=sum(still_open.values()),
        repeats_accepted=events.get(EventKind.REPEAT_ACCEPTED, 0),
        healed_by_repeat_share=integer(by_repeat[0], "amount") / ended if ended else None,
        median_time_to_recovery_s=optional_moment(median[0], "median_s"),
        by_category={text(row, "category"): integer(row, "amount") for row in categories},
        top_errors=tuple(_error(row) for row in errors),
        open_incidents=incidents.rows,
        metrics=await read_metrics(reader, workspace, since, until, at),
        open_by_status={status: still_open[status] for status in FailureStatus if status in still_open},
    )


def _error(row: Row) -> Mapping[str, object]:
    return {
        "fingerprint": row["fingerprint"],
        "error": row["error"],
        "recipe": row["recipe"] or row["recipe_id"],
        "count": row["amount"],
        "novelty": row["novelty"],
    }
