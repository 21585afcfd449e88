"""The description of the socket's API is OpenAPI: its parts are where a reader of that looks for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aof_tui.control.openapi import describe
from aof_tui.control.wire import ROLE_HEADER, WIRE_HEADER

TOLD = describe("1.2.3")
METHODS = {"get", "post"}
TYPES = {"string", "boolean", "integer", "number", "null", "array", "object"}
SCHEMA_KEYS = {
    *("type", "title", "description", "properties", "required", "items", "additionalProperties", "anyOf", "enum"),
    *("uniqueItems", "minimum", "maximum", "default", "$ref"),
}


def references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (str(item) for key, item in value.items() if key == "$ref")
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from references(item)


def schemas(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A schema and all within it."""
    yield value
    inner = [*value.get("properties", {}).values(), *value.get("anyOf", ())]
    inner += [value[key] for key in ("items", "additionalProperties") if isinstance(value.get(key), dict)]
    for one in inner:
        yield from schemas(one)


def operations() -> list[tuple[str, dict[str, Any]]]:
    return [(method, one) for path in TOLD["paths"].values() for method, one in path.items() if method != "parameters"]


def test_it_is_a_document_of_that_kind() -> None:
    assert TOLD["openapi"].startswith("3.1.")
    assert {"title", "version"} <= TOLD["info"].keys()
    assert TOLD.keys() == {"openapi", "info", "paths", "components"}
    assert all(path.startswith("/v1/") for path in TOLD["paths"])


def test_each_reference_leads_somewhere_and_nothing_is_there_for_nobody() -> None:
    found = set(references(TOLD))
    there = {f"#/components/{part}/{name}" for part, known in TOLD["components"].items() for name in known}
    assert found == there
    assert {f"#/components/parameters/{name}" for name in (WIRE_HEADER, ROLE_HEADER)} <= found


def test_operations_are_whole() -> None:
    names = [one["operationId"] for _, one in operations()]
    assert len(names) == len(set(names)) == 11
    for method, one in operations():
        assert method in METHODS
        assert one.keys() - {"requestBody"} == {"operationId", "summary", "responses"}
        assert ("requestBody" in one) is (method == "post")
        bodies = [answer["content"]["application/json"] for answer in one["responses"].values()]
        assert all("schema" in body for body in bodies)
        assert {"200", "400", "403", "408", "409", "413", "422", "500", "503"} == one["responses"].keys()
        assert all(answer["description"] for answer in one["responses"].values())


def test_schemas_say_only_what_json_schema_knows() -> None:
    for known in TOLD["components"]["schemas"].values():
        assert known["description"]
        for one in schemas(known):
            assert one.keys() <= SCHEMA_KEYS
            assert one.get("type", "object") in TYPES
            assert set(one.get("required", ())) <= one.get("properties", {}).keys()
