"""The one JSON form of everything that crosses between an engine and whoever looks at it from another process.

What comes in is checked against its type to the last value: a peer may send anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar

from msgspec import DecodeError, ValidationError, convert
from msgspec.json import Decoder, Encoder, encode, schema_components

from aof_tui.base.errors import UsageError
from aof_tui.base.text import one_line

Checked = TypeVar("Checked")
Schema = dict[str, Any]

MOST_WHY = 200
"""Characters of what is told of a wrong text, which may quote a part of it."""


class CodecError(UsageError):
    """Text that is not the JSON form of what it should be; the message names the place."""


class NotJsonError(CodecError):
    """Text that is no JSON at all."""


_ENCODER = Encoder(order="deterministic")


def to_json(value: object) -> bytes:
    """The JSON text of a value, or of plain data."""
    return encode(value)


def from_json(kind: type[Checked], text: bytes) -> Checked:
    """The value of that type that a text stands for; fields with a default may be left out. Raises CodecError."""
    hashable: Any = kind
    try:
        value: Checked = _decoder(hashable).decode(text)
    except ValidationError as error:
        raise _wrong(error) from error
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotJsonError("this is not JSON") from error
    return value


def from_plain(kind: type[Checked], data: object) -> Checked:
    """The same of JSON that was read as plain data."""
    try:
        return convert(data, kind)
    except ValidationError as error:
        raise _wrong(error) from error


def schemas(kinds: Sequence[Any], references: str) -> tuple[list[Schema], dict[str, Schema]]:
    """The JSON Schema of each type, and of all types that they name; `references` says where those are, by {name}."""
    told, named = schema_components(kinds, ref_template=references, schema_hook=_schema_of_anything)
    return list(told), named


def digest(*kinds: Any) -> str:
    """Names the form of these types: two programs with the same digest understand each other."""
    import hashlib  # It loads for as long as two modules, which a screen's beginning has no use for.

    told = schemas(kinds, "{name}")
    return hashlib.sha256(_ENCODER.encode(_bare(told))).hexdigest()[:16]


@cache
def _decoder(kind: Any) -> Decoder[Any]:
    return Decoder(kind)


def _schema_of_anything(kind: type) -> Schema:
    if kind is object:
        return {"description": "any JSON"}
    raise NotImplementedError


def _bare(schema: Any) -> Any:
    """Without what is only written for people."""
    if isinstance(schema, dict):
        return {name: _bare(part) for name, part in schema.items() if (name, type(part)) != ("description", str)}
    return [_bare(part) for part in schema] if isinstance(schema, list | tuple) else schema


def _wrong(error: ValidationError) -> CodecError:
    return CodecError(one_line(str(error)[:MOST_WHY]))
