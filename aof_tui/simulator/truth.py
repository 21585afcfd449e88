"""What really happened, recorded outside the API: the oracle of every test."""

from __future__ import annotations

import json
from collections import Counter, deque
from dataclasses import asdict, dataclass, field

from pydantic import TypeAdapter

from aof_tui.simulator.state import SimRun
from aof_tui.simulator.view import JobView
from aof_tui.simulator.world import World

_KEPT_REQUESTS = 100_000


@dataclass(frozen=True, slots=True)
class RunTruth:
    """One run of a lineage that ever failed or was repeated. Times are wall seconds."""

    job_id: str
    master: str
    number: int
    recipe_id: int
    by: str
    correlation: str | None
    created_at: float
    started_at: float
    ended_at: float
    status: str
    """How it ends, even while it runs."""
    category: str | None
    listed_from: float
    """From when the API lists it."""
    end_listed_from: float
    """From when the API lists it as ended."""
    first_shown: dict[str, float]
    """When an answer first showed it, by the status shown."""
    calling_job_id: str | None
    is_test: bool
    is_poll_error: bool
    erased: bool


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one job of a repeat request."""

    job_id: str
    master: str | None
    run_id: str | None
    """The run it made; None when it was refused."""
    reason: str | None


@dataclass(frozen=True, slots=True)
class RepeatTruth:
    """One repeat request that reached the API."""

    arrived_at: float
    correlation: str | None
    recipe_id: int
    answer: str
    """`answered`, `refused` (nothing was carried out) or `lost` (carried out, no usable answer)."""
    http_status: int
    """0 when the connection was closed."""
    fates: tuple[Fate, ...]


@dataclass(frozen=True, slots=True)
class StartTruth:
    """One request to start a recipe from outside."""

    arrived_at: float
    correlation: str | None
    recipe_id: int
    """0 when it named none."""
    means: str
    """`webhook`, `endpoint` or `force_run`."""
    answer: str
    """`answered`, `refused` (nothing was started) or `lost` (started, no usable answer)."""
    http_status: int
    run_id: str | None
    body: str

    @property
    def told(self) -> dict[str, object]:
        """What it brought along; nothing if that is no JSON object."""
        try:
            content = json.loads(self.body)
        except ValueError:
            return {}
        return content if isinstance(content, dict) else {}


@dataclass(frozen=True, slots=True)
class SwitchTruth:
    """One request to start or stop a recipe that reached the API."""

    at: float
    correlation: str | None
    recipe_id: int
    action: str
    """`start` or `stop`."""
    answer: str
    """`answered`, `refused` (nothing was carried out) or `lost` (carried out, no usable answer)."""
    http_status: int


@dataclass(frozen=True, slots=True)
class Violation:
    """A request above a quota."""

    at: float
    family: str
    path: str
    correlation: str | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a stand-in for a channel was given."""

    at: float
    channel: str
    target: str
    accepted: bool
    error: str | None
    text: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RequestTruth:
    """One request to the API."""

    at: float
    method: str
    path: str
    status: int
    correlation: str | None


@dataclass(frozen=True, slots=True)
class Truth:
    """Everything, as it stands at `now`."""

    now: float
    start: float
    addresses: dict[str, str]
    runs: tuple[RunTruth, ...]
    repeats: tuple[RepeatTruth, ...]
    violations: tuple[Violation, ...]
    deliveries: tuple[Delivery, ...]
    requests: tuple[RequestTruth, ...]
    """The newest 100,000."""
    request_counts: dict[str, int]
    """All of them, by family."""
    starts: tuple[StartTruth, ...] = ()
    switched: tuple[SwitchTruth, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Plain values, as `GET /_truth` answers."""
        return asdict(self)

    @staticmethod
    def from_json(content: object) -> Truth:
        """The truth from the answer of `GET /_truth`. Raises pydantic's ValidationError."""
        return _TRUTH.validate_python(content)


_TRUTH = TypeAdapter(Truth)


class TruthLog:
    """Collects what the API and the stand-ins are asked, and joins it with what the world knows."""

    def __init__(self, world: World, view: JobView) -> None:
        self._world = world
        self._view = view
        self._requests: deque[RequestTruth] = deque(maxlen=_KEPT_REQUESTS)
        self.request_counts: Counter[str] = Counter()
        self.repeats: list[RepeatTruth] = []
        self.starts: list[StartTruth] = []
        self.switched: list[SwitchTruth] = []
        self.violations: list[Violation] = []
        self.deliveries: list[Delivery] = []
        self.addresses: dict[str, str] = {}

    def record_request(self, family: str, request: RequestTruth) -> None:
        """Note a request to the API with its answer's status."""
        self._requests.append(request)
        self.request_counts[family] += 1

    def snapshot(self) -> Truth:
        """Everything as it stands now."""
        lineages = sorted(self._world.lineages.values(), key=lambda lineage: lineage.runs[0].order)
        return Truth(
            now=self._world.now,
            start=self._world.start,
            addresses=dict(self.addresses),
            runs=tuple(self._run(run) for lineage in lineages for run in lineage.runs),
            repeats=tuple(self.repeats),
            violations=tuple(self.violations),
            deliveries=tuple(self.deliveries),
            requests=tuple(self._requests),
            starts=tuple(self.starts),
            switched=tuple(self.switched),
            request_counts={str(family): count for family, count in self.request_counts.items()},
        )

    def _run(self, run: SimRun) -> RunTruth:
        return RunTruth(
            job_id=run.job_id,
            master=run.lineage.master_id,
            number=run.number,
            recipe_id=run.recipe.recipe_id,
            by=run.by.value,
            correlation=run.correlation,
            created_at=run.created_at,
            started_at=run.started_at,
            ended_at=run.ends_at,
            status=run.outcome.value,
            category=run.flaw.category.value if run.flaw else None,
            listed_from=self._view.listed_from(run),
            end_listed_from=self._view.end_shown_from(run),
            first_shown=dict(run.shown),
            calling_job_id=run.calling.job_id if run.calling else None,
            is_test=run.is_test,
            is_poll_error=run.is_poll_error,
            erased=run.erased,
        )
