"""What failed while nobody watched, or was only observed: it is held, and a person is asked once."""

from __future__ import annotations

import json
from functools import partial

from aof_tui.base.durations import human_duration
from aof_tui.base.wording import counted
from aof_tui.control.requests import Command, Verb
from aof_tui.control.rows import CommandResult
from aof_tui.domain.event_kinds import EventKind
from aof_tui.domain.lifecycle import move
from aof_tui.domain.model import Failure
from aof_tui.domain.words import FailureStatus, IncidentKind, Mode, Reason, Severity
from aof_tui.engine.context import Context, Workspace
from aof_tui.engine.facts import backlog_from, recipe_facts
from aof_tui.engine.holding import release_within, spread_s
from aof_tui.engine.orchestrator import Orchestrator
from aof_tui.engine.unit import Unit
from aof_tui.store.mapping import integer, optional_moment
from aof_tui.store.port import Params, Row

OBSERVED = "observed"
"""Scope of the incident about what was held while the engine only observed."""


class Backlog:
    """The guard of one workspace at its first start, and after any time in which it was not swept."""

    def __init__(self, ctx: Context, workspace: Workspace, orchestrator: Orchestrator) -> None:
        self._ctx = ctx
        self._workspace = workspace
        self._orchestrator = orchestrator

    async def notice_gap(self) -> None:
        """Before a sweep: where the last completed one is too long ago, what failed until now may be a backlog."""
        name = self._workspace.name
        row = (await self._ctx.store.read("workspace_get", {"name": name}))[0]
        swept_at = optional_moment(row, "swept_at")
        longest = self._ctx.settings.collation.max_wait
        if swept_at is None or self._ctx.clock.wall() - swept_at > longest:
            await self._ctx.write(partial(self._watch, row=row))

    async def _watch(self, unit: Unit, row: Row) -> None:
        name = self._workspace.name
        began, swept_at = optional_moment(row, "backlog_from"), optional_moment(row, "swept_at")
        if began is not None and (swept_at is None or swept_at <= began):
            # The same gap, seen by a sweep that came to no end either.
            await unit.tx.execute("workspace_backlog_until", {"name": name, "until": unit.now})
            return
        await unit.tx.execute("workspace_backlog_from", {"name": name, "at": unit.now})
        await self._spread_overdue(unit)

    async def _spread_overdue(self, unit: Unit) -> None:
        """What fell due while nobody could act gets new times: all at once it would come as a burst."""
        overdue = await unit.failures("failures_fallen_due", workspace=self._workspace.name, until=unit.now)
        for failure in overdue:
            wait = self._ctx.randomness.uniform(
                0.0, spread_s(self._ctx), "overdue", failure.workspace, failure.recipe_id, f"{unit.now:.6f}"
            )
            spread = move(failure, FailureStatus.SCHEDULED, next_action_at=unit.now + wait)
            await unit.put(spread)
            text = f"fell due while nobody could act: repeat in {human_duration(round(wait))}"
            await unit.failure_event(EventKind.FAILURE_SCHEDULED, spread, text)
        unit.wake(self._workspace.due)

    async def count(self, unit: Unit, failure: Failure) -> None:
        """Count a failure that is recorded now; the first one above the threshold has all before it held."""
        watch = backlog_from((await unit.tx.fetch("workspace_get", {"name": failure.workspace}))[0])
        if watch is None or not watch.has(failure):
            return
        await unit.tx.execute("workspace_backlog_counted", {"name": failure.workspace})
        threshold = self._ctx.settings.collation.backlog
        if watch.count != threshold:
            return
        title = (
            f"more than {counted(threshold, 'job')} failed while nobody watched: release their repeats, or close them"
        )
        await self._orchestrator.incidents.raise_alarm(unit, failure.workspace, IncidentKind.BACKLOG, title)
        for planned in await unit.failures("failures_planned", workspace=failure.workspace):
            if watch.has(planned):
                recipe = await recipe_facts(unit, planned.workspace, planned.recipe_id)
                await self._orchestrator.rest(unit, planned, FailureStatus.HELD, Reason.BACKLOG, recipe)

    async def look(self, unit: Unit) -> None:
        """At a sweep's end: the question is settled once nothing of the backlog is held or undecided any more."""
        name = self._workspace.name
        watch = backlog_from((await unit.tx.fetch("workspace_get", {"name": name}))[0])
        if watch is None or watch.count <= self._ctx.settings.collation.backlog:
            return
        if not await unit.tx.fetch("failures_of_backlog", {"workspace": name, "reason": Reason.BACKLOG}):
            await self._end(unit)

    async def look_at_observed(self, unit: Unit) -> None:
        """At a sweep's end: what was held while the engine only observed is a question once it may act."""
        if self._workspace.mode is not Mode.ACT:
            return
        name, incidents = self._workspace.name, self._orchestrator.incidents
        amount = integer((await unit.tx.fetch("failures_observed_count", self._observed()))[0], "amount")
        if amount:
            were = "1 failure was" if amount == 1 else f"{amount:,} failures were"
            title = f"{were} held while only observed: release their repeats, or close them"
            await incidents.raise_alarm(
                unit, name, IncidentKind.BACKLOG, title, scope=OBSERVED, severity=Severity.WARNING
            )
        else:
            await incidents.end_alarm(unit, name, IncidentKind.BACKLOG, OBSERVED)

    def _observed(self) -> Params:
        """Which failures were held by observing, except by a rule that observes still."""
        rules = [rule.name for rule in self._ctx.book.policies if rule.mode is Mode.OBSERVE]
        return {"workspace": self._workspace.name, "observing": json.dumps(rules)}

    async def _waiting(self, unit: Unit) -> list[Failure]:
        """What waits for a person's word on the whole of it."""
        name = self._workspace.name
        held = await unit.failures("failures_held_because", workspace=name, reason=Reason.BACKLOG, recipe_id=None)
        if self._workspace.mode is Mode.ACT:
            held += await unit.failures("failures_observed", **self._observed())
        return held

    async def _end(self, unit: Unit) -> None:
        name, incidents = self._workspace.name, self._orchestrator.incidents
        await unit.tx.execute("workspace_backlog_over", {"name": name})
        await incidents.end_alarm(unit, name, IncidentKind.BACKLOG)
        await incidents.end_alarm(unit, name, IncidentKind.BACKLOG, OBSERVED)

    async def answer(self, unit: Unit, command: Command) -> CommandResult:
        """A person's word on the whole backlog: release it, spread over the retry window, or close it."""
        if command.verb is Verb.CLOSE and not command.reason:
            return CommandResult(False, "closing needs a reason")
        held = await self._waiting(unit)
        if not held:
            return CommandResult(False, f"nothing of {self._workspace.name} is held as a backlog")
        for failure in held:
            if command.verb is Verb.RELEASE:
                await release_within(unit, self._ctx, failure, command.actor, spread_s(self._ctx), "release")
            else:
                await self._close(unit, failure, command)
        await self._end(unit)
        done = "released" if command.verb is Verb.RELEASE else "closed"
        return CommandResult(True, f"{done} {counted(len(held), 'failure')} of the backlog")

    async def _close(self, unit: Unit, failure: Failure, command: Command) -> None:
        await self._orchestrator.rest(
            unit,
            failure,
            FailureStatus.CLOSED,
            Reason.CLOSED_BY_PERSON,
            await recipe_facts(unit, failure.workspace, failure.recipe_id),
            actor=command.actor,
            text=f"closed with the backlog: {command.reason}",
        )
