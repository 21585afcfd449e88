"""How each kind of row looks: its columns, its cells, and the lines that tell more of it. No terminal library."""

from __future__ import annotations

from typing import Protocol, TypeVar

from aof_tui.control.rows import EventRow, FailureRow, NotificationRow
from aof_tui.domain.words import FailureStatus, OutboxState
from aof_tui.tui.cells import Cell, Column, Line, Tone
from aof_tui.tui.fitting import middle, noticed
from aof_tui.tui.times import DUE, age, clock_time, countdown, in_time
from aof_tui.tui.vocabulary import LEVEL, NEXT_STEP, NOTICE, SEVERITY, failure_sign, sign, spoken

Row_contra = TypeVar("Row_contra", contravariant=True)

SOON_S = 60.0


class Presenter(Protocol[Row_contra]):
    """Turns rows of one kind into cells."""

    @property
    def columns(self) -> tuple[Column, ...]: ...

    def key(self, row: Row_contra) -> str:
        """What names the row as long as it lives."""
        ...

    def cells(self, row: Row_contra, now: float) -> tuple[Cell, ...]:
        """One cell for each column, at engine time `now`."""
        ...

    def detail(self, row: Row_contra, now: float) -> tuple[Line, ...]:
        """Two lines that say more."""
        ...


def _countdown_cell(row: FailureRow, now: float) -> Cell:
    text = countdown(row.next_action_at, now)
    if row.next_action_at is None:
        return Cell(text, Tone.MUTED)
    return Cell(text, Tone.STRONG if text == DUE or row.next_action_at - now < SOON_S else Tone.PLAIN)


def _tries(row: FailureRow) -> Cell:
    forced = f"+{row.forced}" if row.forced else ""
    return Cell(f"{row.attempts}/{row.max_attempts}{forced}", Tone.PLAIN if row.attempts else Tone.MUTED)


def failure_key(row: FailureRow) -> str:
    """Names a failure over all workspaces."""
    return f"{row.workspace}/{row.master_job_id}"


def failure_detail(row: FailureRow, now: float) -> tuple[Line, ...]:
    """What the table leaves out of a failure, and its error."""
    state = failure_sign(row)
    facts = [
        state.cell(),
        Cell(f" {spoken(row.reason)}" if row.reason else "", state.tone),
        Cell(f"  {row.recipe}", Tone.STRONG),
        Cell(f"  job {row.master_job_id}", Tone.MUTED),
        Cell(f"  {spoken(row.category)}", Tone.MUTED),
    ]
    if row.incident is not None:
        facts.append(Cell(f"  {row.incident} {spoken(row.incident_status)}", Tone.MUTED))
    if row.external:
        facts.append(Cell(f"  {row.external} repeated elsewhere", Tone.WARN))
    return (tuple(facts), (Cell(row.title, Tone.PLAIN), Cell(f"  {row.error}", Tone.MUTED)))


class FailingJobs:
    """The failing jobs: what is broken, how often it was tried, what comes next."""

    columns = (
        Column("STATUS", 14),
        Column("NEXT", 7, right=True),
        Column("TRIES", 5, shown_from=48),
        Column("AGE", 4, right=True, shown_from=54),
        Column("SEVERITY", 11, shown_from=150),
        Column("CATEGORY", 18, shown_from=130),
        Column("RECIPE", 10, flex=2, fit=middle),
        Column("JOB", 8, flex=1, shown_from=100, fit=middle),
        Column("ERROR", 12, flex=3, shown_from=66),
    )

    def key(self, row: FailureRow) -> str:
        return failure_key(row)

    def cells(self, row: FailureRow, now: float) -> tuple[Cell, ...]:
        return (
            failure_sign(row).cell(),
            _countdown_cell(row, now),
            _tries(row),
            Cell(age(row.last_failed_at, now), Tone.MUTED),
            sign(SEVERITY, row.severity).cell(),
            Cell(spoken(row.category), Tone.MUTED),
            Cell(row.recipe, Tone.STRONG),
            Cell(row.title or row.master_job_id),
            Cell(row.error, Tone.MUTED),
        )

    def detail(self, row: FailureRow, now: float) -> tuple[Line, ...]:
        return failure_detail(row, now)


class Countdowns:
    """What the engine does next, and when."""

    columns = (
        Column("IN", 8, right=True),
        Column("NEXT STEP", 14),
        Column("TRY", 4, shown_from=46),
        Column("RECIPE", 10, flex=3, fit=middle),
        Column("JOB", 10, flex=2, shown_from=58, fit=middle),
        Column("AT UTC", 8, shown_from=88),
    )

    def key(self, row: FailureRow) -> str:
        return failure_key(row)

    def cells(self, row: FailureRow, now: float) -> tuple[Cell, ...]:
        planned = row.status == FailureStatus.SCHEDULED
        number = min(row.attempts + 1, row.max_attempts) if planned else row.attempts
        return (
            _countdown_cell(row, now),
            (failure_sign(row) if row.deciding else sign(NEXT_STEP, row.status)).cell(),
            Cell(f"{number}/{row.max_attempts}", Tone.PLAIN),
            Cell(row.recipe, Tone.STRONG),
            Cell(row.title or row.master_job_id, Tone.MUTED),
            Cell("–" if row.next_action_at is None else clock_time(row.next_action_at), Tone.MUTED),
        )

    def detail(self, row: FailureRow, now: float) -> tuple[Line, ...]:
        return failure_detail(row, now)


class LogLines:
    """The global log, one event a line."""

    columns = (
        Column("UTC", 8),
        Column("", 1),
        Column("EVENT", 20, shown_from=90),
        Column("WHAT HAPPENED", 12, flex=3),
        Column("RECIPE", 18, shown_from=56, fit=middle),
        Column("JOB", 20, shown_from=150, fit=middle),
    )

    def key(self, row: EventRow) -> str:
        return str(row.sequence)

    def cells(self, row: EventRow, now: float) -> tuple[Cell, ...]:
        level = sign(LEVEL, row.level)
        return (
            Cell(clock_time(row.at), Tone.MUTED),
            Cell(level.glyph, level.tone),
            Cell(row.kind, Tone.MUTED),
            Cell(row.text, level.tone),
            Cell(row.recipe or "", Tone.MUTED),
            Cell(row.master_job_id or "", Tone.MUTED),
        )

    def detail(self, row: EventRow, now: float) -> tuple[Line, ...]:
        level = sign(LEVEL, row.level)
        facts = [level.cell(), Cell(f"  {row.kind}", Tone.STRONG), Cell(f"  by {row.actor}", Tone.MUTED)]
        if row.master_job_id is not None:
            facts.append(Cell(f"  job {row.master_job_id}", Tone.MUTED))
        if row.incident is not None:
            facts.append(Cell(f"  {row.incident}", Tone.MUTED))
        facts.append(Cell(f"  {age(row.at, now)} ago  #{row.sequence}", Tone.MUTED))
        about = [Cell(f"{row.recipe}  ", Tone.STRONG)] if row.recipe is not None else []
        return (tuple(facts), (*about, Cell(row.text)))


class Notices:
    """Who was told what, and whether it arrived."""

    columns = (
        Column("UTC", 8),
        Column("STATE", 11),
        Column("TO", 8, flex=1, shown_from=44),
        Column("WHAT", 12, shown_from=84),
        Column("SUMMARY", 8, flex=4, fit=noticed),
    )

    def key(self, row: NotificationRow) -> str:
        return row.notification

    def cells(self, row: NotificationRow, now: float) -> tuple[Cell, ...]:
        dead = row.state == OutboxState.DEAD and row.error
        return (
            Cell(clock_time(row.created_at), Tone.MUTED),
            sign(NOTICE, row.state).cell(),
            Cell(row.receiver, Tone.STRONG),
            Cell(spoken(row.kind), Tone.MUTED),
            Cell(f"{row.error} – {row.summary}" if dead else row.summary, Tone.BAD if dead else Tone.PLAIN),
        )

    def detail(self, row: NotificationRow, now: float) -> tuple[Line, ...]:
        facts = [sign(NOTICE, row.state).cell(), Cell(f"  {row.receiver} by {row.channel}", Tone.STRONG)]
        if row.incident is not None:
            facts.append(Cell(f"  {row.incident}", Tone.MUTED))
        facts.append(Cell(f"  {row.attempts} {'try' if row.attempts == 1 else 'tries'}", Tone.MUTED))
        if row.delivered_at is not None:
            facts.append(Cell(f"  delivered {clock_time(row.delivered_at)}", Tone.MUTED))
        elif row.next_try_at is not None:
            facts.append(Cell(f"  next try {in_time(row.next_try_at, now)}", Tone.WARN))
        return (tuple(facts), (Cell(row.summary), Cell(f"  {row.error}" if row.error else "", Tone.BAD)))
