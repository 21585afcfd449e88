"""Text in cells: never too wide, never harmful, nothing lost in wrapping."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aof_tui.base.text import clean, display_width
from aof_tui.tui.cells import GAP, Column, column_widths, pad, show, wrap
from aof_tui.tui.presenters import Countdowns, FailingJobs, LogLines, Notices
from tests.tui.rows import TORTURE

TEXTS = st.one_of(st.text(max_size=200), st.sampled_from(TORTURE))


@given(TEXTS, st.integers(0, 120))
def test_what_is_shown_fits_and_is_clean(text: str, width: int) -> None:
    shown = show(text, width)
    assert display_width(shown) <= width
    assert clean(shown) == shown
    assert "\n" not in shown
    assert "\t" not in shown


@given(st.text(alphabet="ab é日", max_size=20), st.integers(20, 60))
def test_padding_fills_the_width_on_either_side(text: str, width: int) -> None:
    shown = show(text, width)
    assert display_width(pad(shown, width)) == width
    assert pad(shown, width, right=True).endswith(shown)


@given(TEXTS, st.integers(1, 100))
def test_wrapped_lines_fit_and_lose_no_word(text: str, width: int) -> None:
    lines = wrap(text[:2_000], width)
    assert all(display_width(line) <= max(2, width) for line in lines)
    assert "".join("".join(lines).split()) == "".join(clean(text[:2_000]).expandtabs(4).split())


COLUMNS = st.lists(
    st.builds(
        Column, title=st.just("T"), width=st.integers(1, 20), flex=st.integers(0, 3), shown_from=st.integers(0, 120)
    ),
    min_size=1,
    max_size=8,
)


@given(COLUMNS, st.integers(0, 250))
def test_columns_share_all_of_the_width(columns: list[Column], total: int) -> None:
    widths = column_widths(columns, total)
    shown = [column for column, width in zip(columns, widths, strict=True) if width]
    needed = sum(column.width for column in shown) + GAP * (len(shown) - 1)
    if shown and any(column.flex for column in shown):
        assert sum(widths) + GAP * (len(shown) - 1) == max(total, needed)
    assert all(width >= column.width for column, width in zip(columns, widths, strict=True) if width)


def test_every_pane_fits_the_smallest_place_it_is_shown_in() -> None:
    for columns in (FailingJobs.columns, Countdowns.columns, LogLines.columns, Notices.columns):
        for total in (45, 69, 78, 116, 198):
            widths = column_widths(columns, total)
            used = sum(widths) + GAP * (sum(1 for width in widths if width) - 1)
            assert used <= total or total < 69
