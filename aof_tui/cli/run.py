"""`aof-tui run`: the terminal in the main thread, the engine in its own."""

from __future__ import annotations

import asyncio
import getpass
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from aof_tui.base.clock import SystemClock
from aof_tui.base.errors import StoreError
from aof_tui.cli.known_secrets import KnownSecrets
from aof_tui.cli.logs import logging_to
from aof_tui.cli.settings import read_workspace_tokens
from aof_tui.config.load import config_path, load_settings
from aof_tui.config.settings import Settings
from aof_tui.control.protocol import Control
from aof_tui.control.thread import EngineMain, EngineThread
from aof_tui.store.lock import StoreLock

MOST_LOG_BYTES = 5_000_000


def log_path(store: Path) -> Path:
    """Where an engine behind a terminal logs: beside its store."""
    return store.with_name(f"{store.name}.log")


def run_with_terminal(config: Path | None, *, observe: bool, read_only: bool) -> int:
    """Show the terminal and run the engine until the person leaves or a signal comes; the exit code.

    Raises UsageError without a terminal or a configuration, StoreHeldError when another engine holds the store.
    """
    from aof_tui.tui.run import require_terminal

    require_terminal()
    settings = load_settings(config_path(config, os.environ))
    settings = settings.observing() if observe else settings
    secrets = KnownSecrets(os.environ)
    read_workspace_tokens(settings, secrets)
    # Taken and given back: what stands in the way is better told before the screen changes.
    with StoreLock(settings.store, SystemClock()):
        pass
    main = _engine_main(settings, secrets, read_only=read_only)
    return show_terminal(main, log_path(settings.store), secrets, read_only=read_only)


def show_terminal(main: EngineMain, log: Path, secrets: KnownSecrets, *, read_only: bool) -> int:
    """Show the terminal on an engine that `main` runs in a thread of its own, with the log in a file."""
    from aof_tui.tui.run import run_terminal

    engine = EngineThread(main)
    with _log_file(log) as descriptor, logging_to(descriptor, secrets.scrub):
        return run_terminal(engine.control, actor=f"terminal:{_person()}", engine=engine, read_only=read_only)


def _engine_main(settings: Settings, secrets: KnownSecrets, *, read_only: bool) -> EngineMain:
    async def main(ready: Callable[[Control], None], stop: asyncio.Event) -> None:
        from aof_tui.engine.engine import Engine
        from aof_tui.engine.ports import Ports

        clock = SystemClock()
        ports = Ports(clock=clock, feed_clock=clock, read_secret=secrets.read)
        await Engine(settings, ports, read_only=read_only).run(ready, stop)

    return main


@contextmanager
def _log_file(path: Path) -> Iterator[int]:
    """The file opened for appending, private to its owner; a large one is put aside first."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > MOST_LOG_BYTES:
            path.replace(path.with_name(f"{path.name}.old"))
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise StoreError(f"the log {path} cannot be written: {error.strerror}") from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _person() -> str:
    """Who sits at the terminal, as the audit names them."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return f"uid-{os.getuid()}"
