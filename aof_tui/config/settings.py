"""The settings as everyone reads them: typed, frozen, with the defaults of an empty file. Durations are in seconds."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

from platformdirs import user_state_path
from pydantic import Field, ValidationInfo, field_validator, model_validator

from aof_tui.config.breaking import BreakerSettings
from aof_tui.config.deciding import ClassifySettings, Policy, Retry, SafeToRepeat
from aof_tui.config.fallback import FallbackSettings
from aof_tui.config.group import Group
from aof_tui.config.limits import TaskCap
from aof_tui.config.socket import SocketSettings
from aof_tui.config.upkeep import Backup, Heartbeat
from aof_tui.config.values import (
    BaseUrl,
    Count,
    CronSchedule,
    Duration,
    Flag,
    IdOrName,
    MailAddress,
    Origin,
    PlainPath,
    Port,
    PositiveDuration,
    ProxyUrl,
    Rate,
    SecretReference,
    Share,
    Text,
    TimeZone,
    WorkspaceName,
    is_loopback,
)
from aof_tui.config.watching import Silence
from aof_tui.domain.words import Category, Mode, Severity

__all__ = [
    "Backup",
    "ClassifySettings",
    "Collation",
    "EmailSettings",
    "Escalation",
    "FallbackSettings",
    "Heartbeat",
    "IncidentMatch",
    "Incidents",
    "Policy",
    "Quotas",
    "Receiver",
    "Report",
    "Retention",
    "Retry",
    "Route",
    "SafeToRepeat",
    "Settings",
    "SlackSettings",
    "SocketSettings",
    "Tls",
    "WorkspaceSettings",
    "default_store",
]

DAY = 86400.0


class Tls(StrEnum):
    """How the way to a mail server is encrypted."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class Quotas(Group):
    """Workato's limits for one workspace; a customer's may differ."""

    jobs_per_minute: Count = 60
    recipes_per_minute: Count = 60
    connections_per_minute: Count = 60
    other_per_minute: Count = 60
    repeats_per_second: Rate = 1.0
    starts_per_second: Rate = 1.0
    jobs_per_repeat: Count = 25


class WorkspaceSettings(Group):
    """One workspace: a Workato API client and its quota."""

    name: WorkspaceName
    url: Origin
    token: SecretReference
    production: Flag = False
    quota_share: Share = 0.8
    quotas: Quotas = Quotas()
    proxy: ProxyUrl | None = None
    ca_file: PlainPath | None = None
    job_retention: PositiveDuration | None = 30 * DAY
    """How long Workato keeps jobs, so that they can be repeated; None: nobody knows."""
    task_cap: TaskCap | None = None
    """Tasks that automatic repeats may be reckoned to cost in a UTC month."""


class Collation(Group):
    """How failed jobs are found; `backlog` counts failures."""

    interval: PositiveDuration = 60.0
    lookback: PositiveDuration = DAY
    max_wait: PositiveDuration = 600.0
    backlog: Count = 200


class SlackSettings(Group):
    """A Slack channel and the bot token that may write there."""

    token: SecretReference
    channel: Text
    base_url: BaseUrl = "https://slack.com/api/"


class EmailSettings(Group):
    """A mail server and the addresses written to."""

    host: Text
    port: Port = 587
    tls: Tls = Field(default=Tls.STARTTLS, validate_default=True)
    username: Text | None = None
    password: SecretReference | None = Field(default=None, validate_default=True)
    sender: MailAddress = Field(alias="from")
    to: tuple[MailAddress, ...] = Field(min_length=1)

    @field_validator("tls")
    @classmethod
    def _encrypted(cls, tls: Tls, info: ValidationInfo) -> Tls:
        if tls is Tls.NONE and not is_loopback(info.data.get("host", "localhost")):
            raise ValueError("none is only for this machine: use starttls or tls")
        return tls

    @field_validator("password")
    @classmethod
    def _with_username(cls, password: SecretReference | None, info: ValidationInfo) -> SecretReference | None:
        if "username" in info.data and (password is None) != (info.data["username"] is None):
            raise ValueError("username and password are given together or not at all")
        return password


class Receiver(Group):
    """People reached through one channel."""

    name: Text
    slack: SlackSettings | None = None
    email: EmailSettings | None = Field(default=None, validate_default=True)

    @field_validator("email")
    @classmethod
    def _one_channel(cls, email: EmailSettings | None, info: ValidationInfo) -> EmailSettings | None:
        if "slack" in info.data and (email is None) == (info.data["slack"] is None):
            raise ValueError("a receiver has either slack or email")
        return email


class IncidentMatch(Group):
    """Which incidents a route is for; any entry of a list, and every list that is given. Empty matches all."""

    category: tuple[Category, ...] = Field(default=(), min_length=1)
    recipe: tuple[IdOrName, ...] = Field(default=(), min_length=1)
    project: tuple[IdOrName, ...] = Field(default=(), min_length=1)
    severity: tuple[Severity, ...] = Field(default=(), min_length=1)


class Route(Group):
    """Who is told about incidents of one kind; the first route that matches ends the search."""

    match: IncidentMatch = IncidentMatch()
    receivers: tuple[Text, ...] = Field(min_length=1)
    goes_on: Flag = Field(default=False, alias="continue")

    @property
    def catches_all(self) -> bool:
        return not self.match.model_fields_set


class Escalation(Group):
    """The super admins, and how long an unacknowledged incident waits before they are told."""

    receivers: tuple[Text, ...] = ()
    after: Duration = 1800.0


class Report(Group):
    """When a periodic job report is sent, and to whom."""

    cron: CronSchedule
    timezone: TimeZone = "UTC"
    receivers: tuple[Text, ...] = Field(min_length=1)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class Incidents(Group):
    """After which quiet time an incident is resolved, and how often people are reminded of a resting one."""

    resolve_after: PositiveDuration = 1800.0
    remind_after: PositiveDuration = 4 * 3600.0


class Retention(Group):
    """How long events and closed failures are kept, and how large the store may grow before less is kept."""

    events: PositiveDuration = 90 * DAY
    closed_failures: PositiveDuration = 180 * DAY
    max_size_mb: Count = 2048


def default_store() -> Path:
    """Where the database lies unless the configuration says otherwise."""
    return user_state_path("aof-tui", appauthor=False) / "aof.db"


class Settings(Group):
    """Everything a user sets."""

    @model_validator(mode="before")
    @classmethod
    def _without_empty_sections(cls, data: object) -> object:
        """A section whose lines are all commented out counts as not there."""
        if not isinstance(data, Mapping):
            return data
        return {key: value for key, value in data.items() if value is not None or key not in cls.model_fields}

    mode: Mode = Mode.OBSERVE
    store: PlainPath = Field(default_factory=default_store)
    workspaces: tuple[WorkspaceSettings, ...] = Field(min_length=1)
    collation: Collation = Collation()
    classify: tuple[ClassifySettings, ...] = ()
    policies: tuple[Policy, ...] = ()
    fallbacks: tuple[FallbackSettings, ...] = ()
    retry: Retry = Retry()
    breaker: BreakerSettings = BreakerSettings()
    safe_to_repeat: SafeToRepeat = SafeToRepeat()
    receivers: tuple[Receiver, ...] = ()
    routes: tuple[Route, ...] = ()
    escalation: Escalation = Escalation()
    reports: tuple[Report, ...] = ()
    incidents: Incidents = Incidents()
    retention: Retention = Retention()
    backup: Backup = Backup()
    heartbeat: Heartbeat | None = None
    socket: SocketSettings = SocketSettings()
    silence: tuple[Silence, ...] = ()

    def observing(self) -> Self:
        """The same settings, but nothing is sent to Workato."""
        return self.model_copy(update={"mode": Mode.OBSERVE})
