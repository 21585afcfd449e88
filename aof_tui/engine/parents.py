"""The incident that stands for a downstream's trouble, and gathers what the trouble causes."""

from __future__ import annotations

from aof_tui.domain.breaker import PARENT_FINGERPRINT, Breaker
from aof_tui.domain.model import Failure, Incident
from aof_tui.domain.words import Category, IncidentKind, IncidentStatus, Severity
from aof_tui.policy import escalate


def fingerprint_of(breaker: Breaker) -> str:
    """The fingerprint of a breaker's incident: one that is no job is identified by its kind."""
    return PARENT_FINGERPRINT if breaker.parent is IncidentKind.JOBS else breaker.parent


def fresh_parent(breaker: Breaker, title: str, failure: Failure | None, now: float) -> Incident:
    """The incident as it would be opened now; the failure, if any, says how bad it is."""
    return Incident(
        incident_id=0,
        workspace=breaker.workspace,
        kind=IncidentKind.JOBS,
        scope=breaker.downstream,
        fingerprint=PARENT_FINGERPRINT,
        status=IncidentStatus.OPEN,
        novelty=escalate.novelty(None, now),
        category=failure.plan.category if failure else Category.UNKNOWN,
        severity=failure.plan.severity if failure else Severity.WARNING,
        title=title,
        level=0,
        first_seen_at=now,
        last_seen_at=now,
        total=0,
        escalate_at=None,
        remind_at=None,
    )
