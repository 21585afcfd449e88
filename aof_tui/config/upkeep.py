"""Settings of what keeps the engine and its store in good order: copies, and a sign of life for another monitor."""

from __future__ import annotations

from aof_tui.config.group import Group
from aof_tui.config.values import Count, PingUrl, PlainPath


class Backup(Group):
    """Where daily copies of the store lie (beside the store without a folder), and how many are kept."""

    dir: PlainPath | None = None
    keep: Count = 7


class Heartbeat(Group):
    """What is asked for after each completed sweep; whoever answers there notices when it stays away."""

    url: PingUrl
