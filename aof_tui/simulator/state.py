"""The things in the world: recipes, connections, jobs. All times are wall seconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from aof_tui.domain.words import Category
from aof_tui.simulator.scenario import GroupShape


class By(StrEnum):
    """Who caused a run."""

    ORIGIN = "origin"
    HUMAN = "human"
    ENGINE = "engine"
    API = "api"
    """A repeat over the API without a correlation id."""


class Outcome(StrEnum):
    """How a run ends."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    ODD = "odd"


@dataclass(frozen=True, slots=True)
class Flaw:
    """A cause of failure, from the catalogue."""

    category: Category
    error_type: str
    message: str
    http: int | None = None
    applications: tuple[str, ...] = ()
    inner: str | None = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """A time in which what runs through a connection fails."""

    starts: float
    ends: float
    category: Category
    share: float
    lost_reason: str | None = None
    """Set when the connection itself is lost, and says so."""


@dataclass(slots=True)
class SimConnection:
    """A connection to a downstream application."""

    connection_id: int
    name: str
    application: str
    folder_id: int
    created_at: float
    troubles: list[Trouble] = field(default_factory=list)

    def lost(self, at: float) -> Trouble | None:
        """The trouble that shows as a lost connection."""
        return next((one for one in self.troubles if one.lost_reason and one.starts <= at < one.ends), None)


@dataclass(frozen=True, slots=True)
class SimProject:
    """A project; its folder carries its recipes."""

    project_id: int
    folder_id: int
    name: str


@dataclass(frozen=True, slots=True)
class SimFolder:
    """A folder, in a project or at the root."""

    folder_id: int
    name: str
    parent_id: int | None
    project_id: int | None
    is_project: bool


@dataclass(frozen=True, slots=True)
class SimTag:
    """A tag that recipes carry."""

    handle: str
    title: str


@dataclass(slots=True)
class Lineage:
    """An original job and its repeats."""

    recipe: SimRecipe
    flaw: Flaw | None
    line: int
    heal_on: int | None
    """The number of the repeat that succeeds; None when none does."""
    runs: list[SimRun] = field(default_factory=list)

    @property
    def master_id(self) -> str:
        return self.runs[0].job_id

    @property
    def newest(self) -> SimRun:
        return self.runs[-1]


@dataclass(slots=True, eq=False)
class SimRun:
    """One run of a job."""

    job_id: str
    lineage: Lineage
    number: int
    order: int
    by: By
    created_at: float
    started_at: float
    ends_at: float
    outcome: Outcome
    flaw: Flaw | None
    correlation: str | None = None
    calling: SimRun | None = None
    is_test: bool = False
    is_poll_error: bool = False
    erased: bool = False
    ended: bool = False
    """Whether its end has happened in the world."""
    content: object = None
    """What it was started with from outside."""
    shown: dict[str, float] = field(default_factory=dict)
    """When the API first showed the run with a status."""
    lag_s: float | None = None
    """How much later than things happen to it the API shows them; drawn when that is first asked for."""
    rendered: tuple[object, str] | None = None
    """The state in which a list last showed it, and its JSON text."""

    @property
    def recipe(self) -> SimRecipe:
        return self.lineage.recipe

    @property
    def plain(self) -> bool:
        """A success that nothing refers to: it may be forgotten after a while."""
        return self.outcome is Outcome.SUCCEEDED and len(self.lineage.runs) == 1


@dataclass(slots=True)
class Tally:
    """Lifetime counters of a recipe."""

    succeeded: int = 0
    failed: int = 0

    def add(self, outcome: Outcome, amount: int = 1) -> None:
        if outcome is Outcome.SUCCEEDED:
            self.succeeded += amount
        elif outcome is Outcome.FAILED:
            self.failed += amount


@dataclass(slots=True, eq=False)
class SimRecipe:
    """A recipe and its jobs."""

    recipe_id: int
    name: str
    group: GroupShape
    project: SimProject
    folder_id: int
    connections: tuple[SimConnection, ...]
    tags: tuple[str, ...]
    created_at: float
    version_no: int
    calls: SimRecipe | None = None
    running: bool = True
    stop_cause: str | None = None
    stopped_at: float | None = None
    last_run_at: float | None = None
    by_run: Tally = field(default_factory=Tally)
    by_lineage: Tally = field(default_factory=Tally)
    runs: list[SimRun] = field(default_factory=list)
    arrivals: int = 0
    quiet: list[tuple[float, float]] = field(default_factory=list)
    """Times in which nothing starts a job of its own."""
    plain_runs: int = 0
    revision: int = 0
    """Counts changes of what a recipe list shows."""

    @property
    def applications(self) -> tuple[str, ...]:
        """The trigger's application and those of its actions."""
        actions = dict.fromkeys(connection.application for connection in self.connections)
        return (self.group.trigger, *(name for name in actions if name != self.group.trigger))
