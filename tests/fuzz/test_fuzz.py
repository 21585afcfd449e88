"""The fuzzer itself: it repeats itself by its seed, reads what is unspoiled, and notices what it is there for."""

from __future__ import annotations

import json
import random

import pytest

from aof_tui.domain.model import Recipe
from tests.fuzz import walks
from tests.fuzz.feed import feed
from tests.fuzz.mutate import mutate
from tests.fuzz.targets import corpus, decode, target_of, wrong_with


@pytest.mark.parametrize("name", sorted(corpus()))
def test_the_unspoiled_corpus_is_read(name: str) -> None:
    body = json.dumps(corpus()[name]).encode()
    found = decode(target_of(name), body)
    assert found is not None
    assert wrong_with(found, body) is None


def test_a_seed_says_every_mutation() -> None:
    value = corpus()["jobs"]
    first, second = ([mutate(value, chance) for _ in range(200)] for chance in (random.Random("s"), random.Random("s")))
    assert first == second
    assert len(set(first)) > 120


def test_a_portion_finds_nothing_and_counts_what_it_fed() -> None:
    fed = feed("short", 400, walks=False)
    assert fed.findings == []
    assert fed.counts["decoded"] + fed.counts["called"] == 400
    assert min(fed.counts["read"], fed.counts["refused"]) > 80


def test_what_is_not_clean_is_noticed() -> None:
    found = decode(target_of("recipes"), json.dumps(corpus()["recipes"]).encode())
    assert isinstance(found, tuple)
    assert isinstance(found[0], Recipe)
    assert wrong_with([found, "\x1b]0;x\x07"], b"") is not None
    assert wrong_with([found, "x" * 30_000], b"") is not None


def test_engines_walk_over_spoiled_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walks, "ROUNDS", 1)
    monkeypatch.setattr(walks, "RECIPES", 8)
    walked = walks.walk("short")
    assert walked.findings == ()
    assert walked.bad > 0
