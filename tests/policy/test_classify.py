from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from aof_tui.config.builtin import load_builtin_rules
from aof_tui.domain.model import ErrorParts
from aof_tui.domain.words import Category, RepeatChoice
from aof_tui.policy.classify import DEFAULT_REPEAT, UNKNOWN, Classified, ClassifyRule, classify
from aof_tui.policy.classify_text import classify_text

DATA = Path(__file__).parent.parent / "data"
RULES = load_builtin_rules()


def read(name: str) -> Any:
    return yaml.safe_load((DATA / name).read_text(encoding="utf-8"))


def heldout(name: str) -> Iterator[tuple[str, str, bool]]:
    for group in read(name):
        for text in group["texts"]:
            yield text, group["category"], group["retryable"]


CORPUS = [(entry["text"], entry["category"], entry["retryable"]) for entry in read("error_corpus.yaml")]


@pytest.mark.parametrize(("text", "category", "retryable"), CORPUS)
def test_every_line_of_the_corpus_comes_out_right(text: str, category: str, retryable: bool) -> None:
    verdict = classify_text(RULES, text)
    assert (verdict.category, verdict.repeat is RepeatChoice.AUTO) == (category, retryable), verdict.rule


@pytest.mark.parametrize("name", ["error_heldout.yaml", "error_heldout_vendors.yaml"])
def test_texts_of_many_services_come_out_right(name: str) -> None:
    wrong = []
    for text, category, retryable in heldout(name):
        verdict = classify_text(RULES, text)
        if (verdict.category, verdict.repeat is RepeatChoice.AUTO) != (category, retryable):
            wrong.append((text, category, retryable, verdict))
    assert not wrong


def test_the_held_out_texts_cover_every_category() -> None:
    assert {category for _, category, _ in heldout("error_heldout.yaml")} == set(Category)


def test_a_builtin_rule_matches_codes_types_or_phrases_of_at_most_five_words() -> None:
    for rule in RULES:
        assert rule.builtin
        assert sum(map(bool, (rule.http, rule.error_type, rule.phrases))) == 1, rule.name
        assert not rule.message, rule.name
        assert not rule.adapter, rule.name
        for phrase in rule.phrases + rule.unless:
            assert 1 <= len(phrase.split()) <= 5, phrase
            assert phrase == phrase.lower().strip(), phrase


def test_builtin_rules_have_names_of_their_own_and_no_entry_twice() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert len(set(rule.phrases)) == len(rule.phrases), rule.name
    codes = [code for rule in RULES for code in rule.http]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("category", Category)
def test_categories_are_repeated_as_documented(category: Category) -> None:
    auto = {Category.RATE_LIMIT, Category.TIMEOUT_NETWORK, Category.DOWNSTREAM_5XX, Category.ON_PREM_AGENT}
    ask = {Category.UNKNOWN}
    expected = RepeatChoice.AUTO if category in auto else RepeatChoice.ASK if category in ask else RepeatChoice.NEVER
    assert Classified(category, None, "x").choice is expected
    assert Classified(category, RepeatChoice.ASK, "x").choice is RepeatChoice.ASK
    assert set(DEFAULT_REPEAT) == auto | ask


def builtin(name: str, category: Category, **fields: Any) -> ClassifyRule:
    return ClassifyRule(name, category, builtin=True, **fields)


CODE = builtin("code", Category.DOWNSTREAM_5XX, http=(503,))
VAGUE = builtin("vague", Category.VALIDATION_DATA, http=(400,), yields_to=(Category.RATE_LIMIT, Category.NOT_FOUND))
TYPE = builtin("type", Category.RECIPE_LOGIC, error_type=("TypeError",))
ADAPTER = builtin("adapter", Category.ON_PREM_AGENT, adapter=("opa",))
PHRASE = builtin("phrase", Category.RATE_LIMIT, phrases=("slow down",))
OTHER = builtin("other", Category.AUTH_CONNECTION, phrases=("log in",), unless=("log in later",))
ALL = (PHRASE, OTHER, ADAPTER, TYPE, VAGUE, CODE)


@pytest.mark.parametrize(
    ("error", "rule"),
    [
        (ErrorParts("TypeError: slow down", "TypeError", "opa", "slow down", 503), "code"),
        (ErrorParts("TypeError: slow down", "typeerror", "opa", "slow down"), "type"),
        (ErrorParts("slow down", None, "OPA agent", "slow down"), "adapter"),
        (ErrorParts("please SLOW-DOWN", None, None, "please SLOW-DOWN"), "phrase"),
        (ErrorParts("slow down", http_code=400), "phrase"),
        (ErrorParts("log in", http_code=400), "vague"),
        (ErrorParts("hm", http_code=400), "vague"),
        (ErrorParts("slow down", http_code=418), "phrase"),
        (ErrorParts("Request failed with status code 503"), "code"),
        (ErrorParts("please log in"), "other"),
        (ErrorParts("please log in later"), "none"),
        (ErrorParts("slower down"), "none"),
    ],
)
def test_signals_are_asked_in_order_and_a_vague_one_gives_way(error: ErrorParts, rule: str) -> None:
    assert classify(ALL, error).rule == rule


def test_a_users_rule_comes_first_and_names_its_own_repeat() -> None:
    own = ClassifyRule("mine", Category.NOT_FOUND, RepeatChoice.AUTO, message=("Slow Down",))
    assert classify((*ALL, own), ErrorParts("please slow down", http_code=503)) == Classified(
        Category.NOT_FOUND, RepeatChoice.AUTO, "mine"
    )


@pytest.mark.parametrize(
    ("own", "matches"),
    [
        (ClassifyRule("m", Category.UNKNOWN, message=("TOO MANY",)), True),
        (ClassifyRule("m", Category.UNKNOWN, message=("too few",)), False),
        (ClassifyRule("m", Category.UNKNOWN, error_type=("bad",)), True),
        (ClassifyRule("m", Category.UNKNOWN, adapter=("netsuite",)), True),
        (ClassifyRule("m", Category.UNKNOWN, adapter=("salesforce",)), False),
        (ClassifyRule("m", Category.UNKNOWN, http=(400, 429)), True),
        (ClassifyRule("m", Category.UNKNOWN, http=(500,), message=("too many",)), False),
        (ClassifyRule("m", Category.UNKNOWN, phrases=("too many",)), True),
        (ClassifyRule("m", Category.UNKNOWN, message=("too many",), unless=("rows",)), False),
    ],
)
def test_a_users_rule_matches_by_all_it_names(own: ClassifyRule, matches: bool) -> None:
    error = ErrorParts("Bad request: too many rows", "Bad request", "NetSuite", "too many rows", 429)
    assert (classify((own,), error).rule == "m") is matches


def test_an_error_no_rule_knows_is_unknown_and_asks() -> None:
    assert classify((), ErrorParts("x")) is UNKNOWN
    assert UNKNOWN.choice is RepeatChoice.ASK


def test_the_verdict_on_a_text_reads_what_workato_writes() -> None:
    plain = classify_text(RULES, "Bad request: no such field; Error ID 058ea58e-fcd5-4206-b93f-c1dcfbf95a32; input: {}")
    json = classify_text(
        RULES, '{"error_type":"Bad request","message":"no such field","error_id":"x","input":"<redacted>"}'
    )
    assert plain == json
    assert plain.text == "Bad request: no such field"
    assert plain.fingerprint.startswith("v1:")


@given(st.text(max_size=300))
def test_any_text_gets_a_verdict(text: str) -> None:
    verdict = classify_text(RULES, text)
    assert verdict.category in Category
    assert verdict.rule
