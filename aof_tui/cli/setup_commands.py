"""The commands that set up and look."""

from __future__ import annotations

import typer


def add_setup(app: typer.Typer) -> None:
    """Add init, check, info, schema and classify."""
