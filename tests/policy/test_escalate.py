from __future__ import annotations

from dataclasses import replace

import pytest

from aof_tui.domain.model import Incident
from aof_tui.domain.words import Category, IncidentKind, IncidentStatus, Novelty, Severity
from aof_tui.policy.escalate import (
    REGRESSED_WITHIN_S,
    escalation_time,
    may_resolve,
    must_escalate,
    must_remind,
    novelty,
)

INCIDENT = Incident(
    incident_id=1,
    workspace="prod",
    kind=IncidentKind.JOBS,
    scope="42",
    fingerprint="v1:0",
    status=IncidentStatus.OPEN,
    novelty=Novelty.RECURRING,
    category=Category.UNKNOWN,
    severity=Severity.ERROR,
    title="t",
    level=0,
    first_seen_at=0,
    last_seen_at=100,
    total=1,
    escalate_at=500,
    remind_at=700,
)
ACKNOWLEDGED = replace(INCIDENT, status=IncidentStatus.ACKNOWLEDGED)
SNOOZED = replace(INCIDENT, status=IncidentStatus.SNOOZED, snoozed_until=900)
RESOLVED = replace(INCIDENT, status=IncidentStatus.RESOLVED, resolved_at=300)


def test_an_escalation_is_set_once_and_not_postponed() -> None:
    assert escalation_time(replace(INCIDENT, escalate_at=None), 10, 1_800) == 1_810
    assert escalation_time(INCIDENT, 10, 1_800) == 500


@pytest.mark.parametrize("incident", [ACKNOWLEDGED, RESOLVED, replace(INCIDENT, level=1)])
def test_nothing_is_escalated_that_somebody_has_or_was_told_of(incident: Incident) -> None:
    assert escalation_time(incident, 10, 1_800) is None
    assert not must_escalate(incident, 10_000)


@pytest.mark.parametrize(
    ("incident", "now", "escalates"),
    [
        (INCIDENT, 499, False),
        (INCIDENT, 500, True),
        (replace(INCIDENT, escalate_at=None), 10_000, False),
        (SNOOZED, 899, False),
        (SNOOZED, 900, True),
        (replace(SNOOZED, snoozed_until=None), 600, True),
    ],
)
def test_an_incident_nobody_takes_is_escalated_in_time(incident: Incident, now: float, escalates: bool) -> None:
    assert must_escalate(incident, now) is escalates


@pytest.mark.parametrize(
    ("incident", "now", "reminds"),
    [
        (INCIDENT, 699, False),
        (INCIDENT, 700, True),
        (ACKNOWLEDGED, 700, True),
        (SNOOZED, 899, False),
        (SNOOZED, 900, True),
        (RESOLVED, 900, False),
        (replace(INCIDENT, remind_at=None), 900, False),
    ],
)
def test_people_are_reminded_of_what_is_not_resolved(incident: Incident, now: float, reminds: bool) -> None:
    assert must_remind(incident, now) is reminds


@pytest.mark.parametrize(
    ("incident", "open_failures", "now", "resolves"),
    [
        (INCIDENT, 0, 1_900, True),
        (INCIDENT, 0, 1_899, False),
        (INCIDENT, 1, 1_900, False),
        (RESOLVED, 0, 1_900, False),
    ],
)
def test_an_incident_resolves_when_quiet_and_without_open_failures(
    incident: Incident, open_failures: int, now: float, resolves: bool
) -> None:
    assert may_resolve(incident, open_failures, now, 1_800) is resolves


@pytest.mark.parametrize(
    ("previous", "now", "expected"),
    [
        (None, 0, Novelty.NEW),
        (INCIDENT, 10_000_000, Novelty.RECURRING),
        (RESOLVED, 300 + REGRESSED_WITHIN_S, Novelty.REGRESSED),
        (RESOLVED, 301 + REGRESSED_WITHIN_S, Novelty.RECURRING),
    ],
)
def test_a_newcomer_tells_whether_its_error_was_seen_before(
    previous: Incident | None, now: float, expected: Novelty
) -> None:
    assert novelty(previous, now) is expected
