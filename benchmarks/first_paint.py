"""From the start of a process to its first whole frame: `attach` and `demo` against an empty Textual app.

Each is started in turn, round after round, so that all see the same load; what counts are ratios of medians.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.empty_app import WORD
from benchmarks.pseudo_terminal import watched

COLUMNS, LINES = 80, 24
GIVE_UP_S = 30.0
MOST_ATTACH, MOST_DEMO = 1.3, 1.6
OURS = ("aof-tui", "Failing jobs", "Help")
"""Of the first line, the middle and the last one: who shows all of them has painted a whole frame."""


@dataclass(frozen=True, slots=True)
class Program:
    """One to start."""

    name: str
    arguments: tuple[str, ...]
    shows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FirstPaint:
    """Medians of one program."""

    seconds: float
    cpu_s: float
    """Of the processor, until it had painted."""


def programs(socket: Path) -> tuple[Program, ...]:
    """The empty app first."""
    ours = ("-m", "aof_tui.cli.main")
    return (
        Program("empty", ("-m", "benchmarks.empty_app"), (WORD,)),
        Program("attach", (*ours, "attach", "--socket", str(socket)), OURS),
        Program("demo", (*ours, "demo"), OURS),
    )


def measure(socket: Path, rounds: int) -> dict[str, FirstPaint]:
    """Every program so many times, after one round that warms the caches of the disk."""
    all_programs = programs(socket)
    found: dict[str, list[FirstPaint]] = {program.name: [] for program in all_programs}
    for number in range(rounds + 1):
        for program in all_programs:
            one = start(program.arguments, program.shows)
            if number:
                found[program.name].append(one)
    return {
        name: FirstPaint(median(one.seconds for one in every), median(one.cpu_s for one in every))
        for name, every in found.items()
    }


def start(arguments: Sequence[str], shows: Sequence[str]) -> FirstPaint:
    """One start. Raises TimeoutError with the screen when it never painted."""
    began = time.perf_counter()
    with watched(arguments, COLUMNS, LINES) as terminal:
        painted = terminal.shown(lambda: all(word in terminal.text() for word in shows), GIVE_UP_S)
        if painted is None:
            raise TimeoutError(f"no first frame:\n{terminal.text()}")
        used = cpu_s(terminal.process.pid)
    return FirstPaint(painted - began, used)


def cpu_s(process_id: int) -> float:
    """Seconds of the processor that a process has used, by all of its threads."""
    fields = Path(f"/proc/{process_id}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
