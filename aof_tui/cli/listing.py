"""What listings read: the engine that runs, else its store."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from aof_tui.base.clock import SystemClock
from aof_tui.base.errors import ConfigError, TemporaryError, UsageError
from aof_tui.base.wording import nearest_or_all
from aof_tui.cli.output import note
from aof_tui.cli.reaching import engine_at, engine_at_hand, engine_in_spite, warning
from aof_tui.config.load import config_path, load_settings
from aof_tui.config.settings import Settings
from aof_tui.control.bridge import EngineUnreachableError
from aof_tui.control.filters import Fields, Filter, parse_filter
from aof_tui.control.protocol import Queries
from aof_tui.control.rows import Page, Status
from aof_tui.store.read_only import open_reader

Row = TypeVar("Row")

PAGE = 500
"""Rows asked for at once; the store answers at most 1,000."""


class Wanted(Struct, frozen=True):
    """How a listing is narrowed and shown. `limit` None means no limit."""

    config: Path | None = None
    socket: Path | None = None
    workspaces: tuple[str, ...] = ()
    filter: str = ""
    limit: int | None = None
    everything: bool = False
    as_json: bool = False
    needs_settings: bool = False
    """Whether what is asked cannot be answered by an engine whose configuration cannot be read."""


@dataclass(frozen=True, slots=True)
class OpenStore:
    """A store that is read, by an engine or without one, and the workspaces it knows."""

    settings: Settings | None
    """What names it; None where its engine was named by a socket, or answers past a configuration that is wrong."""
    queries: Queries
    workspaces: tuple[str, ...]

    @property
    def several(self) -> bool:
        """Whether a listing must say which workspace a row is of."""
        return len(self.workspaces) > 1

    def checked(self, wanted: Wanted) -> OpenStore:
        """This, if it knows the workspaces that are wanted. Raises UsageError."""
        for name in wanted.workspaces:
            if name not in self.workspaces:
                near = nearest_or_all(name, self.workspaces)
                raise UsageError(f"the store knows no workspace {name!r}{near}")
        return self


@asynccontextmanager
async def opened(wanted: Wanted) -> AsyncIterator[OpenStore]:
    """What the engine of the socket knows, else that of the configuration; its store where none answers.

    Raises TemporaryError when no engine answers at the socket, or none has made a store yet; ConfigError where the
    configuration cannot be used and no engine answers either.
    """
    settings = _settings(wanted)
    if isinstance(settings, Path):
        engine = engine_at(settings)
        yield OpenStore(None, engine, _names(await engine.status())).checked(wanted)
        return
    living = await _asked(settings)
    if living is not None:
        yield living.checked(wanted)
        return
    if not settings.store.exists():
        raise TemporaryError(f"there is no store at {settings.store} yet: an engine makes it (aof-tui headless)")
    reader = await open_reader(settings.store, SystemClock())
    try:
        yield OpenStore(settings, reader, _names(await reader.status())).checked(wanted)
        # Only behind an answer: what was refused says so in one line.
        note("aof-tui: no engine answers: this is what its store says")
    finally:
        await reader.close()


def _settings(wanted: Wanted) -> Settings | Path:
    """What names the store; the socket alone where one is named, or answers although the configuration is wrong."""
    if wanted.socket is not None:
        return wanted.socket
    path = config_path(wanted.config, os.environ)
    try:
        return load_settings(path)
    except ConfigError as error:
        if wanted.needs_settings:
            raise
        place = engine_in_spite(error, path, named=wanted.config is not None)
        note(warning(error, place))
        return place


async def _asked(settings: Settings) -> OpenStore | None:
    """The engine, if it answers; what it knows is newer than what a reader of its store sees of it."""
    engine = engine_at_hand(settings)
    if engine is None:
        return None
    try:
        return OpenStore(settings, engine, _names(await engine.status()))
    except EngineUnreachableError as error:
        note(f"aof-tui: {error}; what follows is read from the store")
        return None


def _names(status: Status) -> tuple[str, ...]:
    return tuple(state.workspace for state in status.workspaces)


def understood(text: str, known: Fields) -> Filter:
    """The filter, taken apart. Raises UsageError for one that would let other rows through than were meant."""
    typed = parse_filter(text, known)
    if typed.problem is not None:
        raise UsageError(f"the filter: {typed.problem}")
    return typed


def within(typed: Filter, workspaces: Sequence[str]) -> Filter:
    """The filter, in the workspaces that options name. Raises UsageError where it names some itself."""
    if not workspaces:
        return typed
    if typed.values("workspace"):
        raise UsageError("name workspaces in one way: --workspace, or workspace: in the filter")
    return replace(typed, fields={**typed.fields, "workspace": tuple(workspaces)})


def filtered(wanted: Wanted, known: Fields) -> tuple[Wanted, Filter]:
    """What is wanted with the workspaces that its filter may name, and that filter. Raises UsageError."""
    typed = within(understood(wanted.filter, known), wanted.workspaces)
    return replace(wanted, workspaces=typed.values("workspace")), typed


async def collect(fetch: Callable[[str | None, int], Awaitable[Page[Row]]], limit: int | None) -> list[Row]:
    """Rows of a listing, page by page, up to the limit; says on stderr when there are more."""
    rows: list[Row] = []
    cursor: str | None = None
    total = 0
    while limit is None or len(rows) < limit:
        page = await fetch(cursor, PAGE if limit is None else min(PAGE, limit - len(rows)))
        rows += page.rows
        cursor, total = page.cursor, page.total
        if cursor is None:
            return rows
    tell_rest(len(rows), total)
    return rows


def tell_rest(shown: int, total: int) -> None:
    """Say on stderr that a listing was cut."""
    if total > shown:
        note(f"aof-tui: {shown:,} of {total:,} shown; --limit N or --all shows more")
