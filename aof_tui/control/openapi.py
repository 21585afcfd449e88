"""The socket's API in OpenAPI's words, made from the types that really cross."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aof_tui.control.codec import Schema, schemas
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
    kinds = list(dict.fromkeys(kind for *_, asked, answer in OPERATIONS for kind in (asked, answer) if kind))
    told, named = schemas([*kinds, Refusal], "#/components/schemas/{name}")
    contents = {
        kind: {"application/json": {"schema": schema}} for kind, schema in zip((*kinds, Refusal), told, strict=True)
    }
    # Who asks is named by the kernel.
    named["Command"]["required"].remove("actor")
    paths = {
        f"{ROOT}{name}": {
            "parameters": [{"$ref": f"#/components/parameters/{header}"} for header in HEADERS],
            method: {
                "operationId": name.replace("/", "_"),
                "summary": summary,
                **({} if asked is None else {"requestBody": {"content": contents[asked]}}),
                "responses": {
                    "200": {"description": "the answer", "content": contents[answer]},
                    **{code: {"description": why, "content": contents[Refusal]} for code, why in REFUSALS.items()},
                },
            },
        }
        for method, name, summary, asked, answer in OPERATIONS
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
            "schemas": dict(sorted(named.items())),
            "parameters": {name: {"name": name, "in": "header", **header} for name, header in HEADERS.items()},
        },
    }
