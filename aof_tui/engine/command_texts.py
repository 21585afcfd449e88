"""What a person writes in a command, made harmless, and what they are told when it is refused."""

from __future__ import annotations

from msgspec.structs import replace

from aof_tui.control.requests import Command
from aof_tui.control.rows import CommandResult
from aof_tui.domain.model import Failure
from aof_tui.workato.outside import label

TEXT_LIMIT = 300
ASSIGNEE_LIMIT = 80


def refused(why: str) -> CommandResult:
    """Nothing was done."""
    return CommandResult(False, why)


def tidied(command: Command) -> Command:
    """The command with all that a person wrote made harmless and short, before any of it is kept or shown."""
    return replace(
        command,
        actor=label(command.actor, TEXT_LIMIT),
        reason=label(command.reason, TEXT_LIMIT),
        value=label(command.value, ASSIGNEE_LIMIT),
    )


def because(command: Command) -> str:
    """The person's reason as the end of a sentence."""
    return f": {command.reason}" if command.reason else ""


def led(failure: Failure) -> str:
    """Why a called failure is not repeated by itself: one business event would run twice."""
    return f"the job that called it, {failure.root_job_id}, is repeated in its place"


def words(failure: Failure) -> str:
    """How it stands."""
    return failure.status.replace("_", " ")
