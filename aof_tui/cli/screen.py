"""The terminal on an engine in a thread of its own. Imports no configuration, so that a demo shows its screen early."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from aof_tui.base.errors import StoreError
from aof_tui.cli.logs import Scrub, logging_to
from aof_tui.control.thread import EngineThread

if TYPE_CHECKING:
    from aof_tui.control.thread import EngineMain

MOST_LOG_BYTES = 5_000_000


def show_terminal(main: EngineMain, log: Path, scrub: Scrub, *, read_only: bool, store_stays: bool = True) -> int:
    """Show the terminal on an engine that `main` runs in a thread of its own, with the log in a file."""
    from aof_tui.tui.run import run_terminal

    engine = EngineThread(main)
    with log_file(log) as descriptor, logging_to(descriptor, scrub):
        return run_terminal(
            engine.control,
            actor=f"terminal:{person()}",
            engine=engine,
            read_only=read_only,
            store_stays=store_stays,
        )


@contextmanager
def log_file(path: Path) -> Iterator[int]:
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


def person() -> str:
    """Who sits at the terminal, as the audit names them."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return f"uid-{os.getuid()}"
