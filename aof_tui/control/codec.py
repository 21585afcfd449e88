"""The one JSON form of everything that crosses between an engine and whoever looks at it from another process.

Rows, queries and commands are frozen dataclasses of plain values, so their type hints are the whole description. What
comes in is checked against them to the last value: a peer may send anything.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from aof_tui.base.errors import UsageError

Value = TypeVar("Value")
Reader = Callable[[object, str], Any]

MOST_WHOLE = 2**53
"""Whole numbers beyond this do not survive other languages' JSON, and no row holds one."""


class CodecError(UsageError):
    """Text that is not the JSON form of what it should be; the message names the place, never the value."""


def to_json(value: object) -> str:
    """The JSON text of a row, query, command, or of a plain value."""
    return json.dumps(plain_form(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def from_json(kind: type[Value], text: str | bytes) -> Value:
    """The value of that type that a text stands for. Raises CodecError."""
    return from_plain(kind, parse(text))


def parse(text: str | bytes) -> object:
    """JSON as plain data, and nothing beyond JSON. Raises CodecError."""
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise CodecError("this is not JSON") from error


def plain_form(value: object) -> object:
    """The value in the types that JSON knows; a set is sorted, so that one value has one form."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain_form(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain_form(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_form(item) for item in value]
    if isinstance(value, frozenset):
        return sorted(str(item) for item in value)
    return str(value) if isinstance(value, StrEnum) else value


def from_plain(kind: type[Value], data: object) -> Value:
    """The value of that type; fields with a default may be left out. Raises CodecError."""
    hashable: Any = kind
    value: Value = _reader(hashable)(data, "")
    return value


def digest(*kinds: type) -> str:
    """Names the form of these types: two programs with the same digest understand each other."""
    return hashlib.sha256("\n".join(_shape(kind, set()) for kind in kinds).encode()).hexdigest()[:16]


def field_types(kind: Any) -> dict[str, Any]:
    """The types of a dataclass's fields, with what stands in for its type variables."""
    origin = get_origin(kind)
    return _hints(kind if origin is None else origin, get_args(kind))


def _no_constant(name: str) -> object:
    raise ValueError(name)


@cache
def _reader(kind: Any) -> Reader:
    """What reads values of a type; made once for each, for listings hold many rows."""
    plain = {str: _text, bool: _flag, int: _whole, float: _number, NoneType: _nothing, object: _anything}
    if kind in plain:
        return plain[kind]
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return _optional(_reader(next(part for part in inner if part is not NoneType)))
    if origin is tuple:
        return _sequence(_reader(inner[0]), tuple)
    if origin is frozenset:
        return _sequence(_reader(inner[0]), frozenset)
    if origin is not None and issubclass(origin, Mapping):
        return _mapping(_reader(inner[1]))
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return _choice(kind)
    return _record(kind if origin is None else origin, inner)


def _text(data: object, at: str) -> str:
    if not isinstance(data, str):
        raise _wrong(at, "text")
    try:
        data.encode()
    except UnicodeEncodeError as error:
        raise _wrong(at, "text of whole characters") from error
    return data


def _flag(data: object, at: str) -> bool:
    if not isinstance(data, bool):
        raise _wrong(at, "true or false")
    return data


def _whole(data: object, at: str) -> int:
    if not isinstance(data, int) or isinstance(data, bool) or abs(data) > MOST_WHOLE:
        raise _wrong(at, "a whole number")
    return data


def _number(data: object, at: str) -> float:
    if isinstance(data, int):
        return float(_whole(data, at))
    if not isinstance(data, float) or not math.isfinite(data):
        raise _wrong(at, "a number")
    return data


def _nothing(data: object, at: str) -> None:
    if data is not None:
        raise _wrong(at, "null")


def _anything(data: object, at: str) -> object:
    return data


def _optional(reader: Reader) -> Reader:
    return lambda data, at: None if data is None else reader(data, at)


def _sequence(reader: Reader, made: Callable[[list[Any]], Any]) -> Reader:
    def read(data: object, at: str) -> Any:
        if not isinstance(data, list):
            raise _wrong(at, "a list")
        return made([reader(item, f"{at}[{place}]") for place, item in enumerate(data)])

    return read


def _mapping(reader: Reader) -> Reader:
    def read(data: object, at: str) -> dict[str, Any]:
        if not isinstance(data, dict):
            raise _wrong(at, "an object")
        return {name: reader(item, f"{at}.{name}") for name, item in data.items()}

    return read


def _choice(kind: type[StrEnum]) -> Reader:
    def read(data: object, at: str) -> StrEnum:
        try:
            return kind(_text(data, at))
        except ValueError as error:
            raise _wrong(at, f"one of {', '.join(kind)}") from error

    return read


def _record(kind: type, inner: tuple[Any, ...]) -> Reader:
    hints = _hints(kind, inner)
    readers = {name: _reader(hint) for name, hint in hints.items()}
    needed = [field.name for field in fields(kind) if field.default is MISSING and field.default_factory is MISSING]

    def read(data: object, at: str) -> object:
        if not isinstance(data, dict):
            raise _wrong(at, "an object")
        for name in needed:
            if name not in data:
                raise CodecError(f"{at}.{name}".lstrip(".") + " is missing")
        values = {}
        for name, item in data.items():
            if name not in readers:
                raise CodecError(f"{at or 'it'} has a field that is not known; there are {', '.join(readers)}")
            values[name] = readers[name](item, f"{at}.{name}")
        return kind(**values)

    return read


def _hints(kind: type, inner: tuple[Any, ...]) -> dict[str, Any]:
    given = dict(zip(getattr(kind, "__parameters__", ()), inner, strict=False))
    hints = get_type_hints(kind)
    return {field.name: _filled(hints[field.name], given) for field in fields(kind)}


def _filled(hint: Any, given: Mapping[Any, Any]) -> Any:
    if isinstance(hint, TypeVar):
        return given.get(hint, object)
    variables = getattr(hint, "__parameters__", ())
    return hint[tuple(given.get(variable, object) for variable in variables)] if variables else hint


def _shape(kind: Any, seen: set[str]) -> str:
    """A type in words; a dataclass is spelled out where it comes first."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        # Spelled by hand: what Python calls a union changes with its version.
        return " | ".join(_shape(part, seen) for part in inner)
    base = kind if origin is None else origin
    name = getattr(base, "__name__", str(base))
    if inner and not is_dataclass(base):
        return f"{name}[{', '.join(_shape(part, seen) for part in inner)}]"
    if isinstance(base, type) and issubclass(base, StrEnum):
        return f"{name}({', '.join(base)})"
    if not is_dataclass(base) or not isinstance(base, type):
        return name
    called = f"{name}[{', '.join(_shape(part, seen) for part in inner)}]" if inner else name
    if called in seen:
        return called
    seen.add(called)
    told = [f"{field}: {_shape(hint, seen)}" for field, hint in _hints(base, inner).items()]
    return f"{called}{{{'; '.join(told)}}}"


def _wrong(at: str, wanted: str) -> CodecError:
    return CodecError(f"{at.lstrip('.') or 'it'} must be {wanted}")
