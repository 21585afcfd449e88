"""POST /api/recipes/:id/repeat_jobs: the one endpoint that acts, with all its ways of leaving a client in doubt."""

from __future__ import annotations

import json

from aof_tui.simulator.messages import (
    BAD_GATEWAY_PAGE,
    DROPPED,
    SimRequest,
    SimResponse,
    html_answer,
    json_answer,
    message_answer,
)
from aof_tui.simulator.state import By, SimRecipe, SimRun
from aof_tui.simulator.truth import Fate, RepeatTruth, TruthLog
from aof_tui.simulator.view import JobView
from aof_tui.simulator.world import World

_ODD_RESULT_WORD = "queued_for_review"


class RepeatEndpoint:
    """Carries repeats out and answers, or does not."""

    def __init__(self, world: World, view: JobView, truth: TruthLog) -> None:
        self._world = world
        self._view = view
        self._switches = view.switches
        self._truth = truth
        self._requests = 0

    def answer(self, request: SimRequest, now: float, recipe_id: str) -> SimResponse:
        """Repeat up to 25 jobs of a recipe (Workato docs: jobs; answer as in the types of Workato's own tool)."""
        self._requests += 1
        recipe = self._world.place.recipes.get(int(recipe_id)) if recipe_id.isdecimal() else None
        job_ids = _job_ids(request.body)
        if recipe is None:
            return self._refuse(request, now, recipe_id, (), message_answer(404, "Not found"))
        if job_ids is None:
            return self._refuse(request, now, recipe_id, (), message_answer(400, "Bad request"))
        most = self._world.scenario.quotas.repeat_jobs
        if len(job_ids) > most:
            refusal = message_answer(400, f"No more than {most} jobs can be repeated at once")
            return self._refuse(request, now, recipe_id, job_ids, refusal)
        if self._world.draws.chance(self._switches.failed_before_accept, "failed before", self._requests):
            return self._refuse(request, now, recipe_id, job_ids, message_answer(500, "Server error"))
        fates = [self._repeat(recipe, job_id, request.correlation, now) for job_id in job_ids]
        answer = self._lose() or json_answer(200, {"results": self._results(fates)})
        lost = answer.body is None or answer.status != 200
        self._truth.repeats.append(
            RepeatTruth(
                now,
                request.correlation,
                recipe.recipe_id,
                "lost" if lost else "answered",
                answer.status,
                tuple(fates),
            )
        )
        return answer

    def _refuse(
        self, request: SimRequest, now: float, recipe_id: str, job_ids: tuple[str, ...], refusal: SimResponse
    ) -> SimResponse:
        fates = tuple(Fate(job_id, None, None, "request refused") for job_id in job_ids)
        number = int(recipe_id) if recipe_id.isdecimal() else 0
        self._truth.repeats.append(RepeatTruth(now, request.correlation, number, "refused", refusal.status, fates))
        return refusal

    def _repeat(self, recipe: SimRecipe, job_id: str, correlation: str | None, now: float) -> Fate:
        run = self._world.runs.get(job_id)
        if run is None or run.recipe is not recipe:
            return Fate(job_id, None, None, "Job not found")
        reason = self._objection(run)
        if reason is not None:
            return Fate(job_id, run.lineage.master_id, None, reason)
        by = By.ENGINE if correlation else By.API
        made = self._world.repeat(run, by, now, correlation)
        return Fate(job_id, run.lineage.master_id, made.job_id, None)

    def _objection(self, run: SimRun) -> str | None:
        if run.erased or run.is_poll_error:
            return "Job is not repeatable"
        if len(run.lineage.runs) > self._world.scenario.quotas.repeats_per_job:
            return "Job was repeated too many times"
        if self._switches.repeat_when_stopped == "refuse" and not run.recipe.running:
            return "Recipe is not running"
        if self._switches.refuse_not_latest:
            newest = run.lineage.newest
            if run is not newest:
                return "Only the latest run of a job can be repeated"
            if newest.ends_at > self._world.now:
                return "Job is still running"
        return None

    def _results(self, fates: list[Fate]) -> list[dict[str, str]]:
        results = []
        for fate in fates:
            result = {"job_id": fate.job_id, "status": "failed" if fate.reason else "enqueued"}
            if fate.reason:
                result["error"] = fate.reason
            results.append(result)
        if self._switches.results == "one_missing":
            results.pop()
        elif self._switches.results == "odd_word":
            results[-1]["status"] = _ODD_RESULT_WORD
        return results

    def _lose(self) -> SimResponse | None:
        """How the answer is lost although the jobs were repeated; None when it is not."""
        every = self._switches.lost_answer_every
        nth = every is not None and self._requests % every == 0
        if not nth and not self._world.draws.chance(self._switches.lost_answer, "lost", self._requests):
            return None
        kind = self._switches.lost_answer_as
        if kind == "mixed":
            kind = "drop" if self._world.draws.chance(0.5, "lost as", self._requests) else "html_502"
        return DROPPED if kind == "drop" else html_answer(502, BAD_GATEWAY_PAGE)


def _job_ids(body: bytes) -> tuple[str, ...] | None:
    try:
        content = json.loads(body)
    except ValueError:
        return None
    job_ids = content.get("job_ids") if isinstance(content, dict) else None
    if not isinstance(job_ids, list) or not job_ids or not all(isinstance(job_id, str) for job_id in job_ids):
        return None
    return tuple(job_ids)
