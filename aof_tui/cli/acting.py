"""What a person asks the engine for on the command line: one thing after the other, each with what became of it."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar

import typer
from msgspec.structs import replace

from aof_tui.base.errors import TemporaryError, UsageError
from aof_tui.base.text import one_line
from aof_tui.base.wording import counted
from aof_tui.cli.listing import collect
from aof_tui.cli.output import json_line, note, say
from aof_tui.cli.preview import preview_failures, preview_incidents
from aof_tui.control.protocol import Control
from aof_tui.control.requests import Command, FailureQuery, IncidentQuery, Verb
from aof_tui.control.rows import FailureRow, IncidentRow

Row = TypeVar("Row", FailureRow, IncidentRow)

SOME_REFUSED = 1
NONE_OF_THIS = "there is none of this name"
LATER: Mapping[Verb, str] = MappingProxyType(
    {
        Verb.RETRY: "its repeat is sent as soon as it may be",
        Verb.START_FALLBACK: "its fallback is started as soon as it may be",
    }
)
"""What an engine only takes note of when it says yes; how it went is told by the failure."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What is to be done, with what it needs besides what it is done to."""

    verb: Verb
    reason: str = ""
    value: str = ""
    as_json: bool = False
    yes: bool = False

    def to(self, workspace: str, *, master_job_id: str | None = None, incident: str | None = None) -> Command:
        """The command for one of its targets; the engine itself puts in who asks."""
        actor = f"cli:{getpass.getuser()}"
        return Command(self.verb, actor, workspace, master_job_id, incident, self.reason, self.value)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it for one target."""

    workspace: str | None
    master_job_id: str | None
    incident: str | None
    done: bool
    message: str


async def act_on_failures(control: Control, deed: Deed, names: Sequence[str], query: FailureQuery) -> int:
    """Do it to the failures named, else to all of the query; the exit code."""
    if names:
        wanted = replace(query, master_job_ids=tuple(dict.fromkeys(names)), only_open=False)
        found = await _failures(control, wanted)
        where = None if len(found) >= len(set(names)) else await _only_workspace(control, query.workspaces)
        nobody = {name: Outcome(where, name, None, False, NONE_OF_THIS) for name in names}
        return await _one_by_one(control, deed, _named(deed, nobody, found, lambda row: row.master_job_id))
    found = await _failures(control, query)
    if _is_asked(deed, found):
        preview_failures(deed.verb, found, await control.status())
    _agree(deed, "failure", len(found))
    return await _one_by_one(control, deed, [_command(deed, row) for row in found])


async def act_on_incidents(control: Control, deed: Deed, names: Sequence[str], query: IncidentQuery) -> int:
    """Do it to the incidents named, else to all of the query; the exit code."""
    if names:
        asked = [name.upper() for name in names]
        found = [
            row for name in asked for row in await _incidents(control, replace(query, incident=name, only_open=False))
        ]
        where = None if len(found) >= len(set(names)) else await _only_workspace(control, query.workspaces)
        nobody = {name: Outcome(where, None, name, False, NONE_OF_THIS) for name in asked}
        return await _one_by_one(control, deed, _named(deed, nobody, found, lambda row: row.incident))
    found = await _incidents(control, query)
    if _is_asked(deed, found):
        preview_incidents(deed.verb, found, await control.status())
    _agree(deed, "incident", len(found))
    return await _one_by_one(control, deed, [_command(deed, row) for row in found])


async def act_on_workspaces(control: Control, deed: Deed, names: Sequence[str], *, every: bool) -> int:
    """Do it to the workspaces named, to the only one, or to every one; the exit code."""
    known = [state.workspace for state in (await control.status()).workspaces]
    if not names and not every and len(known) > 1:
        raise UsageError(f"name a workspace, or --all: there are {', '.join(known)}")
    chosen = list(dict.fromkeys(names)) or known
    return await _one_by_one(control, deed, [deed.to(name) for name in chosen])


async def _only_workspace(control: Control, named: Sequence[str]) -> str | None:
    """The workspace that is meant where only one can be."""
    known = named or [state.workspace for state in (await control.status()).workspaces]
    return known[0] if len(known) == 1 else None


async def _failures(control: Control, query: FailureQuery) -> list[FailureRow]:
    return await collect(lambda cursor, limit: control.failures(replace(query, cursor=cursor, limit=limit)), None)


async def _incidents(control: Control, query: IncidentQuery) -> list[IncidentRow]:
    return await collect(lambda cursor, limit: control.incidents(replace(query, cursor=cursor, limit=limit)), None)


def _named(
    deed: Deed, nobody: Mapping[str, Outcome], found: Sequence[Row], name_of: Callable[[Row], str]
) -> list[Command | Outcome]:
    """The targets in the order in which they were named, `nobody` tells what becomes of a name that means nothing.

    Raises UsageError where a name means several.
    """
    targets: list[Command | Outcome] = []
    for name, missing in nobody.items():
        meant = [row for row in found if name_of(row) == name]
        if len(meant) > 1:
            raise UsageError(f"more than one workspace has {name!r}: name one with --workspace")
        targets.append(_command(deed, meant[0]) if meant else missing)
    return targets


def _command(deed: Deed, row: FailureRow | IncidentRow) -> Command:
    if isinstance(row, FailureRow):
        return deed.to(row.workspace, master_job_id=row.master_job_id)
    return deed.to(row.workspace, incident=row.incident)


def _is_asked(deed: Deed, found: Sequence[object]) -> bool:
    """Whether a person is shown what would be done."""
    return bool(found) and not deed.yes and not deed.as_json


def _agree(deed: Deed, noun: str, amount: int) -> None:
    """Go on only when somebody says so. Raises UsageError."""
    if not amount:
        note("aof-tui: nothing matches")
        return
    if deed.yes:
        return
    what = f"{deed.verb.replace('_', ' ')} {counted(amount, noun)}"
    if deed.as_json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(f"nothing is done yet: --yes does it ({what})")
    typer.confirm(f"{what.capitalize()}?", abort=True)


async def _one_by_one(control: Control, deed: Deed, targets: Sequence[Command | Outcome]) -> int:
    """Ask for one after the other and print what became of each."""
    code = 0
    for place, target in enumerate(targets):
        if isinstance(target, Command):
            try:
                answer = await control.command(target)
            except TemporaryError as error:
                left = len(targets) - place - 1
                also = f"; {left:,} more {'was' if left == 1 else 'were'} not asked for" if left else ""
                raise TemporaryError(f"{_name(target)}: {error}{also}") from error
            outcome = Outcome(target.workspace, target.master_job_id, target.incident, answer.done, answer.message)
        else:
            outcome = target
        code = code if outcome.done else SOME_REFUSED
        _tell(deed, outcome)
    return code


def _name(target: Command | Outcome) -> str:
    return target.master_job_id or target.incident or target.workspace or ""


def _tell(deed: Deed, outcome: Outcome) -> None:
    if deed.as_json:
        say(json_line(outcome))
    else:
        told = f"refused: {outcome.message}"
        if outcome.done:
            later = LATER.get(deed.verb)
            told = f"done: {outcome.message}" if later is None else f"asked for: {later}"
        say(one_line(f"{_name(outcome)}: {told}"))
