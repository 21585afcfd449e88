"""The terminal on 100,000 failures that change 1,000 times a second: attached to an engine, and with it in one process.

Usage: python -m benchmarks.attach [--no-readme]
Both are `aof-tui`'s own terminal in a real pseudo-terminal, on the same store; then first paints are compared.
Linux only (reads /proc). The last line is one JSON object; the exit code is 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.first_paint import MOST_ATTACH, MOST_DEMO, FirstPaint, cpu_s
from benchmarks.first_paint import measure as measure_first_paint
from benchmarks.full_engine import ANSWERED, SOCKET, STORE
from benchmarks.full_store import Size, make
from benchmarks.keys import ESCAPE, Key, Times, list_keys, log_keys, times
from benchmarks.machine import describe_machine
from benchmarks.pseudo_terminal import Watched, watched
from benchmarks.table import README, written

NAME = "attach"
COLUMNS, LINES = 160, 48
"""All four panes show."""
CHANGES_PER_S = 1_000
BEGUN_WITHIN_S = 30.0
SETTLE_S, QUIET_S = 2.0, 6.0
EFFECT_WITHIN_S = 5.0
FIRST_PAINTS = 7
MOST_MS, MOST_CPU_PERCENT, MOST_MIB = 50.0, 20.0, 120.0


@dataclass(frozen=True, slots=True)
class Watching:
    """One terminal in the storm."""

    keys: Times
    """In the lists of failures, but for Esc."""
    escape: Times
    """Esc, which waits a tenth of a second for the rest of a key's sequence."""
    log: Times
    """In the log."""
    kinds: Mapping[str, float]
    """The median of each kind of key in milliseconds."""
    cpu_percent: float
    """Of one core, while nobody presses a key."""
    engine_cpu_percent: float | None
    """The same of the engine's process; None where there is but one."""
    resident_mib: float
    screen_bytes_per_s: float
    socket_bytes_per_s: float | None
    """Bodies of answers; None without a socket."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The last line."""

    failures: int
    events: int
    attached: Watching
    in_process: Watching
    first_paint: Mapping[str, FirstPaint]
    attach_ratio: float
    demo_ratio: float
    missed: tuple[str, ...]


def watch(terminal: Watched, engine: int | None, answered: Path) -> Watching:
    """Look on for a while, then press every key."""
    terminal.shown(lambda: "Order " in terminal.text(), BEGUN_WITHIN_S)
    terminal.draw_for(SETTLE_S)
    began, shown, used = time.monotonic(), terminal.received, _used(terminal, engine)
    terminal.draw_for(QUIET_S)
    ended, after = time.monotonic(), _used(terminal, engine)
    quiet = ended - began
    shares = [round(100 * (now - before) / quiet, 1) for now, before in zip(after, used, strict=True)]
    painted = terminal.received - shown
    listed = [(key, press(terminal, key, number)) for number, key in enumerate(list_keys())]
    logged = [(key, press(terminal, key, number)) for number, key in enumerate(log_keys())]
    return Watching(
        keys=times([seconds for key, seconds in listed if key.pressed != ESCAPE]),
        escape=times([seconds for key, seconds in listed if key.pressed == ESCAPE]),
        log=times([seconds for _, seconds in logged]),
        kinds=_by_kind([*listed, *logged]),
        cpu_percent=shares[0],
        engine_cpu_percent=shares[1] if engine is not None else None,
        resident_mib=round(resident_mib(terminal.process.pid), 1),
        screen_bytes_per_s=round(painted / quiet),
        socket_bytes_per_s=round(_answered(answered, began, ended) / quiet) if engine is not None else None,
    )


def press(terminal: Watched, key: Key, number: int) -> float:
    """Seconds from a key to the piece of output that shows its effect. Raises TimeoutError with the screen."""
    # Pauses of all lengths, so that keys meet every moment between two changes of the screen.
    terminal.draw_for(0.1 + 0.2 * (number * 0.618 % 1))
    before = tuple(terminal.screen.display)
    pressed = terminal.press(key.pressed.encode())
    painted = terminal.shown(lambda: key.effect(before, terminal.screen.display), EFFECT_WITHIN_S)
    if painted is None:
        raise TimeoutError(f"{key.kind}: {key.pressed!r} showed nothing:\n{terminal.text()}")
    return painted - pressed


def _by_kind(pressed: Sequence[tuple[Key, float]]) -> Mapping[str, float]:
    kinds: dict[str, list[float]] = defaultdict(list)
    for key, seconds in pressed:
        kinds[key.kind].append(seconds)
    return {kind: times(every).median_ms for kind, every in kinds.items()}


def _used(terminal: Watched, engine: int | None) -> tuple[float, float]:
    return cpu_s(terminal.process.pid), cpu_s(engine) if engine is not None else 0.0


def resident_mib(process_id: int) -> float:
    """Memory of a process."""
    pages = int(Path(f"/proc/{process_id}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _answered(lines: Path, began: float, ended: float) -> int:
    found = (line.split() for line in lines.read_text(encoding="ascii").splitlines())
    return sum(int(amount) for at, amount in found if began <= float(at) <= ended)


@contextmanager
def engine(folder: Path, changes_per_s: int) -> Iterator[int]:
    """An engine that answers in a process of its own; its process id."""
    command = [sys.executable, "-m", "benchmarks.full_engine", "serve", str(folder), str(changes_per_s)]
    process = subprocess.Popen(command)
    try:
        end = time.monotonic() + BEGUN_WITHIN_S
        while not (folder / SOCKET).exists():
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("the engine did not begin")
            time.sleep(0.05)
        yield process.pid
    finally:
        process.terminate()
        process.wait(BEGUN_WITHIN_S)
        (folder / SOCKET).unlink(missing_ok=True)


def measure(folder: Path, size: Size) -> Figures:
    """Everything, one after the other."""
    make(folder / STORE, size, time.time())
    program = ("-m", "aof_tui.cli.main", "attach", "--socket", str(folder / SOCKET))
    with engine(folder, CHANGES_PER_S) as process_id, watched(program, COLUMNS, LINES) as terminal:
        attached = watch(terminal, process_id, folder / ANSWERED)
    together = ("-m", "benchmarks.full_engine", "terminal", str(folder), str(CHANGES_PER_S))
    with watched(together, COLUMNS, LINES) as terminal:
        in_process = watch(terminal, None, folder / ANSWERED)
    with engine(folder, 0):
        paints = measure_first_paint(folder / SOCKET, FIRST_PAINTS)
    ratios = {name: round(paint.seconds / paints["empty"].seconds, 2) for name, paint in paints.items()}
    return Figures(
        failures=size.failures,
        events=size.events,
        attached=attached,
        in_process=in_process,
        first_paint=paints,
        attach_ratio=ratios["attach"],
        demo_ratio=ratios["demo"],
        missed=tuple(missed(attached, ratios)),
    )


def missed(attached: Watching, ratios: Mapping[str, float]) -> Iterator[str]:
    """The targets that are not met, in words."""
    for name, found, most, unit in (
        ("key → paint p95", attached.keys.p95_ms, MOST_MS, "ms"),
        ("Esc → paint p95", attached.escape.p95_ms, MOST_MS, "ms"),
        ("key → paint p95 in the log", attached.log.p95_ms, MOST_MS, "ms"),
        ("processor", attached.cpu_percent, MOST_CPU_PERCENT, "% of a core"),
        ("memory", attached.resident_mib, MOST_MIB, "MiB"),
        ("first paint of attach", ratios["attach"], MOST_ATTACH, "× an empty app"),
        ("first paint of demo", ratios["demo"], MOST_DEMO, "× an empty app"),
    ):
        if found > most:
            yield f"{name} {found:g}, at most {most:g} {unit}"


def side_by_side(figures: Figures) -> list[str]:
    """The two terminals as lines of a table."""
    both = (figures.attached, figures.in_process)

    def line(what: str, *cells: object) -> str:
        return f"{what:<44}" + "".join(f"{'–' if cell is None else str(cell):>22}" for cell in cells)

    def told(found: Times) -> str:
        return f"{found.median_ms:g} / {found.p95_ms:g} / {found.most_ms:g}"

    return [
        line(f"{figures.failures:,} failures, {CHANGES_PER_S:,} changes/s", "attached", "in process"),
        line(f"key → paint, {both[0].keys.keys} keys: median / p95 / max ms", *(told(one.keys) for one in both)),
        line("Esc", *(told(one.escape) for one in both)),
        line(f"the same in a log of {figures.events:,}", *(told(one.log) for one in both)),
        *(line(f"  {kind}, median ms", *(one.kinds[kind] for one in both)) for kind in both[0].kinds),
        line("processor, % of a core", *(one.cpu_percent for one in both)),
        line("  of the engine's process", *(one.engine_cpu_percent for one in both)),
        line("memory, MiB", *(one.resident_mib for one in both)),
        line("bytes/s to the screen", *(one.screen_bytes_per_s for one in both)),
        line("bytes/s over the socket", *(one.socket_bytes_per_s for one in both)),
    ]


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.attach")
    parser.add_argument("--no-readme", action="store_true", help="leave README.md as it is")
    chosen = parser.parse_args()
    print(describe_machine())
    with TemporaryDirectory(prefix="aof-tui-bench-") as folder:
        figures = measure(Path(folder), Size())
    print("\n".join(side_by_side(figures)))
    for name, paint in figures.first_paint.items():
        ratio = paint.seconds / figures.first_paint["empty"].seconds
        print(f"first paint of {name}: {1000 * paint.seconds:.0f} ms ({ratio:.2f} ×)")
    print("\n".join(f"missed: {missed}" for missed in figures.missed) or "all targets are met")
    print(describe_machine())
    if not chosen.no_readme:
        README.write_text(written(README.read_text(encoding="utf-8"), {NAME: asdict(figures)}), encoding="utf-8")
    print(json.dumps(asdict(figures)))
    return 1 if figures.missed else 0


if __name__ == "__main__":
    sys.exit(main())
