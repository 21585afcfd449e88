"""Runs all benchmarks that need no terminal, two at a time, and writes README's table of figures.

Usage: python -m benchmarks [--no-readme]
The last line is one JSON object with the last lines of all; the exit code is 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.machine import describe_machine
from benchmarks.table import BENCHMARKS, Figures, written

README = Path(__file__).parents[1] / "README.md"
AT_A_TIME = 2
"""Virtual times do not care; processor shares are counted in seconds of the processor."""
MOSTLY_WAITS = "idle"
LONGEST_S = 900.0


def run(benchmark: str) -> tuple[str, Figures, bool]:
    """One benchmark in a process of its own: what it printed, its last line, and whether its targets are met."""
    module, *options = benchmark.split()
    command = [sys.executable, "-m", f"benchmarks.{module}", *options]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_S, check=False)
    *told, last = ended.stdout.splitlines() or [""]
    try:
        figures = json.loads(last)
    except ValueError:
        raise RuntimeError(f"{benchmark} broke:\n{ended.stdout}{ended.stderr}") from None
    return "\n".join(told), figures, ended.returncode == 0


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--no-readme", action="store_true", help="leave README.md as it is")
    chosen = parser.parse_args()
    print(describe_machine())
    began = time.monotonic()
    # The one that mostly waits needs no turn of its own.
    with ThreadPoolExecutor(AT_A_TIME) as turns, ThreadPoolExecutor(1) as beside:
        ended = {name: (beside if name == MOSTLY_WAITS else turns).submit(run, name) for name in BENCHMARKS}
        measured: dict[str, Figures] = {}
        met = True
        for name, answer in ended.items():
            told, figures, well = answer.result()
            print(f"\n== {name}\n{told}", flush=True)
            measured[name] = figures
            met = met and well
    print(f"\nkilled engines: make crash. Terminals: make bench-attach, make bench-unread. {describe_machine()}")
    if not chosen.no_readme:
        README.write_text(written(README.read_text(encoding="utf-8"), measured), encoding="utf-8")
    print(json.dumps({"seconds": round(time.monotonic() - began, 1), "met": met, **measured}))
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
