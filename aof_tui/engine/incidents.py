"""Incidents follow their failures: opened, reopened, escalated, eased; and people are told of turns, not of steps."""

from __future__ import annotations

from dataclasses import replace

from aof_tui.domain.breaker import Breaker
from aof_tui.domain.event_kinds import EventKind
from aof_tui.domain.model import Failure, Incident
from aof_tui.domain.words import (
    Category,
    FailureStatus,
    IncidentKind,
    IncidentStatus,
    NoticeKind,
    Reason,
    Severity,
)
from aof_tui.engine.context import Context
from aof_tui.engine.downstream import is_standing, parent_of
from aof_tui.engine.incident_register import IncidentRegister
from aof_tui.engine.parents import fingerprint_of, fresh_parent
from aof_tui.engine.telling import Telling
from aof_tui.engine.titles import title_of, unavailable
from aof_tui.engine.unit import Unit
from aof_tui.policy import escalate
from aof_tui.policy.match import RecipeFacts
from aof_tui.store.mapping import integer, optional_integer
from aof_tui.store.port import Params

WORKSPACE_SCOPE = "workspace"


def recipe_scope(recipe_id: str) -> str:
    return f"recipe:{recipe_id}"


class Incidents:
    """Opens incidents for failures and for what is no job, and keeps their clocks."""

    def __init__(self, ctx: Context, telling: Telling) -> None:
        self._ctx = ctx
        self._telling = telling
        self._register = IncidentRegister(ctx.settings.incidents.resolve_after)

    async def attach(self, unit: Unit, failure: Failure, recipe: RecipeFacts) -> Failure:
        """The failure as a member of the incident of its newest error."""
        parent = await parent_of(unit, failure)
        kind, scope = IncidentKind.JOBS, recipe_scope(failure.recipe_id)
        fingerprint, title = failure.plan.fingerprint, title_of(failure, recipe)
        if parent is not None:
            kind, scope, fingerprint = parent.parent, parent.downstream, fingerprint_of(parent)
            title = await unavailable(unit, failure.workspace, scope)
        present = await self._register.latest(unit, failure.workspace, kind, scope, fingerprint)
        if present and present.status is not IncidentStatus.RESOLVED and present.incident_id == failure.incident_id:
            await self._register.put(unit, replace(present, last_seen_at=unit.now))
            return failure
        incident = await self._register.join(
            unit,
            present,
            Incident(
                incident_id=0,
                workspace=failure.workspace,
                kind=kind,
                scope=scope,
                fingerprint=fingerprint,
                status=IncidentStatus.OPEN,
                novelty=escalate.novelty(None, unit.now),
                category=failure.plan.category,
                severity=failure.plan.severity,
                title=title,
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

    async def ensure(self, unit: Unit, failure: Failure, recipe: RecipeFacts) -> Failure:
        """The failure as a member of an unresolved incident: what waits is never out of sight."""
        if failure.incident_id is not None:
            incident = await unit.incident(failure.incident_id)
            if incident.status is not IncidentStatus.RESOLVED:
                return failure
        return await self.attach(unit, failure, recipe)

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
        present = await self._register.latest(unit, workspace, kind, scope, kind)
        if present and present.status is not IncidentStatus.RESOLVED:
            return await self._register.put(unit, replace(present, last_seen_at=unit.now))
        incident = await self._register.join(
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

    async def open_parent(
        self, unit: Unit, breaker: Breaker, why: str | None, failure: Failure | None = None
    ) -> Incident:
        """The one incident of all that a downstream's trouble causes; people are told of it once, if there is a why."""
        title = await unavailable(unit, breaker.workspace, breaker.downstream)
        fresh = fresh_parent(breaker, title, failure, unit.now)
        present = await self._register.latest(unit, fresh.workspace, fresh.kind, fresh.scope, fresh.fingerprint)
        if present and present.status is not IncidentStatus.RESOLVED:
            return await self._register.put(unit, replace(present, last_seen_at=unit.now))
        incident = await self._register.join(unit, present, fresh)
        if why is None:
            return incident
        return await self._tell(unit, await self._clocks(unit, incident), NoticeKind.OPENED, why=why)

    async def calm_parent(self, unit: Unit, breaker: Breaker) -> None:
        """The downstream works again: nothing of it needs to be escalated, and soon it can be resolved."""
        present = await self._register.latest(
            unit, breaker.workspace, breaker.parent, breaker.downstream, fingerprint_of(breaker)
        )
        if present and present.status is not IncidentStatus.RESOLVED:
            await self._register.put(unit, replace(present, escalate_at=None), eased=True)

    async def end_alarm(self, unit: Unit, workspace: str, kind: IncidentKind, scope: str = WORKSPACE_SCOPE) -> None:
        """What an incident that is no job was about is over."""
        present = await self._register.latest(unit, workspace, kind, scope, kind)
        if present and present.status is not IncidentStatus.RESOLVED:
            if await self.open_failures(unit, present):
                await self._hand_over(unit, present)
            await self.resolve(unit, present)

    async def _hand_over(self, unit: Unit, lost: Incident) -> None:
        """What the trouble caused outlives it: its failures go on under the downstream's own incident."""
        heir = await self.open_parent(unit, Breaker(lost.workspace, lost.scope), None)
        heir = replace(heir, remind_at=heir.remind_at or unit.now + self._ctx.settings.incidents.remind_after)
        await self._register.put(unit, heir)
        ids: Params = {"incident_id": lost.incident_id, "heir": heir.incident_id}
        await unit.tx.execute("failures_hand_over", ids)

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
        await self._register.put(unit, incident)

    async def eased(self, unit: Unit, failure: Failure, recipe: RecipeFacts) -> None:
        """A failure recovered or was closed; the last one of its incident that recovered is told of."""
        if failure.incident_id is None:
            return
        incident = await unit.incident(failure.incident_id)
        if failure.status is FailureStatus.RECOVERED and await self.open_failures(unit, incident) == 0:
            incident = await self._tell(unit, incident, NoticeKind.RECOVERED, recipe, failure)
        await self._register.put(unit, incident, eased=True)

    async def look_again(self, unit: Unit, incident_id: int) -> None:
        """Something left the incident: see soon whether it can be resolved."""
        incident = await unit.incident(incident_id)
        await self._register.put(unit, incident, eased=True)

    async def check(self, unit: Unit, incident: Incident) -> None:
        """An incident's time has come: escalate, remind, or resolve it."""
        settings = self._ctx.settings
        open_failures = await self.open_failures(unit, incident)
        is_jobs = incident.kind is IncidentKind.JOBS
        may_resolve = escalate.may_resolve(incident, open_failures, unit.now, settings.incidents.resolve_after)
        if is_jobs and may_resolve and not await is_standing(unit, incident):
            await self.resolve(unit, incident)
            return
        if incident.snoozed_until is not None and incident.snoozed_until <= unit.now:
            incident = replace(incident, status=IncidentStatus.OPEN, snoozed_until=None)
            await self._register.event(unit, EventKind.INCIDENT_WOKEN, incident, "its snooze is over")
        if is_jobs and open_failures == 0:
            incident = replace(incident, escalate_at=None, remind_at=None)
        if escalate.must_escalate(incident, unit.now):
            incident = await self.escalate(unit, incident, "engine", "nobody acknowledged it in time")
        elif escalate.must_remind(incident, unit.now):
            incident = replace(incident, remind_at=unit.now + settings.incidents.remind_after)
            if not is_jobs or await self._waits_for_person(unit, incident):
                incident = await self._tell(unit, incident, NoticeKind.REMINDED)
                await self._register.event(unit, EventKind.INCIDENT_REMINDED, incident, "still waits for a person")
        await self._register.put(unit, incident)

    async def escalate(self, unit: Unit, incident: Incident, actor: str, why: str) -> Incident:
        """Hand the incident up to the super admin; returns it with its new level, not yet written."""
        raised = replace(incident, level=incident.level + 1, escalate_at=None)
        await self._register.event(unit, EventKind.INCIDENT_ESCALATED, raised, f"escalated: {why}", actor)
        return await self._tell(unit, raised, NoticeKind.ESCALATED)

    async def _waits_for_person(self, unit: Unit, incident: Incident) -> bool:
        rows = await unit.tx.fetch("failures_open_of_incident", {"incident_id": incident.incident_id})
        return bool(rows[0]["for_person"])

    async def open_failures(self, unit: Unit, incident: Incident) -> int:
        rows = await unit.tx.fetch("failures_open_of_incident", {"incident_id": incident.incident_id})
        return integer(rows[0], "open")

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
        await self._register.event(unit, EventKind.INCIDENT_RESOLVED, resolved, f"resolved: {resolved.title}", actor)

    async def _clocks(self, unit: Unit, incident: Incident) -> Incident:
        settings = self._ctx.settings
        started = replace(
            incident,
            escalate_at=escalate.escalation_time(incident, unit.now, settings.escalation.after),
            remind_at=incident.remind_at or unit.now + settings.incidents.remind_after,
        )
        return await self._register.put(unit, started)

    async def _tell(
        self,
        unit: Unit,
        incident: Incident,
        kind: NoticeKind,
        recipe: RecipeFacts | None = None,
        failure: Failure | None = None,
        why: str | None = None,
    ) -> Incident:
        rows = await unit.tx.fetch("failures_open_of_incident", {"incident_id": incident.incident_id})
        counts = {name: optional_integer(rows[0], name) or 0 for name in ("open", "exhausted", "needs_person", "held")}
        await self._telling.incident(unit, kind, incident, counts, recipe, failure, why)
        told = replace(incident, told_at=unit.now, told_kind=kind)
        await unit.put_incident(told)
        return told


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
