"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from aof_tui.base.durations import parse_duration
from aof_tui.base.errors import UsageError

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


Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        show_default=False,
        help="The configuration; without it $AOF_TUI_CONFIG, else the user's own.",
    ),
]
SocketPath = Annotated[
    Path | None,
    typer.Option(
        "--socket",
        metavar="PATH",
        show_default=False,
        help="The socket of a running engine; without it that of the configuration.",
    ),
]
Observe = Annotated[bool, typer.Option("--observe", help="Send nothing to Workato, whatever the configuration says.")]
ReadOnly = Annotated[bool, typer.Option("--read-only", help="Nobody can act here; the engine goes on.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, one object per line.")]
