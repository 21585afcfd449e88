"""The columns that listings may filter and order by: the only names that ever reach built SQL."""

from __future__ import annotations

from enum import StrEnum


class FailureColumn(StrEnum):
    """Columns of the failure listing."""

    WORKSPACE = "failure.workspace"
    WORKSPACE_VALUE = "+failure.workspace"
    """For filters: a plain column fixed to one value leaves SQLite's order, which then no longer fits the index."""
    MASTER_JOB = "failure.master_job_id"
    NEWEST_JOB = "failure.newest_job_id"
    RECIPE_ID = "failure.recipe_id"
    RECIPE = "ifnull(recipe.name, failure.recipe_id)"
    TITLE = "failure.title"
    ERROR = "failure.error"
    STATUS = "failure.status"
    CATEGORY = "failure.category"
    ATTEMPTS = "failure.attempts"
    INCIDENT = "failure.incident_id"
    LAST_FAILED = "failure.last_failed_at"
    NEXT_ACTION = "ifnull(failure.next_action_at, 1e18)"
    """A failure without a next action comes after all that have one."""


class IncidentColumn(StrEnum):
    """Columns of the incident listing."""

    INCIDENT = "incident.incident_id"
    WORKSPACE = "incident.workspace"
    STATUS = "incident.status"
    KIND = "incident.kind"
    CATEGORY = "incident.category"
    SEVERITY = "incident.severity"
    TITLE = "incident.title"
    RECIPE = "ifnull(recipe.name, incident.scope)"
    LAST_SEEN = "incident.last_seen_at"
    URGENCY = (
        "(CASE incident.severity WHEN 'critical' THEN 300 WHEN 'error' THEN 200 WHEN 'warning' THEN 100 ELSE 0 END"
        " + min(incident.level, 99) - CASE incident.status WHEN 'snoozed' THEN 400 WHEN 'resolved' THEN 800 ELSE 0 END)"
    )


class EventColumn(StrEnum):
    """Columns of the log."""

    SEQUENCE = "event.sequence"
    WORKSPACE = "event.workspace"
    KIND = "event.kind"
    LEVEL = "event.level"
    ACTOR = "event.actor"
    TEXT = "event.text"
    RECIPE = "ifnull(recipe.name, ifnull(event.recipe_id, ''))"
    MASTER_JOB = "event.master_job_id"
    JOB_TEXT = "ifnull(event.master_job_id, '')"
    INCIDENT = "event.incident_id"


class NotificationColumn(StrEnum):
    """Columns of the notification history."""

    NOTIFICATION = "outbox.notification_id"
    WORKSPACE = "outbox.workspace"
    STATE = "outbox.state"
    RECEIVER = "outbox.receiver"
    CHANNEL = "outbox.channel"
    KIND = "outbox.kind"
    SUMMARY = "outbox.summary"
    ERROR = "ifnull(outbox.error, '')"
    JOB_TEXT = "ifnull(outbox.master_job_id, '')"
