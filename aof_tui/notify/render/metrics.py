"""The figures of a report by recipe, category and downstream, in plain words."""

from __future__ import annotations

from collections.abc import Iterator

from aof_tui.base.durations import human_duration
from aof_tui.base.wording import counted
from aof_tui.control.metric_rows import AvailabilityRow, ErrorRow, MetricRow, MetricsRow, TaskRow
from aof_tui.notify.render.sheet import brief

MOST_LINES = 5


def metric_lists(metrics: MetricsRow) -> Iterator[tuple[str, list[str]]]:
    """Headings and lines: the most failing first, and no more than a person reads."""
    for heading, rows in (
        ("Recipes with the most failures", metrics.recipes),
        ("Failures by kind", metrics.categories),
        ("Failures by downstream", metrics.downstreams),
    ):
        yield heading, [_figures(row) for row in rows[:MOST_LINES]]
    yield "Errors against the time before", [_error(row) for row in metrics.top_errors[:MOST_LINES]]
    yield "Downstreams that were away", [_available(row) for row in metrics.availability[:MOST_LINES]]


def tasks_line(tasks: TaskRow) -> str:
    """What repeats cost this month; empty where nothing was repeated and nothing is capped."""
    spent = tasks.automatic + tasks.forced
    if not spent and not tasks.unpriced and tasks.cap is None:
        return ""
    of = "" if tasks.cap is None else f" of {tasks.cap}"
    forced = f", {tasks.forced} of them forced" if tasks.forced else ""
    unpriced = f", and {counted(tasks.unpriced, 'repeat')} of unknown price" if tasks.unpriced else ""
    return f"about {spent}{of}{forced}{unpriced}"


def _figures(row: MetricRow) -> str:
    said = [f"{brief(row.name, 80)}: {counted(row.figures.failures, 'failure')}", f"{row.figures.recoveries} recovered"]
    if row.figures.retry_success_rate is not None:
        said.append(f"{row.figures.retry_success_rate:.0%} of repeats succeeded")
    if row.figures.median_recovery_s is not None:
        said.append(f"recovered in {human_duration(row.figures.median_recovery_s)}")
    return ", ".join(said)


def _error(row: ErrorRow) -> str:
    novelty = f" ({row.novelty})" if row.novelty else ""
    return f"{row.count} × {brief(row.title, 160)}{novelty}, before: {row.before}"


def _available(row: AvailabilityRow) -> str:
    share = "" if row.share is None else f"{row.share:.2%} available, "
    still = "" if row.available else ", still away"
    away = f"away for {human_duration(row.lost_s)} of the {human_duration(row.observed_s)} observed"
    return f"{brief(row.name, 80)}: {share}{away}{still}"
