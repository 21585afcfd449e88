"""Writes what people are told into the outbox, in the transaction of what happened (CALL-003)."""

from __future__ import annotations

from collections.abc import Mapping

from aof_tui.base.clock import rfc3339
from aof_tui.control.requests import Topic
from aof_tui.control.rows import ReportRow
from aof_tui.domain.event_kinds import EventKind
from aof_tui.domain.model import Failure, Incident
from aof_tui.domain.words import NoticeKind, Severity
from aof_tui.engine.advice import advice
from aof_tui.engine.context import Context, Signal
from aof_tui.engine.titles import told_category
from aof_tui.engine.unit import Unit
from aof_tui.notify.message import Message, Notice, ReportNotice, kind_of, to_json, workspace_of
from aof_tui.notify.render.compose import summary
from aof_tui.policy.match import RecipeFacts, Subject
from aof_tui.policy.route import route
from aof_tui.store.mapping import integer
from aof_tui.store.port import Params


class Telling:
    """Chooses receivers and queues notices."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self.channels = {receiver.name: "slack" if receiver.slack else "email" for receiver in ctx.settings.receivers}
        self.couriers = {name: Signal(ctx.clock) for name in self.channels}
        """Wakes the loop that delivers to a receiver."""

    async def incident(
        self,
        unit: Unit,
        kind: NoticeKind,
        incident: Incident,
        counts: Mapping[str, int],
        recipe: RecipeFacts | None,
        failure: Failure | None,
        why: str | None = None,
    ) -> None:
        """Queue what an incident's turn means for people; an escalation goes to the super admin.

        `why`: in words, where it is not the failure's reason.
        """
        reason = why or (failure.reason if failure else None)
        notice = Notice(
            kind=kind,
            workspace=incident.workspace,
            severity=incident.severity,
            title=incident.title,
            at=unit.now,
            category=told_category(incident),
            recipe_id=recipe.recipe_id if recipe else None,
            recipe=recipe.name if recipe else None,
            incident=f"I{incident.incident_id}",
            status=incident.status,
            open_failures=counts["open"],
            attempts=failure.attempts if failure else None,
            max_attempts=failure.plan.max_attempts if failure else None,
            first_seen_at=incident.first_seen_at,
            last_seen_at=incident.last_seen_at,
            reasons=(reason,) if reason else (),
            next_step=advice(kind, incident.kind, failure.reason if failure else None),
            error=failure.error.text if failure else "",
            job_ids=(failure.master_job_id,) if failure else (),
        )
        admins = self._ctx.settings.escalation.receivers
        receivers = route(self._ctx.routes, Subject(incident.category, incident.severity, recipe))
        if kind is NoticeKind.ESCALATED:
            receivers = admins or receivers
        elif kind is NoticeKind.ALARM:
            receivers = (*admins, *receivers)
        master_job_id = failure.master_job_id if failure else None
        await self.queue(unit, notice, receivers, incident_id=incident.incident_id, master_job_id=master_job_id)

    async def expiring(self, unit: Unit, incident: Incident, failure: Failure, until: float) -> None:
        """Tell the escalation receivers, before it is too late, that a job can soon no longer be repeated."""
        notice = Notice(
            kind=NoticeKind.REMINDED,
            workspace=incident.workspace,
            severity=incident.severity,
            title=incident.title,
            at=unit.now,
            category=told_category(incident),
            recipe_id=failure.recipe_id,
            incident=f"I{incident.incident_id}",
            status=incident.status,
            reasons=(failure.reason,) if failure.reason else (),
            next_step=f"Workato keeps the job until {rfc3339(until)}: retry it before, or close it.",
            error=failure.error.text,
            job_ids=(failure.master_job_id,),
        )
        routed = route(self._ctx.routes, Subject(incident.category, incident.severity, None))
        receivers = self._ctx.settings.escalation.receivers or routed
        about = failure.master_job_id
        await self.queue(unit, notice, receivers, incident_id=incident.incident_id, master_job_id=about)

    async def alarm(self, unit: Unit, workspace: str, title: str, error: str = "") -> None:
        """Tell every receiver of something about the engine itself."""
        notice = Notice(NoticeKind.ALARM, workspace, Severity.CRITICAL, title, unit.now, error=error)
        await self.queue(unit, notice, tuple(self.channels))

    async def report(self, unit: Unit, report: ReportRow, receivers: tuple[str, ...]) -> None:
        """Queue a periodic job report."""
        await self.queue(unit, ReportNotice(report, unit.now), receivers)

    async def queue(
        self,
        unit: Unit,
        message: Message,
        receivers: tuple[str, ...],
        *,
        incident_id: int | None = None,
        master_job_id: str | None = None,
    ) -> None:
        """One outbox row for each receiver, once each, and an event."""
        named = tuple(dict.fromkeys(receivers))
        about = {"incident_id": incident_id, "master_job_id": master_job_id}
        for receiver in named:
            await self._insert(unit, message, receiver, self._ctx.randomness.new_id(), about)
        told = ", ".join(named) if named else "nobody: no route matches"
        await unit.event(
            EventKind.NOTICE_QUEUED,
            f"{kind_of(message)} notice for {told}",
            workspace=workspace_of(message),
            incident_id=incident_id,
            master_job_id=master_job_id,
            data={"notice": kind_of(message), "receivers": list(named)},
        )

    async def queue_once(self, unit: Unit, message: Message, receiver: str, reference: str) -> None:
        """Queue a message unless the receiver was sent one under the same reference."""
        rows = await unit.tx.fetch("outbox_known", {"receiver": receiver, "reference": reference})
        if integer(rows[0], "amount"):
            return
        await self._insert(unit, message, receiver, reference, {"incident_id": None, "master_job_id": None})
        text = f"{kind_of(message)} notice for {receiver}"
        data = {"notice": kind_of(message), "receivers": [receiver]}
        await unit.event(EventKind.NOTICE_QUEUED, text, workspace=workspace_of(message), data=data)

    async def _insert(self, unit: Unit, message: Message, receiver: str, reference: str, about: Params) -> None:
        await unit.tx.insert(
            "outbox_insert",
            {
                **about,
                "workspace": workspace_of(message),
                "kind": kind_of(message),
                "receiver": receiver,
                "channel": self.channels[receiver],
                "reference": reference,
                "summary": summary(message),
                "body": to_json(message),
                "created_at": unit.now,
                "next_try_at": unit.now,
            },
        )
        unit.topics.add(Topic.NOTIFICATIONS)
        unit.wake(self.couriers[receiver])
