"""A periodic job report in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from aof_tui.base.durations import human_duration
from aof_tui.base.wording import counted
from aof_tui.control.incident_words import kind_words, told_category
from aof_tui.control.rows import IncidentRow, ReportRow
from aof_tui.domain.words import IncidentKind, NoticeKind
from aof_tui.notify.message import ReportNotice
from aof_tui.notify.render.metrics import metric_lists, tasks_line
from aof_tui.notify.render.sheet import Sheet, brief, listed
from aof_tui.notify.render.words import STATES, moment


def report_sheet(notice: ReportNotice) -> Sheet:
    """Say in the first line how the time went, also when nothing failed."""
    report = notice.report
    glyph, state = STATES[NoticeKind.REPORT]
    return Sheet(
        headline=brief(f"[REPORT] {report.workspace} · {_outcome(report)}"),
        banner=brief(f"{glyph} {state.capitalize()} · {report.workspace}"),
        subject=brief(f"[{report.workspace}] {state.capitalize()}"),
        thread="",
        at=notice.at,
        lead=_sentence(report),
        facts=tuple((label, brief(value)) for label, value in _facts(report) if value),
        lists=tuple((heading, listed(lines)) for heading, lines in _lists(report) if lines),
    )


def _outcome(report: ReportRow) -> str:
    if not report.recorded:
        still = counted(report.still_open, "failure") + " still open"
        return "no job failed" + (f" · {still}" if report.still_open else "")
    return f"{counted(report.recorded, 'failure')} · {report.recovered} recovered · {report.still_open} still open"


def _sentence(report: ReportRow) -> str:
    if not report.recorded:
        return "No job failed in this time."
    return (
        f"{counted(report.recorded, 'failure')} recorded. In this time {report.recovered} recovered, "
        f"{report.exhausted} used up all attempts, {report.needs_person} had to wait for a person, "
        f"{report.held} had to be held."
    )


def _facts(report: ReportRow) -> Iterator[tuple[str, str]]:
    yield "Workspace", report.workspace
    yield "From", moment(report.since)
    yield "Until", moment(report.until)
    yield "Still open now", _still_open(report)
    yield "Repeats accepted", str(report.repeats_accepted)
    rate, median = report.healed_by_repeat_share, report.median_time_to_recovery_s
    yield "Healed by a repeat, of those that ended", "" if rate is None else f"{rate:.0%}"
    yield "Median time to recovery", "" if median is None else human_duration(median)
    if report.metrics is not None:
        yield "Tasks of repeats this month", tasks_line(report.metrics.tasks)


def _still_open(report: ReportRow) -> str:
    by_status = ", ".join(f"{number} {status.replace('_', ' ')}" for status, number in report.open_by_status.items())
    return f"{report.still_open}: {by_status}" if by_status else str(report.still_open)


def _lists(report: ReportRow) -> Iterator[tuple[str, list[str]]]:
    if report.metrics is not None:
        # They tell of kinds and errors, too, and more of them.
        yield from metric_lists(report.metrics)
    else:
        by_count = sorted(report.by_category.items(), key=lambda item: (-item[1], item[0]))
        yield "By category", [f"{number} × {category}" for category, number in by_count if number]
        yield "Most frequent errors", [_error(error) for error in report.top_errors]
    yield "Open incidents, the most urgent first", [_incident(incident) for incident in report.open_incidents]


def _error(error: Mapping[str, object]) -> str:
    novelty = f" ({error['novelty']})" if error.get("novelty") else ""
    return f"{error.get('count', 0)} × {error.get('recipe', '')}: {brief(str(error.get('error', '')), 200)}{novelty}"


def _incident(incident: IncidentRow) -> str:
    level = f"level {incident.level}" if incident.level else ""
    is_jobs = incident.kind == IncidentKind.JOBS
    what = (told_category(incident) if is_jobs else None) or kind_words(incident)
    about = incident.recipe or incident.title
    failures = counted(incident.open_failures, "open failure") if is_jobs or incident.open_failures else ""
    since = f"since {moment(incident.first_seen_at)}"
    said = (incident.incident, incident.severity, level, what, about, failures, incident.status, since)
    return " · ".join(filter(None, said))
