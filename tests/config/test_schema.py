"""The JSON Schema says what loading says, as far as a schema can."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from aof_tui.config.schema import schema_json
from aof_tui.config.starter import SAMPLE, Answers, render
from aof_tui.config.yaml_source import parse
from tests.config.test_load import WRONG
from tests.config.test_starter import switched_on
from tests.config.texts import SMALLEST, problems

SCHEMA = schema_json()
SILENT = {"$schema", "$defs", "title", "description", "default"}
TYPES: Mapping[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "null": type(None),
}


def fits_type(name: str, value: object) -> bool:
    return isinstance(value, TYPES[name]) and (not isinstance(value, bool) or name == "boolean")


def fits_object(schema: Mapping[str, Any], value: Mapping[str, object]) -> bool:
    known = schema.get("properties", {})
    extra = schema.get("additionalProperties", True) or set(value) <= set(known)
    return (
        bool(extra)
        and set(schema.get("required", ())) <= set(value)
        and all(fits(known[key], inner) for key, inner in value.items() if key in known)
    )


def fits(schema: Mapping[str, Any], value: Any) -> bool:
    """Whether a value is valid by the keywords that the schema uses; any other keyword is an error."""
    tests: dict[str, Callable[[Any], object]] = {
        "$ref": lambda wanted: fits(SCHEMA["$defs"][wanted.removeprefix("#/$defs/")], value),
        "anyOf": lambda wanted: any(fits(choice, value) for choice in wanted),
        "type": lambda wanted: fits_type(wanted, value),
        "enum": lambda wanted: value in wanted,
        "pattern": lambda wanted: not isinstance(value, str) or re.search(wanted, value),
        "minLength": lambda wanted: not isinstance(value, str) or len(value) >= wanted,
        "maxLength": lambda wanted: not isinstance(value, str) or len(value) <= wanted,
        "minimum": lambda wanted: not isinstance(value, int | float) or value >= wanted,
        "maximum": lambda wanted: not isinstance(value, int | float) or value <= wanted,
        "exclusiveMinimum": lambda wanted: not isinstance(value, int | float) or value > wanted,
        "items": lambda wanted: not isinstance(value, list) or all(fits(wanted, entry) for entry in value),
        "minItems": lambda wanted: not isinstance(value, list) or len(value) >= wanted,
        "properties": lambda _: not isinstance(value, dict) or fits_object(schema, value),
        "required": lambda _: True,
        "additionalProperties": lambda _: True,
    }
    return all(tests[keyword](wanted) for keyword, wanted in schema.items() if keyword not in SILENT)


@pytest.mark.parametrize(
    "text", [SMALLEST, render(SAMPLE), render(Answers()), switched_on(render(SAMPLE)), SMALLEST + "retry:\n"]
)
def test_files_that_load_are_valid(text: str) -> None:
    assert problems(text) == ()
    assert fits(SCHEMA, parse(text, "a.yaml").data)


@pytest.mark.parametrize(
    "rest",
    [
        "stor: x",
        "mode: acts",
        "retry: {min: 60}",
        "retry: {min: 5 minutes}",
        "retry: {max_attempts: 0}",
        "retry: {curve: linear}",
        "policies: {a: 1}",
        "policies: [{match: {recipe: []}, name: x}]",
        "safe_to_repeat: {all: yes}",
        "routes: [{receivers: []}]",
        "receivers: [{name: a, slack: {token: xoxb-1, channel: C}}]",
    ],
)
def test_files_that_do_not_load_are_invalid(rest: str) -> None:
    text = SMALLEST + rest
    assert problems(text)
    assert not fits(SCHEMA, parse(text, "a.yaml").data)
    assert not fits(SCHEMA, parse(WRONG, "a.yaml").data)


def test_ids_may_be_numbers_and_references_have_a_form() -> None:
    assert fits(SCHEMA, parse(SMALLEST + "safe_to_repeat: {recipes: [123, Orders]}", "a.yaml").data)
    token = SCHEMA["$defs"]["WorkspaceSettings"]["properties"]["token"]
    assert fits(token, "env:WORKATO_TOKEN")
    assert fits(token, "file:/run/secrets/token")
    assert not fits(token, "wrkaus-123")
    assert "env:NAME or file:/path" in token["description"]


def test_defaults_are_shown_as_they_are_written() -> None:
    defaults = {
        f"{name}.{key}": setting["default"]
        for name, group in SCHEMA["$defs"].items()
        for key, setting in group.get("properties", {}).items()
        if "default" in setting
    }
    assert defaults["Collation.interval"] == "1m"
    assert defaults["Retry.max"] == "10m"
    assert defaults["Retention.events"] == "90d"
    assert defaults["WorkspaceSettings.quota_share"] == 0.8
    for place, default in defaults.items():
        name, key = place.split(".")
        assert fits(SCHEMA["$defs"][name]["properties"][key], default), place


def test_every_group_is_described_and_closed() -> None:
    for group in (SCHEMA, *SCHEMA["$defs"].values()):
        assert group["description"]
        assert group["type"] != "object" or group["additionalProperties"] is False


def test_the_schema_is_plain_json() -> None:
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA
    assert SCHEMA["$schema"].startswith("https://json-schema.org/")
