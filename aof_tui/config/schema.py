"""The JSON Schema of the configuration file, for editors that complete and check YAML."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from aof_tui.config.settings import Settings
from aof_tui.config.values import DURATION_PATTERN

_UNITS = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))


class _Generator(GenerateJsonSchema):
    """Leaves out titles, which only repeat the keys."""

    def encode_default(self, dft: object) -> Any:
        return float(dft) if isinstance(dft, float) else super().encode_default(dft)

    def field_title_should_be_set(self, schema: object) -> bool:
        return False


def schema_json() -> dict[str, Any]:
    """The schema as plain data. It knows keys and single values; what they say about each other, loading checks."""
    schema = Settings.model_json_schema(schema_generator=_Generator)
    for group in (schema, *schema["$defs"].values()):
        for setting in group.get("properties", {}).values():
            _write_default(setting)
    for name, section in schema["properties"].items():
        if name not in schema["required"]:
            _allow_empty(section)
    return {"$schema": _Generator.schema_dialect, **schema, "title": "The configuration of aof-tui"}


def _write_default(setting: dict[str, Any]) -> None:
    """Show a default as it is written in the file; that of a group follows from its keys."""
    default = setting.get("default")
    if default is None or isinstance(default, dict | list):
        setting.pop("default", None)
    elif any(form.get("pattern") == DURATION_PATTERN for form in (setting, *setting.get("anyOf", ()))):
        unit, size = next((unit, size) for unit, size in _UNITS if default % size == 0)
        setting["default"] = f"{default / size:g}{unit}"


def _allow_empty(section: dict[str, Any]) -> None:
    """A section whose lines are all switched off counts as not there."""
    alternative = {key: section.pop(key) for key in ("$ref", "type", "items", "minLength") if key in section}
    section["anyOf"] = [alternative, {"type": "null"}]
