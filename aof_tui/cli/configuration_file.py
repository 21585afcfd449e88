"""The configuration of a program that reads it again while it runs."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from aof_tui.cli.known_secrets import KnownSecrets
from aof_tui.cli.serving import socket_plan
from aof_tui.cli.settings import read_workspace_tokens
from aof_tui.config.changes import changed_settings
from aof_tui.config.load import Loaded, load
from aof_tui.engine.configuration import Reload

NEEDS_RESTART = ("store",)
"""Another store knows nothing of the repeats in this one: nobody should come to it by a slip in a reload."""


class ConfigurationFile:
    """One file, read as often as asked; `observe` stands above what it says of the mode."""

    def __init__(self, path: Path, secrets: KnownSecrets, *, observe: bool) -> None:
        self._path = path
        self._secrets = secrets
        self._observe = observe

    def read(self) -> Loaded:
        """What it says, if an engine could begin with that on this machine. Raises UsageError, mostly ConfigError."""
        loaded = load(self._path)
        read_workspace_tokens(loaded, self._secrets)
        socket_plan(loaded.settings, os.environ)
        return replace(loaded, settings=loaded.settings.observing()) if self._observe else loaded

    def read_again(self, current: Loaded) -> tuple[Loaded, Reload]:
        """What to go on with, and how it differs; raises as `read`."""
        found = self.read()
        changed = changed_settings(current.settings, found.settings)
        later = tuple(name for name in changed if name in NEEDS_RESTART)
        kept = {name: getattr(current.settings, name) for name in later}
        reload = Reload(tuple(name for name in changed if name not in later), later)
        return replace(found, settings=found.settings.model_copy(update=kept)), reload
