"""How incidents and breakers look in their lists. No terminal library."""

from __future__ import annotations

from aof_tui.control.breaker_rows import BreakerRow
from aof_tui.control.incident_words import kind_words
from aof_tui.control.rows import IncidentRow
from aof_tui.domain.words import IncidentKind, IncidentStatus
from aof_tui.tui.breaker_questions import probe_words
from aof_tui.tui.cells import Cell, Column, Line, Tone
from aof_tui.tui.fitting import middle, titled
from aof_tui.tui.presenters import SOON_S
from aof_tui.tui.times import age, countdown, in_time
from aof_tui.tui.vocabulary import BREAKER, BREAKER_CAUSE, HELP, INCIDENT, NOVELTY, SEVERITY, sign, spoken


def incident_key(workspace: str, name: str) -> str:
    """Names an incident over all workspaces: each counts its own."""
    return f"{workspace}/{name}"


class Incidents:
    """All that is not resolved: how bad, what kind, how much of it, since when."""

    columns = (
        Column("ID", 5),
        Column("STATUS", 14),
        Column("SEVERITY", 11, shown_from=66),
        Column("KIND", 17, shown_from=100),
        Column("NOVELTY", 11, shown_from=124),
        Column("LEVEL", 5, right=True, shown_from=110),
        Column("OPEN", 5, right=True, shown_from=48),
        Column("SEEN", 4, right=True, shown_from=54),
        Column("AGE", 4, right=True, shown_from=100),
        Column("NEXT", 8, right=True, shown_from=124),
        Column("WHO", 12, shown_from=140),
        Column("WHAT", 12, flex=5, fit=titled),
    )

    def key(self, row: IncidentRow) -> str:
        return incident_key(row.workspace, row.incident)

    def cells(self, row: IncidentRow, now: float) -> tuple[Cell, ...]:
        asleep = row.status == IncidentStatus.SNOOZED
        return (
            Cell(row.incident, Tone.MUTED),
            sign(INCIDENT, row.status).cell(),
            Cell(sign(SEVERITY, row.severity).cell().text, Tone.MUTED)
            if asleep
            else sign(SEVERITY, row.severity).cell(),
            Cell(kind_words(row)),
            sign(NOVELTY, row.novelty).cell(),
            Cell(str(row.level), Tone.WARN if row.level else Tone.MUTED),
            Cell(f"{row.open_failures:,}", Tone.STRONG if row.open_failures else Tone.MUTED),
            Cell(age(row.last_seen_at, now), Tone.MUTED),
            Cell(age(row.first_seen_at, now), Tone.MUTED),
            _next_cell(row, now),
            Cell(_who(row), Tone.INFO),
            Cell(_title(row), Tone.MUTED if asleep else Tone.STRONG),
        )

    def detail(self, row: IncidentRow, now: float) -> tuple[Line, ...]:
        facts = [
            sign(INCIDENT, row.status).cell(),
            Cell(f"  {row.incident}", Tone.STRONG),
            Cell(f"  {kind_words(row)}"),
            Cell(f"  {spoken(row.novelty)}", sign(NOVELTY, row.novelty).tone),
            Cell(f"  level {row.level}", Tone.WARN if row.level else Tone.MUTED),
            Cell(f"  {row.open_failures:,} of {row.total:,} open", Tone.MUTED),
            Cell(f"  since {age(row.first_seen_at, now)}", Tone.MUTED),
        ]
        if row.acknowledged_by is not None:
            facts.append(Cell(f"  taken by {row.acknowledged_by}", Tone.INFO))
        if row.assignee is not None:
            facts.append(Cell(f"  assigned to {row.assignee}", Tone.INFO))
        return (tuple(facts), (Cell(row.title, Tone.STRONG),), (*_clocks(row, now), *_help(row)))


def _title(row: IncidentRow) -> str:
    """Only before the first colon of a title of failed jobs stands a name that may be shortened."""
    return row.title if row.kind == IncidentKind.JOBS else row.title.replace(": ", ":\N{NO-BREAK SPACE}")


def _who(row: IncidentRow) -> str:
    return row.assignee or (row.acknowledged_by or "").partition(":")[2] or row.acknowledged_by or ""


def _next_at(row: IncidentRow) -> float | None:
    return row.snoozed_until if row.status == IncidentStatus.SNOOZED else row.escalate_at


def _next_cell(row: IncidentRow, now: float) -> Cell:
    at = _next_at(row)
    soon = at is not None and at - now < SOON_S
    return Cell(countdown(at, now), Tone.MUTED if at is None else Tone.STRONG if soon else Tone.PLAIN)


def _clocks(row: IncidentRow, now: float) -> tuple[Cell, ...]:
    at = _next_at(row)
    if at is None:
        return ()
    what = "wakes" if row.status == IncidentStatus.SNOOZED else "escalates"
    return (Cell(f"{what} {in_time(at, now)}", Tone.WARN), Cell("   "))


def _help(row: IncidentRow) -> tuple[Cell, ...]:
    if row.kind == IncidentKind.JOBS and not row.open_failures:
        return (Cell("Enter shows its log", Tone.MARK),)
    return (Cell(HELP[row.kind], Tone.MARK),) if row.kind in HELP else ()


def _probe_cell(row: BreakerRow, now: float) -> Cell:
    if row.probe is not None:
        return Cell("running", Tone.INFO)
    if row.next_probe_at is None or row.next_probe_at > now:
        return Cell(countdown(row.next_probe_at, now))
    return Cell("due", Tone.WARN)


class Downstreams:
    """Breakers that are not closed: since when, for what, and when it is tried again."""

    columns = (
        Column("STATE", 11),
        Column("NEXT PROBE", 10, right=True),
        Column("HELD", 6, right=True),
        Column("SINCE", 5, right=True, shown_from=48),
        Column("DOWNSTREAM", 12, flex=2, fit=middle),
        Column("BECAUSE", 23, flex=1, shown_from=96),
        Column("BY", 10, flex=2, shown_from=100),
    )

    def key(self, row: BreakerRow) -> str:
        return f"{row.workspace}/{row.downstream}"

    def cells(self, row: BreakerRow, now: float) -> tuple[Cell, ...]:
        return (
            sign(BREAKER, row.state).cell(),
            _probe_cell(row, now),
            Cell(f"{row.held:,}", Tone.STRONG if row.held else Tone.MUTED),
            Cell("–" if row.opened_at is None else age(row.opened_at, now), Tone.MUTED),
            Cell(row.name, Tone.STRONG),
            Cell(BREAKER_CAUSE.get(row.cause, row.cause), Tone.MUTED),
            Cell(row.opened_by, Tone.MUTED),
        )

    def detail(self, row: BreakerRow, now: float) -> tuple[Line, ...]:
        state = sign(BREAKER, row.state)
        return (
            (
                state.cell(),
                Cell(f"  {row.name}", Tone.STRONG),
                Cell(f"  {row.downstream}", Tone.MUTED),
                Cell(f"  by {row.opened_by}", Tone.MUTED),
            ),
            (Cell(BREAKER_CAUSE.get(row.cause, row.cause)), Cell(f"  {row.held:,} held for it", Tone.MUTED)),
            (
                Cell(f"next probe: {probe_words(row, now)}", Tone.WARN),
                Cell("   b closes it, or keeps it open", Tone.MARK),
            ),
        )
