"""What happens when a person acts: the question, the command, and one toast with what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aof_tui.base.errors import AofError
from aof_tui.control.requests import Command, FailureQuery, FailureSort, IncidentQuery, Verb
from aof_tui.control.rows import FailureRow, Story, WorkspaceState
from aof_tui.domain.words import MOVING, IncidentKind, IncidentStatus
from aof_tui.tui import questions
from aof_tui.tui.actions import held_for_stopped_recipe
from aof_tui.tui.desk import Desk
from aof_tui.tui.incident_name import IncidentName
from aof_tui.tui.questions import Question

if TYPE_CHECKING:
    from aof_tui.tui.app import AofApp


class Deeds:
    """Runs in a worker of the app, one deed at a time: it waits for a person."""

    def __init__(self, app: AofApp, desk: Desk) -> None:
        self._app = app
        self._desk = desk

    async def on_failure(self, action_id: str, failure: FailureRow) -> None:
        """Does what the action of the table means for this failure."""
        deeds = {
            "retry": self.retry,
            "escalate": self.escalate,
            "acknowledge": self.acknowledge,
            "cancel": self.cancel,
            "close": self.close,
            "release": self.release,
        }
        await deeds[action_id](failure)

    async def retry(self, failure: FailureRow) -> None:
        story = await self._evidence(failure)
        question = questions.retry_question(failure, self._desk.workspace(failure.workspace), story)
        await self._ask_and_send(question, Verb.RETRY, failure.workspace, master_job_id=failure.master_job_id)

    async def escalate(self, failure: FailureRow) -> None:
        question = questions.escalate_question(failure, self._desk.workspace(failure.workspace))
        await self._ask_and_send(question, Verb.ESCALATE, failure.workspace, incident=failure.incident)

    async def acknowledge(self, failure: FailureRow) -> None:
        """Without a question: it sends nothing to Workato, and taking an incident must be one key at 3 a.m."""
        await self._send(Verb.ACKNOWLEDGE, failure.workspace, incident=failure.incident)

    async def cancel(self, failure: FailureRow) -> None:
        question = questions.cancel_question(failure, self._desk.workspace(failure.workspace), self._desk.time.now())
        await self._ask_and_send(question, Verb.CANCEL, failure.workspace, master_job_id=failure.master_job_id)

    async def close(self, failure: FailureRow) -> None:
        question = questions.close_question(failure, self._desk.workspace(failure.workspace))
        await self._ask_and_send(question, Verb.CLOSE, failure.workspace, master_job_id=failure.master_job_id)

    async def release(self, failure: FailureRow) -> None:
        question = questions.release_question(failure, self._desk.workspace(failure.workspace))
        await self._ask_and_send(question, Verb.RELEASE, failure.workspace, master_job_id=failure.master_job_id)

    async def backlog(self, workspace: WorkspaceState) -> None:
        """What becomes of all that was held for a word: repeated, closed with a reason, or left."""
        answer = await self._app.ask(questions.backlog_question(workspace))
        if answer == questions.CLOSE_ALL:
            question = questions.close_backlog_question(workspace)
            await self._ask_and_send(question, Verb.CLOSE, workspace.workspace)
        elif answer is not None:
            await self._send(Verb.RELEASE, workspace.workspace)

    async def start(self, failure: FailureRow | None, incident: IncidentName | None) -> None:
        """Starts the stopped recipe that holds up the failure, or that the incident is about."""
        if failure is not None and held_for_stopped_recipe(failure):
            question = questions.start_question(
                failure.recipe, failure.recipe_id, self._desk.workspace(failure.workspace), failure.workspace
            )
            await self._ask_and_send(question, Verb.START, failure.workspace, master_job_id=failure.master_job_id)
        elif incident is not None:
            await self._start_of(incident)

    async def _start_of(self, incident: IncidentName) -> None:
        try:
            query = IncidentQuery(workspaces=(incident.workspace,), incident=incident.name, only_open=False, limit=1)
            page = await self._desk.control.incidents(query)
        except AofError as error:
            self._app.tell(f"Start recipe: {error}", good=False)
            return
        found = page.rows[0] if page.rows else None
        if found is None or found.kind != IncidentKind.RECIPE_STOPPED:
            self._app.tell(f"Start recipe: {incident.name} is not about a stopped recipe.", good=False)
        elif found.status == IncidentStatus.RESOLVED:
            self._app.tell(f"Start recipe: {incident.name} is resolved already.", good=False)
        else:
            name = found.recipe or found.title
            workspace = self._desk.workspace(found.workspace)
            question = questions.start_question(name, found.recipe_id or "", workspace, found.workspace)
            await self._ask_and_send(question, Verb.START, found.workspace, incident=found.incident)

    async def pause(self, workspace: WorkspaceState) -> None:
        """Pauses a workspace, or resumes one that is paused or stopped acting by itself."""
        if workspace.paused_by is None and workspace.acting_stopped is None:
            await self._ask_and_send(questions.pause_question(workspace), Verb.PAUSE, workspace.workspace)
        else:
            await self._ask_and_send(questions.resume_question(workspace), Verb.RESUME, workspace.workspace)

    async def confirm_quit(self) -> bool:
        """Whether to leave: asked only when the engine would leave work behind."""
        status = self._desk.status
        if status is None or self._desk.gone or not questions.something_pending(status):
            return True
        question = questions.quit_question(status, await self._soonest(), self._desk.time.now())
        return await self._app.ask(question) is not None

    async def _soonest(self) -> float | None:
        query = FailureQuery(statuses=tuple(sorted(MOVING)), sort=FailureSort.NEXT_ACTION, descending=False, limit=1)
        try:
            page = await self._desk.control.failures(query)
        except AofError:
            return None
        return page.rows[0].next_action_at if page.rows else None

    async def _evidence(self, failure: FailureRow) -> Story | None:
        if not questions.stayed_in_doubt(failure):
            return None
        try:
            return await self._desk.control.story(failure.workspace, failure.master_job_id)
        except AofError:
            return None

    async def _ask_and_send(
        self,
        question: Question,
        verb: Verb,
        workspace: str,
        *,
        master_job_id: str | None = None,
        incident: str | None = None,
    ) -> None:
        answer = await self._app.ask(question)
        if answer is not None:
            await self._send(verb, workspace, master_job_id=master_job_id, incident=incident, reason=answer)

    async def _send(
        self,
        verb: Verb,
        workspace: str,
        *,
        master_job_id: str | None = None,
        incident: str | None = None,
        reason: str = "",
    ) -> None:
        command = Command(verb, self._desk.actor, workspace, master_job_id, incident, reason)
        try:
            result = await self._desk.control.command(command)
        except AofError as error:
            self._app.tell(f"{verb.capitalize()}: {error}", good=False)
        else:
            self._app.tell(result.message, good=result.done)
