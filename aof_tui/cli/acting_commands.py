"""The commands that act on a running engine: failures, incidents, breakers, pause, resume; and why."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aof_tui.base.errors import UsageError
from aof_tui.cli import completion
from aof_tui.cli.options import (
    Config,
    Every,
    FilterText,
    Json,
    Reason,
    SocketPath,
    Workspaces,
    Yes,
    read_duration,
)
from aof_tui.control.requests import FailureQuery, IncidentQuery, Verb

if TYPE_CHECKING:
    from aof_tui.cli.acting import Deed
    from aof_tui.control.client import SocketControl
    from aof_tui.control.filters import Fields, Filter

Jobs = Annotated[
    list[str] | None,
    typer.Argument(metavar="JOB", help="The original jobs' ids.", autocompletion=completion.jobs),
]
Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="INCIDENT", help="I and a number, like I7.", autocompletion=completion.incidents),
]


def add_failure_actions(failures: typer.Typer) -> None:
    """Add what can be done to failures."""
    for name, verb, told in (
        ("retry", Verb.RETRY, "Repeat jobs now; no attempt is used up."),
        ("cancel", Verb.CANCEL, "Take planned repeats back; the failures are held."),
        ("release", Verb.RELEASE, "Let held failures go on as their policy says."),
        ("close", Verb.CLOSE, "Close failures for good; needs --reason."),
    ):
        failures.command(name, help=told)(_on_failures(verb))
    failures.command("fallback")(failures_fallback)


def add_incident_actions(incidents: typer.Typer) -> None:
    """Add what can be done to incidents."""
    for name, verb, told in (
        ("ack", Verb.ACKNOWLEDGE, "Take incidents: they do not escalate any more."),
        ("escalate", Verb.ESCALATE, "Tell the next level at once."),
        ("resolve", Verb.RESOLVE, "Resolve incidents that have no open failures."),
        ("start", Verb.START, "Start the stopped recipes that incidents are about."),
    ):
        incidents.command(name, help=told)(_on_incidents(verb))
    incidents.command("snooze")(incidents_snooze)
    incidents.command("assign")(incidents_assign)


def add_breaker_actions(breakers: typer.Typer) -> None:
    """Add what can be done to breakers."""
    breakers.command("open", help="Repeat nothing that goes there.")(_on_breakers(Verb.OPEN_BREAKER))
    breakers.command("close", help="Let repeats go there again.")(_on_breakers(Verb.CLOSE_BREAKER))


def add_workspace_actions(app: typer.Typer) -> None:
    """Add pause and resume."""
    app.command("pause", help="Stop all repeats of a workspace at once.")(_on_workspaces(Verb.PAUSE))
    app.command("resume", help="Let repeats of a workspace go on.")(_on_workspaces(Verb.RESUME))


def _on_failures(verb: Verb) -> Callable[..., None]:
    def act(
        jobs: Jobs = None,
        config: Config = None,
        socket: SocketPath = None,
        workspace: Workspaces = None,
        filter_text: FilterText = None,
        everything: Every = False,
        reason: Reason = "",
        yes: Yes = False,
        as_json: Json = False,
    ) -> None:
        query = _failures_meant(jobs, workspace, filter_text, everything)
        if verb is Verb.CLOSE and not reason.strip():
            raise UsageError("closing needs a reason: --reason TEXT")
        _failures(config, socket, jobs, query, _deed(verb, reason, "", yes, as_json))

    return act


def failures_fallback(
    jobs: Jobs = None,
    name: Annotated[str, typer.Option("--name", help="The fallback; that of the failure's policy without it.")] = "",
    config: Config = None,
    socket: SocketPath = None,
    workspace: Workspaces = None,
    filter_text: FilterText = None,
    everything: Every = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Start the fallback recipes of failures that rest."""
    query = _failures_meant(jobs, workspace, filter_text, everything)
    _failures(config, socket, jobs, query, _deed(Verb.START_FALLBACK, "", name, yes, as_json))


def _on_incidents(verb: Verb) -> Callable[..., None]:
    def act(
        incidents: Names = None,
        config: Config = None,
        socket: SocketPath = None,
        workspace: Workspaces = None,
        filter_text: FilterText = None,
        everything: Every = False,
        reason: Reason = "",
        yes: Yes = False,
        as_json: Json = False,
    ) -> None:
        query = _incidents_meant(incidents, workspace, filter_text, everything)
        _incidents(config, socket, incidents, query, _deed(verb, reason, "", yes, as_json))

    return act


def incidents_snooze(
    incidents: Names = None,
    duration: Annotated[str, typer.Option("--for", metavar="DURATION", help="At most 7d.")] = "1h",
    config: Config = None,
    socket: SocketPath = None,
    workspace: Workspaces = None,
    filter_text: FilterText = None,
    everything: Every = False,
    reason: Reason = "",
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Remind nobody of incidents for a while."""
    seconds = f"{read_duration('--for', duration):.0f}"
    query = _incidents_meant(incidents, workspace, filter_text, everything)
    _incidents(config, socket, incidents, query, _deed(Verb.SNOOZE, reason, seconds, yes, as_json))


def incidents_assign(
    incidents: Names = None,
    person: Annotated[str, typer.Option("--to", metavar="NAME", help="Nobody without it.")] = "",
    config: Config = None,
    socket: SocketPath = None,
    workspace: Workspaces = None,
    filter_text: FilterText = None,
    everything: Every = False,
    reason: Reason = "",
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Say who sees to incidents."""
    query = _incidents_meant(incidents, workspace, filter_text, everything)
    _incidents(config, socket, incidents, query, _deed(Verb.ASSIGN, reason, person, yes, as_json))


def _on_workspaces(verb: Verb) -> Callable[..., None]:
    def act(
        workspaces: Annotated[
            list[str] | None, typer.Argument(metavar="WORKSPACE", autocompletion=completion.workspaces)
        ] = None,
        config: Config = None,
        socket: SocketPath = None,
        every: Annotated[bool, typer.Option("--all", help="All workspaces.")] = False,
        reason: Reason = "",
        as_json: Json = False,
    ) -> None:
        from aof_tui.cli.acting import act_on_workspaces

        deed = _deed(verb, reason, "", True, as_json)
        _run(config, socket, lambda control: act_on_workspaces(control, deed, workspaces or [], every=every))

    return act


def _on_breakers(verb: Verb) -> Callable[..., None]:
    def act(
        downstream: Annotated[
            str,
            typer.Argument(
                help="As breakers list names it, like connection:1234.", autocompletion=completion.downstreams
            ),
        ],
        config: Config = None,
        socket: SocketPath = None,
        workspace: Workspaces = None,
        reason: Reason = "",
        as_json: Json = False,
    ) -> None:
        from aof_tui.cli.acting import act_on_workspaces

        deed = _deed(verb, reason, downstream, True, as_json)
        _run(config, socket, lambda control: act_on_workspaces(control, deed, workspace or [], every=False))

    return act


def _failures_meant(
    names: list[str] | None, workspaces: list[str] | None, text: str | None, everything: bool
) -> FailureQuery:
    """Which failures a command is aimed at besides those named. Raises UsageError."""
    from aof_tui.control.filters import FAILURE_FIELDS, failure_query

    return failure_query(_meant(names, workspaces, text, everything, FAILURE_FIELDS))


def _incidents_meant(
    names: list[str] | None, workspaces: list[str] | None, text: str | None, everything: bool
) -> IncidentQuery:
    """Which incidents a command is aimed at besides those named. Raises UsageError."""
    from aof_tui.control.filters import INCIDENT_FIELDS, incident_query

    return incident_query(_meant(names, workspaces, text, everything, INCIDENT_FIELDS))


def _meant(
    names: list[str] | None, workspaces: list[str] | None, text: str | None, everything: bool, known: Fields
) -> Filter:
    """The filter. Raises UsageError unless exactly one way says what is meant; an empty filter says nothing."""
    from aof_tui.cli.listing import understood, within

    if sum((bool(names), text is not None, everything)) != 1:
        raise UsageError("say what is meant in one way: names, or --filter, or --all")
    typed = understood(text or "", known)
    if text is not None and typed.empty:
        raise UsageError("the filter is empty: --all means all that are open")
    return within(typed, workspaces or ())


def _deed(verb: Verb, reason: str, value: str, yes: bool, as_json: bool) -> Deed:
    from aof_tui.cli.acting import Deed

    return Deed(verb, reason, value, as_json=as_json, yes=yes)


def _failures(
    config: Path | None, socket: Path | None, jobs: list[str] | None, query: FailureQuery, deed: Deed
) -> None:
    from aof_tui.cli.acting import act_on_failures

    _run(config, socket, lambda control: act_on_failures(control, deed, jobs or [], query))


def _incidents(
    config: Path | None, socket: Path | None, names: list[str] | None, query: IncidentQuery, deed: Deed
) -> None:
    from aof_tui.cli.acting import act_on_incidents

    _run(config, socket, lambda control: act_on_incidents(control, deed, names or [], query))


def _run(config: Path | None, socket: Path | None, act: Callable[[SocketControl], Awaitable[int]]) -> None:
    from aof_tui.cli.reaching import living_engine

    async def run() -> int:
        return await act(living_engine(config, socket))

    raise typer.Exit(asyncio.run(run()))
