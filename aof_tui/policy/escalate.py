"""When an incident is escalated, reminded of, resolved, and whether its error was seen before."""

from __future__ import annotations

from aof_tui.domain.model import Incident
from aof_tui.domain.words import IncidentStatus, Novelty

REGRESSED_WITHIN_S = 14 * 86_400.0


def escalation_time(incident: Incident, now: float, after_s: float) -> float | None:
    """When the incident is to be escalated once it calls for it; None where that is no longer to come.

    An earlier time stays: what comes later never postpones an escalation.
    """
    if incident.level > 0 or incident.status in (IncidentStatus.ACKNOWLEDGED, IncidentStatus.RESOLVED):
        return None
    return now + after_s if incident.escalate_at is None else incident.escalate_at


def _asleep(incident: Incident, now: float) -> bool:
    return (
        incident.status is IncidentStatus.SNOOZED
        and incident.snoozed_until is not None
        and now < incident.snoozed_until
    )


def must_escalate(incident: Incident, now: float) -> bool:
    """Whether nobody took the incident in time. A snooze delays, an acknowledgement ends it."""
    if incident.status in (IncidentStatus.ACKNOWLEDGED, IncidentStatus.RESOLVED) or _asleep(incident, now):
        return False
    return incident.level == 0 and incident.escalate_at is not None and incident.escalate_at <= now


def must_remind(incident: Incident, now: float) -> bool:
    """Whether people must be told again of an unresolved incident, acknowledged ones included."""
    if incident.status is IncidentStatus.RESOLVED or _asleep(incident, now):
        return False
    return incident.remind_at is not None and incident.remind_at <= now


def may_resolve(incident: Incident, open_failures: int, now: float, resolve_after_s: float) -> bool:
    """Whether no failure is open and nothing new came for the given time."""
    quiet = now - incident.last_seen_at >= resolve_after_s
    return incident.status is not IncidentStatus.RESOLVED and open_failures == 0 and quiet


def novelty(previous: Incident | None, now: float) -> Novelty:
    """What a newcomer makes of an incident: new, regressed within 14 days of its resolution, recurring after that."""
    if previous is None:
        return Novelty.NEW
    if previous.resolved_at is None:
        return previous.novelty
    return Novelty.REGRESSED if now - previous.resolved_at <= REGRESSED_WITHIN_S else Novelty.RECURRING
