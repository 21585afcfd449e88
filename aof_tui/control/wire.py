"""What an engine's socket and those who use it agree on: paths, limits, and the few messages that are no row.

HTTP/1.1 over a Unix socket, JSON both ways. Times are UTC seconds since 1970, durations end in `_s`, ids are strings.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache

from aof_tui.control.codec import digest
from aof_tui.control.metric_rows import MetricsRow
from aof_tui.control.requests import Changes, Command, EventQuery, FailureQuery, IncidentQuery, NotificationQuery
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
from aof_tui.control.value import Value

ROOT = "/v1/"
WIRE_HEADER = "Aof-Wire"
"""Names the form of rows that the client was made for. A script may leave it out."""
ROLE_HEADER = "Aof-Role"
"""`viewer`: the client gives up the right to act."""
MOST_BODY_BYTES = 64 * 1024
LONGEST_WAIT_S = 25.0
"""Real seconds that one wait for changes may take."""


class Role(StrEnum):
    """What a caller may do."""

    VIEWER = "viewer"
    OPERATOR = "operator"


class RefusalKind(StrEnum):
    """Why a request has no answer."""

    USAGE = "usage"
    """The request cannot be granted as it is."""
    FORBIDDEN = "forbidden"
    """This user may not do that."""
    MISMATCH = "mismatch"
    """Both sides are of versions that do not understand each other."""
    TEMPORARY = "temporary"
    """The same request may succeed later."""
    FAULT = "fault"
    """The engine made an error, which its log tells."""


class Refusal(Value, frozen=True):
    """The answer in place of an answer, in one sentence for a person."""

    kind: RefusalKind
    message: str


class Hello(Value, frozen=True):
    """Who answers, and whom it takes the caller for."""

    program: str
    version: str
    wire: str
    user: str
    role: Role


class StoryOf(Value, frozen=True):
    """Names the failure whose story is asked for."""

    workspace: str
    master_job_id: str


class Window(Value, frozen=True):
    """A workspace and a time in it, [since, until)."""

    workspace: str
    since: float
    until: float


class FeedWait(Value, frozen=True):
    """Waits for changes. `feed` None begins a feed, whose first answer is that everything may have changed."""

    feed: str | None = None
    timeout_s: float = LONGEST_WAIT_S


class FeedAnswer(Value, frozen=True):
    """What changed, and the feed to wait for next: another one where the one named is no longer kept."""

    feed: str
    changes: Changes


@cache
def wire_digest() -> str:
    """The form of everything that crosses, as one short word."""
    return digest(
        *(Hello, Refusal, StoryOf, Window, FeedWait, FeedAnswer, Command, CommandResult, Status, Story, ReportRow),
        *(MetricsRow, FailureQuery, IncidentQuery, EventQuery, NotificationQuery),
        *(Page[FailureRow], Page[IncidentRow], Page[EventRow], Page[NotificationRow]),
    )
