"""Plants bugs one by one in a copy of the sources, and shows that each is caught."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory

from aof_tui.base.clock import SystemClock
from tests.crash.plants import COPIED, ROOT, PlantError
from tests.sabotage.bugs import BUGS, Bug

ALL_CAUGHT, SOME_MISSED = 0, 1
TESTS_FAILED = 1
"""pytest's exit code; any other one says that the check did not even run."""
PATIENCE_S = 120.0
CONFIGURED = ("pyproject.toml", "sample_config.yaml", "README.md")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one planted bug."""

    bug: str
    caught: bool
    said: str


def main(arguments: Sequence[str] | None = None) -> int:
    """0 if every bug was caught and every check passes without bugs, 1 if not."""
    parser = argparse.ArgumentParser(prog="python -m tests.sabotage", description=__doc__)
    parser.add_argument("--only", default="", help="plant the bugs whose names hold this text")
    asked = parser.parse_args(arguments)
    bugs = [bug for bug in BUGS if asked.only in bug.name]
    clock = SystemClock()
    began, cores = clock.boot(), os.cpu_count() or 1
    with TemporaryDirectory(prefix="aof-tui-sabotage-") as folder:
        copies: SimpleQueue[Path] = SimpleQueue()
        for number in range(cores):
            copies.put(copy_sources(Path(folder) / str(number)))
        with ThreadPoolExecutor(max_workers=cores) as pool:
            sound = pool.submit(checks_pass, bugs, copies)
            tries = [pool.submit(plant, bug, copies) for bug in bugs]
            outcomes = [done.result() for done in as_completed(tries)]
            unplanted = sound.result()
    for outcome in outcomes:
        tell(f"{'caught' if outcome.caught else 'MISSED'}: {outcome.bug}, by {outcome.said}")
    if not unplanted:
        tell("the checks do not pass on the sources as they are")
    caught = sum(outcome.caught for outcome in outcomes)
    last = {
        "planted": len(outcomes),
        "caught": caught,
        "sound": unplanted,
        "seconds": round(clock.boot() - began, 1),
    }
    sys.stdout.write(json.dumps(last) + "\n")
    return ALL_CAUGHT if caught == len(outcomes) and unplanted else SOME_MISSED


def copy_sources(copy: Path) -> Path:
    """The sources and what their tests read besides."""
    for part in COPIED:
        shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
    for name in CONFIGURED:
        shutil.copy(ROOT / name, copy / name)
    return copy


def plant(bug: Bug, copies: SimpleQueue[Path]) -> Outcome:
    """Plant the bug in a copy that nobody uses now, run its checks there, and take it out again."""
    copy = copies.get()
    try:
        for edit in bug.edits:
            edit.apply(copy)
        run = run_checks(copy, bug.checks)
        last = (run.stdout.strip().splitlines() or ["nothing"])[-1]
        caught = run.returncode == TESTS_FAILED
        return Outcome(bug.name, caught, ", ".join(bug.checks) if caught else f"nothing ({run.returncode}): {last}")
    except (PlantError, subprocess.TimeoutExpired) as error:
        return Outcome(bug.name, False, f"nothing: {error}")
    finally:
        for edit in bug.edits:
            shutil.copy(ROOT / edit.path, copy / edit.path)
        copies.put(copy)


def checks_pass(bugs: Sequence[Bug], copies: SimpleQueue[Path]) -> bool:
    """Whether all checks pass where nothing is planted."""
    copy = copies.get()
    try:
        nodes = tuple(dict.fromkeys(node for bug in bugs for node in bug.checks))
        run = run_checks(copy, nodes)
        if run.returncode:
            tell(run.stdout)
        return run.returncode == 0
    finally:
        copies.put(copy)


def run_checks(copy: Path, nodes: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run pytest nodes on the copy."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", "--tb=short", *nodes],
        cwd=copy,
        env=os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )


def tell(line: str) -> None:
    """One line of progress."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
