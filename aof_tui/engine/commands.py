"""What a person asks for: checked against the present state, done in one transaction, and named in the log."""

from __future__ import annotations

from dataclasses import replace

from aof_tui.base.durations import human_duration
from aof_tui.control.requests import Command, Verb
from aof_tui.control.rows import CommandResult
from aof_tui.domain.event_kinds import EventKind
from aof_tui.domain.lifecycle import move
from aof_tui.domain.model import Failure, Incident
from aof_tui.domain.words import FailureStatus, IncidentStatus, Reason, RunStatus
from aof_tui.engine.access import NEEDS_PERSON, Access
from aof_tui.engine.backlog import Backlog
from aof_tui.engine.breaker_commands import BreakerCommands, past_breaker, still_barred
from aof_tui.engine.command_texts import because, led, refused, tidied, words
from aof_tui.engine.context import Context, Workspace
from aof_tui.engine.facts import recipe_facts
from aof_tui.engine.fallback_command import start_fallback
from aof_tui.engine.holding import release, release_held
from aof_tui.engine.orchestrator import Orchestrator
from aof_tui.engine.start_recipe import StartRecipe
from aof_tui.engine.unit import Unit
from aof_tui.store.mapping import incident_from
from aof_tui.store.names import incident_name
from aof_tui.store.port import Params

OPEN_ATTEMPT = frozenset({FailureStatus.REPEATING, FailureStatus.IN_DOUBT})


class Commands:
    """Carries out commands, or says why not."""

    def __init__(self, ctx: Context, orchestrator: Orchestrator, access: Access, read_only: bool) -> None:
        self._ctx = ctx
        self._orchestrator = orchestrator
        self._access = access
        self._read_only = read_only
        self._breakers = BreakerCommands(ctx, orchestrator.breakers)
        self._recipes = StartRecipe(ctx, access, self._incident)

    async def run(self, command: Command) -> CommandResult:
        """Do what is asked. Nothing is raised for a wish that cannot be granted."""
        workspace = self._ctx.workspaces.get(command.workspace)
        if workspace is None:
            return refused(f"there is no workspace {command.workspace!r}")
        if self._read_only:
            return refused("this engine is read-only")
        command = tidied(command)
        match command.verb:
            case Verb.PAUSE:
                return await self._pause(workspace, command)
            case Verb.RESUME:
                return await self._resume(workspace, command)
            case Verb.OPEN_BREAKER | Verb.CLOSE_BREAKER:
                return await self._breakers.run(command)
            case Verb.START:
                return await self._recipes.ask(workspace, command)
            case Verb.RELEASE | Verb.CLOSE if command.master_job_id is None:
                backlog = Backlog(self._ctx, workspace, self._orchestrator)
                return await self._ctx.write(lambda unit: backlog.answer(unit, command))
            case Verb.RETRY | Verb.CANCEL | Verb.RELEASE | Verb.CLOSE | Verb.START_FALLBACK:
                return await self._ctx.write(lambda unit: self._on_failure(unit, workspace, command))
            case Verb.ACKNOWLEDGE | Verb.SNOOZE | Verb.ASSIGN | Verb.ESCALATE | Verb.RESOLVE:
                return await self._ctx.write(lambda unit: self._on_incident(unit, workspace, command))
        return refused(f"{command.verb} is not done by the engine")

    async def _on_failure(self, unit: Unit, workspace: Workspace, command: Command) -> CommandResult:
        failure = await unit.failure(workspace.name, command.master_job_id or "")
        if failure is None:
            return refused(f"there is no failure {command.master_job_id!r} in {workspace.name}")
        match command.verb:
            case Verb.RETRY:
                return await self._retry(unit, workspace, failure, command)
            case Verb.CANCEL:
                return await self._cancel(unit, failure, command)
            case Verb.RELEASE:
                return await self._release(unit, failure, command)
            case Verb.START_FALLBACK:
                return await start_fallback(unit, self._ctx, workspace, failure, command.value, command.actor)
        return await self._close(unit, failure, command)

    async def _retry(self, unit: Unit, workspace: Workspace, failure: Failure, command: Command) -> CommandResult:
        """A forced repeat goes the way of every repeat; it uses no attempt and begins no new cycle."""
        why_not = self._no_retry(workspace, failure)
        if why_not is not None:
            text = f"repeat refused: {why_not}"
            await unit.failure_event(EventKind.REPEAT_REFUSED, failure, text, actor=command.actor)
            return refused(why_not)
        wish = replace(failure, forced_by=command.actor, undecided_until=None)
        wish = move(wish, FailureStatus.SCHEDULED, next_action_at=unit.now)
        await unit.put(wish)
        text = f"repeat of {wish.newest_job_id} asked for{await past_breaker(unit, failure)}{because(command)}"
        await unit.failure_event(EventKind.REPEAT_FORCED, wish, text, actor=command.actor)
        unit.wake(workspace.due)
        return CommandResult(True, f"repeating {wish.newest_job_id}")

    def _no_retry(self, workspace: Workspace, failure: Failure) -> str | None:
        if failure.poll_error:
            return "its trigger failed before there was a job: there is nothing to repeat"
        if failure.status in OPEN_ATTEMPT:
            return "a repeat of it is under way"
        if failure.status is FailureStatus.WATCHING or failure.newest_status is RunStatus.PENDING:
            return "a run of it has not ended yet"
        if failure.status is FailureStatus.RECOVERED:
            return "it has recovered: repeating it would run it twice"
        if failure.status is FailureStatus.CLOSED:
            return "it is closed"
        if failure.forced_by is not None:
            return f"{failure.forced_by} has asked for it already"
        if failure.reason is Reason.HANDLED_BY_ROOT:
            return led(failure)
        hindrance = workspace.hindrance()
        if hindrance is Reason.OBSERVE:
            return "the engine only observes: set mode: act to let it repeat"
        if hindrance is Reason.PAUSED:
            return f"repeats of {workspace.name} are paused"
        return f"acting on {workspace.name} is stopped" if hindrance is not None else None

    async def _cancel(self, unit: Unit, failure: Failure, command: Command) -> CommandResult:
        if failure.status is not FailureStatus.SCHEDULED:
            return refused(f"no repeat is planned: it is {words(failure)}")
        recipe = await recipe_facts(unit, failure.workspace, failure.recipe_id)
        if failure.incident_id is None:
            failure = await self._orchestrator.incidents.attach(unit, failure, recipe)
        text = f"planned repeat cancelled{because(command)}"
        await self._orchestrator.rest(
            unit, failure, FailureStatus.HELD, Reason.PLAN_CANCELLED, recipe, actor=command.actor, text=text
        )
        return CommandResult(True, "the planned repeat is cancelled; retry or close it when you know more")

    async def _release(self, unit: Unit, failure: Failure, command: Command) -> CommandResult:
        if failure.status is not FailureStatus.HELD:
            return refused(f"only a held failure can be released: it is {words(failure)}")
        if failure.reason is Reason.HANDLED_BY_ROOT:
            return refused(led(failure))
        if failure.attempts + failure.forced + failure.external >= failure.plan.max_attempts:
            return refused("its attempts are used up: retry it by hand, or close it")
        barred = await still_barred(unit, failure)
        if barred is not None:
            return refused(barred)
        await release(unit, self._ctx, failure, command.actor)
        return CommandResult(True, "released")

    async def _close(self, unit: Unit, failure: Failure, command: Command) -> CommandResult:
        if failure.status in OPEN_ATTEMPT:
            return refused("a repeat of it is under way")
        if failure.status.final:
            return refused(f"it is {words(failure)} already")
        if not command.reason:
            return refused("closing needs a reason")
        recipe = await recipe_facts(unit, failure.workspace, failure.recipe_id)
        await self._orchestrator.rest(
            unit,
            failure,
            FailureStatus.CLOSED,
            Reason.CLOSED_BY_PERSON,
            recipe,
            actor=command.actor,
            text=f"closed{because(command)}",
        )
        return CommandResult(True, "closed")

    async def _on_incident(self, unit: Unit, workspace: Workspace, command: Command) -> CommandResult:
        incident = await self._incident(unit, workspace, command)
        if incident is None:
            return refused("there is no such incident")
        if incident.status is IncidentStatus.RESOLVED:
            return refused(f"{incident_name(incident.incident_id)} is resolved already")
        incidents = self._orchestrator.incidents
        match command.verb:
            case Verb.ACKNOWLEDGE if incident.status is IncidentStatus.ACKNOWLEDGED:
                name = incident_name(incident.incident_id)
                return refused(f"{name} was taken already, by {incident.acknowledged_by}")
            case Verb.ACKNOWLEDGE:
                taken = replace(
                    incident,
                    status=IncidentStatus.ACKNOWLEDGED,
                    acknowledged_by=command.actor,
                    escalate_at=None,
                    # The end of a snooze would open it again.
                    snoozed_until=None,
                )
                return await self._keep(unit, taken, EventKind.INCIDENT_ACKNOWLEDGED, "acknowledged", command)
            case Verb.ESCALATE:
                why = command.reason or f"asked for by {command.actor}"
                raised = await incidents.escalate(unit, incident, command.actor, why)
                await unit.put_incident(raised)
                return CommandResult(True, f"{incident_name(incident.incident_id)} escalated")
            case Verb.ASSIGN:
                assigned = replace(incident, assignee=command.value or None)
                text = f"assigned to {assigned.assignee or 'nobody'}"
                return await self._keep(unit, assigned, EventKind.INCIDENT_ASSIGNED, text, command)
            case Verb.SNOOZE:
                return await self._snooze(unit, incident, command)
        if await incidents.open_failures(unit, incident):
            return refused("failures of it are still open: close or recover them first")
        await incidents.resolve(unit, incident, command.actor)
        return CommandResult(True, f"{incident_name(incident.incident_id)} resolved")

    async def _snooze(self, unit: Unit, incident: Incident, command: Command) -> CommandResult:
        try:
            seconds = float(command.value)
        except ValueError:
            return refused("snoozing needs a number of seconds")
        if not 0 < seconds <= 7 * 86_400:
            return refused("snoozing needs more than nothing and at most 7 days")
        until = unit.now + seconds
        asleep = replace(incident, status=IncidentStatus.SNOOZED, snoozed_until=until)
        text = f"snoozed for {human_duration(seconds)}"
        return await self._keep(unit, asleep, EventKind.INCIDENT_SNOOZED, text, command)

    async def _keep(
        self, unit: Unit, incident: Incident, kind: EventKind, text: str, command: Command
    ) -> CommandResult:
        await unit.put_incident(incident)
        await self._orchestrator.incidents.look_again(unit, incident.incident_id)
        name = incident_name(incident.incident_id)
        await unit.event(
            kind,
            f"{name} {text}{because(command)}",
            workspace=incident.workspace,
            actor=command.actor,
            incident_id=incident.incident_id,
        )
        return CommandResult(True, f"{name} {text}")

    async def _incident(self, unit: Unit, workspace: Workspace, command: Command) -> Incident | None:
        number = (command.incident or "").removeprefix("I")
        incident_id = int(number) if number.isdecimal() else None
        if incident_id is None and command.master_job_id is not None:
            failure = await unit.failure(workspace.name, command.master_job_id)
            incident_id = failure.incident_id if failure else None
        if incident_id is None:
            return None
        rows = await unit.tx.fetch("incident_get", {"incident_id": incident_id})
        found = incident_from(rows[0]) if rows else None
        return found if found is not None and found.workspace == workspace.name else None

    async def _pause(self, workspace: Workspace, command: Command) -> CommandResult:
        if workspace.paused:
            return refused(f"repeats of {workspace.name} are paused already")
        # In memory first: a dispatch whose guard comes next must see it.
        workspace.paused = True
        await self._ctx.write(lambda unit: self._record_pause(unit, workspace, command))
        return CommandResult(True, f"repeats of {workspace.name} are paused")

    async def _record_pause(self, unit: Unit, workspace: Workspace, command: Command) -> None:
        change: Params = {"name": workspace.name, "paused_by": command.actor, "paused_at": unit.now}
        await unit.tx.execute("workspace_pause", change)
        text = f"all repeats paused{because(command)}"
        await unit.event(EventKind.WORKSPACE_PAUSED, text, workspace=workspace.name, actor=command.actor)

    async def _resume(self, workspace: Workspace, command: Command) -> CommandResult:
        if workspace.acting_stopped in NEEDS_PERSON:
            await self._access.allow(workspace, command.actor)
            if not workspace.paused:
                return CommandResult(True, f"acting on {workspace.name} goes on")
        if not workspace.paused:
            return refused(f"repeats of {workspace.name} are not paused")
        released = await self._ctx.write(lambda unit: self._record_resume(unit, workspace, command))
        workspace.paused = False
        workspace.due.raise_()
        return CommandResult(True, f"repeats of {workspace.name} go on, {released} held failures are released")

    async def _record_resume(self, unit: Unit, workspace: Workspace, command: Command) -> int:
        await unit.tx.execute("workspace_pause", {"name": workspace.name, "paused_by": None, "paused_at": None})
        text = f"repeats go on{because(command)}"
        await unit.event(EventKind.WORKSPACE_RESUMED, text, workspace=workspace.name, actor=command.actor)
        return await release_held(unit, self._ctx, workspace, Reason.PAUSED, actor=command.actor)
