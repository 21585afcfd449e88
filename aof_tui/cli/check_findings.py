"""What `aof-tui check` finds, and the exit code it comes to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

PROBLEM = 1
TEMPORARY = 3


class State(StrEnum):
    """How one thing stands."""

    OK = "ok"
    WARNING = "warning"
    UNTESTED = "untested"
    MISSING = "missing"
    FAILED = "failed"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the check."""

    subject: str
    what: str
    state: State
    detail: str = ""


def exit_code(findings: Iterable[Finding]) -> int:
    """1 where something is wrong, else 3 where something was not reached, else 0."""
    states = {finding.state for finding in findings}
    if states & {State.MISSING, State.FAILED}:
        return PROBLEM
    return TEMPORARY if State.UNREACHABLE in states else 0
