"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from aof_tui.base.durations import parse_duration
from aof_tui.base.errors import UsageError
from aof_tui.cli import completion

LONGEST_S = 3650 * 86400.0


def read_duration(option: str, text: str) -> float:
    """Seconds of a duration such as 60s or 24h. Raises UsageError that names the option."""
    try:
        seconds = parse_duration(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= LONGEST_S:
        raise UsageError(f"{option} must be a duration: a number and s, m, h or d, like 60s")
    return seconds


def _or_before(ctx: typer.Context, path: Path | None) -> Path | None:
    """The option of the command itself, else the one before it."""
    before: Path | None = ctx.find_root().params.get("config")
    return before if path is None else path


Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        show_default=False,
        callback=_or_before,
        help="The configuration; without it $AOF_TUI_CONFIG, else the user's own.",
    ),
]
SocketPath = Annotated[
    Path | None,
    typer.Option(
        "--socket",
        metavar="PATH",
        show_default=False,
        help="The socket of a running engine; no configuration is read then.",
    ),
]
Observe = Annotated[bool, typer.Option("--observe", help="Send nothing to Workato, whatever the configuration says.")]
ReadOnly = Annotated[bool, typer.Option("--read-only", help="Nobody can act here; the engine goes on.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, one object per line.")]
Workspaces = Annotated[
    list[str] | None,
    typer.Option(
        "--workspace",
        metavar="NAME",
        help="Only this workspace; may be repeated.",
        autocompletion=completion.workspaces,
    ),
]
FilterWords = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="FILTER",
        show_default=False,
        help="Words, -word, field:value; as in the terminal.",
        autocompletion=completion.filter_words,
    ),
]
FilterText = Annotated[
    str | None,
    typer.Option(
        "--filter",
        metavar="FILTER",
        show_default=False,
        help="All open ones that a filter lets through.",
        autocompletion=completion.filter_words,
    ),
]
Every = Annotated[bool, typer.Option("--all", help="All that are open.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, for the log.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it to all that match, without a question.")]
