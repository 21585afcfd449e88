"""The filter line in the panes."""

from __future__ import annotations

import pytest
from textual.events import Paste

from tests.tui.driving import staged


async def test_the_filter_is_live_and_counted_and_esc_clears_it() -> None:
    async with staged() as stage:
        await stage.press("slash", *"erp -net")
        await stage.shows("8 of 24", "/erp -net")
        assert "Net::" not in stage.text
        await stage.press("enter")
        await stage.press("j")
        await stage.shows("8 of 24")
        await stage.press("escape")
        await stage.shows("Failing jobs  24")


async def test_esc_while_typing_clears_too_and_the_cursor_begins_anew() -> None:
    async with staged() as stage:
        await stage.press("G", "slash", *"status:held")
        await stage.shows("3 of 24", "▌= held")
        await stage.press("escape")
        await stage.shows("Failing jobs  24", "▌↻ scheduled")
        assert not stage.app.main.query_one("#filter-bar").display


async def test_nothing_that_matches_is_said() -> None:
    async with staged() as stage:
        await stage.press("slash", *"nosuchword")
        await stage.shows("Nothing matches the filter.", "0 of 24")


@pytest.mark.parametrize(
    ("pane", "typed", "shown"),
    [
        ("2", "status:watching", "4 of 15"),
        ("2", "status:held", "0 of 15"),
        ("1", "workspace:test", "0 of 24"),
        ("3", "level:error", "/level:error"),
        ("4", "status:dead", "3 of 18"),
    ],
)
async def test_every_pane_has_its_filter(pane: str, typed: str, shown: str) -> None:
    async with staged() as stage:
        await stage.press(pane, "slash", *typed)
        await stage.shows(shown)
        if pane == "3":
            await stage.hides("recovered with")


async def test_a_problem_of_the_filter_is_shown() -> None:
    async with staged() as stage:
        await stage.press("slash", *"status:q")
        await stage.shows("no status begins with “q”")


async def test_a_problem_is_shown_whole_where_four_panes_share_the_screen() -> None:
    async with staged(size=(120, 40)) as stage:
        await stage.press("slash", *"status:heldd")
        await stage.shows("no status begins with “heldd”, did you mean held?", "Esc clears the filter.")
        assert "Nothing matches" not in stage.text
        await stage.press("backspace")
        await stage.shows("3 of 24")


async def test_all_fields_are_named_where_a_filter_is_typed() -> None:
    async with staged() as stage:
        await stage.press("slash")
        await stage.shows("-without  status: category: recipe: job: incident: workspace:")


async def test_a_huge_paste_is_refused() -> None:
    async with staged() as stage:
        await stage.press("slash")
        stage.app.main.query_one("#filter").post_message(Paste("x" * 100_000))
        await stage.press("z", "z")
        await stage.shows("0 of 24")
        assert stage.app.main.active.filter_text == "zz"
