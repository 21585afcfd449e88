"""Finds, opens, reopens and joins incidents by what they are about."""

from __future__ import annotations

from dataclasses import replace

from aof_tui.domain.event_kinds import EventKind
from aof_tui.domain.model import Incident
from aof_tui.domain.words import IncidentKind, IncidentStatus, Novelty
from aof_tui.engine.unit import Unit
from aof_tui.policy import escalate
from aof_tui.store.mapping import incident_from
from aof_tui.store.names import incident_name


class IncidentRegister:
    """The incidents of the store; one identity (workspace, kind, scope, fingerprint) has one unresolved incident."""

    def __init__(self, resolve_after_s: float) -> None:
        self._resolve_after_s = resolve_after_s

    async def latest(
        self, unit: Unit, workspace: str, kind: IncidentKind, scope: str, fingerprint: str
    ) -> Incident | None:
        """The unresolved incident of an identity, else the one resolved last."""
        identity = {"workspace": workspace, "kind": kind, "scope": scope, "fingerprint": fingerprint}
        rows = await unit.tx.fetch("incident_latest", identity)
        return incident_from(rows[0]) if rows else None

    async def join(self, unit: Unit, present: Incident | None, fresh: Incident) -> Incident:
        """Count a newcomer: in the present incident, in the former one reopened, or in a new one."""
        if present is None or present.status is IncidentStatus.RESOLVED:
            novelty = escalate.novelty(present, unit.now)
            if present is not None and novelty is not Novelty.RECURRING:
                return await self._reopen(unit, replace(present, novelty=novelty), fresh)
            return await self._open(unit, replace(fresh, novelty=novelty))
        grown = replace(present, total=present.total + 1, last_seen_at=unit.now, severity=fresh.severity)
        return await self.put(unit, grown)

    async def _open(self, unit: Unit, fresh: Incident) -> Incident:
        fresh = replace(fresh, check_at=self._check_time(fresh, unit.now))
        incident_id = await unit.tx.insert(
            "incident_insert",
            {
                "workspace": fresh.workspace,
                "kind": fresh.kind,
                "scope": fresh.scope,
                "fingerprint": fresh.fingerprint,
                "status": fresh.status,
                "novelty": fresh.novelty,
                "category": fresh.category,
                "severity": fresh.severity,
                "title": fresh.title,
                "total": fresh.total,
                "first_seen_at": fresh.first_seen_at,
                "last_seen_at": fresh.last_seen_at,
                "check_at": fresh.check_at,
                "escalate_at": fresh.escalate_at,
                "remind_at": fresh.remind_at,
            },
        )
        opened = replace(fresh, incident_id=incident_id)
        await self.event(unit, EventKind.INCIDENT_OPENED, opened, f"{opened.novelty}: {opened.title}")
        return opened

    async def _reopen(self, unit: Unit, former: Incident, fresh: Incident) -> Incident:
        reopened = replace(
            former,
            status=IncidentStatus.OPEN,
            resolved_at=None,
            acknowledged_by=None,
            snoozed_until=None,
            level=0,
            told_kind=None,
            escalate_at=None,
            remind_at=None,
            total=former.total + 1,
            last_seen_at=unit.now,
            severity=fresh.severity,
            title=fresh.title,
        )
        reopened = await self.put(unit, reopened)
        await self.event(unit, EventKind.INCIDENT_REOPENED, reopened, f"{reopened.novelty}: {reopened.title}")
        return reopened

    async def event(self, unit: Unit, kind: EventKind, incident: Incident, text: str, actor: str = "engine") -> None:
        """An event about an incident."""
        await unit.event(
            kind,
            f"{incident_name(incident.incident_id)} {text}",
            workspace=incident.workspace,
            actor=actor,
            recipe_id=incident.scope.removeprefix("recipe:") if incident.scope.startswith("recipe:") else None,
            incident_id=incident.incident_id,
            data={"status": incident.status, "level": incident.level, "total": incident.total},
        )

    async def put(self, unit: Unit, incident: Incident, *, eased: bool = False) -> Incident:
        """Write an incident with the time to look at it next."""
        written = replace(incident, check_at=self._check_time(incident, unit.now, eased=eased))
        await unit.put_incident(written)
        return written

    def _check_time(self, incident: Incident, now: float, *, eased: bool = False) -> float:
        """When to look at the incident next: its earliest clock, never in the past, so that no clock spins.

        `eased`: a failure of it has just ended, so it may be the time to resolve it.
        """
        quiet_at = incident.last_seen_at + self._resolve_after_s
        clocks = [quiet_at if eased or quiet_at > now else now + self._resolve_after_s]
        # What falls due during a snooze is looked at when it is over.
        awake_at = incident.snoozed_until or 0.0
        if incident.level == 0 and incident.status is not IncidentStatus.ACKNOWLEDGED and incident.escalate_at:
            clocks.append(max(incident.escalate_at, awake_at))
        if incident.remind_at is not None:
            clocks.append(max(incident.remind_at, awake_at))
        if incident.snoozed_until is not None:
            clocks.append(incident.snoozed_until)
        return max(min(clocks), now + 1.0)
