"""What happens when a person acts on a failure or a workspace: the question and the command."""

from __future__ import annotations

from aof_tui.base.errors import AofError
from aof_tui.control.requests import Command, FailureQuery, FailureSort, Verb
from aof_tui.control.rows import FailureRow, Story, WorkspaceState
from aof_tui.domain.words import MOVING
from aof_tui.tui import questions
from aof_tui.tui.desk import Desk
from aof_tui.tui.sending import Sender


class FailureDeeds:
    """One deed at a time: each waits for a person."""

    def __init__(self, desk: Desk, sender: Sender) -> None:
        self._desk = desk
        self._sender = sender

    async def act(self, action_id: str, failure: FailureRow) -> None:
        """Does what the action of the table means for this failure."""
        deeds = {
            "retry": self._retry,
            "cancel": self._cancel,
            "close": self._close,
            "release": self._release,
            "fallback": self._fallback,
        }
        await deeds[action_id](failure, self._desk.workspace(failure.workspace))

    def _command(self, verb: Verb, failure: FailureRow) -> Command:
        return Command(verb, self._desk.actor, failure.workspace, failure.master_job_id)

    async def _retry(self, failure: FailureRow, workspace: WorkspaceState | None) -> None:
        story = await self._story(failure) if questions.stayed_in_doubt(failure) else None
        question = questions.retry_question(failure, workspace, story)
        await self._sender.ask_and_send(question, self._command(Verb.RETRY, failure))

    async def _cancel(self, failure: FailureRow, workspace: WorkspaceState | None) -> None:
        question = questions.cancel_question(failure, workspace, self._desk.time.now())
        await self._sender.ask_and_send(question, self._command(Verb.CANCEL, failure))

    async def _close(self, failure: FailureRow, workspace: WorkspaceState | None) -> None:
        question = questions.close_question(failure, workspace)
        await self._sender.ask_and_send(question, self._command(Verb.CLOSE, failure))

    async def _release(self, failure: FailureRow, workspace: WorkspaceState | None) -> None:
        question = questions.release_question(failure, workspace)
        await self._sender.ask_and_send(question, self._command(Verb.RELEASE, failure))

    async def _fallback(self, failure: FailureRow, workspace: WorkspaceState | None) -> None:
        question = questions.fallback_question(failure, workspace, await self._story(failure))
        await self._sender.ask_and_send(question, self._command(Verb.START_FALLBACK, failure))

    async def _story(self, failure: FailureRow) -> Story | None:
        try:
            return await self._desk.control.story(failure.workspace, failure.master_job_id)
        except AofError:
            return None


class WorkspaceDeeds:
    """What is done to a whole workspace, and before leaving."""

    def __init__(self, desk: Desk, sender: Sender, *, store_stays: bool) -> None:
        self._desk = desk
        self._sender = sender
        self._store_stays = store_stays

    async def backlog(self, workspace: WorkspaceState) -> None:
        """What becomes of all that was held for a word: repeated, closed with a reason, or left."""
        answer = await self._sender.ask(questions.backlog_question(workspace))
        if answer == questions.CLOSE_ALL:
            question = questions.close_backlog_question(workspace)
            await self._sender.ask_and_send(question, self._command(Verb.CLOSE, workspace))
        elif answer is not None:
            await self._sender.send(self._command(Verb.RELEASE, workspace))

    async def pause(self, workspace: WorkspaceState) -> None:
        """Pauses a workspace, or resumes one that is paused or stopped acting by itself."""
        if workspace.paused_by is None and workspace.acting_stopped is None:
            question, verb = questions.pause_question(workspace), Verb.PAUSE
        else:
            question, verb = questions.resume_question(workspace), Verb.RESUME
        await self._sender.ask_and_send(question, self._command(verb, workspace))

    def _command(self, verb: Verb, workspace: WorkspaceState) -> Command:
        return Command(verb, self._desk.actor, workspace.workspace)

    async def confirm_quit(self) -> bool:
        """Whether to leave: asked only when the engine would leave work behind."""
        status = self._desk.status
        if status is None or self._desk.gone or not questions.something_pending(status):
            return True
        question = questions.quit_question(
            status, await self._soonest(), self._desk.time.now(), store_stays=self._store_stays
        )
        return await self._sender.ask(question) is not None

    async def _soonest(self) -> float | None:
        query = FailureQuery(statuses=tuple(sorted(MOVING)), sort=FailureSort.NEXT_ACTION, descending=False, limit=1)
        try:
            page = await self._desk.control.failures(query)
        except AofError:
            return None
        return page.rows[0].next_action_at if page.rows else None
