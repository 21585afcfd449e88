"""A glyph, a word and a tone for every state: what is told by colour is told by sign and word too."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from aof_tui.domain.words import FailureStatus, IncidentStatus, OutboxState, RunStatus, Severity
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


def spoken(word: str | None) -> str:
    """A word of a closed vocabulary as people say it."""
    return "" if word is None else word.replace("_", " ")
