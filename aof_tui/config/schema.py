"""The JSON Schema of the configuration file, for editors that complete and check YAML."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from aof_tui.config.settings import Settings

DIALECT = GenerateJsonSchema.schema_dialect


def schema_json() -> dict[str, Any]:
    """The schema as plain data. It knows keys and single values; names that must exist are checked by loading."""
    return {"$schema": DIALECT, "title": "aof-tui configuration", **Settings.model_json_schema(by_alias=True)}
