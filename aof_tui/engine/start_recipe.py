"""Sets a stopped recipe running because a person says so: written down before it is sent, like every acting request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aof_tui.control.requests import Command
from aof_tui.control.rows import CommandResult
from aof_tui.domain.event_kinds import EventKind
from aof_tui.domain.model import Incident
from aof_tui.domain.words import DispatchState, IncidentKind, IncidentStatus, Reason
from aof_tui.engine.access import Access
from aof_tui.engine.context import Context, Workspace
from aof_tui.engine.recovery_conclude import settle_after
from aof_tui.engine.start_points import StartPoint
from aof_tui.engine.unit import Unit
from aof_tui.store.mapping import integer, text
from aof_tui.store.names import incident_name
from aof_tui.store.port import Params
from aof_tui.workato.answers import RequestOutcome
from aof_tui.workato.client import REPEAT_DEADLINE_S
from aof_tui.workato.errors import Unauthorized
from aof_tui.workato.pacer import Priority
from aof_tui.workato.recipe_start import RecipeStart

FindIncident = Callable[[Unit, Workspace, Command], Awaitable[Incident | None]]
OUTCOMES = {
    RequestOutcome.ANSWERED: (DispatchState.ANSWERED, EventKind.START_ACCEPTED, "Workato starts {0}"),
    RequestOutcome.REJECTED: (DispatchState.ANSWERED, EventKind.START_REJECTED, "Workato does not start {0}"),
    RequestOutcome.NOT_SENT: (DispatchState.NOT_SENT, EventKind.START_WITHHELD, "the start of {0} was not sent"),
    RequestOutcome.AMBIGUOUS: (
        DispatchState.UNKNOWN,
        EventKind.START_DOUBTED,
        "it is not known yet whether Workato starts {0}: the next sweeps tell",
    ),
}


@dataclass(frozen=True, slots=True)
class Target:
    """The stopped recipe that a command is aimed at."""

    recipe_id: str
    name: str
    incident_id: int | None


@dataclass(frozen=True, slots=True)
class Start:
    """One request to start a recipe."""

    dispatch_id: str
    target: Target
    actor: str


class StartRecipe:
    """Starts recipes, each time for a person; the engine starts none by itself."""

    def __init__(self, ctx: Context, access: Access, find_incident: FindIncident) -> None:
        """`find_incident` finds the incident that a command names."""
        self._ctx = ctx
        self._access = access
        self._find_incident = find_incident

    async def ask(self, workspace: Workspace, command: Command) -> CommandResult:
        """Start the recipe of an incident, or of a failure; runs to its end once begun, whoever gives up waiting."""
        return await self._ctx.shielded(self._start(workspace, command))

    async def _start(self, workspace: Workspace, command: Command) -> CommandResult:
        target = await self._ctx.write(lambda unit: self._target(unit, workspace, command))
        if isinstance(target, str):
            return CommandResult(False, target)
        await self._ctx.failpoints.reach(StartPoint.TURN)
        await workspace.client.pacers.recipes.turn(Priority.PERSON)
        await self._ctx.failpoints.reach(StartPoint.PREPARE)
        start = await self._ctx.write(lambda unit: self._intend(unit, workspace, command))
        if isinstance(start, str):
            return CommandResult(False, start)
        workspace.starting.add(start.dispatch_id)
        try:
            await self._ctx.failpoints.reach(StartPoint.PREPARED)
            await self._ctx.write(lambda unit: self._mark_sending(unit, workspace, start))
            await self._ctx.failpoints.reach(StartPoint.SENDING)
            answer = await self._send(workspace, start)
            await self._ctx.failpoints.reach(StartPoint.ANSWERED)
            said = await self._ctx.write(lambda unit: self._outcome(unit, workspace, start, answer))
        finally:
            workspace.starting.discard(start.dispatch_id)
        await self._ctx.failpoints.reach(StartPoint.OUTCOME)
        if isinstance(answer.error, Unauthorized):
            # A role that may not start recipes stops no repeats; a refused token does.
            await self._access.note(workspace, answer.error)
        return CommandResult(answer.outcome is RequestOutcome.ANSWERED, said)

    async def _send(self, workspace: Workspace, start: Start) -> RecipeStart:
        """Send it, unless something came up since it was written down: looked at in memory, without a pause."""
        why_not = "the engine is stopping" if self._ctx.stopping.is_set() else no_acting(workspace)
        if why_not is not None:
            return RecipeStart(RequestOutcome.NOT_SENT, why=why_not)
        return await workspace.client.start_recipe(start.target.recipe_id, start.dispatch_id)

    async def _target(self, unit: Unit, workspace: Workspace, command: Command) -> Target | str:
        """The recipe to start, or why none is to be started."""
        why_not = no_acting(workspace)
        if why_not is not None:
            return why_not
        incident: Incident | None = None
        if command.incident is not None:
            incident = await self._find_incident(unit, workspace, command)
            if incident is None:
                return "there is no such incident"
            if incident.kind is not IncidentKind.RECIPE_STOPPED:
                return f"{incident_name(incident.incident_id)} is not about a stopped recipe"
            if incident.status is IncidentStatus.RESOLVED:
                return f"{incident_name(incident.incident_id)} is resolved already"
            recipe_id = incident.scope.removeprefix("recipe:")
        else:
            failure = await unit.failure(workspace.name, command.master_job_id or "")
            if failure is None:
                return f"there is no failure {command.master_job_id!r} in {workspace.name}"
            recipe_id = failure.recipe_id
        return await self._stopped(unit, workspace, recipe_id, incident)

    async def _stopped(
        self, unit: Unit, workspace: Workspace, recipe_id: str, incident: Incident | None
    ) -> Target | str:
        rows = await unit.tx.fetch("recipe_get", {"workspace": workspace.name, "recipe_id": recipe_id})
        if not rows or rows[0]["gone_at"] is not None:
            return "the recipe is no longer in the workspace"
        name = text(rows[0], "name") or recipe_id
        if rows[0]["running"]:
            return f"{name} is running"
        under_way = await unit.tx.fetch("starts_open_of_recipe", {"workspace": workspace.name, "recipe_id": recipe_id})
        if integer(under_way[0], "amount"):
            return f"a start of {name} is under way"
        return Target(recipe_id, name, incident.incident_id if incident else None)

    async def _intend(self, unit: Unit, workspace: Workspace, command: Command) -> Start | str:
        target = await self._target(unit, workspace, command)
        if isinstance(target, str):
            return target
        start = Start(self._ctx.randomness.new_id(), target, command.actor)
        intent: Params = {
            "dispatch_id": start.dispatch_id,
            "workspace": workspace.name,
            "recipe_id": target.recipe_id,
            "epoch": self._ctx.epoch,
            "prepared_at": unit.now,
            "boot_id": self._ctx.clock.boot_id,
        }
        await unit.tx.execute("start_insert", intent)
        await self._event(unit, workspace, start, EventKind.START_PREPARED, f"start of {target.name} asked for")
        return start

    async def _mark_sending(self, unit: Unit, workspace: Workspace, start: Start) -> None:
        changed = await unit.tx.execute(
            "dispatch_sending",
            {
                "dispatch_id": start.dispatch_id,
                "sending_at": unit.now,
                "sending_boot": self._ctx.clock.boot(),
                "settle_until": unit.now + REPEAT_DEADLINE_S + settle_after(workspace.lag_s),
            },
        )
        if changed != 1:
            raise RuntimeError(f"dispatch {start.dispatch_id} is not the one that was prepared")
        said = f"asking Workato to start {start.target.name}"
        await self._event(unit, workspace, start, EventKind.START_SENT, said)

    async def _outcome(self, unit: Unit, workspace: Workspace, start: Start, answer: RecipeStart) -> str:
        state, kind, words = OUTCOMES[answer.outcome]
        said = words.format(start.target.name) + (f": {answer.why}" if answer.why else "")
        await unit.tx.execute(
            "dispatch_outcome",
            {
                "dispatch_id": start.dispatch_id,
                "state": state,
                "answered_at": unit.now,
                "http_status": answer.http_status,
                "outcome": answer.why or answer.outcome,
                "settle_until": None,
            },
        )
        await self._event(unit, workspace, start, kind, said)
        return said

    async def _event(self, unit: Unit, workspace: Workspace, start: Start, kind: EventKind, said: str) -> None:
        await unit.event(
            kind,
            said,
            workspace=workspace.name,
            actor=start.actor,
            recipe_id=start.target.recipe_id,
            incident_id=start.target.incident_id,
            dispatch_id=start.dispatch_id,
        )


def no_acting(workspace: Workspace) -> str | None:
    """Why nothing may be sent to the workspace now, in a sentence for a person."""
    match workspace.hindrance():
        case Reason.OBSERVE:
            return "the engine only observes: set mode: act to let it start recipes"
        case Reason.PAUSED:
            return f"acting on {workspace.name} is paused"
        case Reason.ACTING_STOPPED:
            return f"acting on {workspace.name} is stopped"
    return None if workspace.identity_known else "it is not known yet which workspace the token belongs to"
