"""The filter line, taken apart and in the panes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.events import Paste

from aof_tui.tui.filters import (
    EVENT_FIELDS,
    FAILURE_FIELDS,
    MAX_WORDS,
    NOTICE_FIELDS,
    event_query,
    failure_query,
    notification_query,
    parse_filter,
    split_words,
)
from tests.tui.driving import staged


def test_words_fields_and_exceptions() -> None:
    typed = parse_filter('order "two words" -test status:held recipe:"Order sync" job:j-7 nosuch:x', FAILURE_FIELDS)
    query = failure_query(typed)
    assert query.text == ("order", "two words", "nosuch:x")
    assert query.without == ("test",)
    assert query.statuses == ("held",)
    assert query.recipes == ("Order sync",)
    assert query.master_job_ids == ("j-7",)
    assert not query.only_open


def test_the_beginning_of_a_word_is_enough() -> None:
    assert parse_filter("status:needs", FAILURE_FIELDS).values("status") == ("needs_person",)
    assert parse_filter("category:r", FAILURE_FIELDS).values("category") == ("rate_limit", "recipe_logic")
    assert parse_filter('status:"in doubt"', FAILURE_FIELDS).values("status") == ("in_doubt",)


def test_a_word_that_cannot_be_is_said_and_matches_nothing() -> None:
    typed = parse_filter("status:xyz", FAILURE_FIELDS)
    assert typed.problem == "no status begins with “xyz”"
    assert typed.values("status") == ("xyz",)


def test_the_other_panes_have_their_own_fields() -> None:
    events = event_query(parse_filter("level:err kind:repeat.acc job:j-1 incident:I2 -x y", EVENT_FIELDS))
    assert (events.levels, events.kinds) == (("error",), ("repeat.accepted",))
    assert (events.master_job_id, events.incident, events.without, events.text) == ("j-1", "I2", ("x",), ("y",))
    notices = notification_query(parse_filter("status:dead receiver:oncall slack", NOTICE_FIELDS))
    assert (notices.states, notices.receivers, notices.text) == (("dead",), ("oncall",), ("slack",))


@given(st.text())
def test_nothing_typed_fails(text: str) -> None:
    typed = parse_filter(text, FAILURE_FIELDS)
    assert len(typed.words) + len(typed.without) <= MAX_WORDS
    assert all(typed.words)
    failure_query(typed)


@given(st.lists(st.text(alphabet="abc-:", min_size=1), max_size=8))
def test_words_come_back_as_typed(words: list[str]) -> None:
    assert split_words("  ".join(words)) == words


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


async def test_a_huge_paste_is_refused() -> None:
    async with staged() as stage:
        await stage.press("slash")
        stage.app.main.query_one("#filter").post_message(Paste("x" * 100_000))
        await stage.press("z", "z")
        await stage.shows("0 of 24")
        assert stage.app.main.active.filter_text == "zz"
