"""Configuration texts that several tests begin with."""

from __future__ import annotations

from pathlib import Path

from aof_tui.base.errors import ConfigError
from aof_tui.config.load import Loaded, load_text

SMALLEST = "workspaces: [{name: prod, url: https://www.workato.com, token: env:WORKATO_TOKEN}]\n"
FOLDER = Path("/etc/aof-tui")


def loaded(text: str) -> Loaded:
    return load_text(text, "a.yaml", FOLDER)


def with_rest(rest: str) -> Loaded:
    """The smallest configuration and, from line 2 on, the rest."""
    return loaded(SMALLEST + rest)


def problems(text: str) -> tuple[str, ...]:
    """All that is wrong with a whole text."""
    try:
        loaded(text)
    except ConfigError as error:
        return error.problems
    return ()


def problems_of_rest(rest: str) -> tuple[str, ...]:
    return problems(SMALLEST + rest)
