"""One transaction of the engine: state, event and notices together, and what of it a screen must read again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Protocol

from aof_tui.base.failpoints import Failpoints
from aof_tui.control.requests import Topic
from aof_tui.domain.event_kinds import EventKind
from aof_tui.domain.model import ENGINE, Actor, Failure, Incident
from aof_tui.engine.points import FallbackPoint, Point
from aof_tui.engine.rollups import count_failure, count_outage
from aof_tui.store.mapping import failure_from, failure_params, incident_from, incident_params
from aof_tui.store.port import Tx, Value

LEVELS: Mapping[EventKind, str] = {
    EventKind.ENGINE_FAILED: "error",
    EventKind.CONFIGURATION_REFUSED: "error",
    EventKind.ACTING_STOPPED: "error",
    EventKind.RIVAL_SUSPECTED: "warning",
    EventKind.SWEEP_FAILED: "warning",
    EventKind.READS_PAUSED: "warning",
    EventKind.RECIPE_STOPPED: "warning",
    EventKind.RECIPE_VANISHED: "warning",
    EventKind.COLLATION_FAILED: "warning",
    EventKind.COUNTER_DISTRUSTED: "warning",
    EventKind.READ_FAILED: "warning",
    EventKind.CLOCK_JUMPED: "warning",
    EventKind.RECIPE_MISSED: "warning",
    EventKind.START_REJECTED: "warning",
    EventKind.START_DOUBTED: "warning",
    EventKind.START_MISSED: "warning",
    EventKind.AGENT_LOST: "warning",
    EventKind.CONNECTION_LOST: "warning",
    EventKind.BREAKER_OPENED: "warning",
    EventKind.FAILURE_RECORDED: "warning",
    EventKind.FAILURE_HELD: "warning",
    EventKind.FAILURE_EXHAUSTED: "error",
    EventKind.FAILURE_REFERRED: "error",
    EventKind.EXPIRY_ANNOUNCED: "warning",
    EventKind.REPEAT_REJECTED: "warning",
    EventKind.REPEAT_DOUBTED: "warning",
    EventKind.REPEAT_MISSED: "warning",
    EventKind.FALLBACK_REJECTED: "error",
    EventKind.FALLBACK_DOUBTED: "error",
    EventKind.FALLBACK_WITHHELD: "warning",
    EventKind.FALLBACK_FAILED: "warning",
    EventKind.FALLBACK_MISSED: "warning",
    EventKind.REPEATS_SLOWED: "warning",
    EventKind.RUN_FAILED: "warning",
    EventKind.INCIDENT_OPENED: "warning",
    EventKind.INCIDENT_REOPENED: "warning",
    EventKind.INCIDENT_ESCALATED: "error",
    EventKind.NOTICE_DELAYED: "warning",
    EventKind.NOTICE_DIED: "error",
    EventKind.STORE_RECOVERED: "warning",
    EventKind.STORE_RESTORED: "error",
    EventKind.STORE_FILLED: "error",
    EventKind.COPY_FAILED: "error",
}
"""Levels of the log; what is not named is `info`."""


class Wakeable(Protocol):
    """What a commit can wake."""

    def raise_(self) -> None: ...


class Unit:
    """What happens at one moment, committed as one."""

    def __init__(self, tx: Tx, now: float, failpoints: Failpoints) -> None:
        self.tx = tx
        self.now = now
        self.topics: set[Topic] = set()
        self.master_job_ids: set[str] = set()
        self.woken: list[Wakeable] = []
        self.kinds: list[EventKind] = []
        self.sequence = 0
        """Number of the newest event written in it."""
        self._failpoints = failpoints

    @property
    def sends(self) -> bool:
        """Whether a request to Workato follows that may not be made twice."""
        return any(kind.endswith(".sent") for kind in self.kinds)

    def wake(self, signal: Wakeable) -> None:
        """Wake a loop once this is committed: before that it would not find what it is woken for."""
        self.woken.append(signal)

    async def reach(self, point: Point | FallbackPoint) -> None:
        """A failpoint inside the transaction."""
        await self._failpoints.reach(point)

    async def event(
        self,
        kind: EventKind,
        text: str,
        *,
        workspace: str,
        actor: Actor | str = ENGINE,
        recipe_id: str | None = None,
        master_job_id: str | None = None,
        incident_id: int | None = None,
        dispatch_id: str | None = None,
        data: Mapping[str, object] | None = None,
    ) -> None:
        """Append one line to the global log."""
        self.kinds.append(kind)
        self.sequence = await self.tx.insert(
            "event_insert",
            {
                "at": self.now,
                "workspace": workspace,
                "kind": kind,
                "level": LEVELS.get(kind, "info"),
                "actor": str(actor),
                "recipe_id": recipe_id,
                "master_job_id": master_job_id,
                "incident_id": incident_id,
                "dispatch_id": dispatch_id,
                "text": text,
                "data": json.dumps(data or {}, ensure_ascii=False, sort_keys=True),
            },
        )
        await count_outage(self.tx, self.now, kind, workspace, data or {})
        self.topics.update((Topic.EVENTS, Topic.STATUS))
        if master_job_id is not None:
            self.master_job_ids.add(master_job_id)
        if incident_id is not None:
            self.topics.add(Topic.INCIDENTS)

    async def failure_event(
        self,
        kind: EventKind,
        failure: Failure,
        text: str,
        *,
        actor: Actor | str = ENGINE,
        dispatch_id: str | None = None,
        data: Mapping[str, object] | None = None,
    ) -> None:
        """An event about a failure, with its status as it is now."""
        facts: dict[str, object] = {
            "status": failure.status,
            "category": failure.plan.category,
            "attempts": failure.attempts,
            **(data or {}),
        }
        if failure.reason is not None:
            facts["reason"] = failure.reason
        if failure.next_action_at is not None:
            facts["next_action_at"] = failure.next_action_at
        facts |= await count_failure(self.tx, self.now, kind, failure, facts)
        await self.event(
            kind,
            text,
            workspace=failure.workspace,
            actor=actor,
            recipe_id=failure.recipe_id,
            master_job_id=failure.master_job_id,
            incident_id=failure.incident_id,
            dispatch_id=dispatch_id,
            data=facts,
        )

    async def failure(self, workspace: str, master_job_id: str) -> Failure | None:
        rows = await self.tx.fetch("failure_get", {"workspace": workspace, "master_job_id": master_job_id})
        return failure_from(rows[0]) if rows else None

    async def failures(self, statement: str, **params: Value) -> list[Failure]:
        return [failure_from(row) for row in await self.tx.fetch(statement, params)]

    async def put(self, failure: Failure) -> None:
        await self.tx.execute("failure_put", failure_params(failure, self.now))
        self.topics.update((Topic.FAILURES, Topic.STATUS))
        self.master_job_ids.add(failure.master_job_id)

    async def incident(self, incident_id: int) -> Incident:
        rows = await self.tx.fetch("incident_get", {"incident_id": incident_id})
        return incident_from(rows[0])

    async def put_incident(self, incident: Incident) -> None:
        await self.tx.execute("incident_update", incident_params(incident))
        self.topics.add(Topic.INCIDENTS)
