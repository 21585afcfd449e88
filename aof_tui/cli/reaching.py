"""Finds the engine that runs, for commands that ask or act."""

from __future__ import annotations

import os
from pathlib import Path

from aof_tui.cli.serving import places_of
from aof_tui.config.load import config_path, load_settings
from aof_tui.config.settings import Settings
from aof_tui.control.client import SocketControl
from aof_tui.control.socket_file import answers


def living_engine(config: Path | None, socket: Path | None) -> SocketControl:
    """The engine of that socket, else of the configuration; whether it lives shows when it is asked."""
    if socket is not None:
        return engine_at(socket)
    places = places_of(load_settings(config_path(config, os.environ)), os.environ)
    return SocketControl(lambda: places)


def engine_at(socket: Path) -> SocketControl:
    """The engine of that socket; whether it lives shows when it is asked."""
    return SocketControl(lambda: (socket,))


def engine_at_hand(settings: Settings) -> SocketControl | None:
    """The engine of these settings, if one takes connections."""
    places = [place for place in places_of(settings, os.environ) if answers(place)]
    return SocketControl(lambda: places) if places else None
