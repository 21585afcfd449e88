"""Queries and commands as data."""

from __future__ import annotations

from enum import StrEnum

from aof_tui.control.value import Value, Whole


class FailureSort(StrEnum):
    """Columns a failure listing may be ordered by."""

    LAST_FAILED = "last_failed_at"
    NEXT_ACTION = "next_action_at"
    RECIPE = "recipe"
    STATUS = "status"
    CATEGORY = "category"
    ATTEMPTS = "attempts"


DECIDING = "deciding"
"""A query may name it like a status: scheduled failures whose decision still waits for the detail of a new error."""


class FailureQuery(Value, frozen=True):
    """Which failures, in which order, which slice.

    Empty tuples mean "any". `text` holds words that must all occur in title, error, recipe or job id; `without` words
    that must not. `skip` jumps over ranks, for a scroll bar; `cursor` continues a former page.
    """

    workspaces: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    recipes: tuple[str, ...] = ()
    master_job_ids: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    incident: str | None = None
    only_open: bool = True
    sort: FailureSort = FailureSort.LAST_FAILED
    descending: bool = True
    skip: Whole = 0
    cursor: str | None = None
    limit: Whole = 100


class IncidentSort(StrEnum):
    """Orders of an incident listing, each downwards."""

    LAST_SEEN = "last_seen_at"
    URGENCY = "urgency"
    """Snoozed ones after all others, then the most severe first, then the most escalated, then the newest."""


class IncidentQuery(Value, frozen=True):
    """Which incidents, in which order; `text` and `without` as for failures."""

    workspaces: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    incident: str | None = None
    text: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    only_open: bool = True
    sort: IncidentSort = IncidentSort.LAST_SEEN
    skip: Whole = 0
    cursor: str | None = None
    limit: Whole = 100


class EventQuery(Value, frozen=True):
    """Which lines of the log.

    Ascending by sequence. `after` and `before` bound the sequence (exclusive). With `newest` the slice is the last
    `limit` lines that match, still returned in ascending order.
    """

    workspaces: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    master_job_id: str | None = None
    incident: str | None = None
    text: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    after: Whole | None = None
    before: Whole | None = None
    newest: bool = True
    limit: Whole = 200


class NotificationQuery(Value, frozen=True):
    """Which notifications, newest first; `text` and `without` as for failures."""

    workspaces: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    receivers: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    skip: Whole = 0
    cursor: str | None = None
    limit: Whole = 100


class Verb(StrEnum):
    """What a person may ask the engine to do."""

    RETRY = "retry"
    CANCEL = "cancel"
    RELEASE = "release"
    CLOSE = "close"
    START_FALLBACK = "start_fallback"
    ACKNOWLEDGE = "acknowledge"
    SNOOZE = "snooze"
    ASSIGN = "assign"
    ESCALATE = "escalate"
    RESOLVE = "resolve"
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    OPEN_BREAKER = "open_breaker"
    CLOSE_BREAKER = "close_breaker"
    """`value` names the downstream, as in `connection:1234`."""
    REPORT = "report"


class Command(Value, frozen=True):
    """One request of a person.

    Aimed at a failure (`master_job_id`), an incident (`I7`), or a workspace alone. `actor` is `terminal:ana` or alike.
    `reason` is asked for close and pause; `value` carries an assignee, a snooze's seconds, or the name of a fallback.
    """

    verb: Verb
    actor: str
    workspace: str
    master_job_id: str | None = None
    incident: str | None = None
    reason: str = ""
    value: str = ""


class Topic(StrEnum):
    """What a change concerns."""

    FAILURES = "failures"
    INCIDENTS = "incidents"
    EVENTS = "events"
    NOTIFICATIONS = "notifications"
    STATUS = "status"


class Changes(Value, frozen=True):
    """What changed since the last take. `everything` means the bounded set overflowed: read all again."""

    topics: frozenset[Topic] = frozenset()
    master_job_ids: frozenset[str] = frozenset()
    everything: bool = False
