"""The figures of a day as lines. No terminal library."""

from __future__ import annotations

from collections.abc import Sequence

from aof_tui.base.durations import human_duration
from aof_tui.base.wording import counted
from aof_tui.control.metric_rows import AvailabilityRow, ErrorRow, Figures, MetricRow, MetricsRow, TaskRow
from aof_tui.tui.cells import GAP, Cell, Column, Line, Tone, column_widths, wrap
from aof_tui.tui.fitting import middle

NONE = "–"
MOST_ROWS = 8
WIDEST = 110
"""Cells after which a figure stands too far from what it is about."""
COLUMNS = (
    Column("", 24, flex=1, fit=middle),
    Column("FAILED", 6, right=True),
    Column("RECOVERED", 9, right=True),
    Column("REPEATS OK", 10, right=True),
    Column("MEDIAN", 8, right=True),
    Column("P90", 8, right=True),
)
ERROR_COLUMNS = (
    Column("", 40, flex=1),
    Column("NOVELTY", 9),
    Column("COUNT", 5, right=True),
    Column("BEFORE", 6, right=True),
)
AWAY_COLUMNS = (
    Column("", 24, flex=1, fit=middle),
    Column("NOW", 4),
    Column("AWAY FOR", 8, right=True),
    Column("OF OBSERVED", 11, right=True),
    Column("AVAILABLE", 9, right=True),
)


def metrics_lines(metrics: MetricsRow, width: int) -> tuple[Line, ...]:
    """What failed, what recovered and what was away in a workspace, the most failing first."""
    width = min(width, WIDEST)
    return (
        (Cell(metrics.workspace, Tone.STRONG), Cell("  last 24 hours", Tone.MUTED)),
        _head("", COLUMNS, width),
        _row(("all recipes", *_figures(metrics.total)), COLUMNS, width),
        *_table("Recipes", COLUMNS, [_named(row) for row in metrics.recipes], width),
        *_table("Kinds of error", COLUMNS, [_named(row) for row in metrics.categories], width),
        *_table("Downstreams", COLUMNS, [_named(row) for row in metrics.downstreams], width),
        *_table("Errors, against the day before", ERROR_COLUMNS, [_error(row) for row in metrics.top_errors], width),
        *_table("Downstreams that were away", AWAY_COLUMNS, [_away(row) for row in metrics.availability], width),
        (),
        (Cell(f"Tasks of repeats in {metrics.tasks.month}", Tone.MARK),),
        *((Cell(text),) for text in wrap(_tasks(metrics.tasks), width)),
    )


def _table(title: str, columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int) -> tuple[Line, ...]:
    """A table with its title in its head; one without rows is left out."""
    if not rows:
        return ()
    return ((), _head(title, columns, width), *(_row(row, columns, width) for row in rows[:MOST_ROWS]))


def _head(title: str, columns: Sequence[Column], width: int) -> Line:
    (_, name), *rest = _padded((title, *(column.title for column in columns[1:])), columns, width)
    return (Cell(name, Tone.MARK), *(Cell(text, Tone.MUTED) for _, text in rest))


def _row(texts: Sequence[str], columns: Sequence[Column], width: int) -> Line:
    return tuple(
        Cell(text, Tone.MUTED if what == NONE else Tone.PLAIN) for what, text in _padded(texts, columns, width)
    )


def _padded(texts: Sequence[str], columns: Sequence[Column], width: int) -> list[tuple[str, str]]:
    """Each text with its padded form."""
    padded = []
    for text, column, cells in zip(texts, columns, column_widths(columns, width), strict=True):
        gap = "" if column is columns[-1] else " " * GAP
        padded.append((text, column.fitted(text, cells) + gap))
    return padded


def _named(row: MetricRow) -> tuple[str, ...]:
    return (row.name.replace("_", " "), *_figures(row.figures))


def _figures(figures: Figures) -> tuple[str, ...]:
    return (
        str(figures.failures),
        str(figures.recoveries),
        NONE if figures.retry_success_rate is None else f"{figures.retry_success_rate:.0%}",
        _time(figures.median_recovery_s),
        _time(figures.p90_recovery_s),
    )


def _time(seconds: float | None) -> str:
    return NONE if seconds is None else human_duration(seconds)


def _error(row: ErrorRow) -> tuple[str, ...]:
    return (row.title, row.novelty or NONE, str(row.count), str(row.before))


def _away(row: AvailabilityRow) -> tuple[str, ...]:
    share = NONE if row.share is None else f"{row.share:.2%}"
    state = "up" if row.available else "away"
    return (row.name, state, human_duration(row.lost_s), human_duration(row.observed_s), share)


def _tasks(tasks: TaskRow) -> str:
    cap = "no cap" if tasks.cap is None else f"of {tasks.cap}"
    forced = f", {tasks.forced} of them forced" if tasks.forced else ""
    unpriced = f", {counted(tasks.unpriced, 'repeat')} of unknown price" if tasks.unpriced else ""
    return f"about {tasks.automatic + tasks.forced}, {cap}{forced}{unpriced}"
