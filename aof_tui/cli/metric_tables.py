"""Figures as aligned columns."""

from __future__ import annotations

from collections.abc import Sequence

from aof_tui.base.durations import human_duration
from aof_tui.base.wording import counted
from aof_tui.cli.output import print_columns, say
from aof_tui.control.metric_rows import AvailabilityRow, MetricRow, MetricsRow, TaskRow

NOTHING = "–"
MOST_ROWS = 10
HEADINGS = ("FAILED", "RECOVERED", "REPEATS OK", "MEDIAN", "P90")


def print_metrics(metrics: MetricsRow) -> None:
    """Print what failed, recovered and was away; a table without rows is left out."""
    for heading, rows in (
        ("RECIPE", metrics.recipes),
        ("CATEGORY", metrics.categories),
        ("DOWNSTREAM", metrics.downstreams),
    ):
        _print((*HEADINGS, heading), [(*_cells(row), row.name) for row in rows[:MOST_ROWS]])
    _print(
        ("COUNT", "BEFORE", "NOVELTY", "ERROR"),
        [(str(row.count), str(row.before), row.novelty or NOTHING, row.title) for row in metrics.top_errors],
    )
    _print(
        ("AVAILABLE", "OF OBSERVED", "AWAY FOR", "NOW", "DOWNSTREAM"),
        [_availability(row) for row in metrics.availability],
    )
    say(f"tasks of repeats in {metrics.tasks.month}: {task_words(metrics.tasks)}\n")


def share_words(share: float | None, digits: int = 0) -> str:
    """A share as a percentage."""
    return NOTHING if share is None else f"{share:.{digits}%}"


def task_words(tasks: TaskRow) -> str:
    """What the repeats of a month cost, and what they may."""
    priced = f"{counted(tasks.unpriced, 'repeat')} of unknown price"
    cap = "no cap" if tasks.cap is None else f"of {tasks.cap}"
    return f"about {tasks.automatic + tasks.forced} ({cap}), {tasks.forced} forced, {priced}"


def _print(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    if rows:
        print_columns(headings, rows)
        say("")


def _availability(row: AvailabilityRow) -> tuple[str, ...]:
    """The share is one of the time in which the downstream was observed within the window."""
    observed, away = human_duration(row.observed_s), human_duration(row.lost_s)
    return share_words(row.share, 2), observed, away, "up" if row.available else "away", row.name


def _cells(row: MetricRow) -> tuple[str, ...]:
    counted = row.figures
    times = (counted.median_recovery_s, counted.p90_recovery_s)
    return (
        str(counted.failures),
        str(counted.recoveries),
        share_words(row.figures.retry_success_rate),
        *(NOTHING if seconds is None else human_duration(seconds) for seconds in times),
    )
