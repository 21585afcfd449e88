"""The commands that read the store."""

from __future__ import annotations

import typer


def add_listings(app: typer.Typer) -> None:
    """Add status and all listings."""
