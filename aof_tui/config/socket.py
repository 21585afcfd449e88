"""The setting of the control socket: where it lies, and who else than the engine's user may reach it."""

from __future__ import annotations

from pydantic import ValidationInfo, field_validator

from aof_tui.config.group import Group
from aof_tui.config.values import PlainPath, Text


class SocketSettings(Group):
    """Without a group only the engine's user gets in. Lists hold names of users, or of groups with @ before them."""

    path: PlainPath | None = None
    group: Text | None = None
    viewers: tuple[Text, ...] = ()
    operators: tuple[Text, ...] = ()

    @field_validator("viewers", "operators")
    @classmethod
    def _reachable(cls, names: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if names and "group" in info.data and info.data["group"] is None:
            raise ValueError("nobody but the engine's user reaches the socket without a group")
        return names
