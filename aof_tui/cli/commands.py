"""The commands and their options. What a command needs is imported when it runs, so that `--help` is fast."""

from __future__ import annotations

from typing import Annotated

import typer
from typer.core import TyperGroup

from aof_tui import __version__
from aof_tui.base.errors import UsageError
from aof_tui.cli.acting_commands import add_workspace_actions
from aof_tui.cli.listing_commands import add_listings
from aof_tui.cli.logs import LogFormat
from aof_tui.cli.options import Config, Json, Observe, ReadOnly, SocketPath, read_duration
from aof_tui.cli.setup_commands import add_setup


def build() -> typer.Typer:
    """The whole command line."""
    app = typer.Typer(
        name="aof-tui",
        help="Finds failed Workato jobs, repeats those that may be repeated, tells people, and shows all of it.",
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        no_args_is_help=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(invoke_without_command=True)(_root)
    app.command("run")(run)
    app.command("headless")(headless)
    app.command("attach")(attach)
    app.command("demo")(demo)
    app.command("simulate")(simulate)
    add_setup(app)
    add_listings(app)
    add_workspace_actions(app)
    return app


def _root(
    ctx: typer.Context,
    config: Config = None,
    observe: Observe = False,
    read_only: ReadOnly = False,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """Finds failed Workato jobs, repeats those that may be repeated, tells people, and shows all of it.

    Without a command: run.
    """
    if version:
        typer.echo(f"aof-tui {__version__}")
        raise typer.Exit(0)
    if ctx.invoked_subcommand is None:
        run(config, observe, read_only)
    elif observe or read_only or (config is not None and not _takes(ctx, "config")):
        raise UsageError(_misplaced(ctx, observe=observe, read_only=read_only))


def _misplaced(ctx: typer.Context, *, observe: bool, read_only: bool) -> str:
    """What is wrong with an option before this command."""
    name = "observe" if observe else "read_only" if read_only else "config"
    option = f"--{name.replace('_', '-')}"
    if _takes(ctx, name):
        return f"options come after the command: aof-tui {ctx.invoked_subcommand} {option} …"
    where = {"observe": "run and headless", "read_only": "run, headless and attach"}.get(name)
    belongs = "" if where is None else f": it belongs to {where}"
    return f"aof-tui {ctx.invoked_subcommand} has no option {option}{belongs}"


def _takes(ctx: typer.Context, option: str) -> bool:
    """Whether the command that was asked for has the option; each of a group's has --config, none another of these."""
    name = ctx.invoked_subcommand or ""
    command = ctx.command.get_command(ctx, name) if isinstance(ctx.command, TyperGroup) else None
    # A name that is none is refused next, with the nearest one.
    if command is None or isinstance(command, TyperGroup):
        return command is None or option == "config"
    return any(one.name == option for one in command.params)


def run(config: Config = None, observe: Observe = False, read_only: ReadOnly = False) -> None:
    """Terminal and engine together."""
    from aof_tui.cli.run import run_with_terminal

    raise typer.Exit(run_with_terminal(config, observe=observe, read_only=read_only))


def headless(
    config: Config = None,
    observe: Observe = False,
    read_only: ReadOnly = False,
    log_format: Annotated[LogFormat, typer.Option(help="How log lines on stderr look.")] = LogFormat.JSON,
) -> None:
    """The engine alone, for servers; it logs to stderr."""
    from aof_tui.cli.headless import run_headless

    raise typer.Exit(run_headless(config, observe=observe, read_only=read_only, log_format=log_format))


def attach(config: Config = None, socket: SocketPath = None, read_only: ReadOnly = False) -> None:
    """The terminal on a running engine.

    As many as you like, also through ssh.
    """
    from aof_tui.cli.attach import attach

    raise typer.Exit(attach(config, socket, read_only=read_only))


def demo(
    headless: Annotated[bool, typer.Option("--headless", help="Without the terminal; ends with a summary.")] = False,
    duration: Annotated[
        str,
        typer.Option("--for", metavar="DURATION", help="Real time after which --headless ends; 60s without it."),
    ] = "",
    seed: Annotated[str, typer.Option(help="The same seed gives the same world.")] = "7",
    speed: Annotated[float, typer.Option(help="Seconds of the demo in one real second.")] = 120.0,
    as_json: Json = False,
) -> None:
    """Terminal, engine and a simulated Workato on this machine."""
    from aof_tui.cli.demo import Wish, run_demo

    seconds = read_duration("--for", duration) if duration else None
    raise typer.Exit(run_demo(Wish(headless, seconds, seed, speed, as_json)))


def simulate(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 0,
    seed: Annotated[str, typer.Option(help="The same seed gives the same world.")] = "7",
    scenario: Annotated[str, typer.Option(help="A scenario that comes along, or a YAML file.")] = "demo",
    speed: Annotated[float, typer.Option(help="How much faster things happen; quotas and lags stay real.")] = 1.0,
) -> None:
    """The simulated Workato alone.

    Prints one line of JSON with its url and token.
    """
    from aof_tui.cli.simulate import run_simulate

    raise typer.Exit(run_simulate(port=port, seed=seed, scenario=scenario, speed=speed))
