"""What people see: facts that go on below, inert text, and no colour anywhere."""

from __future__ import annotations

import io
import sys

import pytest

from aof_tui.cli.output import WIDEST_CELL, print_columns, print_facts


class Terminal(io.StringIO):
    """A terminal 30 cells wide."""

    def isatty(self) -> bool:
        return True


FACTS = [("status", "held: paused"), ("what to do", "retry or close it in aof-tui once 日本 answers\x1b[31m again")]


def test_a_long_fact_goes_on_below_its_beginning_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setattr(sys, "stdout", Terminal())
    print_facts(FACTS)
    assert isinstance(sys.stdout, Terminal)
    assert sys.stdout.getvalue().splitlines() == [
        "status      held: paused",
        "what to do  retry or close it",
        "            in aof-tui once",
        "            日本 answers␛[31m",
        "            again",
    ]


def test_elsewhere_each_fact_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_facts(FACTS)
    out = capsys.readouterr().out.splitlines()
    assert out == ["status      held: paused", "what to do  retry or close it in aof-tui once 日本 answers␛[31m again"]


def test_columns_are_cut_on_a_terminal_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    row = ["recipe " * 12, "error " * 20]
    print_columns(("RECIPE", "ERROR"), [row])
    assert capsys.readouterr().out.splitlines()[1] == "  ".join(cell.strip() for cell in row)
    monkeypatch.setenv("COLUMNS", "90")
    monkeypatch.setattr(sys, "stdout", Terminal())
    print_columns(("RECIPE", "ERROR"), [row])
    assert isinstance(sys.stdout, Terminal)
    line = sys.stdout.getvalue().splitlines()[1]
    assert (len(line), line[WIDEST_CELL - 1 : WIDEST_CELL + 2], line[-1]) == (90, "…  ", "…")


def test_a_narrow_terminal_spares_what_it_may_before_the_last_column_says_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    headings, row = ("ID", "CATEGORY", "WHO", "TITLE"), ["I1", "downstream_5xx", "ana", "Order sync: 503 Unavailable"]

    def heading(columns: int) -> str:
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.setattr(sys, "stdout", Terminal())
        print_columns(headings, [row], ("CATEGORY", "WHO"))
        assert isinstance(sys.stdout, Terminal)
        head, line = sys.stdout.getvalue().splitlines()
        assert line.startswith("I1 ")
        assert len(line) <= columns
        return " ".join(head.split())

    seen = [heading(columns) for columns in (57, 56, 41, 40, 20)]
    assert seen == ["ID CATEGORY WHO TITLE", "ID WHO TITLE", "ID WHO TITLE", "ID TITLE", "ID TITLE"]
    monkeypatch.undo()
    print_columns(headings, [row], ("CATEGORY", "WHO"))
    assert capsys.readouterr().out.split()[:4] == list(headings)
