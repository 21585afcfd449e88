"""Opaque cursors: the order and the last row of a page, so that a listing goes on where it stopped whatever changes."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence

from aof_tui.base.errors import UsageError
from aof_tui.store.port import Value

MOST_LENGTH = 4_096


def encode_cursor(order: str, values: Sequence[Value]) -> str:
    """A cursor behind the row with these values in the named order."""
    return base64.urlsafe_b64encode(json.dumps([order, *values]).encode()).decode()


def decode_cursor(cursor: str, order: str, kinds: Sequence[type]) -> list[Value]:
    """The values of the row a cursor stands behind. Raises UsageError for a cursor of another listing or order."""
    wrong = UsageError("this cursor does not belong to this listing and order")
    if len(cursor) > MOST_LENGTH:
        raise wrong
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii")))
    except (ValueError, binascii.Error, RecursionError):
        raise wrong from None
    if not isinstance(values, list) or len(values) != len(kinds) + 1 or values[0] != order:
        raise wrong
    if any(not _fits(value, kind) for value, kind in zip(values[1:], kinds, strict=True)):
        raise wrong
    return values[1:]


def _fits(value: object, kind: type) -> bool:
    if kind is int:
        return type(value) is int and abs(value) < 2**63
    return isinstance(value, float) if kind is float else isinstance(value, str)
