"""Strict JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aof_tui.workato.errors import BadPage
from aof_tui.workato.payload import decode


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"items": [',
        b"{} {}",
        b"<html>",
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": 1, "a": 2}',
        b'[{"b": {"a": 1, "a": 1}}]',
        b"1" * 5000,
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b'{"a":[' * 60 + b"]}" * 60,
        b'{"a": "\xff"}',
        '{"a": 1}'.encode("utf-16"),
    ],
)
def test_what_two_readers_could_read_differently_is_refused(body: bytes) -> None:
    with pytest.raises(BadPage) as caught:
        decode(body)
    assert len(str(caught.value)) < 200


def test_a_byte_order_mark_is_tolerated() -> None:
    assert decode(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


@given(st.dictionaries(st.text(), st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.text()))
def test_what_is_plain_json_is_read_as_it_is(value: object) -> None:
    assert decode(json.dumps(value).encode()) == value


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_but_a_bad_page(body: bytes) -> None:
    try:
        decode(body)
    except BadPage:
        return
