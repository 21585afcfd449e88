"""Strict JSON: what two readers could understand differently is no answer."""

from __future__ import annotations

import json
from collections.abc import Iterable
from math import isfinite

from aof_tui.workato.errors import BadPage

MAX_DEPTH = 100
_TOO_DEEP = "nested too deeply"


class _Unclear(ValueError):
    """JSON that the standard allows readers to understand differently, or forbids."""


def decode(body: bytes) -> object:
    """The JSON value of an answer's body. A byte order mark is tolerated.

    Raises BadPage for what is not UTF-8 or not JSON, for NaN, infinities, duplicate keys, numbers of thousands of
    digits, and nesting deeper than `MAX_DEPTH`.
    """
    try:
        value = json.loads(
            body.decode("utf-8-sig"),
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_float=_finite,
        )
        _check_depth(value)
    except _Unclear as error:
        raise BadPage(f"not one clear JSON value: {error}") from None
    except json.JSONDecodeError as error:
        raise BadPage(f"not JSON at character {error.pos} of {len(body)} bytes") from None
    except UnicodeDecodeError:
        raise BadPage("not UTF-8") from None
    except ValueError:
        raise BadPage("not one clear JSON value: a number of too many digits") from None
    except RecursionError:
        raise BadPage(f"not one clear JSON value: {_TOO_DEEP}") from None
    return value


def _check_depth(value: object) -> None:
    """What reads the value later may walk it recursively, on a stack deeper than here."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [inner for outer in level for inner in _children(outer) if isinstance(inner, dict | list)]
        if not level:
            return
    raise _Unclear(_TOO_DEEP)


def _children(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Unclear("a key stands twice in one object")
    return found


def _no_constant(_word: str) -> float:
    raise _Unclear("NaN or an infinity")


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise _Unclear("a number too large")
    return number
