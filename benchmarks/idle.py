"""What an engine costs that watches a large workspace in which nothing happens: processor and memory.

Usage: python -m benchmarks.idle [--seconds 100]
A real `aof-tui headless` against the simulator in another process, with real quotas; it knows the workspace already.
Linux only (reads /proc). The last line is one JSON object; the exit code is 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.machine import describe_machine
from benchmarks.simulating import Simulated, simulating

RECIPES = 5_000
HURRIED = 6_000
"""Requests a minute while the engine gets to know the workspace, which is not what is measured."""
KNOWN_WITHIN_S = 150.0
END_WITHIN_S = 60.0
MOST_CPU_PERCENT = 1.0
MOST_MIB = 80.0
CONFIG = "config.yaml"
STORE = "bench.db"
LOG = "headless.log"


@dataclass(frozen=True, slots=True)
class Figures:
    """The last line."""

    recipes: int
    seconds: float
    cpu_percent: float
    """Of one core."""
    resident_mib: float
    sweeps: int
    met: bool


def measure(seconds: float, folder: Path) -> Figures:
    """Let an engine get to know the workspace, start it again, and look at its process for so long."""
    shape = folder / "idle.yaml"
    shape.write_text(json.dumps(_scenario()), encoding="utf-8")  # JSON is YAML
    with simulating(str(shape), 1.0) as simulated:
        simulated.write_config(folder)
        _change_quotas(folder, {"recipes_per_minute": HURRIED})
        with headless(simulated, folder):
            _until_swept(folder, 1)
        with closing(sqlite3.connect(folder / STORE)) as store, store:
            # As after the first hours, in which every recipe is read once.
            store.execute("UPDATE recipe SET marked_at = NULL")
        _change_quotas(folder, {})
        with headless(simulated, folder) as process:
            # The first sweep of an engine compares every recipe; those after it only what changed.
            _until_swept(folder, _sweeps(folder) + 1)
            swept, used, began = _sweeps(folder), _cpu_s(process.pid), time.monotonic()
            time.sleep(seconds)
            if process.poll() is not None:
                raise RuntimeError(f"the engine ended: {(folder / LOG).read_text(encoding='utf-8')[-2000:]}")
            share = (_cpu_s(process.pid) - used) / (time.monotonic() - began)
            resident, sweeps = _resident_mib(process.pid), _sweeps(folder) - swept
    return Figures(
        recipes=RECIPES,
        seconds=seconds,
        cpu_percent=round(100 * share, 2),
        resident_mib=round(resident, 1),
        sweeps=sweeps,
        met=100 * share < MOST_CPU_PERCENT and resident <= MOST_MIB and sweeps > 0,
    )


def _scenario() -> dict[str, object]:
    group = {"key": "idle", "name": "Archive {n}", "count": RECIPES, "connections": ["erp"]}
    return {
        "description": "Five thousand recipes at rest.",
        "connections": [{"key": "erp", "name": "NetSuite production", "application": "netsuite"}],
        "groups": [group],
        "quotas": {"per_minute": HURRIED},
    }


def _change_quotas(folder: Path, quotas: dict[str, int]) -> None:
    content = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    content["workspaces"][0]["quotas"] = quotas
    (folder / CONFIG).write_text(json.dumps(content), encoding="utf-8")


@contextmanager
def headless(simulated: Simulated, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`aof-tui headless` while the body runs."""
    command = [sys.executable, "-m", "aof_tui.cli.main", "headless", "--config", str(folder / CONFIG)]
    with (folder / LOG).open("wb") as log:
        process = subprocess.Popen(command, stderr=log, env={**os.environ, **simulated.environment()})
        try:
            yield process
        finally:
            process.terminate()
            process.wait(END_WITHIN_S)


def _until_swept(folder: Path, times: int) -> None:
    end = time.monotonic() + KNOWN_WITHIN_S
    while not (folder / STORE).exists() or _sweeps(folder) < times:
        if time.monotonic() > end:
            raise TimeoutError(f"no sweep was completed within {KNOWN_WITHIN_S:g} s: see {folder / LOG}")
        time.sleep(0.5)


def _sweeps(folder: Path) -> int:
    sql = "SELECT COUNT(*) FROM event WHERE kind = 'sweep.completed'"
    with closing(sqlite3.connect(f"file:{folder / STORE}?mode=ro", uri=True)) as store:
        try:
            return int(store.execute(sql).fetchone()[0])
        except sqlite3.OperationalError:
            return 0  # the schema is not there yet


def _cpu_s(process_id: int) -> float:
    fields = Path(f"/proc/{process_id}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    user, system = int(fields[11]), int(fields[12])
    return (user + system) / os.sysconf("SC_CLK_TCK")


def _resident_mib(process_id: int) -> float:
    pages = int(Path(f"/proc/{process_id}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.idle")
    parser.add_argument("--seconds", type=float, default=100.0, help="how long it is watched (default: 100)")
    seconds = parser.parse_args().seconds
    print(describe_machine())
    with TemporaryDirectory(prefix="aof-tui-bench-") as folder:
        figures = measure(seconds, Path(folder))
    print(
        f"{figures.recipes} recipes at rest: {figures.cpu_percent} % of a core (below {MOST_CPU_PERCENT:g} %), "
        f"{figures.resident_mib:.0f} MiB (at most {MOST_MIB:g} MiB), {figures.sweeps} sweeps in {seconds:g} s"
    )
    print(json.dumps(asdict(figures)))
    return 0 if figures.met else 1


if __name__ == "__main__":
    sys.exit(main())
