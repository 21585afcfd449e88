"""Text that is too long: what tells one thing from another stays, and nothing is wider than its place."""

from __future__ import annotations

import pytest

from aof_tui.base.text import display_width
from aof_tui.tui.cells import Cell, Line, Tone, column_widths
from aof_tui.tui.fitting import middle, noticed, titled, wrap_line
from aof_tui.tui.incident_presenters import Incidents
from aof_tui.tui.presenters import Countdowns, FailingJobs, LogLines, Notices
from tests.tui import rows

NAMES = ("Customers from Salesforce to NetSuite 1", "Customers from Salesforce to NetSuite 2")
WIDTHS = (1, 2, 3, 7, 16, 40)


def plain(lines: tuple[Line, ...]) -> list[str]:
    return ["".join(cell.text for cell in line) for line in lines]


@pytest.mark.parametrize("width", [6, 10, 16, 25])
def test_names_that_end_differently_stay_different(width: int) -> None:
    assert len({middle(name, width) for name in NAMES}) == len(NAMES)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Customers from Salesforce to NetSuite 2", "Customers fro… 2"),
        ("sync_orders_to_erp_v2", "sync_orders_…_v2"),
        ("Employee onboarding", "Employee onboar…"),
        ("Order sync to (ERP)…››››", "Order sync to (…"),
        ("Invoice export", "Invoice export"),
    ],
)
def test_the_middle_of_a_name_gives_way_to_its_last_words(text: str, shown: str) -> None:
    assert middle(text, 16) == shown


def test_a_title_keeps_some_of_the_name_and_some_of_what_is_wrong() -> None:
    assert titled(f"{NAMES[1]}: DUPLICATE_VALUE: dup", 28) == "Customers fro… 2: DUPLICATE…"
    assert titled("Export: 502 Bad Gateway, and a lot more", 20) == "Export: 502 Bad Gat…"
    assert titled("no colon in a title that is long", 12) == "no colon in…"
    told = f"[ERROR] downstream_5xx · {NAMES[1]} · 2 jobs · needs a person"
    assert noticed(told, 40) == "Customers from Salesf… 2 · 2 jobs · nee…"
    assert noticed(f"[ERROR] unknown · {NAMES[1]}: 502 Bad Gateway · 1 job", 44) == "Customers fr… 2: 502 Bad … · 1 job"
    assert noticed("3 incidents resolved", 12) == "3 incidents…"


@pytest.mark.parametrize("text", rows.TORTURE)
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wider_than_its_place(text: str, width: int) -> None:
    for fit in (middle, titled, noticed):
        assert display_width(fit(text, width)) <= width
    for line in wrap_line((Cell("Label  ", Tone.MUTED), Cell(text), Cell(f"  {text}")), width + 6):
        assert sum(display_width(cell.text) for cell in line) <= width + 6


def test_a_line_breaks_at_blanks_and_goes_on_behind_its_label() -> None:
    line = (Cell("Recipe     ", Tone.MUTED), Cell("Customers from Salesforce", Tone.STRONG), Cell("  5200", Tone.MUTED))
    assert plain(wrap_line(line, 30)) == ["Recipe     Customers from", " " * 11 + "Salesforce  5200"]
    assert plain(wrap_line(line, 60)) == ["Recipe     Customers from Salesforce  5200"]
    assert plain(wrap_line((Cell("  indented and long"),), 12)) == ["  indented", "  and long"]
    assert plain(wrap_line((Cell("a" * 25),), 10)) == ["a" * 10, "a" * 10, "a" * 5]
    assert wrap_line((), 10) == ((),)
    for no_room in (0, -5):
        assert wrap_line((), no_room) == ((),)
        assert plain(wrap_line((Cell("ab"),), no_room)) == ["a", "b"]


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
@pytest.mark.parametrize("kind", [FailingJobs, Countdowns, LogLines, Notices, Incidents])
def test_the_columns_of_every_list_fit_any_terminal(kind: type[FailingJobs], width: int) -> None:
    columns = kind.columns
    widths = column_widths(columns, width - 2)
    shown = [size for size in widths if size]
    assert sum(shown) + 2 * (len(shown) - 1) <= width - 2
    by_title = dict(zip((column.title for column in columns), widths, strict=True))
    assert max(by_title.get(title, 0) for title in ("RECIPE", "WHAT", "WHAT HAPPENED", "SUMMARY")) >= 9


def test_a_line_of_the_log_names_its_recipe_in_eighty_columns() -> None:
    widths = column_widths(LogLines.columns, 78)
    cells = LogLines().cells(rows.event(4), rows.NOW)
    assert [cell.text for cell, size in zip(cells, widths, strict=True) if size][-1] == rows.event(4).recipe
    assert "".join(cell.text for cell in LogLines().detail(rows.event(4), rows.NOW)[1]).startswith(
        "Order sync to ERP  "
    )
