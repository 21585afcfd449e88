"""The one JSON form: whatever a row can hold comes back as it was, and nothing else gets in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
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

MODULES = (rows, requests, metric_rows, breaker_rows, wire)
KINDS: list[Any] = [
    kind
    for module in MODULES
    for kind in vars(module).values()
    if isinstance(kind, type) and hasattr(kind, "__dataclass_fields__") and kind.__module__ == module.__name__
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
    return st.builds(kind, **{field.name: values_of(hints[field.name], given_types) for field in fields(kind)})


@pytest.mark.parametrize("kind", [pytest.param(kind, id=kind.__name__) for kind in KINDS])
def test_every_type_comes_back_as_it_was(kind: Any) -> None:
    wire_type = Page[FailureRow] if kind is Page else kind

    @settings(max_examples=8, deadline=None)
    @given(rows_of(kind, (FailureRow,) if kind is Page else ()))
    def property_holds(value: Any) -> None:
        text = to_json(value)
        assert from_json(wire_type, text) == value
        assert to_json(from_json(wire_type, text)) == text
        assert "\n" not in text

    property_holds()


def test_the_types_are_found() -> None:
    assert {FailureRow, Status, Command, FailureQuery, CommandResult, Page} <= set(KINDS)


WRONG = [
    ("", "not JSON"),
    ("[" * 60_000, "not JSON"),
    ("NaN", "not JSON"),
    ("[]", "it must be an object"),
    ('{"limit": true}', "limit must be a whole number"),
    ('{"limit": 1e3}', "limit must be a whole number"),
    ('{"limit": 99999999999999999999}', "limit must be a whole number"),
    ('{"workspaces": ["a", 1]}', r"workspaces\[1\] must be text"),
    ('{"workspaces": "a"}', "workspaces must be a list"),
    ('{"text": ["\\ud800"]}', r"text\[0\] must be text of whole characters"),
    ('{"sort": "worst"}', "sort must be one of last_failed_at, "),
    ('{"only_open": 1}', "only_open must be true or false"),
    ('{"secret": 1}', "it has a field that is not known; there are workspaces, "),
]


@pytest.mark.parametrize(("text", "why"), WRONG, ids=[why for _, why in WRONG])
def test_what_is_something_else_is_refused_by_its_place(text: str, why: str) -> None:
    with pytest.raises(CodecError, match=why) as refused:
        from_json(FailureQuery, text)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("number", ["Infinity", "1e999", '"1"', "null", str(2**60)])
def test_a_time_is_a_number(number: str) -> None:
    with pytest.raises(CodecError):
        from_json(wire.Window, f'{{"workspace": "p", "since": 0, "until": {number}}}')


def test_what_has_a_default_may_be_left_out_and_nothing_else() -> None:
    assert from_json(EventQuery, "{}") == EventQuery()
    with pytest.raises(CodecError, match="actor is missing"):
        from_json(Command, json.dumps({"verb": "retry", "workspace": "prod"}))
    assert from_json(Command, '{"verb": "retry", "actor": "cli", "workspace": "p"}') == Command(Verb.RETRY, "cli", "p")


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
    assert set(schemas["FailureRow"]["properties"]) == {field.name for field in fields(FailureRow)}
    assert schemas["PageFailureRow"]["properties"]["rows"]["items"] == {"$ref": "#/components/schemas/FailureRow"}
    assert schemas["Command"]["required"] == ["verb", "workspace"]
    referred = {part.partition('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert referred == set(schemas)
