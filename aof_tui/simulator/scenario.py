"""The shape of a world: what a scenario file says."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from aof_tui.domain.words import Category
from aof_tui.simulator.kinds import Plain, Seconds, Share, Span
from aof_tui.simulator.switches import Switches

Heals = dict[int | Literal["never"], float]
"""How likely a failed job heals on its k-th repeat, or never; numbers are weights."""


def _usual_heals() -> Heals:
    return {1: 6.0, 2: 3.0, 3: 1.0, "never": 1.0}


class ConnectionShape(Plain):
    """A connection to a downstream application."""

    key: str
    name: str
    application: str


class OnPremShape(Plain):
    """A group of on-prem agents."""

    key: str
    name: str
    agents: int = Field(default=2, ge=1)
    in_use: bool = True
    connection: str | None = None
    """The connection that leads through it."""


class GroupShape(Plain):
    """Recipes that are alike."""

    key: str
    name: str
    """`{n}` in it is the number of the recipe in its group."""
    count: int = Field(default=1, ge=1)
    project: str = "Operations"
    folder: str | None = None
    trigger: str = "clock"
    connections: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    every: Seconds | None = None
    """Mean time between two jobs of a recipe; none for recipes that only run when called or by a happening."""
    duration: Span = (1.0, 20.0)
    fails: Share = 0.0
    errors: dict[Category, float] = Field(default_factory=dict)
    """Weights of what goes wrong."""
    heals: Heals = Field(default_factory=_usual_heals)
    changes: Share = 0.0
    """Share of failing repeats that fail for another reason than before."""
    lines: tuple[int, int] = (1, 1)
    """First and last line at which its jobs fail."""
    human: Share = 0.0
    """Share of failed runs that somebody repeats in the web UI."""
    cancels: Share = 0.0
    """Share of repeats that somebody cancels."""
    odd_ends: Share = 0.0
    """Share of repeats that end in a way the documents don't name."""
    poll_errors: Share = 0.0
    """Share of jobs that are errors of the trigger itself."""
    tests: Share = 0.0
    """Share of jobs that are tests."""
    calls: str | None = None
    """The group whose recipes are called by these."""
    hostile: bool = False
    """Titles and errors carry control sequences, markup and other traps."""


class Jobs(Plain):
    """Failed jobs at a given time."""

    do: Literal["jobs"]
    at: Seconds
    group: str
    recipes: int | None = Field(default=None, ge=1)
    """The first n recipes of the group; all without it."""
    count: int = Field(default=1, ge=1)
    """Per recipe."""
    over: Seconds = 0.0
    error: Category | None = None
    heals: int | Literal["never"] | None = None
    poll_error: bool = False


class Outage(Plain):
    """A downstream application is away: what runs through its connection fails."""

    do: Literal["outage"]
    at: Seconds
    lasts: Seconds
    connection: str
    error: Category = Category.DOWNSTREAM_5XX
    share: Share = 1.0


class LoseConnection(Plain):
    """A connection loses its authorisation."""

    do: Literal["lose_connection"]
    at: Seconds
    lasts: Seconds
    connection: str
    reason: str = "invalid_grant: expired access/refresh token"


class StopRecipe(Plain):
    """A recipe is stopped: by Workato with a cause, by a person without one."""

    do: Literal["stop_recipe"]
    at: Seconds
    lasts: Seconds | None = None
    group: str
    index: int = Field(default=0, ge=0)
    cause: Literal["trigger_errors_limit", "action_quota_limit", "trial_expired", "txn_quota_limit"] | None = None


class DeleteRecipe(Plain):
    """A recipe is deleted."""

    do: Literal["delete_recipe"]
    at: Seconds
    group: str
    index: int = Field(default=0, ge=0)


class AgentsDown(Plain):
    """Agents of an on-prem group do not respond; with all of them away, what runs through its connection fails."""

    do: Literal["agents_down"]
    at: Seconds
    lasts: Seconds
    on_prem: str
    agents: int | None = Field(default=None, ge=1)
    """How many; all without it."""


class FallSilent(Plain):
    """A recipe runs, but nothing starts a job: its trigger finds no events."""

    do: Literal["fall_silent"]
    at: Seconds
    lasts: Seconds
    group: str
    index: int = Field(default=0, ge=0)


class Retention(Plain):
    """Ended jobs of a group lose their content, or vanish."""

    do: Literal["retention"]
    at: Seconds
    group: str
    mode: Literal["erase", "vanish"]


Happening = Annotated[
    Jobs | Outage | LoseConnection | StopRecipe | DeleteRecipe | AgentsDown | FallSilent | Retention,
    Field(discriminator="do"),
]


class Quotas(Plain):
    """Requests the API allows; Workato's defaults."""

    per_minute: int = Field(default=60, ge=1)
    repeat_interval: Seconds = 1.0
    repeat_jobs: int = Field(default=25, ge=1)
    repeats_per_job: int = Field(default=100, ge=1)


class Scenario(Plain):
    """A world and how its API behaves."""

    description: str
    workspace: str = "Example Operations"
    workspace_id: int = 211706
    handles: Literal["plain", "suffixed", "mixed"] = "mixed"
    history: Seconds = 0.0
    """How long the world has run when it starts."""
    human_delay: Span = (30.0, 600.0)
    connections: tuple[ConnectionShape, ...] = ()
    on_prem: tuple[OnPremShape, ...] = ()
    groups: tuple[GroupShape, ...]
    happenings: tuple[Happening, ...] = ()
    switches: Switches = Switches()
    quotas: Quotas = Quotas()

    @model_validator(mode="after")
    def _names_exist(self) -> Scenario:
        groups = {group.key for group in self.groups}
        connections = {connection.key for connection in self.connections}
        for group in self.groups:
            _known(group.connections, connections, f"group {group.key}: connection")
            _known((group.calls,) if group.calls else (), groups, f"group {group.key}: called group")
            if group.fails and not group.errors:
                raise ValueError(f"group {group.key} fails, so it needs errors")
        on_prem = {shape.key for shape in self.on_prem}
        for shape in self.on_prem:
            _known((shape.connection,) if shape.connection else (), connections, f"on_prem {shape.key}: connection")
        for number, happening in enumerate(self.happenings, start=1):
            where = f"happening {number}"
            if isinstance(happening, Outage | LoseConnection):
                _known((happening.connection,), connections, f"{where}: connection")
            elif isinstance(happening, AgentsDown):
                _known((happening.on_prem,), on_prem, f"{where}: on_prem")
            else:
                _known((happening.group,), groups, f"{where}: group")
        return self


def _known(names: tuple[str, ...], known: set[str], what: str) -> None:
    for name in names:
        if name not in known:
            raise ValueError(f"{what} {name!r} is not in the scenario; there are: {', '.join(sorted(known)) or 'none'}")
