"""An answer's JSON value as one of the shapes of `wire`."""

from __future__ import annotations

from typing import TypeVar

from pydantic import ValidationError

from aof_tui.workato.errors import BadPage
from aof_tui.workato.fields import Wire

W = TypeVar("W", bound=Wire)
_ENVELOPES = ("items", "data", "result", "results")


def read(model: type[W], value: object) -> W:
    """The value as that shape. The error names the place and the rule, never the value."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(map(str, first["loc"])) or "the answer"
        raise BadPage(f"not a {model.__name__.removeprefix('Wire')}: {place}: {first['type']}") from None


def items(value: object) -> list[object]:
    """The list in an answer: bare, or in one of the envelopes that Workato uses."""
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        for name in _ENVELOPES:
            inside = value.get(name)
            if isinstance(inside, list):
                return inside
    raise BadPage("the answer holds no list")


def read_all(model: type[W], value: object) -> list[W]:
    """Every item of the list in an answer; one that cannot be believed makes the whole answer so."""
    return [read(model, item) for item in items(value)]
