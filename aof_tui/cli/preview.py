"""What a bulk action would do, before anybody says yes: what it is done to, and what the rows show will be refused."""

from __future__ import annotations

from collections.abc import Sequence

from aof_tui.base.wording import counted
from aof_tui.cli.listing_rows import (
    FAILURE_HEADINGS,
    INCIDENT_HEADINGS,
    INCIDENT_SPARED,
    NOTHING,
    failure_cells,
    incident_cells,
)
from aof_tui.cli.output import print_columns, say
from aof_tui.control import why_not
from aof_tui.control.requests import Verb
from aof_tui.control.rows import FailureRow, IncidentRow, Status
from aof_tui.domain.words import FailureStatus, Reason

SHOWN = 10
"""Rows of a preview."""
NAMED = 5
"""Breakers that are named one by one."""
REFUSED = "REFUSED BECAUSE"
SPARED = ("ERROR", "CATEGORY", "NEXT", "TRIES", "INCIDENT", "RECIPE")
"""What a narrow terminal does without before the reason of a refusal, the first first."""


def preview_failures(verb: Verb, rows: Sequence[FailureRow], status: Status) -> None:
    """Print the first of them, how many will be refused, and what it has to do with open breakers."""
    refusals = [_hindrance(verb, row.workspace, status) or why_not.of_failure(verb, row) for row in rows]
    cells = [failure_cells(row, status.at) for row in rows[:SHOWN]]
    _print(FAILURE_HEADINGS, cells, refusals, plain_spared=(), spared=SPARED)
    left = [row for row, refusal in zip(rows, refusals, strict=True) if refusal is None]
    if left and (line := _breakers(verb, left, status)):
        say(line)


def preview_incidents(verb: Verb, rows: Sequence[IncidentRow], status: Status) -> None:
    """Print the first of them, and how many will be refused."""
    refusals = [_hindrance(verb, row.workspace, status) or why_not.of_incident(verb, row) for row in rows]
    cells = [incident_cells(row) for row in rows[:SHOWN]]
    spared = ("TITLE", *INCIDENT_SPARED)
    _print(INCIDENT_HEADINGS, cells, refusals, plain_spared=INCIDENT_SPARED, spared=spared)


def _hindrance(verb: Verb, workspace: str, status: Status) -> str | None:
    """What stands in the way of all of a workspace."""
    if status.read_only:
        return why_not.ENGINE_READ_ONLY
    if verb not in why_not.SENDING:
        return None
    state = next((state for state in status.workspaces if state.workspace == workspace), None)
    said = why_not.nothing_is_sent(status.mode, state)
    return None if said is None else f"{said}."


def _print(
    headings: Sequence[str],
    cells: Sequence[Sequence[str]],
    refusals: Sequence[str | None],
    *,
    plain_spared: Sequence[str],
    spared: Sequence[str],
) -> None:
    refused = sum(refusal is not None for refusal in refusals)
    if any(refusals[: len(cells)]):
        marked = [(*row, refusal or NOTHING) for row, refusal in zip(cells, refusals, strict=False)]
        print_columns((*headings, REFUSED), marked, spared)
    else:
        print_columns(headings, cells, plain_spared)
    if len(refusals) > len(cells):
        say(f"… and {len(refusals) - len(cells):,} more")
    if refused:
        say(f"As it stands, the engine will refuse at least {refused:,} of these {len(refusals):,}.")


def _breakers(verb: Verb, rows: Sequence[FailureRow], status: Status) -> str | None:
    """No row tells its downstream: all breakers of its workspace that are not closed are named."""
    workspaces = {row.workspace for row in rows}
    names = [breaker.name for breaker in status.breakers if breaker.workspace in workspaces]
    if not names or verb not in (Verb.RETRY, Verb.RELEASE):
        return None
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    listed = f"not closed: {', '.join(names[:NAMED])}{more}"
    held = sum(row.status == FailureStatus.HELD and row.reason == Reason.BREAKER_OPEN for row in rows)
    waiting = f" ({counted(held, 'of these waits', 'of these wait')} for one)" if held else ""
    if verb is Verb.RETRY:
        return f"Asked for like this, a repeat is sent past an open breaker{waiting}; {listed}."
    return f"What an open breaker holds is refused{waiting}: only retry repeats it all the same; {listed}."
