"""What an incident's row is called by everyone who shows one."""

from __future__ import annotations

from aof_tui.control.rows import IncidentRow
from aof_tui.domain.breaker import PARENT_FINGERPRINT
from aof_tui.domain.words import IncidentKind


def kind_words(row: IncidentRow) -> str:
    """What it is about: failed jobs, a downstream that gathers them, or what is no job."""
    if row.kind != IncidentKind.JOBS:
        return row.kind.replace("_", " ")
    return "downstream" if row.fingerprint == PARENT_FINGERPRINT else "failed jobs"


def told_category(row: IncidentRow) -> str | None:
    """The category of its error; None where it gathers errors of several, and only the first one's is known."""
    return None if row.fingerprint == PARENT_FINGERPRINT else row.category
