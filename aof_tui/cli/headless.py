"""`aof-tui headless`: the engine alone, logging to stderr."""

from __future__ import annotations

import asyncio
import logging
import os
from contextlib import suppress
from pathlib import Path

from aof_tui.base.clock import SystemClock
from aof_tui.base.errors import AofError, ConfigError
from aof_tui.cli.configuration_file import ConfigurationFile
from aof_tui.cli.event_lines import EventLines
from aof_tui.cli.journal import STDERR
from aof_tui.cli.known_secrets import KnownSecrets
from aof_tui.cli.logs import LogFormat, logging_to
from aof_tui.cli.service import SystemdService
from aof_tui.cli.serving import serving, socket_plan
from aof_tui.cli.stopping import Stopping
from aof_tui.config.load import Loaded, config_path
from aof_tui.control.protocol import Control
from aof_tui.engine.configuration import Reload, Reloads
from aof_tui.engine.engine import Engine
from aof_tui.engine.ports import Ports
from aof_tui.store.read_only import open_reader

DIED = 1

logger = logging.getLogger(__name__)


def run_headless(config: Path | None, *, observe: bool, read_only: bool, log_format: LogFormat) -> int:
    """Run until a signal asks for the end; the exit code. Raises AofError when the engine cannot begin."""
    with Stopping(reloads=True) as signals:
        secrets = KnownSecrets(os.environ)
        source = ConfigurationFile(config_path(config, os.environ), secrets, observe=observe)
        loaded = source.read()
        with logging_to(STDERR, secrets.scrub, log_format, environ=os.environ):
            headless = _Headless(source, secrets, read_only=read_only)
            return asyncio.run(headless.run(signals, loaded))


class _Headless:
    """Engines one after the other: SIGHUP ends one in order and begins the next with the settings read anew."""

    def __init__(self, source: ConfigurationFile, secrets: KnownSecrets, *, read_only: bool) -> None:
        self._source = source
        self._secrets = secrets
        self._read_only = read_only
        self._clock = SystemClock()
        self._service = SystemdService(os.environ)
        self._reload = asyncio.Event()
        """Outlives engines: a SIGHUP between two of them counts."""
        self._reloads = Reloads(self._clock)
        self._outcome: Reload | None = None
        """What the engine that begins was begun for."""
        self._former: Loaded | None = None
        """What to go back to while the engine with the settings read anew has not begun."""
        self._answers = asyncio.Event()
        """The engine of now has begun; each has one of its own."""

    async def run(self, signals: Stopping, loaded: Loaded) -> int:
        while True:
            stop = asyncio.Event()
            signals.bind(stop, self._reload)
            self._answers = asyncio.Event()
            reloading = asyncio.create_task(self._await_reload(loaded, stop))
            try:
                code = await self._live(loaded, stop, signals)
            except Exception as error:
                reloading.cancel()
                if self._former is None:
                    raise
                self._outcome = self._refused(error)
                # Before the next engine begins, or it would take the silence for a good start.
                self._reloads.tell(self._outcome)
                loaded, self._former = self._former, None
                continue
            if code or signals.asked or not reloading.done():
                reloading.cancel()
                return code
            self._former, loaded = loaded, reloading.result()

    async def _await_reload(self, current: Loaded, stop: asyncio.Event) -> Loaded:
        """The next settings, once SIGHUP came and they can be used; wrong ones change nothing.

        While an engine begins a SIGHUP waits: that engine may be given up, and with it what would be read here.
        """
        await self._answers.wait()
        while True:
            await self._reload.wait()
            self._reload.clear()
            self._service.reloading()
            try:
                following, self._outcome = await asyncio.to_thread(self._source.read_again, current)
            except Exception as error:  # whatever a file brings about, the next SIGHUP must be heard
                refused = self._refused(error)
                self._reloads.tell(refused)
                self._service.ready(refused.text)
                continue
            logger.info("the configuration can be used: the engine begins anew")
            stop.set()
            return following

    def _refused(self, error: Exception) -> Reload:
        if isinstance(error, ConfigError):
            reload = Reload(problems=error.problems)
        elif isinstance(error, AofError):
            reload = Reload(problems=(str(error),))
        else:
            # Its text may hold what nobody should see.
            reload = Reload(problems=(f"internal error: {type(error).__name__}",))
        logger.error("%s", reload.text, exc_info=None if isinstance(error, AofError) else error)
        return reload

    def _began(self) -> None:
        """The engine answers: whatever it was begun for is over."""
        self._former = None
        outcome, self._outcome = self._outcome, None
        if outcome is None:
            self._service.ready()
        else:
            if not outcome.refused:
                logger.info("%s", outcome.text)
                self._reloads.tell(outcome)
            self._service.ready(outcome.text)
        self._answers.set()

    async def _live(self, loaded: Loaded, stop: asyncio.Event, signals: Stopping) -> int:
        """One engine's life; DIED when it ended by an error it should never have.

        Raises AofError, and whatever an engine that begins for a reload ends by.
        """
        settings = loaded.settings
        lines = EventLines()
        followers: list[asyncio.Task[None]] = []

        def ready(control: Control) -> None:
            for warning in loaded.warnings:
                logger.warning("%s", warning)
            followers.append(asyncio.create_task(lines.follow(control)))
            self._began()

        # Who moves the socket by a reload must not lose it; one that failed before is no reason to refuse the rest.
        must_serve = self._former is not None and settings.socket != self._former.settings.socket
        ports = Ports(
            clock=self._clock,
            feed_clock=self._clock,
            read_secret=self._secrets.read,
            serve=serving(socket_plan(settings, os.environ), self._clock, must=must_serve),
            service=self._service,
            reloads=self._reloads,
        )
        engine = asyncio.create_task(Engine(settings, ports, read_only=self._read_only).run(ready, stop))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait([engine, stopping], return_when=asyncio.FIRST_COMPLETED)
        if not engine.done():
            if signals.asked:
                self._service.stopping()
            logger.info("ending in order: what is on its way to Workato is waited for")
            await asyncio.wait([engine])
        for task in (stopping, *followers):
            task.cancel()
        await asyncio.gather(stopping, *followers, return_exceptions=True)
        error = engine.exception()
        if isinstance(error, AofError) or (isinstance(error, Exception) and self._former is not None):
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
