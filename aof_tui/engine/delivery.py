"""Delivers the outbox of one receiver: at least once, in bounded numbers, and told elsewhere when it fails."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aof_tui.control.requests import Topic
from aof_tui.domain.event_kinds import EventKind
from aof_tui.domain.words import NoticeKind, OutboxState, Severity
from aof_tui.engine.context import Context, Signal
from aof_tui.engine.telling import Telling
from aof_tui.engine.unit import Unit
from aof_tui.notify.alarms import REPEAT_S, channel_down, dead_letter, fallback_receiver, raises_alarm
from aof_tui.notify.channels import Channel, Delivery
from aof_tui.notify.message import Message, Notice, from_json, workspace_of
from aof_tui.notify.pipeline import Verdict, judge
from aof_tui.notify.storm import WINDOW_S, Waiting, admit, digest
from aof_tui.store.mapping import integer, moment, optional_moment, text
from aof_tui.store.port import Params, Row, Tx

IDLE_S = 60.0
AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message for one or more rows of the outbox."""

    rows: tuple[Row, ...]
    message: Message
    reference: str


class Courier:
    """The loop over what one receiver is to be told."""

    def __init__(self, ctx: Context, receiver: str, channel: Channel, telling: Telling, wake: Signal) -> None:
        self._ctx = ctx
        self._receiver = receiver
        self._channel = channel
        self._telling = telling
        self._wake = wake

    async def run(self) -> None:
        """Deliver until the engine stops; what is left then is delivered after the next start."""
        while not self._ctx.stopping.is_set():
            pause = await self.once()
            if pause > 0:
                await self._wake.wait(pause)

    async def once(self) -> float:
        """Deliver what is due; returns the seconds until there may be more."""
        parcels, not_before = await self._due()
        for parcel in parcels:
            if self._ctx.stopping.is_set():
                break
            await self._send(parcel)
        if not_before is not None:
            return max(1.0, not_before - self._ctx.clock.wall())
        return 0.0 if parcels else await self._pause()

    async def flush(self) -> None:
        """Deliver once more what is due, although the engine ends."""
        # What the loop had just written down when it was cut off is committed before this.
        await self._ctx.store.write(_nothing)
        parcels, _ = await self._due()
        for parcel in parcels:
            await self._send(parcel)

    async def _due(self) -> tuple[list[Parcel], float | None]:
        """What may be sent now, and when there is room for the rest if some must wait."""
        now = self._ctx.clock.wall()
        rows = await self._ctx.store.read("outbox_due", {"receiver": self._receiver, "now": now, "limit": AT_ONCE})
        begun = dict.fromkeys(text(row, "digest") for row in rows if row["digest"] is not None)
        parcels = [await self._again(reference, now) for reference in begun]
        fresh = {integer(row, "notification_id"): row for row in rows if row["digest"] is None}
        if not fresh:
            return parcels, None
        told = await self._ctx.store.read("outbox_told", {"receiver": self._receiver, "since": now - WINDOW_S})
        admission = admit(_waiting(fresh.values()), [moment(row, "at") for row in told], now)
        parcels += [Parcel((fresh[one.notification_id],), one.message, one.reference) for one in admission.single]
        for group in admission.digests:
            rows = [fresh[one.notification_id] for one in group]
            parcels += [Parcel(tuple(rows), *digest(group, now))]
        return parcels, admission.not_before

    async def _again(self, reference: str, now: float) -> Parcel:
        """A digest that was begun before: the same rows under the same reference, whatever came since."""
        rows = await self._ctx.store.read("outbox_of_digest", {"receiver": self._receiver, "digest": reference})
        notice, _ = digest(_waiting(rows), now)
        return Parcel(tuple(rows), notice, reference)

    async def _pause(self) -> float:
        rows = await self._ctx.store.read("outbox_next", {"receiver": self._receiver})
        at = optional_moment(rows[0], "at")
        return IDLE_S if at is None else min(IDLE_S, max(0.01, at - self._ctx.clock.wall()))

    async def _send(self, parcel: Parcel) -> None:
        if len(parcel.rows) > 1:
            await self._ctx.write(lambda unit: self._bind(unit, parcel))
        answer = await self._channel.send(parcel.message, parcel.reference)
        await self._ctx.write(lambda unit: self._commit(unit, parcel, answer))

    async def _bind(self, unit: Unit, parcel: Parcel) -> None:
        """Before it is sent, so that a digest whose arrival stays unknown comes again as the same one."""
        for row in parcel.rows:
            named: Params = {"notification_id": integer(row, "notification_id"), "digest": parcel.reference}
            await unit.tx.execute("outbox_bind", named)

    async def _commit(self, unit: Unit, parcel: Parcel, answer: Delivery) -> None:
        verdict = judge(
            answer,
            attempts=max(integer(row, "attempts") for row in parcel.rows) + 1,
            created_at=min(moment(row, "created_at") for row in parcel.rows),
            now=unit.now,
            reference=parcel.reference,
            randomness=self._ctx.randomness,
        )
        for row in parcel.rows:
            await self._note(unit, row, verdict)
        unit.topics.add(Topic.NOTIFICATIONS)
        if verdict.alarm and raises_alarm(parcel.message):
            await self._alarm(unit, parcel, verdict)

    async def _note(self, unit: Unit, row: Row, verdict: Verdict) -> None:
        delivered = verdict.state is OutboxState.DELIVERED
        changed = await unit.tx.execute(
            "outbox_done",
            {
                "notification_id": integer(row, "notification_id"),
                "state": verdict.state,
                "delivered_at": unit.now if delivered else None,
                "next_try_at": verdict.next_try_at,
                "error": verdict.error or None,
            },
        )
        if not changed:
            return
        kind, words = NOTED[verdict.state]
        await unit.event(
            kind,
            f"{row['kind']} notice {words} {self._receiver}" + (f": {verdict.error}" if verdict.error else ""),
            workspace=text(row, "workspace"),
            master_job_id=_optional(row["master_job_id"]),
            incident_id=integer(row, "incident_id") if row["incident_id"] is not None else None,
            data={"notification": integer(row, "notification_id"), "reference": text(row, "reference")},
        )

    async def _alarm(self, unit: Unit, parcel: Parcel, verdict: Verdict) -> None:
        """Tell through another receiver that this one is not reached, or what it should have got."""
        channels = self._telling.channels
        preferred = self._ctx.settings.escalation.receivers
        rows = await unit.tx.fetch("receivers_down", {"since": unit.now - REPEAT_S})
        down = [text(row, "receiver") for row in rows]
        instead = fallback_receiver(self._receiver, channels, preferred=preferred, down=down)
        # Where every other one fails as well, the alarm waits with the first that works again.
        instead = instead or fallback_receiver(self._receiver, channels, preferred=preferred, down=())
        if instead is None:
            return
        message, at = parcel.message, unit.now
        if verdict.state is OutboxState.DEAD:
            notice, alarm = dead_letter(message, parcel.reference, receiver=self._receiver, error=verdict.error, at=at)
        else:
            notice, alarm = channel_down(self._receiver, workspace=workspace_of(message), error=verdict.error, at=at)
        await self._telling.queue_once(unit, notice, instead, alarm)


async def _nothing(_tx: Tx) -> None:
    """A transaction that only waits for its turn."""


NOTED: Mapping[OutboxState, tuple[EventKind, str]] = {
    OutboxState.DELIVERED: (EventKind.NOTICE_DELIVERED, "delivered to"),
    OutboxState.PENDING: (EventKind.NOTICE_DELAYED, "not yet delivered to"),
    OutboxState.DEAD: (EventKind.NOTICE_DIED, "could not be delivered to"),
}


def _waiting(rows: Iterable[Row]) -> list[Waiting]:
    return [Waiting(integer(row, "notification_id"), text(row, "reference"), _message(row)) for row in rows]


def _message(row: Row) -> Message:
    try:
        return from_json(text(row, "body"))
    except ValueError:
        # Written by another version, before an upgrade or a way back. What it comes to is told: one message that is not
        # understood must neither be lost nor keep back all that are due after it.
        return Notice(
            kind=NoticeKind.ALARM,
            workspace=text(row, "workspace"),
            severity=Severity.WARNING,
            title=text(row, "summary"),
            at=moment(row, "created_at"),
            next_step="look in aof-tui: another version wrote this message, and this one understands no more of it",
        )


def _optional(value: object) -> str | None:
    return value if isinstance(value, str) else None
