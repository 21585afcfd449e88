from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from aof_tui.domain.model import ErrorParts
from aof_tui.policy.error_text import parse_error
from aof_tui.policy.fingerprint import fingerprint, normalise

PAIRS: Any = yaml.safe_load(
    (Path(__file__).parent.parent / "data" / "fingerprint_pairs.yaml").read_text(encoding="utf-8")
)
ERROR = ErrorParts("T: x", "T", "rest", "x")


def of(text: str) -> str:
    return fingerprint(parse_error(text))


@pytest.mark.parametrize(("one", "other"), PAIRS["same"])
def test_one_cause_with_other_data_has_one_fingerprint(one: str, other: str) -> None:
    assert of(one) == of(other), (normalise(one), normalise(other))


@pytest.mark.parametrize(("one", "other"), PAIRS["different"])
def test_another_cause_has_another_fingerprint(one: str, other: str) -> None:
    assert of(one) != of(other), normalise(one)


def test_a_fingerprint_names_its_version_and_is_the_same_everywhere() -> None:
    assert re.fullmatch(r"v1:[0-9a-f]{16}", fingerprint(ERROR))
    assert fingerprint(ErrorParts("502 Bad Gateway", message="502 Bad Gateway")) == "v1:9e3948aef09314d1"


@pytest.mark.parametrize(
    "other", [replace(ERROR, error_type="U"), replace(ERROR, adapter="soap"), replace(ERROR, message="y")]
)
def test_each_list_field_counts(other: ErrorParts) -> None:
    assert fingerprint(other) != fingerprint(ERROR)


def test_what_only_the_detail_tells_does_not_count() -> None:
    assert fingerprint(replace(ERROR, http_code=502, line_number=4, action="a", error_id="b")) == fingerprint(ERROR)


def test_without_a_message_the_text_counts() -> None:
    assert fingerprint(ErrorParts("a")) != fingerprint(ErrorParts("b"))


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("User 'jsmith' not found", "user '#' not found"),
        ('Missing required field "email"', "missing required field 'email'"),
        ("Request failed with status code 502 after 300 ms", "request failed with status code 502 after #"),
        ("mail bob@example.com", "mail ‹email›"),
        ("undefined method `+' for nil:NilClass", "undefined method '+' for nil:nilclass"),
        ("GET https://api.example.com/orders/17?x=1 failed", "get https://api.example.com/orders/# failed"),
        ("GET /v1/items?id=5 failed", "get /v1/items failed"),
        ('{"id": "abc", "code": "BAD"}', '{"id": "#", "code": "bad"}'),
        ("ids [1, 2, 3]", "ids [#]"),
        ('no user "bob".', "no user '#'"),
        ('into ("ERP"."ITEMS"."SKU")', "into ('erp'.'items'.'sku')"),
        ("retry in 5 minutes", "retry in #"),
    ],
)
def test_the_normal_form_is_readable(text: str, normal: str) -> None:
    assert normalise(text) == normal


@given(st.text(max_size=400))
def test_any_text_has_a_normal_form_on_one_line(text: str) -> None:
    normal = normalise(text)
    assert "\n" not in normal
    assert normal == normal.strip()


@given(st.integers(1, 10**12), st.integers(1, 10**12), st.uuids(), st.uuids())
def test_numbers_and_uuids_do_not_count(one: int, other: int, first: Any, second: Any) -> None:
    assert of(f"Step of {one} broke on {first}") == of(f"Step of {other} broke on {second}")


def test_a_huge_text_is_normalised_by_its_beginning() -> None:
    assert normalise("broken " * 200_000) == normalise("broken " * 300_000)
