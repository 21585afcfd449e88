"""The socket's API in OpenAPI's words, made from the types that really cross."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from aof_tui.control.codec import field_types
from aof_tui.control.metric_rows import MetricsRow
from aof_tui.control.requests import Command, EventQuery, FailureQuery, IncidentQuery, NotificationQuery
from aof_tui.control.rows import (
    CommandResult,
    EventRow,
    FailureRow,
    IncidentRow,
    NotificationRow,
    Page,
    ReportRow,
    Status,
    Story,
)
from aof_tui.control.wire import (
    MOST_BODY_BYTES,
    ROLE_HEADER,
    ROOT,
    WIRE_HEADER,
    FeedAnswer,
    FeedWait,
    Hello,
    Refusal,
    Role,
    StoryOf,
    Window,
)

Schema = dict[str, Any]

OPERATIONS: tuple[tuple[str, str, str, Any, Any], ...] = (
    ("get", "hello", "Who answers, and whom the engine takes the caller for.", None, Hello),
    ("get", "status", "The engine and its workspaces.", None, Status),
    ("post", "failures", "A page of failures.", FailureQuery, Page[FailureRow]),
    ("post", "incidents", "A page of incidents.", IncidentQuery, Page[IncidentRow]),
    ("post", "events", "A slice of the log.", EventQuery, Page[EventRow]),
    ("post", "notifications", "A page of notifications.", NotificationQuery, Page[NotificationRow]),
    ("post", "story", "Everything known of one failure; null where there is none.", StoryOf, Story | None),
    ("post", "report", "The job report over a time.", Window, ReportRow),
    ("post", "metrics", "Execution metrics over a time.", Window, MetricsRow),
    ("post", "command", "Act, as the user whom the kernel names.", Command, CommandResult),
    ("post", "feed/wait", "Wait until something changes.", FeedWait, FeedAnswer),
)
REFUSALS: Mapping[str, str] = {
    "400": "not understood",
    "403": "not for this user",
    "408": "a request that did not come in time",
    "409": "a client of another version",
    "413": f"more than {MOST_BODY_BYTES} bytes",
    "422": "cannot be granted as it is",
    "500": "the engine made an error",
    "503": "may succeed later",
}


HEADERS: Mapping[str, Schema] = {
    WIRE_HEADER: {
        "description": "The form of rows that the caller was made for, as hello tells it; another one is refused. "
        "A script may leave it out.",
        "schema": {"type": "string"},
    },
    ROLE_HEADER: {
        "description": "Gives up the right to act.",
        "schema": {"type": "string", "enum": [str(Role.VIEWER)]},
    },
}


def describe(version: str) -> Schema:
    """The whole description as plain data."""
    known: dict[str, Schema] = {}
    refusal = {"application/json": {"schema": _schema(Refusal, known)}}
    paths = {
        f"{ROOT}{name}": {
            "parameters": [{"$ref": f"#/components/parameters/{header}"} for header in HEADERS],
            method: {
                "operationId": name.replace("/", "_"),
                "summary": told,
                **({} if asked is None else {"requestBody": {"content": _content(asked, known)}}),
                "responses": {
                    "200": {"description": "the answer", "content": _content(answer, known)},
                    **{code: {"description": why, "content": refusal} for code, why in REFUSALS.items()},
                },
            },
        }
        for method, name, told, asked, answer in OPERATIONS
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "The control socket of aof-tui",
            "version": version,
            "description": "HTTP on a Unix socket. Times are UTC seconds since 1970; durations end in _s; ids are "
            "strings. An actor that a command names is replaced by the caller's user.",
        },
        "paths": paths,
        "components": {
            "schemas": dict(sorted(known.items())),
            "parameters": {name: {"name": name, "in": "header", **told} for name, told in HEADERS.items()},
        },
    }


def _content(kind: Any, known: dict[str, Schema]) -> Schema:
    return {"application/json": {"schema": _schema(kind, known)}}


def _schema(kind: Any, known: dict[str, Schema]) -> Schema:
    plain: dict[Any, Schema] = {
        str: {"type": "string"},
        bool: {"type": "boolean"},
        int: {"type": "integer"},
        float: {"type": "number"},
        object: {},
        NoneType: {"type": "null"},
    }
    if kind in plain:
        return plain[kind]
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return {"anyOf": [_schema(part, known) for part in inner]}
    if origin in (tuple, frozenset):
        unique = {"uniqueItems": True} if origin is frozenset else {}
        return {"type": "array", "items": _schema(inner[0], known), **unique}
    if origin is not None and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _schema(inner[1], known)}
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return {"type": "string", "enum": [str(member) for member in kind]}
    return _record(kind, known)


def _record(kind: Any, known: dict[str, Schema]) -> Schema:
    base, inner = get_origin(kind) or kind, get_args(kind)
    name = "".join((base.__name__, *(part.__name__ for part in inner)))
    if name not in known:
        known[name] = {}
        told = fields(base)
        needed = [one.name for one in told if one.default is MISSING and one.default_factory is MISSING]
        known[name] = {
            "type": "object",
            "description": (base.__doc__ or "").strip(),
            "properties": {field: _schema(hint, known) for field, hint in field_types(kind).items()},
            "required": [field for field in needed if (base, field) != (Command, "actor")],
        }
    return {"$ref": f"#/components/schemas/{name}"}
