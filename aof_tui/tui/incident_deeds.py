"""What happens when a person acts on an incident or a breaker: the question and the command."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from aof_tui.base.errors import AofError
from aof_tui.control.breaker_rows import BreakerRow
from aof_tui.control.requests import Command, Verb
from aof_tui.control.rows import FailureRow, IncidentRow, WorkspaceState
from aof_tui.tui import breaker_questions, incident_questions
from aof_tui.tui.desk import Desk
from aof_tui.tui.sending import Sender

DAY_S = 86_400.0


class IncidentDeeds:
    """One deed at a time: each but taking an incident waits for a person."""

    def __init__(self, desk: Desk, sender: Sender) -> None:
        self._desk = desk
        self._sender = sender

    async def act(self, action_id: str, incident: IncidentRow) -> None:
        """Does what the action of the table means for this incident."""
        deeds = {
            "acknowledge": self._acknowledge,
            "escalate": self._escalate,
            "snooze": self._snooze,
            "assign": self._assign,
            "resolve": self._resolve,
            "start": self._start,
        }
        await deeds[action_id](incident, self._desk.workspace(incident.workspace))

    def _command(self, verb: Verb, incident: IncidentRow) -> Command:
        return Command(verb, self._desk.actor, incident.workspace, incident=incident.incident)

    async def _acknowledge(self, incident: IncidentRow, _: WorkspaceState | None) -> None:
        """Without a question: it sends nothing to Workato, and taking an incident must be one key at 3 a.m."""
        await self._sender.send(self._command(Verb.ACKNOWLEDGE, incident))

    async def _escalate(self, incident: IncidentRow, workspace: WorkspaceState | None) -> None:
        question = incident_questions.escalate_question(incident, workspace)
        await self._sender.ask_and_send(question, self._command(Verb.ESCALATE, incident))

    async def _snooze(self, incident: IncidentRow, workspace: WorkspaceState | None) -> None:
        question = incident_questions.snooze_question(incident, workspace)
        answer = await self._sender.ask(question)
        if answer is not None:
            seconds = incident_questions.SNOOZES[answer or question.confirm]
            await self._sender.send(replace(self._command(Verb.SNOOZE, incident), value=f"{seconds:.0f}"))

    async def _assign(self, incident: IncidentRow, workspace: WorkspaceState | None) -> None:
        me = self._desk.actor.partition(":")[2]
        answer = await self._sender.ask(incident_questions.assign_question(incident, workspace, me))
        if answer is not None:
            name = "" if answer.lower() == incident_questions.NOBODY else answer
            await self._sender.send(replace(self._command(Verb.ASSIGN, incident), value=name))

    async def _resolve(self, incident: IncidentRow, workspace: WorkspaceState | None) -> None:
        question = incident_questions.resolve_question(incident, workspace)
        await self._sender.ask_and_send(question, self._command(Verb.RESOLVE, incident))

    async def _start(self, incident: IncidentRow, workspace: WorkspaceState | None) -> None:
        name, recipe_id = incident.recipe or incident.title, incident.recipe_id or ""
        question = incident_questions.start_question(name, recipe_id, workspace, incident.workspace)
        await self._sender.ask_and_send(question, self._command(Verb.START, incident))

    async def start_for(self, failure: FailureRow) -> None:
        """Starts the stopped recipe that holds up a failure."""
        workspace = self._desk.workspace(failure.workspace)
        question = incident_questions.start_question(failure.recipe, failure.recipe_id, workspace, failure.workspace)
        command = Command(Verb.START, self._desk.actor, failure.workspace, failure.master_job_id)
        await self._sender.ask_and_send(question, command)

    async def breaker(self, workspace: WorkspaceState, breaker: BreakerRow | None) -> None:
        """Closes a breaker or keeps it open; where none is chosen, opens that of a downstream that is named."""
        if breaker is None:
            await self._open_breaker(workspace)
            return
        question = breaker_questions.breaker_question(breaker, workspace, self._desk.time.now())
        answer = await self._sender.ask(question)
        if answer is not None:
            verb = Verb.OPEN_BREAKER if answer == breaker_questions.HOLD_OPEN else Verb.CLOSE_BREAKER
            await self._sender.send(Command(verb, self._desk.actor, breaker.workspace, value=breaker.downstream))

    async def _open_breaker(self, workspace: WorkspaceState) -> None:
        known = await self._known_downstreams(workspace)
        answer = await self._sender.ask(breaker_questions.open_breaker_question(workspace, known))
        if answer is not None:
            named = next((subject for subject, name in known if answer.lower() == name.lower()), answer)
            await self._sender.send(Command(Verb.OPEN_BREAKER, self._desk.actor, workspace.workspace, value=named))

    async def _known_downstreams(self, workspace: WorkspaceState) -> Sequence[tuple[str, str]]:
        now = self._desk.time.now()
        try:
            metrics = await self._desk.control.metrics(workspace.workspace, now - DAY_S, now)
        except AofError:
            return ()
        return [(row.subject, row.name) for row in metrics.downstreams]
