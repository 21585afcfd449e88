"""Workato's API over a world: checks the token, counts quotas, finds the endpoint, and fails as it was told to."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from email.utils import formatdate

from aof_tui.simulator.endpoints import Endpoints
from aof_tui.simulator.faults import FaultBoard, replacement, spoil
from aof_tui.simulator.messages import (
    BAD_GATEWAY_PAGE,
    DROPPED,
    SimRequest,
    SimResponse,
    html_answer,
    message_answer,
)
from aof_tui.simulator.on_prem import OnPremDesk
from aof_tui.simulator.quota import Family, QuotaMeter
from aof_tui.simulator.repeats import RepeatEndpoint
from aof_tui.simulator.running import RunningDesk
from aof_tui.simulator.starts import StartDesk
from aof_tui.simulator.truth import RequestTruth, TruthLog, Violation
from aof_tui.simulator.view import JobView
from aof_tui.simulator.wire import Wire
from aof_tui.simulator.world import World


@dataclass(frozen=True, slots=True)
class Route:
    """An endpoint: what its path looks like, whose limit it counts against, and who answers."""

    method: str
    pattern: re.Pattern[str]
    family: Family
    answer: Callable[..., SimResponse]


class Api:
    """Answers one request at a time; all times are wall seconds of the simulator's clock."""

    def __init__(self, world: World, view: JobView, truth: TruthLog, faults: FaultBoard, token: str) -> None:
        self.token = token
        self.endpoints = Endpoints(world, view, Wire(world, view))
        self._world = world
        self._switches = view.switches
        self._truth = truth
        self._faults = faults
        self._meter = QuotaMeter(world.scenario.quotas)
        self._requests = 0
        repeat = RepeatEndpoint(world, view, truth)
        self.starts = StartDesk(world, view, truth)
        running = RunningDesk(world, view, truth)
        on_prem = OnPremDesk(world, view)
        of = self.endpoints
        self._routes = [
            Route("GET", re.compile(r"/api/users/me"), Family.OTHER, of.user),
            Route("GET", re.compile(r"/api/recipes"), Family.RECIPES, of.recipes),
            Route("GET", re.compile(r"/api/recipes/([^/]+)"), Family.RECIPES, of.recipe),
            Route("GET", re.compile(r"/api/recipes/([^/]+)/jobs"), Family.JOBS, of.jobs),
            Route("GET", re.compile(r"/api/recipes/([^/]+)/jobs/([^/]+)"), Family.JOBS, of.job),
            Route("POST", re.compile(r"/api/recipes/([^/]+)/repeat_jobs"), Family.REPEAT, repeat.answer),
            Route("POST", re.compile(r"/api/recipes/([^/]+)/force_run"), Family.FORCE_RUN, self.starts.force_run),
            Route("POST", re.compile(r"/api/recipes/([^/]+)/cancel_jobs"), Family.CANCEL, self.starts.cancel_jobs),
            Route("PUT", re.compile(r"/api/recipes/([^/]+)/start"), Family.RECIPES, running.start),
            Route("PUT", re.compile(r"/api/recipes/([^/]+)/stop"), Family.RECIPES, running.stop),
            Route("GET", re.compile(r"/api/on_prem_groups"), Family.ON_PREM, on_prem.groups),
            Route("GET", re.compile(r"/api/on_prem_groups/([^/]+)/status"), Family.ON_PREM, on_prem.group_status),
            Route("GET", re.compile(r"/api/on_prem_agents"), Family.ON_PREM, on_prem.agents),
            Route("GET", re.compile(r"/api/on_prem_agents/([^/]+)/status"), Family.ON_PREM, on_prem.agent_status),
            Route("GET", re.compile(r"/api/connections"), Family.CONNECTIONS, of.connections),
            Route("GET", re.compile(r"/api/projects"), Family.OTHER, of.projects),
            Route("GET", re.compile(r"/api/folders"), Family.OTHER, of.folders),
            Route("GET", re.compile(r"/api/tags"), Family.OTHER, of.tags),
        ]

    def handle(self, request: SimRequest, now: float) -> SimResponse:
        """The answer to a request that arrives at `now`."""
        self._world.advance(now)
        self._requests += 1
        family, answer = self._answer(request, now)
        self._truth.record_request(
            family, RequestTruth(now, request.method, request.path, answer.status, request.correlation)
        )
        return self._dress(request, answer)

    def handle_start(self, request: SimRequest, now: float) -> SimResponse:
        """The answer of a webhook or of an endpoint of the API platform, which lie outside of this API."""
        self._world.advance(now)
        self._requests += 1
        fault = self._faults.match(request)
        answer = (
            replacement(fault) if fault is not None and (fault.when == "before" or fault.kind == "refuse") else None
        )
        if answer is None:
            is_webhook = request.path.startswith("/webhooks/")
            answer = self.starts.webhook(request, now) if is_webhook else self.starts.endpoint(request, now)
            answer = answer if fault is None else spoil(fault, answer)
        self._truth.record_request(
            "start", RequestTruth(now, request.method, request.path, answer.status, request.correlation)
        )
        return self._dress(request, answer)

    def _answer(self, request: SimRequest, now: float) -> tuple[str, SimResponse]:
        fault = self._faults.match(request)
        if fault is not None and fault.kind == "refuse":
            return "refused", replace(DROPPED, refused=True)
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return "unauthorized", message_answer(401, "Unauthorized")
        for route in self._routes:
            match = route.pattern.fullmatch(request.path)
            if match is not None and route.method == request.method:
                refusal = self._count(route.family, request, now)
                if refusal is not None:
                    return route.family, refusal
                instead = replacement(fault) if fault is not None and fault.when == "before" else None
                answer = instead or self._carry_out(route, match, request, now)
                return route.family, answer if fault is None else spoil(fault, answer)
        return "unknown", message_answer(404, "Not found")

    def _count(self, family: Family, request: SimRequest, now: float) -> SimResponse | None:
        wait = self._meter.arrive(family, now)
        if wait is None:
            return None
        self._truth.violations.append(Violation(now, family, request.path, request.correlation))
        refusal = message_answer(429, "Too many requests")
        if self._switches.retry_after == "absent":
            return refusal
        in_seconds = self._switches.retry_after == "seconds"
        value = str(int(wait) + 1) if in_seconds else formatdate(now + wait + 1, usegmt=True)
        return replace(refusal, headers=(*refusal.headers, ("Retry-After", value)))

    def _carry_out(self, route: Route, match: re.Match[str], request: SimRequest, now: float) -> SimResponse:
        draws = self._world.draws
        if route.method == "GET" and draws.chance(self._switches.html_502, "502", self._requests):
            return html_answer(502, BAD_GATEWAY_PAGE)
        return route.answer(request, now, *match.groups())

    def _dress(self, request: SimRequest, answer: SimResponse) -> SimResponse:
        """Workato's usual headers, and the time the answer takes."""
        draws = self._world.draws
        request_id = draws.hexadecimal(32, "request", self._requests)
        headers = (
            *answer.headers,
            ("Server", "nginx"),
            ("Cache-Control", "no-cache, no-store"),
            ("X-Workato-Version", "1fb8cb39"),
            ("X-Request-Id", request_id),
            ("X-Correlation-Id", request.correlation or request_id),
        )
        latency = draws.between(self._switches.latency, "latency", self._requests)
        return replace(answer, headers=headers, delay_s=answer.delay_s + latency)
