"""The engine: takes the store, begins an epoch, starts the loops of every workspace, and ends them in order."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial

from aof_tui import __version__
from aof_tui.base.errors import StoreFaultError
from aof_tui.config.builtin import load_builtin_rules
from aof_tui.config.rules import policy_book, routes
from aof_tui.config.settings import Settings, WorkspaceSettings
from aof_tui.control.feed import FeedHub
from aof_tui.control.protocol import Control
from aof_tui.domain.event_kinds import EventKind
from aof_tui.engine.access import Access
from aof_tui.engine.breaker_loop import BreakerLoop
from aof_tui.engine.clock_watch import ClockWatch
from aof_tui.engine.collation import Collation
from aof_tui.engine.commands import Commands
from aof_tui.engine.configuration import Configuration
from aof_tui.engine.connections import Connections
from aof_tui.engine.context import Context, Signal, Workspace
from aof_tui.engine.control import EngineControl
from aof_tui.engine.delivery import Courier
from aof_tui.engine.details import Details
from aof_tui.engine.disk import Disk, until_either
from aof_tui.engine.escalation import Escalation
from aof_tui.engine.fallback import Fallbacks
from aof_tui.engine.fallback_dispatch import FallbackDispatch
from aof_tui.engine.fallback_follow import FallbackFollow
from aof_tui.engine.health import Health
from aof_tui.engine.housekeeping import Housekeeping
from aof_tui.engine.incidents import Incidents
from aof_tui.engine.keeping import Keeping
from aof_tui.engine.limits import Limits
from aof_tui.engine.lineages import Lineages
from aof_tui.engine.orchestrator import Orchestrator
from aof_tui.engine.ports import Ports
from aof_tui.engine.reading import Reading
from aof_tui.engine.reconcile import Reconcile
from aof_tui.engine.recovery import Recovery
from aof_tui.engine.recovery_dispatch import RecoveryDispatch
from aof_tui.engine.recovery_order import list_facts_from
from aof_tui.engine.recovery_read import RecoveryRead
from aof_tui.engine.report import Reports
from aof_tui.engine.rivals import Rivals
from aof_tui.engine.sent_mark import SentMark
from aof_tui.engine.slow_pass import SlowPass
from aof_tui.engine.start_settle import StartSettle
from aof_tui.engine.supervisor import Supervisor
from aof_tui.engine.sweep import Sweep
from aof_tui.engine.telling import Telling
from aof_tui.engine.unit import Unit
from aof_tui.engine.watch_agents import AgentWatch
from aof_tui.engine.watch_silence import SilenceWatch
from aof_tui.engine.watchdog import HeartbeatLoop, Watchdog
from aof_tui.notify.factory import Channels, open_channels
from aof_tui.store.facts import EngineFacts
from aof_tui.store.mapping import integer, moment, optional_text
from aof_tui.store.port import Params, Store, Tx
from aof_tui.store.queries import StoreQueries
from aof_tui.workato.client import WorkatoClient
from aof_tui.workato.families import Pacers
from aof_tui.workato.starts import Starts

FINISH_S = 48.0
"""Real seconds that a request on its way is waited for: more than its deadline."""
FLUSH_S = 5.0

logger = logging.getLogger(__name__)


class Engine:
    """One engine on one store."""

    def __init__(self, settings: Settings, ports: Ports, *, read_only: bool = False) -> None:
        self._settings = settings
        self._ports = ports
        self._read_only = read_only
        self._state = "running"
        self._started_at = ports.clock.wall()

    async def run(self, ready: Callable[[Control], None], stop: asyncio.Event) -> None:
        """Work until `stop` is set; `ready` gets the Control once the engine answers.

        Raises StoreHeldError, StoreError, UsageError when it cannot begin.
        """
        async with AsyncExitStack() as resources:
            keeping = Keeping(self._settings, self._ports)
            store = await keeping.take(resources)
            epoch = await self._begin_epoch(store)
            ctx = self._context(store, epoch, keeping.mark)
            channels = self._ports.channels
            if channels is None:
                opened = open_channels(self._settings.receivers, self._ports.read_secret, self._ports.clock)
                channels = await resources.enter_async_context(opened)
            telling = Telling(ctx)
            await keeping.begin(ctx, telling)
            incidents = Incidents(ctx, telling)
            orchestrator = Orchestrator(ctx, incidents)
            access = Access(ctx, telling)
            for workspace in self._settings.workspaces:
                ctx.workspaces[workspace.name] = await self._workspace(ctx, workspace, resources)
            queries = StoreQueries(store, self._ports.clock, lambda: self._facts(epoch, keeping.disk))
            supervisor = await resources.enter_async_context(Supervisor(ctx, incidents))
            for open_workspace in ctx.workspaces.values():
                self._start_workspace(supervisor, ctx, open_workspace, orchestrator, access)
                limits = Limits(ctx, open_workspace, incidents, telling)
                supervisor.start(f"limits of {open_workspace.name}", open_workspace.name, limits.run)
            couriers = self._couriers(ctx, telling, channels)
            first = self._settings.workspaces[0].name
            for name, courier in couriers.items():
                supervisor.start(f"delivery to {name}", first, courier.run)
            for number, report in enumerate(self._settings.reports):
                loop = Reports(ctx, telling, queries, report, number)
                supervisor.start(f"report {report.cron}", first, loop.run)
            supervisor.start("clock watch", first, ClockWatch(ctx).run)
            supervisor.start("configuration", first, Configuration(ctx, incidents, self._ports.reloads).run)
            supervisor.start("housekeeping", first, Housekeeping(ctx, telling).run)
            keeping.start(ctx, supervisor, telling, access, channels)
            self._start_signs(ctx, supervisor)
            control = EngineControl(queries, Commands(ctx, orchestrator, access, self._read_only), ctx.hub)
            await resources.enter_async_context(self._ports.serve(control))
            ready(control)
            await until_either(stop, keeping.disk.broken)
            keeping.make_room()
            await self._end(ctx, supervisor, couriers)
            await keeping.end()

    async def _begin_epoch(self, store: Store) -> int:
        async def begin(tx: Tx) -> int:
            rows = await tx.fetch(
                "begin_engine_run",
                {
                    "started_at": self._ports.clock.wall(),
                    "pid": os.getpid(),
                    "version": __version__,
                    "boot_id": self._ports.clock.boot_id,
                    "mode": self._settings.mode,
                },
            )
            for workspace in self._settings.workspaces:
                await tx.execute("workspace_ensure", {"name": workspace.name})
            return integer(rows[0], "epoch")

        return await store.write(begin)

    def _context(self, store: Store, epoch: int, mark: SentMark) -> Context:
        return Context(
            settings=self._settings,
            book=policy_book(self._settings, load_builtin_rules()),
            routes=routes(self._settings),
            store=store,
            clock=self._ports.clock,
            randomness=self._ports.randomness,
            failpoints=self._ports.failpoints,
            hub=FeedHub(self._ports.feed_clock),
            epoch=epoch,
            mark=mark,
        )

    async def _workspace(self, ctx: Context, settings: WorkspaceSettings, resources: AsyncExitStack) -> Workspace:
        clock = self._ports.clock
        transports = self._ports.transports(settings)
        client = WorkatoClient(
            settings.url,
            partial(self._ports.read_secret, settings.token),
            transports,
            clock,
            Pacers(clock, settings.quotas, settings.quota_share),
        )
        await resources.enter_async_context(client)
        workspace = Workspace(
            settings=settings,
            client=client,
            starts=Starts(client, transports, clock),
            read_secret=self._ports.read_secret,
            marked=Signal(clock),
            undecided=Signal(clock),
            due=Signal(clock),
            awaited=Signal(clock),
            concerned=Signal(clock),
            breakers=Signal(clock),
            connections=Signal(clock),
            fallback=Signal(clock),
            fallback_followed=Signal(clock),
            mode=self._settings.mode,
        )
        await ctx.write(lambda unit: self._take_up(unit, ctx, workspace))
        return workspace

    async def _take_up(self, unit: Unit, ctx: Context, workspace: Workspace) -> None:
        """What the store remembers of a workspace holds again: a pause outlives a restart."""
        row = (await unit.tx.fetch("workspace_get", {"name": workspace.name}))[0]
        workspace.paused = row["paused_by"] is not None
        workspace.acting_stopped = optional_text(row, "acting_stopped")
        workspace.lag_s = moment(row, "max_lag_s")
        workspace.list_facts = list_facts_from(row)
        text = f"engine {__version__} began epoch {ctx.epoch} in mode {self._settings.mode}"
        data = {"epoch": ctx.epoch, "mode": self._settings.mode}
        await unit.event(EventKind.ENGINE_STARTED, text, workspace=workspace.name, data=data)

    def _start_workspace(
        self,
        supervisor: Supervisor,
        ctx: Context,
        workspace: Workspace,
        orchestrator: Orchestrator,
        access: Access,
    ) -> None:
        lineages = Lineages(ctx, orchestrator, Rivals(ctx, access))
        reader = RecoveryRead(ctx, workspace, lineages)
        dispatch = RecoveryDispatch(ctx, workspace, orchestrator, access)
        start = FallbackDispatch(ctx, workspace, orchestrator.incidents, access)
        collation = Collation(ctx, workspace, orchestrator, lineages, access)
        loops = {
            "recovery": Recovery(ctx, workspace, orchestrator, reader, dispatch, access).run,
            "reconcile": Reconcile(ctx, workspace, orchestrator, reader, access).run,
            "reading": Reading(ctx, workspace, orchestrator.incidents).run,
            "sweep": Sweep(ctx, workspace, orchestrator, access).run,
            "collation": collation.run,
            "slow pass": SlowPass(ctx, workspace, collation, orchestrator.incidents, access).run,
            "details": Details(ctx, workspace, orchestrator, access).run,
            "escalation": Escalation(ctx, workspace, orchestrator.incidents).run,
            "health": Health(ctx, workspace, reader, access).run,
            "connections": Connections(ctx, workspace, orchestrator, access).run,
            "breakers": BreakerLoop(ctx, workspace, orchestrator.breakers).run,
            "watch of agents": AgentWatch(ctx, workspace, orchestrator, access).run,
            "watch for silence": SilenceWatch(ctx, workspace, orchestrator.incidents).run,
            "settling of starts": StartSettle(ctx, workspace).run,
            "fallback": Fallbacks(ctx, workspace, start, orchestrator.incidents).run,
            "fallback watch": FallbackFollow(ctx, workspace, orchestrator, access).run,
        }
        for name, loop in loops.items():
            supervisor.start(f"{name} of {workspace.name}", workspace.name, loop)

    def _start_signs(self, ctx: Context, supervisor: Supervisor) -> None:
        """Begin what tells others that the engine lives, and what ends the incidents of loops that live again."""
        first = self._settings.workspaces[0].name
        supervisor.start("mending", first, supervisor.mend)
        if self._ports.service is not None:
            supervisor.start("watchdog", first, Watchdog(ctx, self._ports.service).run)
        if self._settings.heartbeat is not None:
            heartbeat = HeartbeatLoop(ctx, self._settings.heartbeat, self._ports.read_secret, self._ports.ping)
            supervisor.start("heartbeat", first, heartbeat.run)

    def _couriers(self, ctx: Context, telling: Telling, channels: Channels) -> dict[str, Courier]:
        return {
            name: Courier(ctx, name, ways[0], telling, telling.couriers[name])
            for name, ways in sorted(channels.items())
            if name in telling.couriers
        }

    async def _end(self, ctx: Context, supervisor: Supervisor, couriers: dict[str, Courier]) -> None:
        """Nothing new is begun; a request on its way is waited for; what is to be told is told if that is quick."""
        self._state = "stopping"
        ctx.stopping.set()
        in_order = await ctx.finish_owned(FINISH_S)
        await supervisor.end()
        await self._flush(couriers)
        how = "in order" if in_order else "with a request on its way"
        try:
            await self._record_end(ctx, how)
        except StoreFaultError as error:
            logger.error("the end of this run is not in the log: %s", error)
        logger.info("engine stopped %s", how)

    async def _record_end(self, ctx: Context, how: str) -> None:
        for name in ctx.workspaces:
            await ctx.write(partial(self._note_end, workspace=name, how=how))
        ended: Params = {"ended_at": ctx.clock.wall(), "ended_how": how, "epoch": ctx.epoch}
        await ctx.store.write(lambda tx: tx.execute("end_engine_run", ended))

    async def _note_end(self, unit: Unit, workspace: str, how: str) -> None:
        await unit.event(EventKind.ENGINE_STOPPED, f"engine stopped {how}", workspace=workspace)

    async def _flush(self, couriers: dict[str, Courier]) -> None:
        try:
            async with self._ports.clock.deadline(FLUSH_S):
                await asyncio.gather(*(courier.flush() for courier in couriers.values()), return_exceptions=True)
        except TimeoutError:
            logger.warning("some notifications are left for the next start")

    def _facts(self, epoch: int, disk: Disk) -> EngineFacts:
        return EngineFacts(
            version=__version__,
            engine=self._state,
            mode=self._settings.mode,
            read_only=self._read_only,
            epoch=epoch,
            started_at=self._started_at,
            engine_error=str(disk.fault) if disk.fault is not None else None,
            rate=self._ports.clock.rate,
            production=frozenset(workspace.name for workspace in self._settings.workspaces if workspace.production),
        )
