"""What is wrong with values, said in plain words: no library's jargon, and never the value itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from aof_tui.base.wording import nearest
from aof_tui.config.yaml_source import Loc, Problem, show

_PLAIN = {
    "missing": "is missing",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "string_type": "must be text",
    "tuple_type": "must be a list: [a, b], or one entry a line after a dash",
    "string_too_short": "must not be empty",
    "too_short": "needs at least one entry",
}
_BOUNDS = {
    "greater_than_equal": ("at least", "ge"),
    "greater_than": ("more than", "gt"),
    "less_than_equal": ("at most", "le"),
}


def value_problems(error: ValidationError, model: type[BaseModel], at: Loc = ()) -> Iterator[Problem]:
    """Every refusal by a model, or by what stands in it `at` a place, as a problem."""
    for detail in error.errors(include_url=False):
        loc = (*at, *detail["loc"])
        if detail["type"] == "too_short" and detail["input"]:
            continue  # entries that are wrong themselves are not counted
        yield Problem(loc, f"{show(loc) or 'the file'}: {_message(detail, loc, model)}")


def _message(detail: ErrorDetails, loc: Loc, model: type[BaseModel]) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown_key(loc, model)
    if kind == "value_error":
        return str(context["error"])
    if detail["input"] is None:
        return "must not be empty"
    if kind == "enum":
        return _not_a_choice(detail["input"], context)
    if kind == "model_type":
        names = ", ".join(_keys(_group_at(loc, model)))
        return f"must be a group of keys: {names}"
    if kind in _BOUNDS:
        words, bound = _BOUNDS[kind]
        return f"must be {words} {context[bound]:g}"
    if kind == "string_too_long":
        return f"must have at most {context['max_length']} characters"
    return _PLAIN.get(kind, "has a value that is not possible here")


def _unknown_key(loc: Loc, model: type[BaseModel]) -> str:
    keys = _keys(_group_at(loc[:-1], model))
    return f"unknown key{nearest(loc[-1], keys) or ', known are ' + ', '.join(keys)}"


def _not_a_choice(value: object, context: Mapping[str, Any]) -> str:
    choices = [choice.strip("'") for choice in context["expected"].replace(" or ", ", ").split(", ")]
    return f"must be {', '.join(choices[:-1])} or {choices[-1]}{nearest(value, choices)}"


def _keys(group: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in group.model_fields.items()]


def _group_at(loc: Loc, model: type[BaseModel]) -> type[BaseModel]:
    """The group of keys that stands at a place of the settings."""
    group = model
    for part in loc:
        if isinstance(part, str):
            field = next(field for name, field in group.model_fields.items() if part == (field.alias or name))
            group = group_in(field.annotation) or group
    return group


def group_in(annotation: object) -> type[BaseModel] | None:
    """The group of keys that a field of this type holds: itself, as an option, or as entries of a list."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (group_in(inner) for inner in get_args(annotation))
    return next((group for group in found if group), None)
