"""`aof-tui attach`: the terminal on an engine that runs elsewhere. Reads no configuration before its screen shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from platformdirs import user_state_path

from aof_tui.cli.output import note
from aof_tui.cli.screen import log_file, person
from aof_tui.control.client import SocketControl
from aof_tui.control.wire import Role


def attach(config: Path | None, socket: Path | None, *, read_only: bool) -> int:
    """Show the terminal on the engine of that socket, else of the configuration's; the exit code.

    Raises UsageError without a terminal or a configuration, or where the engine does not take this program.
    """
    warnings: list[str] = []
    try:
        return attach_to(_places(config, socket, warnings.append), read_only=read_only)
    finally:
        # The screen is drawn on standard error: nothing else may be written there before it is gone.
        for warning in warnings:
            note(warning)


def attach_to(places: Callable[[], Sequence[Path]], *, read_only: bool, notice: str = "") -> int:
    """The same on the first of these sockets where an engine answers; `notice` is told on the screen."""
    from aof_tui.cli.logs import logging_to
    from aof_tui.tui.run import require_terminal, run_terminal

    require_terminal()
    control = SocketControl(places, role=Role.VIEWER if read_only else Role.OPERATOR)
    log = user_state_path("aof-tui", appauthor=False) / "attach.log"
    with log_file(log) as descriptor, logging_to(descriptor, str):
        return run_terminal(control, actor=f"terminal:{person()}", read_only=read_only, notice=notice)


def _places(config: Path | None, socket: Path | None, warn: Callable[[str], None]) -> Callable[[], Sequence[Path]]:
    if socket is not None:
        return lambda: (socket,)

    def find() -> Sequence[Path]:
        from aof_tui.cli.reaching import engine_places

        return engine_places(config, warn)

    return find
