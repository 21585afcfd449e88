"""Figures of a window: what failed, what recovered, how fast, what it cost. Plain values, as in `control.rows`."""

from __future__ import annotations

from aof_tui.control.value import Value


class Figures(Value, frozen=True):
    """What was counted about one subject, by when the event happened."""

    failures: int = 0
    recoveries: int = 0
    exhausted: int = 0
    needs_person: int = 0
    held: int = 0
    repeats_accepted: int = 0
    repeats_succeeded: int = 0
    repeats_failed: int = 0
    jobs_succeeded: int = 0
    """Jobs that the recipe's own counters say have ended; 0 where the subject is no recipe or workspace."""
    jobs_failed: int = 0
    median_recovery_s: float | None = None
    """From the first failure to the success, read off a histogram; None without a recovery."""
    p90_recovery_s: float | None = None
    retry_success_rate: float | None = None
    """Share of the ended repeats through this program that succeeded; None where none ended."""


NO_FIGURES = Figures()


class MetricRow(Value, frozen=True):
    """The figures of one recipe, category or downstream."""

    subject: str
    """Recipe id, category, or `application:…` / `connection:…`."""
    name: str
    figures: Figures


class ErrorRow(Value, frozen=True):
    """One error of one recipe."""

    recipe_id: str
    recipe: str
    fingerprint: str
    title: str
    novelty: str | None
    """`new`, `recurring` or `regressed`; None when its incident is no longer kept."""
    count: int
    before: int
    """How often it came in as much time before the window."""


class DayAvailability(Value, frozen=True):
    """One UTC day, or the part of it that was watched."""

    day: str
    observed_s: float
    lost_s: float
    share: float | None


class AvailabilityRow(Value, frozen=True):
    """How available a downstream was, as its connection and its breaker tell. What was never lost has no row."""

    downstream: str
    name: str
    available: bool
    """Whether it is now."""
    observed_s: float
    lost_s: float
    share: float | None
    """From 0 to 1; None where nothing was observed."""
    days: tuple[DayAvailability, ...]


class TaskRow(Value, frozen=True):
    """What the repeats of a UTC month are reckoned to cost in Workato's tasks."""

    month: str
    automatic: int
    forced: int
    unpriced: int
    """Repeats of recipes whose price is not known; they are not in the sums."""
    cap: int | None


class MetricsRow(Value, frozen=True):
    """Execution metrics, error patterns and availability of one workspace.

    `since` and `until` are the bounds that were counted: whole UTC hours, or days where hours are folded already.
    """

    workspace: str
    since: float
    until: float
    total: Figures
    recipes: tuple[MetricRow, ...]
    """Those with the most failures."""
    categories: tuple[MetricRow, ...]
    downstreams: tuple[MetricRow, ...]
    top_errors: tuple[ErrorRow, ...]
    availability: tuple[AvailabilityRow, ...]
    tasks: TaskRow
