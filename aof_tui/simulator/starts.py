"""Starts recipes from outside: by webhook, by an endpoint of the API platform, by force_run; and cancels jobs."""

from __future__ import annotations

import json
import re

from aof_tui.simulator.messages import (
    BAD_GATEWAY_PAGE,
    DROPPED,
    SimRequest,
    SimResponse,
    html_answer,
    json_answer,
    message_answer,
)
from aof_tui.simulator.state import Outcome, SimRecipe
from aof_tui.simulator.truth import StartTruth, TruthLog
from aof_tui.simulator.view import JobView
from aof_tui.simulator.world import World

WEBHOOK = re.compile(r"/webhooks/rest/([0-9a-f-]{36})/([a-z0-9_]+)")
ENDPOINT = re.compile(r"/apim/([0-9]+)/start")
_EVENT = "start"


class StartDesk:
    """Starts recipes and answers, or does not."""

    def __init__(self, world: World, view: JobView, truth: TruthLog) -> None:
        self._world = world
        self._switches = view.switches
        self._truth = truth
        self._requests = 0
        self.endpoint_token = f"apim-{world.draws.hexadecimal(32, 'endpoint token')}"

    def webhook_path(self, recipe: SimRecipe) -> str:
        """Where the recipe's webhook lies."""
        return f"/webhooks/rest/{self._world.draws.uuid(str(recipe.recipe_id), 'webhook')}/{_EVENT}"

    def webhook(self, request: SimRequest, now: float) -> SimResponse:
        """POST /webhooks/rest/:uuid/:event: an empty object for every event taken (Workato docs: webhooks)."""
        found = [one for one in self._world.place.recipes.values() if self.webhook_path(one) == request.path]
        if not found or request.method != "POST":
            return self._refuse(request, now, 0, "webhook", message_answer(404, "Not found"))
        return self._start(request, now, found[0], "webhook", json_answer(200, {}))

    def endpoint(self, request: SimRequest, now: float) -> SimResponse:
        """An endpoint of the API platform: it needs a client's token, and never the workspace's."""
        match = ENDPOINT.fullmatch(request.path)
        recipe = self._world.place.recipes.get(int(match[1])) if match else None
        if request.headers.get("api-token") != self.endpoint_token:
            return self._refuse(request, now, 0, "endpoint", message_answer(401, "Unauthorized"))
        if recipe is None or request.method != "POST":
            return self._refuse(request, now, 0, "endpoint", message_answer(404, "Not found"))
        return self._start(request, now, recipe, "endpoint", json_answer(200, {"ok": True}))

    def force_run(self, request: SimRequest, now: float, recipe_id: str) -> SimResponse:
        """POST /api/recipes/:id/force_run (Workato docs: recipes; its answer is not documented)."""
        recipe = self._world.place.recipes.get(int(recipe_id)) if recipe_id.isdecimal() else None
        if recipe is None:
            return self._refuse(request, now, 0, "force_run", message_answer(404, "Not found"))
        if not recipe.running:
            answer = json_answer(200, {"success": False})
            return self._refuse(request, now, recipe.recipe_id, "force_run", answer)
        status = self._switches.force_run_status
        return self._start(request, now, recipe, "force_run", json_answer(status, {"success": True}))

    def cancel_jobs(self, request: SimRequest, now: float, recipe_id: str) -> SimResponse:
        """POST /api/recipes/:id/cancel_jobs (Workato docs: jobs; its answer by analogy with that of repeat_jobs)."""
        recipe = self._world.place.recipes.get(int(recipe_id)) if recipe_id.isdecimal() else None
        job_ids = _job_ids(request.body)
        if recipe is None:
            return message_answer(404, "Not found")
        if job_ids is None:
            return message_answer(400, "Bad request")
        return json_answer(200, {"results": [self._cancel(recipe, job_id, now) for job_id in job_ids]})

    def _cancel(self, recipe: SimRecipe, job_id: str, now: float) -> dict[str, str]:
        run = self._world.runs.get(job_id)
        if run is None or run.recipe is not recipe:
            return {"job_id": job_id, "status": "failed", "error": "Job not found"}
        if run.ends_at <= now:
            return {"job_id": job_id, "status": "failed", "error": "Job is not running"}
        self._world.end_now(run, Outcome.CANCELLED, now)
        return {"job_id": job_id, "status": "cancelled"}

    def _start(
        self, request: SimRequest, now: float, recipe: SimRecipe, means: str, accepted: SimResponse
    ) -> SimResponse:
        self._requests += 1
        if not recipe.running:
            return self._refuse(request, now, recipe.recipe_id, means, message_answer(404, "Recipe is not running"))
        if self._world.draws.chance(self._switches.start_failed_before, "start failed before", self._requests):
            return self._refuse(request, now, recipe.recipe_id, means, message_answer(500, "Server error"))
        run = self._world.start_outside(recipe, now, f"start-{self._requests}", _content(request.body))
        answer = self._lose() or accepted
        lost = answer.body is None or answer.status >= 500
        self._note(request, now, recipe.recipe_id, means, "lost" if lost else "answered", answer, run.job_id)
        return answer

    def _refuse(self, request: SimRequest, now: float, recipe_id: int, means: str, refusal: SimResponse) -> SimResponse:
        self._note(request, now, recipe_id, means, "refused", refusal, None)
        return refusal

    def _note(
        self,
        request: SimRequest,
        now: float,
        recipe_id: int,
        means: str,
        answered: str,
        answer: SimResponse,
        run_id: str | None,
    ) -> None:
        body = request.body.decode("utf-8", "replace")
        self._truth.starts.append(
            StartTruth(now, request.correlation, recipe_id, means, answered, answer.status, run_id, body)
        )

    def _lose(self) -> SimResponse | None:
        """How the answer is lost although the recipe was started; None when it is not."""
        if not self._world.draws.chance(self._switches.start_lost, "start lost", self._requests):
            return None
        dropped = self._world.draws.chance(0.5, "start lost as", self._requests)
        return DROPPED if dropped else html_answer(502, BAD_GATEWAY_PAGE)


def _content(body: bytes) -> object:
    try:
        content: object = json.loads(body)
    except ValueError:
        return None
    return content


def _job_ids(body: bytes) -> tuple[str, ...] | None:
    content = _content(body)
    job_ids = content.get("job_ids") if isinstance(content, dict) else None
    if not isinstance(job_ids, list) or not job_ids or not all(isinstance(job_id, str) for job_id in job_ids):
        return None
    return tuple(job_ids)
