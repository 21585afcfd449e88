"""The program as a process, and a simulated Workato for it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DEADLINE_S = 60.0
POLL_S = 0.02


def environment(folder: Path, **more: str) -> dict[str, str]:
    """The environment of a user whose home is this folder."""
    # A size in the environment would stand above that of a test's own terminal.
    others = ("AOF_", "XDG_", "WORKATO", "COLUMNS", "LINES", "NO_COLOR")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    return {**kept, "HOME": str(folder), "TERM": "xterm-256color", **more}


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "aof_tui.cli.main", *words]


def run(folder: Path, *words: str, text: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, without a terminal; its outputs apart."""
    return subprocess.run(
        command(*words),
        cwd=ROOT,
        env=environment(folder, **more),
        input=text,
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )


def until(condition: Callable[[], bool], what: str = "") -> None:
    """Wait for a condition, at most until the deadline."""
    end = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < end, what or "the condition did not come true"
        time.sleep(POLL_S)


@dataclass
class Running:
    """A process whose outputs go to files."""

    process: subprocess.Popen[bytes]
    out: Path
    err: Path

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def ends(self) -> int:
        """Wait for the end; the exit code."""
        return self.process.wait(DEADLINE_S)

    def lines(self) -> list[dict[str, object]]:
        """The JSON lines of the log so far."""
        complete = self.err.read_text(encoding="utf-8").rpartition("\n")[0]
        return [json.loads(line) for line in complete.splitlines()]

    def says(self, condition: Callable[[dict[str, object]], bool]) -> dict[str, object]:
        """The first log line that fulfils a condition, waited for while the process lives."""
        found: list[dict[str, object]] = []

        def look() -> bool:
            over = self.process.poll() is not None
            found.extend(line for line in self.lines() if condition(line))
            assert found or not over, self.err.read_text(encoding="utf-8")
            return bool(found)

        until(look, "no such line in the log")
        return found[0]

    def says_kind(self, kind: str) -> dict[str, object]:
        return self.says(lambda line: line.get("kind") == kind)


@contextmanager
def running(folder: Path, *words: str, **more: str) -> Iterator[Running]:
    """A command that goes on while the body runs; killed at the end if it still lives."""
    number = len(list(folder.glob("*.err")))
    out, err = folder / f"{number}.out", folder / f"{number}.err"
    with out.open("wb") as out_file, err.open("wb") as err_file:
        process = subprocess.Popen(
            command(*words),
            cwd=ROOT,
            env=environment(folder, **more),
            stdin=subprocess.DEVNULL,
            stdout=out_file,
            stderr=err_file,
            start_new_session=True,
        )
    try:
        yield Running(process, out, err)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(DEADLINE_S)


@dataclass(frozen=True)
class SimulatedWorkato:
    url: str
    token: str


PLENTY = 60_000
FEW_FAILURES = {
    "description": "Three jobs fail at once, and nothing else happens.",
    "quotas": {"per_minute": PLENTY},
    "connections": [{"key": "shop", "name": "Shop", "application": "rest"}],
    "groups": [
        {"key": "orders", "name": "Orders {n}", "count": 2, "connections": ["shop"], "duration": ["0.1s", "0.2s"]}
    ],
    "happenings": [
        {"do": "jobs", "at": "0s", "group": "orders", "recipes": 1, "count": 2, "error": "rate_limit", "heals": 1},
        {"do": "jobs", "at": "1s", "group": "orders", "recipes": 2, "error": "rate_limit", "heals": 1},
    ],
}


def few_failures(folder: Path) -> tuple[str, ...]:
    """Options of `simulate` for a world in which an engine soon has nothing left to read."""
    path = folder / "few.yaml"
    path.write_text(json.dumps(FEW_FAILURES), encoding="utf-8")
    return ("--scenario", str(path))


@contextmanager
def simulated(folder: Path, *options: str) -> Iterator[SimulatedWorkato]:
    """A simulated Workato in a process of its own."""
    with running(folder, "simulate", "--port", "0", *options) as simulator:
        until(lambda: simulator.out.read_text(encoding="utf-8").endswith("\n") or simulator.process.poll() is not None)
        found = json.loads(simulator.out.read_text(encoding="utf-8"))
        yield SimulatedWorkato(found["url"], found["token"])


def write_config(folder: Path, workato: SimulatedWorkato, **changes: object) -> Path:
    """A configuration for that Workato; JSON is YAML, too."""
    # Pacing is tested in virtual time; here every read would take a second.
    quotas = {f"{family}_per_minute": PLENTY for family in ("jobs", "recipes", "connections", "other")}
    settings: dict[str, object] = {
        "store": str(folder / "aof.db"),
        "workspaces": [{"name": "prod", "url": workato.url, "token": "env:WORKATO_TOKEN", "quotas": quotas}],
        "collation": {"interval": "1s"},
        "receivers": [
            {
                "name": "oncall",
                "slack": {"token": "env:SLACK_TOKEN", "channel": "C123", "base_url": f"{workato.url}/slack/api/"},
            }
        ],
        "routes": [{"receivers": ["oncall"]}],
        "escalation": {"receivers": ["oncall"]},
    }
    path = folder / "config.yaml"
    path.write_text(json.dumps(settings | changes, indent=1), encoding="utf-8")
    return path
