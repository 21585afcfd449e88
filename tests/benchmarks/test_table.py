"""README's table of figures: its shape is the benchmarks', and writing it changes nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.table import BEGIN, BENCHMARKS, COLUMNS, END, ROWS, Figures, cells, lines_of, stale, written

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
EMPTY = f"before\n{BEGIN}\n{END}\nafter\n"
FLOOD: Figures = {"accepted_s": 441.2, "ends_known_s": 603.0, "others_worst_s": 122.4}
MEASURED: dict[str, Figures] = {
    "requests": {
        "requests_per_sweep": 101,
        "unmoved_reads": 0,
        "burst_median_s": 40.2,
        "burst_worst_s": 115.0,
        "shape_medians_s": {"spread": 39.0, "one page": 63.0},
    },
    "steady": {"failures": 400, "repeats": 600, "median_s": 41.0, "worst_s": 130.0, "unread_most": 11},
    "flood": FLOOD,
    "flood --page-size 25": FLOOD,
    "idle": {"cpu_percent": 0.7, "resident_mib": 66.4},
}


def test_the_readme_shows_the_rows_that_are_measured() -> None:
    assert stale(README) == []


def test_the_readme_shows_a_figure_in_every_row() -> None:
    assert all(len(cells(line)) == len(COLUMNS) and cells(line)[1] not in ("", "–") for line in lines_of(README)[2:])


def test_what_is_written_has_the_right_shape_and_leaves_the_rest() -> None:
    document = written(EMPTY, MEASURED)
    assert stale(document) == []
    assert document.startswith("before\n")
    assert document.endswith(f"{END}\nafter\n")
    assert "| 101, none of them for a recipe that did not move | `make bench` |" in document
    assert "worst 115 s (50 recipes that share one list page: median 63 s)" in document
    assert "last repeat accepted 441 s after the first is due, all ends known after 603 s" in document
    assert written(document, MEASURED) == document


def test_what_was_not_measured_keeps_what_it_says() -> None:
    document = written(EMPTY, MEASURED).replace("0.7 % of a core", "0.9 % of a core")
    assert "0.9 % of a core" in written(document, {name: MEASURED[name] for name in BENCHMARKS if name != "idle"})


@pytest.mark.parametrize("damage", ["row", "column", "name", "order", "more"])
def test_another_shape_is_stale(damage: str) -> None:
    document = written(EMPTY, MEASURED)
    lines = lines_of(document)
    changed = {
        "row": document.replace(lines[3] + "\n", ""),
        "column": document.replace("| what | figure | command |", "| what | figure |"),
        "name": document.replace(ROWS[0].what, "requests"),
        "order": document.replace(lines[2], "x").replace(lines[3], lines[2]).replace("x\n", lines[3] + "\n", 1),
        "more": document.replace(END, f"| a | b | `c` |\n{END}"),
    }[damage]
    assert stale(changed)


def test_a_document_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="once"):
        lines_of("no table")


def test_every_row_says_who_measures_it() -> None:
    assert all((row.benchmark is None) is (row.figure is None) for row in ROWS)
    assert {row.command for row in ROWS if row.benchmark} == {"make bench", "make bench-attach"}
    assert {row.command for row in ROWS if row.benchmark in BENCHMARKS} == {"make bench"}
