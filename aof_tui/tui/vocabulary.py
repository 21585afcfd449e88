"""A glyph, a word and a tone for every state: what is told by colour is told by sign and word too."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from aof_tui.control.rows import FailureRow
from aof_tui.domain.words import (
    BreakerCause,
    BreakerState,
    FailureStatus,
    IncidentKind,
    IncidentStatus,
    Novelty,
    OutboxState,
    RunStatus,
    Severity,
)
from aof_tui.tui.cells import Cell, Tone


class Sign(NamedTuple):
    """How a state looks."""

    glyph: str
    word: str
    tone: Tone

    def cell(self) -> Cell:
        return Cell(f"{self.glyph} {self.word}", self.tone)


FAILURE: Mapping[str, Sign] = MappingProxyType(
    {
        FailureStatus.SCHEDULED: Sign("↻", "scheduled", Tone.INFO),
        FailureStatus.REPEATING: Sign("→", "repeating", Tone.INFO),
        FailureStatus.IN_DOUBT: Sign("?", "in doubt", Tone.WARN),
        FailureStatus.WATCHING: Sign("…", "watching", Tone.INFO),
        FailureStatus.HELD: Sign("=", "held", Tone.WARN),
        FailureStatus.EXHAUSTED: Sign("×", "exhausted", Tone.BAD),
        FailureStatus.NEEDS_PERSON: Sign("!", "needs person", Tone.BAD),
        FailureStatus.RECOVERED: Sign("✓", "recovered", Tone.OK),
        FailureStatus.CLOSED: Sign("·", "closed", Tone.MUTED),
    }
)

DECIDING = Sign("…", "deciding", Tone.INFO)
"""A new error is still being read: what is done about it is not decided yet."""

NEXT_STEP: Mapping[str, Sign] = MappingProxyType(
    {
        FailureStatus.SCHEDULED: Sign("↻", "repeat", Tone.INFO),
        FailureStatus.REPEATING: Sign("→", "sending", Tone.INFO),
        FailureStatus.IN_DOUBT: Sign("?", "settle doubt", Tone.WARN),
        FailureStatus.WATCHING: Sign("…", "look at run", Tone.INFO),
    }
)

RUN: Mapping[str, Sign] = MappingProxyType(
    {
        RunStatus.PENDING: Sign("…", "pending", Tone.INFO),
        RunStatus.SUCCEEDED: Sign("✓", "succeeded", Tone.OK),
        RunStatus.FAILED: Sign("×", "failed", Tone.BAD),
        RunStatus.CANCELLED: Sign("·", "cancelled", Tone.WARN),
    }
)

NOTICE: Mapping[str, Sign] = MappingProxyType(
    {
        OutboxState.PENDING: Sign("…", "pending", Tone.INFO),
        OutboxState.DELIVERED: Sign("✓", "delivered", Tone.OK),
        OutboxState.DEAD: Sign("×", "dead", Tone.ALARM),
    }
)

INCIDENT: Mapping[str, Sign] = MappingProxyType(
    {
        IncidentStatus.OPEN: Sign("!", "open", Tone.BAD),
        IncidentStatus.ACKNOWLEDGED: Sign("✓", "acknowledged", Tone.INFO),
        IncidentStatus.SNOOZED: Sign("z", "snoozed", Tone.MUTED),
        IncidentStatus.RESOLVED: Sign("✓", "resolved", Tone.OK),
    }
)

NOVELTY: Mapping[str, Sign] = MappingProxyType(
    {
        Novelty.NEW: Sign("+", "new", Tone.STRONG),
        Novelty.RECURRING: Sign("·", "recurring", Tone.MUTED),
        Novelty.REGRESSED: Sign("↺", "regressed", Tone.WARN),
    }
)

HELP: Mapping[str, str] = MappingProxyType(
    {
        IncidentKind.JOBS: "Enter shows its failures",
        IncidentKind.RECIPE_STOPPED: "s starts the recipe",
        IncidentKind.CONNECTION_LOST: "reconnect it in Workato: what was held goes on by itself",
        IncidentKind.AGENT_DOWN: "start its agent: what was held goes on by itself",
        IncidentKind.RECIPE_SILENT: "look at its trigger in Workato",
        IncidentKind.BACKLOG: "B releases or closes what is held",
        IncidentKind.COLLATION_BEHIND: "Enter shows its log",
        IncidentKind.ENGINE_ERROR: "Enter shows its log",
        IncidentKind.TASK_CAP_REACHED: "it ends with the month, or with a higher cap",
        IncidentKind.FALLBACK_FAILED: "Enter shows its log",
    }
)
"""What a person can do about an incident."""

BREAKER: Mapping[str, Sign] = MappingProxyType(
    {
        BreakerState.OPEN: Sign("⊘", "open", Tone.BAD),
        BreakerState.HALF_OPEN: Sign("◐", "half open", Tone.WARN),
    }
)

BREAKER_CAUSE: Mapping[str, str] = MappingProxyType(
    {
        BreakerCause.FAILURES: "failures in a row",
        BreakerCause.LOST: "Workato reports it lost",
        BreakerCause.PERSON: "a person keeps it open",
    }
)

LEVEL: Mapping[str, Sign] = MappingProxyType(
    {
        "debug": Sign("·", "debug", Tone.MUTED),
        "info": Sign("·", "info", Tone.PLAIN),
        "warning": Sign("!", "warning", Tone.WARN),
        "error": Sign("×", "error", Tone.BAD),
        "critical": Sign("×", "critical", Tone.ALARM),
    }
)

SEVERITY: Mapping[str, Sign] = MappingProxyType(
    {
        Severity.CRITICAL: Sign("!!", "critical", Tone.ALARM),
        Severity.ERROR: Sign("!", "error", Tone.BAD),
        Severity.WARNING: Sign("~", "warning", Tone.WARN),
        Severity.INFO: Sign("·", "info", Tone.MUTED),
    }
)


def sign(of: Mapping[str, Sign], word: str) -> Sign:
    """The sign of a word; one that this terminal does not know is shown as it is."""
    return of.get(word) or Sign("·", word.replace("_", " "), Tone.PLAIN)


def failure_sign(row: FailureRow) -> Sign:
    """How a failure's status looks."""
    return DECIDING if row.deciding else sign(FAILURE, row.status)


def spoken(word: str | None) -> str:
    """A word of a closed vocabulary as people say it."""
    return "" if word is None else word.replace("_", " ")
