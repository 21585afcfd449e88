"""Delivers the outbox of one receiver: at least once, in bounded numbers, and told elsewhere when it fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aof_tui.control.requests import Topic
from aof_tui.domain.words import EventKind, OutboxState
from aof_tui.engine.context import Context, Signal
from aof_tui.engine.telling import Telling
from aof_tui.engine.unit import Unit
from aof_tui.notify.alarms import channel_down, dead_letter, fallback_receiver, raises_alarm
from aof_tui.notify.channels import Channel, Delivery
from aof_tui.notify.message import Message, from_json, workspace_of
from aof_tui.notify.pipeline import Verdict, judge
from aof_tui.notify.storm import WINDOW_S, Waiting, admit, digest
from aof_tui.store.mapping import integer, moment, optional_moment, text
from aof_tui.store.port import Row

IDLE_S = 60.0
AT_ONCE = 200


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
        now = self._ctx.clock.wall()
        rows = await self._ctx.store.read("outbox_due", {"receiver": self._receiver, "now": now, "limit": AT_ONCE})
        if not rows:
            return await self._pause(now)
        by_id = {integer(row, "notification_id"): row for row in rows}
        waiting = [
            Waiting(number, text(row, "reference"), from_json(text(row, "body"))) for number, row in by_id.items()
        ]
        told = await self._ctx.store.read("outbox_told", {"receiver": self._receiver, "since": now - WINDOW_S})
        admission = admit(waiting, [moment(row, "at") for row in told], now)
        for one in admission.single:
            await self._send([by_id[one.notification_id]], one.message, one.reference)
        for group in admission.digests:
            notice, reference = digest(group, now)
            await self._send([by_id[one.notification_id] for one in group], notice, reference)
        if admission.not_before is None:
            return 0.0
        return max(1.0, admission.not_before - self._ctx.clock.wall())

    async def _pause(self, now: float) -> float:
        rows = await self._ctx.store.read("outbox_next", {"receiver": self._receiver})
        at = optional_moment(rows[0], "at")
        return IDLE_S if at is None else min(IDLE_S, max(0.01, at - now))

    async def _send(self, rows: Sequence[Row], message: Message, reference: str) -> None:
        if self._ctx.stopping.is_set():
            return
        answer = await self._channel.send(message, reference)
        await self._ctx.write(lambda unit: self._commit(unit, rows, message, reference, answer))

    async def _commit(
        self, unit: Unit, rows: Sequence[Row], message: Message, reference: str, answer: Delivery
    ) -> None:
        verdicts = [
            judge(
                answer,
                attempts=integer(row, "attempts") + 1,
                created_at=moment(row, "created_at"),
                now=unit.now,
                reference=text(row, "reference"),
                randomness=self._ctx.randomness,
            )
            for row in rows
        ]
        for row, verdict in zip(rows, verdicts, strict=True):
            await self._note(unit, row, verdict)
        unit.topics.add(Topic.NOTIFICATIONS)
        alarming = next((verdict for verdict in verdicts if verdict.alarm), None)
        if alarming is not None and raises_alarm(message):
            await self._alarm(unit, message, reference, alarming)

    async def _note(self, unit: Unit, row: Row, verdict: Verdict) -> None:
        delivered = verdict.state is OutboxState.DELIVERED
        await unit.tx.execute(
            "outbox_done",
            {
                "notification_id": integer(row, "notification_id"),
                "state": verdict.state,
                "delivered_at": unit.now if delivered else None,
                "next_try_at": verdict.next_try_at,
                "error": verdict.error or None,
            },
        )
        kind, words = NOTED[verdict.state]
        await unit.event(
            kind,
            f"{row['kind']} notice {words} {self._receiver}" + (f": {verdict.error}" if verdict.error else ""),
            workspace=text(row, "workspace"),
            master_job_id=_optional(row["master_job_id"]),
            incident_id=integer(row, "incident_id") if row["incident_id"] is not None else None,
            data={"notification": integer(row, "notification_id"), "reference": text(row, "reference")},
        )

    async def _alarm(self, unit: Unit, message: Message, reference: str, verdict: Verdict) -> None:
        """Tell through another receiver that this one is not reached, or what it should have got."""
        channels = self._telling.channels
        instead = fallback_receiver(
            self._receiver, channels, preferred=self._ctx.settings.escalation.receivers, down=()
        )
        if instead is None:
            return
        if verdict.state is OutboxState.DEAD:
            notice, alarm = dead_letter(message, reference, receiver=self._receiver, error=verdict.error, at=unit.now)
        else:
            notice, alarm = channel_down(
                self._receiver, workspace=workspace_of(message), error=verdict.error, at=unit.now
            )
        await self._telling.queue_once(unit, notice, instead, alarm)


NOTED: Mapping[OutboxState, tuple[EventKind, str]] = {
    OutboxState.DELIVERED: (EventKind.NOTICE_DELIVERED, "delivered to"),
    OutboxState.PENDING: (EventKind.NOTICE_DELAYED, "not yet delivered to"),
    OutboxState.DEAD: (EventKind.NOTICE_DIED, "could not be delivered to"),
}


def _optional(value: object) -> str | None:
    return value if isinstance(value, str) else None
