"""The commands that ask: failures, incidents, log, notifications, report, status, why."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec.structs import replace

from aof_tui.cli import completion
from aof_tui.cli.acting_commands import add_breaker_actions, add_failure_actions, add_incident_actions
from aof_tui.cli.options import Config, FilterWords, Json, SocketPath, Workspaces, read_duration

if TYPE_CHECKING:
    from aof_tui.cli.listing import Wanted

DEFAULT_LIMIT = 100

Limit = Annotated[int, typer.Option("--limit", min=1, metavar="N", help="At most so many.")]
Ended = Annotated[bool, typer.Option("--all", help="Without a limit, and also what has ended.")]
Unlimited = Annotated[bool, typer.Option("--all", help="Without a limit.")]


def add_listings(app: typer.Typer) -> None:
    """Add status and all listings."""
    app.command("status")(status)
    failures = typer.Typer(rich_markup_mode=None)
    failures.command("list")(failures_list)
    failures.command("show")(failures_show)
    add_failure_actions(failures)
    app.add_typer(failures, name="failures", help="Failed jobs under care.")
    incidents = typer.Typer(rich_markup_mode=None)
    incidents.command("list")(incidents_list)
    incidents.command("show")(incidents_show)
    add_incident_actions(incidents)
    app.add_typer(incidents, name="incidents", help="What people are told about.")
    breakers = typer.Typer(rich_markup_mode=None)
    breakers.command("list")(breakers_list)
    add_breaker_actions(breakers)
    app.add_typer(breakers, name="breakers", help="Circuit breakers of downstreams.")
    app.command("log")(log)
    app.command("notifications")(notifications)
    app.command("report")(report)
    app.command("why")(why)


def status(
    config: Config = None,
    socket: SocketPath = None,
    workspace: Workspaces = None,
    fail_on: Annotated[
        str | None,
        typer.Option(
            "--fail-on",
            metavar="CHECKS",
            help="Which troubles make the exit code 1; all without it.",
            autocompletion=completion.checks,
        ),
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on: a line for each workspace whenever it changes.")
    ] = False,
    as_json: Json = False,
) -> None:
    """How the engine and its workspaces are.

    The exit code is 1 when something is wrong: engine, acting, pause, collation, outbox, store; or those that
    --fail-on names with commas between them, or none. With --socket the store's file is not looked at.
    """
    from aof_tui.cli.overview import show_status
    from aof_tui.cli.troubles import Check, checks_named

    if watch:
        from aof_tui.cli.following import watch_status

        asyncio.run(watch_status(_wanted(config, socket, workspace, as_json)))
        return
    checks = checks_named(fail_on, by_socket=socket is not None)
    wanted = _wanted(config, socket, workspace, as_json)
    # Without the settings the store's file is not looked at, and what is not looked at is not said to be well.
    wanted = replace(wanted, needs_settings=fail_on is not None and Check.STORE in checks)
    raise typer.Exit(asyncio.run(show_status(wanted, checks)))


def failures_list(
    words: FilterWords = None,
    config: Config = None,
    socket: SocketPath = None,
    workspace: Workspaces = None,
    limit: Limit = DEFAULT_LIMIT,
    everything: Ended = False,
    as_json: Json = False,
) -> None:
    """Open failures, the newest first."""
    from aof_tui.cli.failures import list_failures

    wanted = _wanted(config, socket, workspace, as_json, words, limit, everything)
    asyncio.run(list_failures(wanted))


def failures_show(
    job_id: Annotated[
        str, typer.Argument(metavar="JOB", help="The original job's id.", autocompletion=completion.jobs)
    ],
    config: Config = None,
    socket: SocketPath = None,
    workspace: Workspaces = None,
    as_json: Json = False,
) -> None:
    """The whole story of one failure."""
    from aof_tui.cli.failures import show_failure

    asyncio.run(show_failure(_wanted(config, socket, workspace, as_json), job_id))


def incidents_list(
    words: FilterWords = None,
    config: Config = None,
    socket: SocketPath = None,
    workspace: Workspaces = None,
    limit: Limit = DEFAULT_LIMIT,
    everything: Ended = False,
    as_json: Json = False,
) -> None:
    """Unresolved incidents, the newest first."""
    from aof_tui.cli.incidents import list_incidents

    wanted = _wanted(config, socket, workspace, as_json, words, limit, everything)
    asyncio.run(list_incidents(wanted))


def incidents_show(
    incident: Annotated[
        str,
        typer.Argument(metavar="INCIDENT", help="I and a number, like I7.", autocompletion=completion.incidents),
    ],
    config: Config = None,
    socket: SocketPath = None,
    as_json: Json = False,
) -> None:
    """One incident with its failures and events."""
    from aof_tui.cli.incidents import show_incident

    asyncio.run(show_incident(_wanted(config, socket, None, as_json), incident))


def breakers_list(
    config: Config = None,
    socket: SocketPath = None,
    workspace: Workspaces = None,
    as_json: Json = False,
) -> None:
    """Circuit breakers that are not closed."""
    from aof_tui.cli.overview import list_breakers

    asyncio.run(list_breakers(_wanted(config, socket, workspace, as_json)))


def log(
    words: FilterWords = None,
    config: Config = None,
    socket: SocketPath = None,
    workspace: Workspaces = None,
    limit: Limit = DEFAULT_LIMIT,
    everything: Unlimited = False,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what comes.")] = False,
    as_json: Json = False,
) -> None:
    """The newest events of the global log, in order."""
    from aof_tui.cli.history import list_log

    wanted = _wanted(config, socket, workspace, as_json, words, limit, everything)
    if follow:
        from aof_tui.cli.following import follow_log

        asyncio.run(follow_log(wanted))
        return
    asyncio.run(list_log(wanted))


def notifications(
    words: FilterWords = None,
    config: Config = None,
    socket: SocketPath = None,
    workspace: Workspaces = None,
    limit: Limit = DEFAULT_LIMIT,
    everything: Unlimited = False,
    as_json: Json = False,
) -> None:
    """What was told to whom, the newest first."""
    from aof_tui.cli.history import list_notifications

    asyncio.run(list_notifications(_wanted(config, socket, workspace, as_json, words, limit, everything)))


def report(
    config: Config = None,
    socket: SocketPath = None,
    workspace: Workspaces = None,
    last: Annotated[str, typer.Option("--last", metavar="DURATION", help="The time it covers, like 8h or 7d.")] = "24h",
    as_json: Json = False,
) -> None:
    """The job report up to now."""
    from aof_tui.cli.overview import show_report

    asyncio.run(show_report(_wanted(config, socket, workspace, as_json), read_duration("--last", last)))


def why(
    name: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="An original job's id, or an incident like I7.",
            autocompletion=completion.jobs_and_incidents,
        ),
    ],
    config: Config = None,
    socket: SocketPath = None,
    workspace: Workspaces = None,
    as_json: Json = False,
) -> None:
    """Why a failure or an incident is as it is."""
    from aof_tui.cli.why import explain

    asyncio.run(explain(_wanted(config, socket, workspace, as_json), name))


def _wanted(
    config: Path | None,
    socket: Path | None,
    workspaces: list[str] | None,
    as_json: bool,
    words: list[str] | None = None,
    limit: int = DEFAULT_LIMIT,
    everything: bool = False,
) -> Wanted:
    from aof_tui.cli.listing import Wanted

    return Wanted(
        config=config,
        socket=socket,
        workspaces=tuple(workspaces or ()),
        filter=" ".join(words or ()),
        limit=None if everything else limit,
        everything=everything,
        as_json=as_json,
    )
