"""Incidents follow their failures: opened, reopened, escalated, eased; and people are told of turns, not of steps."""

from __future__ import annotations

from dataclasses import replace

from aof_tui.domain.model import Failure, Incident
from aof_tui.domain.words import (
    Category,
    EventKind,
    FailureStatus,
    IncidentKind,
    IncidentStatus,
    NoticeKind,
    Novelty,
    Reason,
    Severity,
)
from aof_tui.engine.context import Context
from aof_tui.engine.telling import Telling
from aof_tui.engine.unit import Unit
from aof_tui.policy import escalate
from aof_tui.policy.match import RecipeFacts
from aof_tui.store.mapping import incident_from, integer, optional_integer

WORKSPACE_SCOPE = "workspace"


def incident_name(incident_id: int) -> str:
    """How people address an incident."""
    return f"I{incident_id}"


def recipe_scope(recipe_id: str) -> str:
    return f"recipe:{recipe_id}"


class Incidents:
    """Opens incidents for failures and for what is no job, and keeps their clocks."""

    def __init__(self, ctx: Context, telling: Telling) -> None:
        self._ctx = ctx
        self._telling = telling

    async def attach(self, unit: Unit, failure: Failure, recipe: RecipeFacts) -> Failure:
        """The failure as a member of the incident of its newest error."""
        scope = recipe_scope(failure.recipe_id)
        fingerprint = failure.plan.fingerprint
        present = await self._latest(unit, failure.workspace, IncidentKind.JOBS, scope, fingerprint)
        if present and present.status is not IncidentStatus.RESOLVED and present.incident_id == failure.incident_id:
            await unit.put_incident(replace(present, last_seen_at=unit.now, check_at=self._check(present, unit.now)))
            return failure
        incident = await self._join(
            unit,
            present,
            Incident(
                incident_id=0,
                workspace=failure.workspace,
                kind=IncidentKind.JOBS,
                scope=scope,
                fingerprint=fingerprint,
                status=IncidentStatus.OPEN,
                novelty=escalate.novelty(None, unit.now),
                category=failure.plan.category,
                severity=failure.plan.severity,
                title=title_of(failure, recipe),
                level=0,
                first_seen_at=unit.now,
                last_seen_at=unit.now,
                total=1,
                escalate_at=None,
                remind_at=None,
            ),
        )
        left = failure.incident_id
        joined = replace(failure, incident_id=incident.incident_id)
        if left is not None and left != incident.incident_id:
            await unit.put(joined)
            await self.look_again(unit, left)
        return joined

    async def raise_alarm(
        self,
        unit: Unit,
        workspace: str,
        kind: IncidentKind,
        title: str,
        *,
        scope: str = WORKSPACE_SCOPE,
        category: Category = Category.UNKNOWN,
        severity: Severity = Severity.CRITICAL,
        recipe: RecipeFacts | None = None,
    ) -> Incident:
        """An incident that is no job. Asked again while it is open, it only stays."""
        present = await self._latest(unit, workspace, kind, scope, kind)
        if present and present.status is not IncidentStatus.RESOLVED:
            kept = replace(present, last_seen_at=unit.now, check_at=self._check(present, unit.now))
            await unit.put_incident(kept)
            return kept
        incident = await self._join(
            unit,
            present,
            Incident(
                incident_id=0,
                workspace=workspace,
                kind=kind,
                scope=scope,
                fingerprint=kind,
                status=IncidentStatus.OPEN,
                novelty=escalate.novelty(None, unit.now),
                category=category,
                severity=severity,
                title=title,
                level=0,
                first_seen_at=unit.now,
                last_seen_at=unit.now,
                total=1,
                escalate_at=None,
                remind_at=None,
            ),
        )
        incident = await self._clocks(unit, incident)
        return await self._tell(unit, incident, NoticeKind.ALARM, recipe)

    async def end_alarm(self, unit: Unit, workspace: str, kind: IncidentKind, scope: str = WORKSPACE_SCOPE) -> None:
        """What an incident that is no job was about is over."""
        present = await self._latest(unit, workspace, kind, scope, kind)
        if present and present.status is not IncidentStatus.RESOLVED:
            await self.resolve(unit, present)

    async def rested(self, unit: Unit, failure: Failure, recipe: RecipeFacts) -> None:
        """A failure came to rest and waits for a person."""
        if failure.incident_id is None:
            return
        incident = replace(await unit.incident(failure.incident_id), last_seen_at=unit.now)
        if waits_for_person(failure):
            incident = await self._clocks(unit, incident)
            notice = NOTICE_OF[failure.status]
            if incident.told_kind != notice:
                incident = await self._tell(unit, incident, notice, recipe, failure)
        incident = replace(
            incident, remind_at=incident.remind_at or unit.now + self._ctx.settings.incidents.remind_after
        )
        await unit.put_incident(replace(incident, check_at=self._check(incident, unit.now)))

    async def eased(self, unit: Unit, failure: Failure, recipe: RecipeFacts) -> None:
        """A failure recovered or was closed; the last one of its incident that recovered is told of."""
        if failure.incident_id is None:
            return
        incident = await unit.incident(failure.incident_id)
        if failure.status is FailureStatus.RECOVERED and await self.open_failures(unit, incident) == 0:
            incident = await self._tell(unit, incident, NoticeKind.RECOVERED, recipe, failure)
        await unit.put_incident(replace(incident, check_at=self._check(incident, unit.now, eased=True)))

    async def look_again(self, unit: Unit, incident_id: int) -> None:
        """Something left the incident: see soon whether it can be resolved."""
        incident = await unit.incident(incident_id)
        await unit.put_incident(replace(incident, check_at=self._check(incident, unit.now, eased=True)))

    async def check(self, unit: Unit, incident: Incident) -> None:
        """An incident's time has come: escalate, remind, or resolve it."""
        settings = self._ctx.settings
        open_failures = await self.open_failures(unit, incident)
        is_jobs = incident.kind is IncidentKind.JOBS
        if is_jobs and escalate.may_resolve(incident, open_failures, unit.now, settings.incidents.resolve_after):
            await self.resolve(unit, incident)
            return
        if incident.snoozed_until is not None and incident.snoozed_until <= unit.now:
            incident = replace(incident, status=IncidentStatus.OPEN, snoozed_until=None)
        if is_jobs and open_failures == 0:
            incident = replace(incident, escalate_at=None, remind_at=None)
        if escalate.must_escalate(incident, unit.now):
            incident = await self.escalate(unit, incident, "engine", "nobody acknowledged it in time")
        elif escalate.must_remind(incident, unit.now):
            incident = replace(incident, remind_at=unit.now + settings.incidents.remind_after)
            if not is_jobs or await self._waits_for_person(unit, incident):
                incident = await self._tell(unit, incident, NoticeKind.REMINDED)
                await self._event(unit, EventKind.INCIDENT_REMINDED, incident, "still waits for a person")
        await unit.put_incident(replace(incident, check_at=self._check(incident, unit.now)))

    async def escalate(self, unit: Unit, incident: Incident, actor: str, why: str) -> Incident:
        """Hand the incident up to the super admin; returns it with its new level, not yet written."""
        raised = replace(incident, level=incident.level + 1, escalate_at=None)
        await self._event(unit, EventKind.INCIDENT_ESCALATED, raised, f"escalated: {why}", actor)
        return await self._tell(unit, raised, NoticeKind.ESCALATED)

    async def _waits_for_person(self, unit: Unit, incident: Incident) -> bool:
        rows = await unit.tx.fetch("failures_open_of_incident", {"incident_id": incident.incident_id})
        return bool(rows[0]["for_person"])

    async def open_failures(self, unit: Unit, incident: Incident) -> int:
        rows = await unit.tx.fetch("failures_open_of_incident", {"incident_id": incident.incident_id})
        return integer(rows[0], "open")

    async def _latest(
        self, unit: Unit, workspace: str, kind: IncidentKind, scope: str, fingerprint: str
    ) -> Incident | None:
        identity = {"workspace": workspace, "kind": kind, "scope": scope, "fingerprint": fingerprint}
        rows = await unit.tx.fetch("incident_latest", identity)
        return incident_from(rows[0]) if rows else None

    async def _join(self, unit: Unit, present: Incident | None, fresh: Incident) -> Incident:
        if present is None or present.status is IncidentStatus.RESOLVED:
            novelty = escalate.novelty(present, unit.now)
            if present is not None and novelty is not Novelty.RECURRING:
                return await self._reopen(unit, replace(present, novelty=novelty), fresh)
            return await self._open(unit, replace(fresh, novelty=novelty))
        grown = replace(present, total=present.total + 1, last_seen_at=unit.now, severity=fresh.severity)
        grown = replace(grown, check_at=self._check(grown, unit.now))
        await unit.put_incident(grown)
        return grown

    async def _open(self, unit: Unit, fresh: Incident) -> Incident:
        fresh = replace(fresh, check_at=self._check(fresh, unit.now))
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
        await self._event(unit, EventKind.INCIDENT_OPENED, opened, f"{opened.novelty}: {opened.title}")
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
        reopened = replace(reopened, check_at=self._check(reopened, unit.now))
        await unit.put_incident(reopened)
        await self._event(unit, EventKind.INCIDENT_REOPENED, reopened, f"{reopened.novelty}: {reopened.title}")
        return reopened

    async def resolve(self, unit: Unit, incident: Incident, actor: str = "engine") -> None:
        """The incident is over."""
        resolved = replace(
            incident,
            status=IncidentStatus.RESOLVED,
            resolved_at=unit.now,
            check_at=None,
            escalate_at=None,
            remind_at=None,
        )
        # What ended by itself was told as a recovery; people who were asked for help hear that it is over.
        if incident.told_kind not in (None, NoticeKind.RECOVERED):
            resolved = await self._tell(unit, resolved, NoticeKind.RESOLVED)
        await unit.put_incident(resolved)
        await self._event(unit, EventKind.INCIDENT_RESOLVED, resolved, f"resolved: {resolved.title}", actor)

    async def _clocks(self, unit: Unit, incident: Incident) -> Incident:
        settings = self._ctx.settings
        started = replace(
            incident,
            escalate_at=escalate.escalation_time(incident, unit.now, settings.escalation.after),
            remind_at=incident.remind_at or unit.now + settings.incidents.remind_after,
        )
        started = replace(started, check_at=self._check(started, unit.now))
        await unit.put_incident(started)
        return started

    async def _tell(
        self,
        unit: Unit,
        incident: Incident,
        kind: NoticeKind,
        recipe: RecipeFacts | None = None,
        failure: Failure | None = None,
    ) -> Incident:
        rows = await unit.tx.fetch("failures_open_of_incident", {"incident_id": incident.incident_id})
        counts = {name: optional_integer(rows[0], name) or 0 for name in ("open", "exhausted", "needs_person", "held")}
        await self._telling.incident(unit, kind, incident, counts, recipe, failure)
        told = replace(incident, told_at=unit.now, told_kind=kind)
        await unit.put_incident(told)
        return told

    async def _event(self, unit: Unit, kind: EventKind, incident: Incident, text: str, actor: str = "engine") -> None:
        await unit.event(
            kind,
            f"{incident_name(incident.incident_id)} {text}",
            workspace=incident.workspace,
            actor=actor,
            recipe_id=incident.scope.removeprefix("recipe:") if incident.scope.startswith("recipe:") else None,
            incident_id=incident.incident_id,
            data={"status": incident.status, "level": incident.level, "total": incident.total},
        )

    def _check(self, incident: Incident, now: float, *, eased: bool = False) -> float:
        """When to look at the incident next: its earliest clock, never in the past, so that no clock spins.

        `eased`: a failure of it has just ended, so it may be the time to resolve it.
        """
        quiet_at = incident.last_seen_at + self._ctx.settings.incidents.resolve_after
        clocks = [quiet_at if eased or quiet_at > now else now + self._ctx.settings.incidents.resolve_after]
        if incident.level == 0 and incident.status is not IncidentStatus.ACKNOWLEDGED and incident.escalate_at:
            clocks.append(incident.escalate_at)
        if incident.remind_at is not None:
            clocks.append(incident.remind_at)
        if incident.snoozed_until is not None:
            clocks.append(incident.snoozed_until)
        return max(min(clocks), now + 1.0)


NOTICE_OF = {
    FailureStatus.EXHAUSTED: NoticeKind.EXHAUSTED,
    FailureStatus.NEEDS_PERSON: NoticeKind.NEEDS_PERSON,
    FailureStatus.HELD: NoticeKind.HELD,
}
ASKS_FOR_PERSON = frozenset({Reason.STAYED_IN_DOUBT, Reason.NEVER_APPEARED})
"""Reasons for being held that do not end by themselves."""


def waits_for_person(failure: Failure) -> bool:
    """Whether only a person can go on with the failure."""
    if failure.status is FailureStatus.HELD:
        return failure.reason in ASKS_FOR_PERSON
    return failure.status in (FailureStatus.EXHAUSTED, FailureStatus.NEEDS_PERSON)


def title_of(failure: Failure, recipe: RecipeFacts) -> str:
    """What an incident is called: the recipe and the first line of the error."""
    said = (failure.error.message or failure.error.text).strip().splitlines()
    return f"{recipe.name or failure.recipe_id}: {said[0][:160] if said else failure.plan.category}"
