"""Which settings differ between two readings of a configuration."""

from __future__ import annotations

from collections.abc import Iterator

from aof_tui.config.group import Group
from aof_tui.config.settings import Settings


def changed_settings(before: Settings, after: Settings) -> tuple[str, ...]:
    """Names of settings that differ, like `collation.interval` or `workspaces[0].quota_share`; never a value."""
    return tuple(_changed(before, after, ""))


def _changed(before: object, after: object, name: str) -> Iterator[str]:
    if before == after:
        return
    if isinstance(before, Group) and type(before) is type(after):
        for field in type(before).model_fields:
            yield from _changed(getattr(before, field), getattr(after, field), f"{name}.{field}" if name else field)
    elif isinstance(before, tuple) and isinstance(after, tuple) and len(before) == len(after):
        for place, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from _changed(old, new, f"{name}[{place}]")
    else:
        yield name
