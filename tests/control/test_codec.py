"""The one JSON form: whatever a row can hold comes back as it was, and nothing else gets in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aof_tui.control import breaker_rows, metric_rows, requests, rows, wire
from aof_tui.control.codec import CodecError, digest, from_json, to_json
from aof_tui.control.openapi import describe
from aof_tui.control.requests import Command, EventQuery, FailureQuery, Verb
from aof_tui.control.rows import CommandResult, FailureRow, Page, Status
from aof_tui.control.value import Value

MODULES = (rows, requests, metric_rows, breaker_rows, wire)
KINDS: list[Any] = [
    kind
    for module in MODULES
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, Value) and kind.__module__ == module.__name__
]
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=4,
)
PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXT,
    bool: st.booleans(),
    int: st.integers(-(2**53), 2**53),
    float: st.floats(allow_nan=False, allow_infinity=False),
    object: JSON,
}


def values_of(hint: Any, given_types: dict[Any, Any]) -> st.SearchStrategy[Any]:
    """Values of a field's type, made without the codec's own reading of it."""
    if isinstance(hint, TypeVar):
        return values_of(given_types.get(hint, FailureRow), {})
    if hint in PLAIN:
        return PLAIN[hint]
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        (wanted,) = [part for part in inner if part is not NoneType]
        return st.none() | values_of(wanted, given_types)
    if origin is tuple:
        return st.lists(values_of(inner[0], given_types), max_size=2).map(tuple)
    if origin is frozenset:
        return st.frozensets(values_of(inner[0], given_types), max_size=3)
    if origin is Mapping:
        return st.dictionaries(TEXT, values_of(inner[1], given_types), max_size=2)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return st.sampled_from(list(hint))
    return rows_of(hint if origin is None else origin, inner)


def rows_of(kind: Any, inner: tuple[Any, ...] = ()) -> st.SearchStrategy[Any]:
    given_types = dict(zip(getattr(kind, "__parameters__", ()), inner, strict=False))
    hints = get_type_hints(kind)
    return st.builds(kind, **{name: values_of(hints[name], given_types) for name in kind.__struct_fields__})


@pytest.mark.parametrize("kind", [pytest.param(kind, id=kind.__name__) for kind in KINDS])
def test_every_type_comes_back_as_it_was(kind: Any) -> None:
    wire_type = Page[FailureRow] if kind is Page else kind

    @settings(max_examples=8, deadline=None)
    @given(rows_of(kind, (FailureRow,) if kind is Page else ()))
    def property_holds(value: Any) -> None:
        text = to_json(value)
        assert from_json(wire_type, text) == value
        assert b"\n" not in text

    property_holds()


def test_the_types_are_found() -> None:
    assert {FailureRow, Status, Command, FailureQuery, CommandResult, Page} <= set(KINDS)


WRONG = [
    (b"", "not JSON"),
    (b"[" * 60_000, "Expected `object`, got `array`"),
    (b'{"text": ' + b"[" * 60_000, "Expected `str`, got `array`"),
    (b"NaN", "not JSON"),
    (b"{}{}", "not JSON"),
    (b'{"text": ["\xff"]}', "not JSON"),
    (b'{"text": ["\\ud800"]}', "not JSON"),
    (b"[]", "Expected `object`, got `array`"),
    (b'{"limit": true}', r"Expected `int`, got `bool` - at `\$.limit`"),
    (b'{"limit": 1e3}', r"Expected `int`, got `float` - at `\$.limit`"),
    (b'{"limit": 99999999999999999999}', r"Expected `int` <= 9007199254740992 - at `\$.limit`"),
    (b'{"workspaces": ["a", 1]}', r"Expected `str`, got `int` - at `\$.workspaces\[1\]`"),
    (b'{"workspaces": "a"}', r"Expected `array`, got `str` - at `\$.workspaces`"),
    (b'{"sort": "worst"}', r"Invalid enum value 'worst' - at `\$.sort`"),
    (b'{"only_open": 1}', r"Expected `bool`, got `int` - at `\$.only_open`"),
    (b'{"limits": 1}', "unknown field `limits`"),
]


@pytest.mark.parametrize(("text", "why"), WRONG, ids=[why for _, why in WRONG])
def test_what_is_something_else_is_refused_by_its_place(text: bytes, why: str) -> None:
    with pytest.raises(CodecError, match=why):
        from_json(FailureQuery, text)


def test_what_is_told_of_a_wrong_text_is_one_short_line() -> None:
    with pytest.raises(CodecError) as refused:
        from_json(FailureQuery, b'{"sort": "' + b"\\u001b\\n" * 500 + b'"}')
    assert len(str(refused.value)) <= 200
    assert str(refused.value).isprintable()


@pytest.mark.parametrize("number", [b"Infinity", b"1e999", b'"1"', b"null"])
def test_a_time_is_a_number(number: bytes) -> None:
    with pytest.raises(CodecError):
        from_json(wire.Window, b'{"workspace": "p", "since": 0, "until": ' + number + b"}")


def test_what_has_a_default_may_be_left_out_and_nothing_else() -> None:
    assert from_json(EventQuery, b"{}") == EventQuery()
    with pytest.raises(CodecError, match="missing required field `actor`"):
        from_json(Command, b'{"verb": "retry", "workspace": "prod"}')
    assert from_json(Command, b'{"verb": "retry", "actor": "cli", "workspace": "p"}') == Command(Verb.RETRY, "cli", "p")


def test_the_digest_names_every_field() -> None:
    assert digest(FailureQuery, EventQuery) == digest(FailureQuery, EventQuery)
    assert len({digest(kind) for kind in KINDS}) == len(KINDS)
    assert digest(Page[FailureRow]) != digest(Page[rows.EventRow])


def test_the_description_covers_every_question_and_every_field() -> None:
    told = describe("1.2.3")
    text = json.dumps(told)
    names = {name.removeprefix("/v1/") for name in told["paths"]}
    assert names == {
        *("hello", "status", "failures", "incidents", "events", "notifications", "story", "report", "metrics"),
        *("command", "feed/wait"),
    }
    schemas = told["components"]["schemas"]
    assert set(schemas["FailureRow"]["properties"]) == set(FailureRow.__struct_fields__)
    assert schemas["Page_FailureRow_"]["properties"]["rows"]["items"] == {"$ref": "#/components/schemas/FailureRow"}
    assert schemas["Command"]["required"] == ["verb", "workspace"]
    referred = {part.partition('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert referred == set(schemas)
