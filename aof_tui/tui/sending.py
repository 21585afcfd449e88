"""Brings a person's command to the engine, and its answer back as one toast."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from aof_tui.base.errors import AofError
from aof_tui.control.requests import Command
from aof_tui.tui.desk import Desk
from aof_tui.tui.question import Question
from aof_tui.tui.vocabulary import spoken

if TYPE_CHECKING:
    from aof_tui.tui.app import AofApp


class Sender:
    """Asks and sends in a worker of the app, which waits for the person."""

    def __init__(self, app: AofApp, desk: Desk) -> None:
        self._app = app
        self._desk = desk

    async def ask(self, question: Question) -> str | None:
        """The answer; None means no."""
        return await self._app.ask(question)

    async def ask_and_send(self, question: Question, command: Command) -> None:
        """Sends the command on a yes, with the words typed as its reason."""
        answer = await self.ask(question)
        if answer is not None:
            await self.send(replace(command, reason=answer))

    async def send(self, command: Command) -> None:
        """Sends it at once."""
        self._app.type_ahead.nothing_asked()
        try:
            result = await self._desk.control.command(command)
        except AofError as error:
            self._app.tell(f"{spoken(command.verb).capitalize()}: {error}", good=False)
        else:
            self._app.tell(result.message, good=result.done)
