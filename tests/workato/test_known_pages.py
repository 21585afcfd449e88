"""Pages whose bytes are known are what they were; all others are understood anew."""

from __future__ import annotations

import json

import pytest

from aof_tui.workato.errors import BadPage
from aof_tui.workato.known_pages import KnownPages
from tests.workato.payloads import job_list, listed_job


def body_of(*titles: str) -> bytes:
    return json.dumps(
        job_list(*(listed_job(id=f"j-{number}", title=text) for number, text in enumerate(titles)))
    ).encode()


def test_a_page_that_is_as_it_was_says_what_it_said_but_is_younger() -> None:
    pages = KnownPages()
    first = pages.read("42", body_of("a"), 1.0)
    again = pages.read("42", body_of("a"), 2.0)
    assert again.runs is first.runs
    assert (first.asked_boot, again.asked_boot, again.scope_count) == (1.0, 2.0, 1)


def test_a_page_that_changed_is_understood_anew() -> None:
    pages = KnownPages()
    assert [pages.read("42", body_of(title), 1.0).runs[0].title for title in ("a", "b", "a")] == ["a", "b", "a"]


def test_the_same_bytes_of_another_recipe_are_another_page() -> None:
    pages = KnownPages()
    assert [pages.read(recipe, body_of("a"), 1.0).runs[0].recipe_id for recipe in ("42", "43")] == ["42", "43"]


def test_what_was_asked_for_longest_ago_is_forgotten_first() -> None:
    pages = KnownPages(kept_bytes=2 * len(body_of("a")))
    first, second = (pages.read("42", body_of(title), 1.0).runs for title in ("a", "b"))
    assert pages.read("42", body_of("a"), 2.0).runs is first
    third = pages.read("42", body_of("c"), 3.0).runs
    assert pages.read("42", body_of("a"), 4.0).runs is first
    assert pages.read("42", body_of("c"), 5.0).runs is third
    assert pages.read("42", body_of("b"), 6.0).runs is not second


def test_a_page_too_large_to_keep_is_read_all_the_same() -> None:
    pages = KnownPages(kept_bytes=10)
    assert [pages.read("42", body_of("a"), at).runs[0].title for at in (1.0, 2.0)] == ["a", "a"]


def test_a_bad_page_is_bad_each_time() -> None:
    pages = KnownPages()
    for _ in range(2):
        with pytest.raises(BadPage):
            pages.read("42", b"{", 1.0)
