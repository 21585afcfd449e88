"""Names an incident over all workspaces."""

from __future__ import annotations

from typing import NamedTuple


class IncidentName(NamedTuple):
    """`I7`, and the workspace it is in."""

    workspace: str
    name: str
