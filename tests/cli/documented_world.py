"""A living engine with real failures, on a simulated Workato, for commands that documents show."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from aof_tui.base.clock import SystemClock
from aof_tui.base.errors import StoreHeldError
from aof_tui.cli.serving import serving, socket_plan
from aof_tui.config.load import load_settings
from aof_tui.control.bridge import EngineUnreachableError
from aof_tui.control.protocol import Control
from aof_tui.control.requests import Command, FailureQuery, IncidentQuery, Verb
from aof_tui.control.thread import EngineThread
from aof_tui.domain.words import FailureStatus, IncidentKind
from aof_tui.engine.engine import Engine
from aof_tui.engine.ports import Ports
from aof_tui.simulator.scenario import Scenario
from aof_tui.simulator.server import RunningServer
from aof_tui.simulator.server import serving as serving_workato
from aof_tui.simulator.simulator import Simulator
from aof_tui.store.lock import StoreLock
from tests.cli.processes import DEADLINE_S, until

WORKSPACE = "prod"
FALLBACK = "by-hand"
SCHEDULED, REFERRED = 8, 6
PLENTY = 60_000
INSTANT = ("0.01s", "0.02s")
SCENARIO: Mapping[str, object] = {
    "description": "Some jobs wait for their repeat, some for a person, and one recipe is stopped.",
    "connections": [{"key": "shop", "name": "Shop", "application": "rest"}],
    "groups": [
        {"key": "orders", "name": "Orders {n}", "connections": ["shop"], "duration": INSTANT},
        {"key": "forms", "name": "Forms {n}", "connections": ["shop"], "duration": INSTANT},
        {"key": "rescue", "name": "Rescue {n}", "connections": ["shop"]},
        {"key": "feed", "name": "Feed {n}", "connections": ["shop"], "every": "1h"},
    ],
    "happenings": [
        {"do": "jobs", "at": "0s", "group": "orders", "count": SCHEDULED, "error": "rate_limit", "heals": 1},
        {"do": "jobs", "at": "0s", "group": "forms", "count": REFERRED, "error": "validation_data"},
        {"do": "stop_recipe", "at": "0.2s", "group": "feed", "cause": "trigger_errors_limit"},
    ],
    "quotas": {"per_minute": PLENTY},
}


def _settings(folder: Path, server: RunningServer) -> dict[str, object]:
    rescue = server.simulator.world.place.groups["rescue"][0].recipe_id
    quotas = {f"{family}_per_minute": PLENTY for family in ("jobs", "recipes", "connections", "other")}
    slack = {"token": "env:SLACK_TOKEN", "channel": "C0ONCALL", "base_url": server.slack_url}
    email = {"host": server.smtp_host, "port": server.smtp_port, "tls": "none", "from": "a@example.com"}
    return {
        "mode": "act",
        "store": str(folder / "aof.db"),
        "socket": {"path": str(folder / "run" / "a.sock")},
        "workspaces": [{"name": WORKSPACE, "url": server.url, "token": "env:WORKATO_TOKEN", "quotas": quotas}],
        "collation": {"interval": "1s"},
        "retry": {"min": "5h", "max": "6h"},
        "policies": [{"name": "forms", "match": {"category": ["validation_data"]}, "fallback": FALLBACK}],
        "fallbacks": [{"name": FALLBACK, "recipe": str(rescue), "force_run": True, "when": ["time_limit"]}],
        "receivers": [
            {"name": "oncall", "slack": slack},
            {"name": "admins", "email": email | {"to": ["admin@example.com"]}},
        ],
        "routes": [{"receivers": ["oncall"]}],
        "escalation": {"receivers": ["admins"]},
    }


class World:
    """The engine, what it is configured by, and the failures that a command may be aimed at."""

    def __init__(self, folder: Path) -> None:
        self.config = folder / "config.yaml"
        self.socket = folder / "run" / "a.sock"
        self.store = folder / "aof.db"
        self._simulator = Simulator(Scenario.model_validate(SCENARIO), "7", SystemClock())
        self.environment = {
            "AOF_TUI_CONFIG": str(self.config),
            "WORKATO_TOKEN": self._simulator.token.reveal(),
            "SLACK_TOKEN": "xoxb-for-the-tests-only",
            "HOME": str(folder),
        }
        self._life = EngineThread(self._live)
        self._end_engine: Callable[[], object] = lambda: None
        self._used: set[str] = set()

    def start(self) -> None:
        """Let it live, until its failures wait for something. Its environment must be set."""
        self._life.start()
        until(lambda: self._life.error is not None or self._settled(), "the world does not settle")
        assert self._life.error is None, self._life.error

    def end_engine(self) -> None:
        """End the engine alone and keep a copy of its store, as it does itself every day."""
        self._end_engine()
        until(self._copied, "the engine does not end")

    def put_store_back(self) -> None:
        """Undo what mending the store has done: it puts aside what there is, under the second in which it does."""
        for put_aside in self.store.parent.glob(f"{self.store.name}.corrupt-*"):
            put_aside.unlink()
        shutil.copy(self.copy, self.store)

    def _copied(self) -> bool:
        try:
            with StoreLock(self.store, SystemClock()):
                self.copy.parent.mkdir(exist_ok=True)
                shutil.copy(self.store, self.copy)
        except StoreHeldError:
            return False
        return True

    def end(self) -> None:
        self._end_engine()
        self._life.request_stop()
        assert self._life.join(DEADLINE_S)

    @property
    def copy(self) -> Path:
        return self.store.with_name(f"{self.store.name}.backup") / "aof-2026-01-01.db"

    async def _live(self, ready: Callable[[Control], None], stop: asyncio.Event) -> None:
        clock, over, loop = SystemClock(), asyncio.Event(), asyncio.get_running_loop()
        async with serving_workato(self._simulator) as server:
            self.config.write_text(json.dumps(_settings(self.store.parent, server)), encoding="utf-8")
            settings = load_settings(self.config)
            self._end_engine = lambda: loop.call_soon_threadsafe(over.set)
            ports = Ports(clock=clock, feed_clock=clock, serve=serving(socket_plan(settings, {}), clock))
            await Engine(settings, ports).run(ready, over)
            await stop.wait()

    def _settled(self) -> bool:
        try:
            status = asyncio.run(self._life.control.status())
            stopped = self._incidents(IncidentKind.RECIPE_STOPPED)
        except EngineUnreachableError:
            return False
        counts = Counter[str]()
        for state in status.workspaces:
            counts.update(state.counts)
        return counts["scheduled"] == SCHEDULED and counts["needs_person"] == REFERRED and bool(stopped)

    def _incidents(self, kind: IncidentKind) -> list[str]:
        page = asyncio.run(self._life.control.incidents(IncidentQuery()))
        return [row.incident for row in page.rows if row.kind == kind]

    def _do(self, verb: Verb, job: str | None = None) -> None:
        answer = asyncio.run(self._life.control.command(Command(verb, "cli:test", WORKSPACE, job)))
        assert answer.done, answer.message

    def failure(self, status: FailureStatus) -> str:
        """One in that status, which no command was aimed at before."""
        page = asyncio.run(self._life.control.failures(FailureQuery(statuses=(status,), limit=100)))
        found = next(row.master_job_id for row in page.rows if row.master_job_id not in self._used)
        self._used.add(found)
        return found

    def held_failure(self) -> str:
        job = self.failure(FailureStatus.SCHEDULED)
        self._do(Verb.CANCEL, job)
        return job

    def incident(self, kind: IncidentKind = IncidentKind.JOBS) -> str:
        return self._incidents(kind)[0]

    def downstream(self) -> str:
        """The connection that failed jobs have in common, as a breaker names it."""
        place = self._simulator.world.place
        return f"connection:{next(iter(place.connections.values())).connection_id}"

    def let_act(self, may_act: bool) -> None:
        """Have repeats paused or not, whatever a command before has asked for."""
        paused = any(state.paused_by for state in asyncio.run(self._life.control.status()).workspaces)
        if paused is may_act:
            self._do(Verb.RESUME if may_act else Verb.PAUSE)
