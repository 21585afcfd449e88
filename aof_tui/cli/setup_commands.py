"""The commands that set up, check, explain and mend: init, check, info, schema, classify, store."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from aof_tui.cli.options import Config, Json


def add_setup(app: typer.Typer) -> None:
    """Add init, check, info, schema, classify and store."""
    app.command("init")(init)
    app.command("check")(check)
    app.command("info")(info)
    app.command("schema")(schema)
    app.command("classify")(classify)
    store = typer.Typer(rich_markup_mode=None)
    store.command("recover")(store_recover)
    app.add_typer(store, name="store", help="Mend the store.")


def init(
    config: Config = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite a file that exists.")] = False,
    url: Annotated[str | None, typer.Option(help="Data centre (us, eu, …) or origin.")] = None,
    name: Annotated[str | None, typer.Option(help="A short name for the workspace.")] = None,
    token: Annotated[str | None, typer.Option(help="Where the API token lies: env:NAME or file:/path.")] = None,
    safe_tag: Annotated[str | None, typer.Option(help="Tag of recipes that are safe to repeat.")] = None,
    slack_channel: Annotated[str | None, typer.Option(help="Id of the Slack channel to tell.")] = None,
    slack_token: Annotated[str | None, typer.Option(help="Where the Slack token lies: env:NAME or file:/path.")] = None,
    mail_host: Annotated[str | None, typer.Option(help="Mail server for the super admin.")] = None,
    mail_from: Annotated[str | None, typer.Option(help="Sender's address.")] = None,
    mail_to: Annotated[str | None, typer.Option(help="Super admin's address.")] = None,
) -> None:
    """Write a configuration.

    Asks in a terminal; elsewhere takes options and defaults, and mode observe.
    """
    from aof_tui.cli.init import run_init

    options = {
        "--url": url,
        "--name": name,
        "--token": token,
        "--safe-tag": safe_tag,
        "--slack-channel": slack_channel,
        "--slack-token": slack_token,
        "--mail-host": mail_host,
        "--mail-from": mail_from,
        "--mail-to": mail_to,
    }
    given = {option: value for option, value in options.items() if value is not None}
    raise typer.Exit(run_init(config, given, force=force))


def check(config: Config = None, as_json: Json = False) -> None:
    """Try the configuration and every connection in it."""
    from aof_tui.cli.check import run_check

    raise typer.Exit(asyncio.run(run_check(config, as_json=as_json)))


def info(config: Config = None, as_json: Json = False) -> None:
    """Version and paths."""
    from aof_tui.cli.small import run_info

    raise typer.Exit(run_info(config, as_json=as_json))


def schema(
    socket: Annotated[bool, typer.Option("--socket", help="The control socket's API instead, as OpenAPI.")] = False,
) -> None:
    """The JSON Schema of the configuration, for editors."""
    from aof_tui.cli.small import run_schema

    raise typer.Exit(run_schema(socket=socket))


def classify(
    texts: Annotated[list[str] | None, typer.Argument(metavar="TEXT", show_default=False)] = None,
    config: Config = None,
    as_json: Annotated[bool, typer.Option("--json", help="Taken for granted: the answer is always JSON.")] = False,
) -> None:
    """Try the rules on error texts.

    Reads one text per line from standard input when none is given; prints one JSON object per text.
    """
    from aof_tui.cli.small import run_classify

    raise typer.Exit(run_classify(config, texts or []))


def store_recover(
    config: Config = None,
    copy: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE", show_default=False, help="A copy of the store to go on with."),
    ] = None,
) -> None:
    """Put a damaged store aside, untouched.

    The next start makes a new one, or goes on with the copy that --from names. End the engine first.
    """
    from aof_tui.cli.recover import run_recover

    raise typer.Exit(run_recover(config, copy))
