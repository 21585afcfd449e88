"""`aof-tui headless`: the engine alone, logging to stderr."""

from __future__ import annotations

import asyncio
import logging
import os
from contextlib import suppress
from pathlib import Path

from aof_tui.base.clock import SystemClock
from aof_tui.base.errors import AofError
from aof_tui.cli.event_lines import EventLines
from aof_tui.cli.known_secrets import KnownSecrets
from aof_tui.cli.logs import STDERR, LogFormat, logging_to
from aof_tui.cli.service import SystemdService
from aof_tui.cli.serving import serving, socket_plan
from aof_tui.cli.settings import read_workspace_tokens
from aof_tui.cli.stopping import Stopping
from aof_tui.config.load import Loaded, config_path, load
from aof_tui.control.protocol import Control
from aof_tui.engine.engine import Engine
from aof_tui.engine.ports import Ports
from aof_tui.store.read_only import open_reader

DIED = 1

logger = logging.getLogger(__name__)


def run_headless(config: Path | None, *, observe: bool, read_only: bool, log_format: LogFormat) -> int:
    """Run until a signal asks for the end; the exit code. Raises AofError when the engine cannot begin."""
    with Stopping(reloads=True) as signals:
        path = config_path(config, os.environ)
        loaded = load(path)
        secrets = KnownSecrets(os.environ)
        read_workspace_tokens(loaded, secrets)
        socket_plan(loaded.settings, os.environ)
        with logging_to(STDERR, secrets.scrub, log_format):
            headless = _Headless(path, secrets, observe=observe, read_only=read_only)
            return asyncio.run(headless.run(signals, loaded))


class _Headless:
    """Engines one after the other: SIGHUP ends one in order and begins the next with the settings read anew."""

    def __init__(self, path: Path, secrets: KnownSecrets, *, observe: bool, read_only: bool) -> None:
        self._path = path
        self._secrets = secrets
        self._observe = observe
        self._read_only = read_only
        self._clock = SystemClock()
        self._service = SystemdService(os.environ)

    async def run(self, signals: Stopping, loaded: Loaded) -> int:
        following: Loaded | None = loaded
        while following is not None:
            stop, reload = asyncio.Event(), asyncio.Event()
            signals.bind(stop, reload)
            reloading = asyncio.create_task(self._await_reload(reload, stop))
            code = await self._live(following, stop)
            if code or signals.asked or not reloading.done():
                reloading.cancel()
                return code
            following = reloading.result()
        return 0

    async def _await_reload(self, reload: asyncio.Event, stop: asyncio.Event) -> Loaded:
        """The next settings, once SIGHUP came and they can be used; wrong ones change nothing."""
        while True:
            await reload.wait()
            reload.clear()
            try:
                loaded = load(self._path)
                read_workspace_tokens(loaded, self._secrets)
                socket_plan(loaded.settings, os.environ)
            except AofError as error:
                logger.error("the configuration stays as it was: %s", error)
            else:
                logger.info("the configuration is read again: the engine begins anew")
                stop.set()
                return loaded

    async def _live(self, loaded: Loaded, stop: asyncio.Event) -> int:
        """One engine's life; DIED when it ended by an error it should never have."""
        settings = loaded.settings.observing() if self._observe else loaded.settings
        lines = EventLines()
        followers: list[asyncio.Task[None]] = []

        def ready(control: Control) -> None:
            for warning in loaded.warnings:
                logger.warning("%s", warning)
            followers.append(asyncio.create_task(lines.follow(control)))
            self._service.ready()

        ports = Ports(
            clock=self._clock,
            feed_clock=self._clock,
            read_secret=self._secrets.read,
            serve=serving(socket_plan(settings, os.environ), self._clock),
            service=self._service,
        )
        engine = asyncio.create_task(Engine(settings, ports, read_only=self._read_only).run(ready, stop))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait([engine, stopping], return_when=asyncio.FIRST_COMPLETED)
        if not engine.done():
            self._service.stopping()
            logger.info("ending in order: what is on its way to Workato is waited for")
            await asyncio.wait([engine])
        for task in (stopping, *followers):
            task.cancel()
        await asyncio.gather(stopping, *followers, return_exceptions=True)
        error = engine.exception()
        if isinstance(error, AofError):
            raise error
        await self._rest_of(lines, settings.store)
        if error is not None:
            logger.error("the engine died", exc_info=error)
            return DIED
        return 0

    async def _rest_of(self, lines: EventLines, store: Path) -> None:
        """The events of the engine's very end, which came when it answered no more."""
        with suppress(AofError):
            reader = await open_reader(store, self._clock)
            try:
                await lines.catch_up(reader)
            finally:
                await reader.close()
