"""A Workato of one recipe, or a few, that answers what a test tells it to, as a transport without sockets."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from aof_tui.base.clock import Clock, rfc3339

Answer = httpx.Response | Exception
ORDERS = 7
"""The recipe that is always there."""
RATE_LIMITED = {"adapter": "rest", "error_type": "Request error", "message": "429 Too Many Requests"}


@dataclass
class Job:
    """One run as the list shows it."""

    job_id: str
    status: str
    started: float
    ended: float | None
    master: str | None = None
    error_parts: dict[str, object] = field(default_factory=lambda: dict(RATE_LIMITED))
    more: dict[str, object] = field(default_factory=dict)
    recipe_id: int = ORDERS

    def wire(self) -> dict[str, object]:
        shown: dict[str, object] = {
            "id": self.job_id,
            "recipe_id": self.recipe_id,
            "title": f"Order {self.job_id}",
            "status": self.status,
            "started_at": rfc3339(self.started),
            "completed_at": rfc3339(self.ended) if self.ended is not None else None,
            "is_error": self.status == "failed",
            "is_poll_error": False,
            "master_job_id": self.master,
            "error": None,
        }
        if self.status == "failed":
            shown |= {"error": str(self.error_parts.get("message")), "error_parts": self.error_parts}
        return shown | self.more


@dataclass(frozen=True)
class Start:
    """A request to start a recipe."""

    at: float
    url: str
    correlation: str
    body: dict[str, object]
    headers: dict[str, str]


class ScriptedWorkato(httpx.AsyncBaseTransport):
    """Keeps jobs newest first by start; what it should say instead is queued by a part of the path."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.jobs: list[Job] = []
        self.running = True
        self.stop_cause: str | None = None
        self.gone = False
        self.failed_count = 0
        self.workspace_id = 4711
        self.repeats: list[tuple[float, str, list[str]]] = []
        self.reads: list[tuple[float, str]] = []
        self.on_repeat: Callable[[list[str]], Answer] = self.accept
        self.instead: dict[str, Callable[[httpx.Request], Answer | None]] = {}
        """Answers for paths that contain the key, while they are there; None falls through."""
        self.heals = True
        """Whether accepted repeats succeed at once; else they fail again."""
        self.run_s = 2.0
        self.detail: dict[str, object] = {}
        self.repeat_s = 0.05
        """How long the answer to a repeat takes."""
        self.page_size = 25
        self.by_end = False
        """Whether jobs are listed by their end, not by their start."""
        self.recipes: dict[int, dict[str, object]] = {}
        """What the list says of other recipes than the one that is always there."""
        self.recipe_starts: list[tuple[float, str, int]] = []
        """When a stopped recipe was to be set running, the correlation id, and which."""
        self.on_recipe_start: Callable[[int], Answer] = self.set_running
        self.groups: list[dict[str, object]] = []
        self.agents: list[dict[str, object]] = []
        self.starts: list[Start] = []
        self.on_start: Callable[[Start], Answer] = lambda _start: httpx.Response(200, json={})
        """The answer to what is no repeat: a webhook, an endpoint of the API platform, force_run."""
        self.unlisted: set[int] = set()
        """Recipes that are there but left out of the list."""

    def fail(self, job_id: str, recipe_id: int = ORDERS, ran_s: float = 1.0, **more: object) -> Job:
        """A new job fails now."""
        now = self.clock.wall()
        job = Job(job_id, "failed", now - ran_s, now, more=dict(more), recipe_id=recipe_id)
        self.jobs.append(job)
        if recipe_id == ORDERS:
            self.failed_count += 1
        else:
            shown = self.recipe(recipe_id)
            shown["job_failed_count"] = int(str(shown["job_failed_count"])) + 1
        return job

    def recipe(self, recipe_id: int, **more: object) -> dict[str, object]:
        """Another recipe, made when it is first asked for; what is given is what the list says of it."""
        fresh = {"id": recipe_id, "name": f"Recipe {recipe_id}", "running": True, "job_failed_count": 0}
        fresh |= {"job_succeeded_count": 1, "tags": ["safe-to-repeat"], "config": []}
        self.recipes.setdefault(recipe_id, fresh).update(more)
        return self.recipes[recipe_id]

    def rerun(self, master: str, status: str, job_id: str | None = None, ended: float | None = None) -> Job:
        """A repeat of a lineage is there."""
        now = self.clock.wall()
        name = job_id or f"{master}-r{sum(1 for job in self.jobs if job.master == master) + 1}"
        end = now + self.run_s if ended is None and status != "pending" else ended
        recipe_id = next((job.recipe_id for job in self.jobs if job.job_id == master), ORDERS)
        job = Job(name, status, now, end, master=master, recipe_id=recipe_id)
        self.jobs.append(job)
        return job

    def accept(self, job_ids: list[str]) -> Answer:
        """Take a repeat: every lineage gets a new run that has ended."""
        for job_id in job_ids:
            master = next(job.master or job.job_id for job in self.jobs if job.job_id == job_id)
            self.rerun(master, "succeeded" if self.heals else "failed")
        return self.results([(job_id, "enqueued") for job_id in job_ids])

    def set_running(self, recipe_id: int) -> Answer:
        """Set a recipe running."""
        if recipe_id == ORDERS:
            self.running, self.stop_cause = True, None
        else:
            self.recipe(recipe_id, running=True, stop_cause=None)
        return _ok({"success": True})

    @staticmethod
    def results(jobs: list[tuple[str, str]]) -> httpx.Response:
        return httpx.Response(
            200, json={"results": [{"job_id": name, "status": word, "error": "no"} for name, word in jobs]}
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._answer(request)
        await self.clock.sleep(self.repeat_s if request.method == "POST" else 0.05)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _answer(self, request: httpx.Request) -> Answer:
        path = request.url.path.removeprefix("/api/")
        job_ids: list[str] = []
        if request.method == "POST" and not path.endswith("/repeat_jobs"):
            start = Start(
                self.clock.wall(),
                str(request.url),
                request.headers["x-correlation-id"],
                json.loads(request.content or b"{}"),
                {name.lower(): value for name, value in request.headers.items()},
            )
            self.starts.append(start)
            return self.on_start(start)
        if request.method == "POST":
            job_ids = json.loads(request.content)["job_ids"]
            self.repeats.append((self.clock.wall(), request.headers["x-correlation-id"], job_ids))
        elif request.method == "GET":
            self.reads.append((self.clock.wall(), f"{path}?{request.url.query.decode()}"))
        for part, make in self.instead.items():
            instead = make(request) if part in path else None
            if instead is not None:
                return instead
        if request.method == "POST":
            return self.on_repeat(job_ids)
        if request.method == "PUT":
            recipe_id = int(path.removeprefix("recipes/").removesuffix("/start"))
            self.recipe_starts.append((self.clock.wall(), request.headers["x-correlation-id"], recipe_id))
            return self.on_recipe_start(recipe_id)
        return self._read(path, request)

    def _read(self, path: str, request: httpx.Request) -> Answer:
        if path == "users/me":
            return httpx.Response(200, json={"id": self.workspace_id, "name": "w"})
        if path in ("projects", "tags", "connections"):
            return httpx.Response(200, json=[])
        if path in ("on_prem_groups", "on_prem_agents"):
            return httpx.Response(200, json=self.groups if path == "on_prem_groups" else self.agents)
        if path == "recipes":
            return httpx.Response(200, json={"items": self._listed(request)})
        recipe_id, _, rest = path.removeprefix("recipes/").partition("/")
        if not rest:
            found = self._present().get(int(recipe_id))
            return httpx.Response(404, json={"message": "Not found"}) if found is None else _ok(found)
        if rest == "jobs":
            return httpx.Response(200, json=self._jobs(request, int(recipe_id)))
        job_id = path.rsplit("/", 1)[1]
        job = next(job for job in self.jobs if job.job_id == job_id)
        return httpx.Response(200, json=job.wire() | {"lines": []} | self.detail)

    def _present(self) -> dict[int, dict[str, object]]:
        return ({} if self.gone else {ORDERS: self._recipe()}) | self.recipes

    def _listed(self, request: httpx.Request) -> list[dict[str, object]]:
        page, size = (int(request.url.params[name]) for name in ("page", "per_page"))
        rows = [row for recipe_id, row in self._present().items() if recipe_id not in self.unlisted]
        return rows[(page - 1) * size : page * size]

    def _recipe(self) -> dict[str, object]:
        return {
            "id": ORDERS,
            "name": "Orders",
            "running": self.running,
            "stop_cause": self.stop_cause,
            "job_failed_count": self.failed_count,
            "job_succeeded_count": 1,
            "last_run_at": rfc3339(self.clock.wall()),
            "tags": ["safe-to-repeat"],
            "config": [],
        }

    def _order(self, job: Job) -> tuple[float, str]:
        ended = float("inf") if job.ended is None else job.ended
        return (ended if self.by_end else job.started, job.job_id)

    def _jobs(self, request: httpx.Request, recipe_id: int) -> dict[str, object]:
        params = request.url.params
        shown = sorted((job for job in self.jobs if job.recipe_id == recipe_id), key=self._order, reverse=True)
        if params.get("rerun_only") == "true":
            shown = [job for job in shown if job.master is not None]
        if "status" in params:
            shown = [job for job in shown if job.status == params["status"]]
        if "offset_job_id" in params:
            names = [job.job_id for job in shown]
            shown = shown[names.index(params["offset_job_id"]) + 1 :]
        return {"job_failed_count": self.failed_count, "items": [job.wire() for job in shown[: self.page_size]]}


def _ok(value: object) -> httpx.Response:
    return httpx.Response(200, json=value)
