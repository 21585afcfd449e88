"""`aof-tui run`: the terminal in the main thread, the engine in its own."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

from aof_tui.base.clock import SystemClock
from aof_tui.base.errors import StoreHeldError
from aof_tui.cli.attach import attach_to
from aof_tui.cli.known_secrets import KnownSecrets
from aof_tui.cli.output import note
from aof_tui.cli.screen import show_terminal
from aof_tui.cli.serving import SocketPlan, places_of, serving, socket_plan
from aof_tui.cli.settings import read_workspace_tokens
from aof_tui.config.load import config_path, load
from aof_tui.config.settings import Settings
from aof_tui.control.protocol import Control
from aof_tui.control.socket_file import answers
from aof_tui.control.thread import EngineMain
from aof_tui.store.lock import StoreLock


def log_path(store: Path) -> Path:
    """Where an engine behind a terminal logs: beside its store."""
    return store.with_name(f"{store.name}.log")


def run_with_terminal(config: Path | None, *, observe: bool, read_only: bool) -> int:
    """Show the terminal and run the engine until the person leaves or a signal comes; the exit code.

    Where an engine holds the store already, the terminal is shown on that one. Raises UsageError without a terminal or
    a configuration, StoreHeldError when the engine that holds the store does not answer.
    """
    from aof_tui.tui.run import require_terminal

    require_terminal()
    loaded = load(config_path(config, os.environ))
    settings = loaded.settings.observing() if observe else loaded.settings
    plan = socket_plan(settings, os.environ)
    # Taken and given back: what stands in the way is better told before the screen changes.
    try:
        with StoreLock(settings.store, SystemClock()):
            pass
    except StoreHeldError as held:
        return _attach_instead(settings, held, read_only=read_only)
    secrets = KnownSecrets(os.environ)
    read_workspace_tokens(loaded, secrets)
    main = _engine_main(settings, secrets, plan, read_only=read_only)
    return show_terminal(main, log_path(settings.store), secrets.scrub, read_only=read_only)


def _attach_instead(settings: Settings, held: StoreHeldError, *, read_only: bool) -> int:
    places = [place for place in places_of(settings, os.environ) if answers(place)]
    if not places:
        raise held
    told = f"{held}: attached to that engine, in the mode it runs in"
    note(f"aof-tui: {told}")
    return attach_to(lambda: places, read_only=read_only, notice=told)


def _engine_main(settings: Settings, secrets: KnownSecrets, plan: SocketPlan, *, read_only: bool) -> EngineMain:
    async def main(ready: Callable[[Control], None], stop: asyncio.Event) -> None:
        from aof_tui.engine.engine import Engine
        from aof_tui.engine.ports import Ports

        clock = SystemClock()
        ports = Ports(clock=clock, feed_clock=clock, read_secret=secrets.read, serve=serving(plan, clock))
        await Engine(settings, ports, read_only=read_only).run(ready, stop)

    return main
