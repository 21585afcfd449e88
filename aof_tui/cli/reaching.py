"""Finds the engine that runs, for commands that ask or act; also past a configuration that cannot be used."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from aof_tui.base.errors import AofError, ConfigError
from aof_tui.cli.output import note
from aof_tui.cli.serving import places_of
from aof_tui.config.load import config_path, load_settings
from aof_tui.config.settings import Settings, default_store
from aof_tui.config.values import PlainPath
from aof_tui.config.yaml_source import parse, read_text
from aof_tui.control.client import SocketControl
from aof_tui.control.socket_file import answers, socket_places

HINT = "aof-tui: a running engine can still be asked: --socket PATH (aof-tui info shows where it is looked for)"


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The store that is meant, and where the socket of its engine may lie, the best place first."""

    store: Path
    places: tuple[Path, ...]


def living_engine(config: Path | None, socket: Path | None) -> SocketControl:
    """The engine of that socket, else of the configuration; whether it lives shows when it is asked.

    Raises ConfigError where the configuration cannot be used and no engine answers where it is looked for then.
    """
    if socket is not None:
        return engine_at(socket)
    places = engine_places(config, note)
    return SocketControl(lambda: places)


def engine_places(config: Path | None, warn: Callable[[str], None]) -> tuple[Path, ...]:
    """Where the configuration's engine may listen; `warn` is told of one that answers past a wrong configuration.

    Raises ConfigError as `living_engine`.
    """
    path = config_path(config, os.environ)
    try:
        return places_of(load_settings(path), os.environ)
    except ConfigError as error:
        place = engine_in_spite(error, path, named=config is not None)
        warn(warning(error, place))
        return (place,)


def engine_at(socket: Path) -> SocketControl:
    """The engine of that socket; whether it lives shows when it is asked."""
    return SocketControl(lambda: (socket,))


def engine_at_hand(settings: Settings) -> SocketControl | None:
    """The engine of these settings, if one takes connections."""
    places = [place for place in places_of(settings, os.environ) if answers(place)]
    return SocketControl(lambda: places) if places else None


def engine_in_spite(error: ConfigError, path: Path, *, named: bool) -> Path:
    """The socket of the engine that answers although its configuration cannot be used: a slip in a file must not
    stand between a person and the brake.

    A file that a person `named` and that is not there tells of no engine at all. Raises the error, mostly with a hint.
    """
    if named and not path.exists():
        raise error
    for place in whereabouts(path).places:
        if answers(place):
            return place
    raise ConfigError((*error.problems, HINT)) from error


def warning(error: ConfigError, socket: Path) -> str:
    """What a person is told who reaches an engine that way, in one line."""
    return f"aof-tui: the configuration cannot be used ({error.problems[0]}); asking the engine at {socket}"


def whereabouts(path: Path) -> Whereabouts:
    """What a configuration that cannot be used still says of its store and socket, else where they are without it."""
    found = _legible(path)
    folder = {"folder": path.absolute().parent}
    store = _as_path(found.get("store"), folder) or default_store()
    group = found.get("socket")
    socket = _as_path(group.get("path"), folder) if isinstance(group, Mapping) else None
    return Whereabouts(store, socket_places(store, os.environ) if socket is None else (socket,))


def _legible(path: Path) -> Mapping[object, object]:
    try:
        data = parse(read_text(path), str(path)).data
    except AofError:
        return {}
    return data if isinstance(data, Mapping) else {}


def _as_path(value: object, context: dict[str, Path]) -> Path | None:
    if value is None:
        return None
    try:
        return TypeAdapter(PlainPath).validate_python(value, context=context)
    except ValidationError:
        return None
