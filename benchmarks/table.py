"""README's table of figures: which rows it has, and how it is written between its two marks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"
Figures = Mapping[str, object]
"""The last line of a benchmark."""

BEGIN, END = "<!-- figures: written by `make bench` -->", "<!-- end of figures -->"
COLUMNS = ("what", "figure", "command")
BENCH, BENCH_ATTACH, ALONE = "make bench", "make bench-attach", None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `figure` makes its text of a benchmark's last line; None: another command measures it."""

    what: str
    command: str
    benchmark: str | None
    figure: Callable[[Figures], str] | None


def _seconds(value: object) -> str:
    return f"{float(str(value)):.0f} s"


def _sweep(figures: Figures) -> str:
    unmoved = figures["unmoved_reads"]
    of_unmoved = f"{unmoved} of them" if unmoved else "none of them"
    return f"{figures['requests_per_sweep']}, {of_unmoved} for a recipe that did not move"


def _burst(figures: Figures) -> str:
    shapes = figures["shape_medians_s"]
    page = shapes.get("one page") if isinstance(shapes, Mapping) else None
    middle, worst = _seconds(figures["burst_median_s"]), _seconds(figures["burst_worst_s"])
    beside = f" (50 recipes that share one list page: median {_seconds(page)})" if page is not None else ""
    return f"median {middle}, worst {worst}{beside}"


def _steady(figures: Figures) -> str:
    return (
        f"{figures['failures']} failures, {figures['repeats']} repeats: median {_seconds(figures['median_s'])}, "
        f"worst {_seconds(figures['worst_s'])}; at most {figures['unread_most']} recipes wait to be read"
    )


def _flood(figures: Figures) -> str:
    return (
        f"last repeat accepted {_seconds(figures['accepted_s'])} after the first is due, all ends known after "
        f"{_seconds(figures['ends_known_s'])}; failures of other recipes recorded within "
        f"{_seconds(figures['others_worst_s'])}"
    )


def _idle(figures: Figures) -> str:
    return f"{figures['cpu_percent']} % of a core, {float(str(figures['resident_mib'])):.0f} MiB"


def _painted(times: object) -> str:
    if not isinstance(times, Mapping):
        raise TypeError("times of keys are an object")
    return f"p95 {float(str(times['p95_ms'])):.0f} ms"


def _terminal(figures: Figures, name: str) -> Figures:
    found = figures[name]
    if not isinstance(found, Mapping):
        raise TypeError(f"{name} is an object")
    return found


def _attached(figures: Figures) -> str:
    attached, within = _terminal(figures, "attached"), _terminal(figures, "in_process")
    return (
        f"attached {_painted(attached['keys'])} (Esc {_painted(attached['escape'])}), "
        f"{float(str(attached['cpu_percent'])):.0f} % of a core, "
        f"{float(str(attached['resident_mib'])):.0f} MiB; in process {_painted(within['keys'])}; "
        f"in a log of {figures['events']:,} events {_painted(attached['log'])} and {_painted(within['log'])}"
    )


def _carried(figures: Figures) -> str:
    attached, within = _terminal(figures, "attached"), _terminal(figures, "in_process")

    def kib(value: object) -> str:
        return f"{float(str(value)) / 1024:.0f} KiB/s"

    screen, socket = kib(attached["screen_bytes_per_s"]), kib(attached["socket_bytes_per_s"])
    return f"attached {screen} to the screen, {socket} over the socket; in process {kib(within['screen_bytes_per_s'])}"


def _first_paint(figures: Figures) -> str:
    return f"`attach` {figures['attach_ratio']} ×, `demo` {figures['demo_ratio']} ×"


def _short(figures: Figures) -> str:
    found = figures["missed"]
    return "; ".join(map(str, found)) if isinstance(found, list | tuple) and found else "nothing"


STORM = "100,000 failures, 1,000 changes/s"
FLOOD = "10,000 failures over 100 recipes, one full request a second takes 400 s"
ROWS = (
    Row("requests per sweep: 5,000 recipes, 50 with new failures", BENCH, "requests", _sweep),
    Row("a burst of 50 failures, from visible to recorded", BENCH, "requests", _burst),
    Row("0.2 % of 5,000 recipes fail each minute, from visible to recorded", BENCH, "steady", _steady),
    Row(f"{FLOOD}; 100 jobs a page", BENCH, "flood", _flood),
    Row(f"{FLOOD}; 25 jobs a page", BENCH, "flood --page-size 25", _flood),
    Row("`headless` at rest on 5,000 recipes", BENCH, "idle", _idle),
    Row(
        "real engines killed at every named point and at random, both modes, both list behaviours",
        "make crash",
        ALONE,
        None,
    ),
    Row("a terminal that nobody reads for 60 s", "make bench-unread", ALONE, None),
    Row(f"{STORM}: from key to paint", BENCH_ATTACH, "attach", _attached),
    Row(f"{STORM}: what a screen of 160 × 48 takes", BENCH_ATTACH, "attach", _carried),
    Row("first paint, against an empty Textual app", BENCH_ATTACH, "attach", _first_paint),
    Row("what of the three rows above falls short of its target", BENCH_ATTACH, "attach", _short),
)
BENCHMARKS = tuple(dict.fromkeys(row.benchmark for row in ROWS if row.benchmark and row.command == BENCH))
"""What `make bench` runs, each once."""


def lines_of(document: str) -> list[str]:
    """The lines of the table in a document. Raises ValueError where its marks are missing."""
    if document.count(BEGIN) != 1 or document.count(END) != 1:
        raise ValueError(f"the document needs each of {BEGIN} and {END} once")
    inside = document.partition(BEGIN)[2].partition(END)[0]
    return [line for line in inside.splitlines() if line.strip()]


def cells(line: str) -> tuple[str, ...]:
    """The cells of one line of the table."""
    return tuple(cell.strip() for cell in line.strip().strip("|").split("|"))


def stale(document: str) -> list[str]:
    """In what the table's shape differs from the rows that are measured; nothing when it fits."""
    found = [cells(line) for line in lines_of(document)]
    wanted = [COLUMNS, ("---",) * len(COLUMNS), *((row.what, row.command) for row in ROWS)]
    shown = [line if number < 2 else (line[0], line[-1].strip("`")) for number, line in enumerate(found)]
    faults = [f"missing or elsewhere: {line}" for line in wanted if line not in shown]
    faults += [f"nobody measures: {line}" for line in shown if line not in wanted]
    return faults or ([] if shown == wanted else ["the rows are in another order"])


def written(document: str, measured: Mapping[str, Figures]) -> str:
    """The document with its table written anew; what was not measured now keeps what it says."""
    said = {cells(line)[0]: cells(line)[1] for line in lines_of(document)}
    table = [COLUMNS, ("---",) * len(COLUMNS)]
    for row in ROWS:
        figures = measured.get(row.benchmark or "")
        text = row.figure(figures) if row.figure is not None and figures is not None else said.get(row.what, "–")
        table.append((row.what, text, f"`{row.command}`"))
    before, _, rest = document.partition(BEGIN)
    lines = "\n".join("|" + "|".join(f" {cell} " if cell != "---" else cell for cell in line) + "|" for line in table)
    return f"{before}{BEGIN}\n{lines}\n{END}{rest.partition(END)[2]}"
