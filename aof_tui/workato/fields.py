"""Types of the fields in Workato's answers: strict where a decision hangs on them, else lenient."""

from __future__ import annotations

import re
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainValidator

from aof_tui.base.clock import parse_rfc3339

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_HTTP_CODES = range(100, 600)
_LARGEST_COUNT = 2**53


class Wire(BaseModel):
    """A model of a part of an answer: unknown fields are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


def _as_id(value: object) -> str:
    """Ids were integers until about 2020 and are strings like `j-AbC-dEf` since; both name the same thing as text."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if isinstance(text, str) and _ID.fullmatch(text):
        return text
    raise ValueError("not an id")


def _as_id_or_none(value: object) -> str | None:
    if value is None or value == "":
        return None
    return _as_id(value)


def _as_loose_id(value: object) -> str | None:
    try:
        return _as_id(value)
    except ValueError:
        return None


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _as_texts(value: object) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def _as_flag(value: object) -> bool:
    return value is True


def _as_objects(value: object) -> list[dict[str, object]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _as_object(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _as_time(value: object) -> float | None:
    """UTC seconds of a time with any offset; Workato writes them in the workspace's zone."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return parse_rfc3339(value)
    raise ValueError("not a time")


def _as_loose_time(value: object) -> float | None:
    try:
        return _as_time(value)
    except ValueError:
        return None


def _as_count(value: object) -> int:
    if value is None:
        return 0
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LARGEST_COUNT:
        return value
    raise ValueError("not a count")


def _as_number(value: object) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= len(str(_LARGEST_COUNT)):
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LARGEST_COUNT:
        return value
    return None


def _as_http_code(value: object) -> int | None:
    number = _as_number(value)
    return number if number in _HTTP_CODES else None


Id = Annotated[str, PlainValidator(_as_id)]
MaybeId = Annotated[str | None, PlainValidator(_as_id_or_none)]
LooseId = Annotated[str | None, PlainValidator(_as_loose_id)]
Time = Annotated[float | None, PlainValidator(_as_time)]
LooseTime = Annotated[float | None, PlainValidator(_as_loose_time)]
Count = Annotated[int, PlainValidator(_as_count)]
LooseNumber = Annotated[int | None, PlainValidator(_as_number)]
HttpCode = Annotated[int | None, PlainValidator(_as_http_code)]
LooseFlag = Annotated[bool, PlainValidator(_as_flag)]
LooseText = Annotated[str, PlainValidator(_as_text)]
LooseTexts = Annotated[tuple[str, ...], PlainValidator(_as_texts)]
LooseObject = Annotated[dict[str, object], PlainValidator(_as_object)]

_Part = TypeVar("_Part", bound=Wire)
Loose = Annotated[_Part, BeforeValidator(_as_object)]
LooseList = Annotated[tuple[_Part, ...], BeforeValidator(_as_objects)]
