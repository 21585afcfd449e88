"""One life of an engine in a process of its own; this module is what the fork server imports before it forks."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from dataclasses import dataclass
from multiprocessing import parent_process
from pathlib import Path

from aof_tui.base.clock import SystemClock
from aof_tui.base.failpoints import Failpoints, NoFailpoints
from aof_tui.base.randomness import Randomness
from aof_tui.base.secret import Secret
from aof_tui.config.settings import Settings
from aof_tui.domain.words import WhenInDoubt
from aof_tui.engine.engine import Engine
from aof_tui.engine.ports import Ports
from tests.crash.plan import PointKill
from tests.harness.anchored import Anchor, AnchoredClock

WORKSPACE = "prod"
MAX_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Life:
    """What one engine process is told."""

    folder: Path
    url: str
    token: str
    seed: str
    rate: float
    anchor: Anchor
    when_in_doubt: WhenInDoubt
    kill: PointKill | None

    @property
    def store(self) -> Path:
        return self.folder / "aof.db"

    @property
    def epitaph(self) -> Path:
        """Where the engine writes the point at which it is about to kill itself."""
        return self.folder / "epitaph"

    @property
    def log(self) -> Path:
        return self.folder / "engine.log"


class ArmedFailpoints:
    """Kills this process, as a power cut would, when the point is reached for the nth time."""

    def __init__(self, kill: PointKill, epitaph: Path) -> None:
        self._kill = kill
        self._epitaph = epitaph
        self._left = kill.nth

    async def reach(self, name: str) -> None:
        if name == self._kill.point:
            self._left -= 1
            if self._left == 0:
                self._epitaph.write_text(str(self._kill), encoding="utf-8")
                os.kill(os.getpid(), signal.SIGKILL)


def live(life: Life) -> None:
    """Run an engine until it kills itself, is killed, or is asked to end."""
    with life.log.open("a", encoding="utf-8") as log:
        sys.stderr = log
        logging.basicConfig(stream=log, level=logging.WARNING, format="%(message)s")
        asyncio.run(_run(life))


async def _run(life: Life) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    harness = parent_process()
    if harness is not None:
        loop.add_reader(harness.sentinel, stop.set)
    armed: Failpoints = NoFailpoints() if life.kill is None else ArmedFailpoints(life.kill, life.epitaph)
    ports = Ports(
        clock=AnchoredClock(life.rate, life.anchor),
        feed_clock=SystemClock(),
        randomness=Randomness(life.seed),
        failpoints=armed,
        read_secret=lambda _reference: Secret(life.token),
    )
    await Engine(settings(life), ports).run(lambda _control: None, stop)


def settings(life: Life) -> Settings:
    """Defaults but for haste: few attempts, soon after one another."""
    return Settings.model_validate(
        {
            "mode": "act",
            "store": str(life.store),
            "workspaces": [{"name": WORKSPACE, "url": life.url, "token": "env:TOKEN"}],
            "collation": {"interval": "15s"},
            "retry": {
                "max_attempts": MAX_ATTEMPTS,
                "min": "1s",
                "max": "8s",
                "when_in_doubt": life.when_in_doubt,
            },
            "safe_to_repeat": {"all": True},
            # An open breaker lets one repeat go in many minutes, and an engine that sends nothing dies nowhere.
            "breaker": {"enabled": False},
        }
    )
