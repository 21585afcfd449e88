"""Strict JSON: what two readers could understand differently is no answer."""

from __future__ import annotations

import json
from math import isfinite

from aof_tui.workato.errors import BadPage


class _Unclear(ValueError):
    """JSON that the standard allows readers to understand differently, or forbids."""


def decode(body: bytes) -> object:
    """The JSON value of an answer's body. A byte order mark is tolerated.

    Raises BadPage for what is not UTF-8 or not JSON, for NaN, infinities, duplicate keys, numbers of thousands of
    digits, and nesting deeper than the interpreter bears.
    """
    try:
        return json.loads(
            body.decode("utf-8-sig"),
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_float=_finite,
        )
    except _Unclear as error:
        raise BadPage(f"not one clear JSON value: {error}") from None
    except json.JSONDecodeError as error:
        raise BadPage(f"not JSON at character {error.pos} of {len(body)} bytes") from None
    except UnicodeDecodeError:
        raise BadPage("not UTF-8") from None
    except ValueError:
        raise BadPage("not one clear JSON value: a number of too many digits") from None
    except RecursionError:
        raise BadPage("not one clear JSON value: nested too deeply") from None


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
