"""PUT /api/recipes/:id/start and /stop: sets recipes running, or says in HTTP 200 why it does not."""

from __future__ import annotations

from functools import partial

from aof_tui.simulator.messages import DROPPED, SimRequest, SimResponse, json_answer, message_answer
from aof_tui.simulator.state import SimRecipe
from aof_tui.simulator.truth import SwitchTruth, TruthLog
from aof_tui.simulator.view import JobView
from aof_tui.simulator.world import World


class RunningDesk:
    """Starts and stops recipes over the API (Workato's OpenAPI: recipes; objections as Workato's own tool recorded)."""

    def __init__(self, world: World, view: JobView, truth: TruthLog) -> None:
        self._world = world
        self._switches = view.switches
        self._truth = truth
        self._requests = 0

    def start(self, request: SimRequest, now: float, recipe_id: str) -> SimResponse:
        """Begin to run a recipe; it runs some time after the answer."""
        self._requests += 1
        recipe = self._find(recipe_id)
        if recipe is None:
            return self._note(request, now, 0, "start", "refused", message_answer(404, "Not found"))
        if recipe.running:
            refusal = message_answer(400, "Can't change the recipe state: invalid state running")
            return self._note(request, now, recipe.recipe_id, "start", "refused", refusal)
        if self._chance(self._switches.start_failed_before, "failed before"):
            return self._note(request, now, recipe.recipe_id, "start", "refused", message_answer(500, "Server error"))
        objections = self._objections(recipe, now)
        if objections:
            answer = json_answer(200, {"success": False, "code_errors": [], "config_errors": objections})
            return self._note(request, now, recipe.recipe_id, "start", "refused", answer)
        lag = self._world.draws.between(self._switches.start_lag, "start lag", self._requests)
        self._world.at(now + lag, partial(_run, recipe))
        if self._chance(self._switches.start_lost, "lost"):
            return self._note(request, now, recipe.recipe_id, "start", "lost", DROPPED)
        return self._note(request, now, recipe.recipe_id, "start", "answered", json_answer(200, {"success": True}))

    def stop(self, request: SimRequest, now: float, recipe_id: str) -> SimResponse:
        """Stop a recipe, as a person does."""
        recipe = self._find(recipe_id)
        if recipe is None:
            return self._note(request, now, 0, "stop", "refused", message_answer(404, "Not found"))
        if not recipe.running:
            refusal = message_answer(400, "Can't change the recipe state: invalid state stopped")
            return self._note(request, now, recipe.recipe_id, "stop", "refused", refusal)
        recipe.running, recipe.stop_cause, recipe.stopped_at = False, None, now
        recipe.revision += 1
        return self._note(request, now, recipe.recipe_id, "stop", "answered", json_answer(200, {"success": True}))

    def _find(self, recipe_id: str) -> SimRecipe | None:
        return self._world.place.recipes.get(int(recipe_id)) if recipe_id.isdecimal() else None

    def _chance(self, share: float, what: str) -> bool:
        return self._world.draws.chance(share, "start", what, self._requests)

    def _objections(self, recipe: SimRecipe, now: float) -> list[list[object]]:
        """A recipe with a lost connection does not start."""
        lost = [one for one in recipe.connections if one.lost(now)]
        return [
            [number, [["account_id", connection.connection_id, "unconnected", {"key": connection.application}]]]
            for number, connection in enumerate(lost, start=1)
        ]

    def _note(
        self, request: SimRequest, now: float, recipe_id: int, action: str, answered: str, answer: SimResponse
    ) -> SimResponse:
        self._truth.switched.append(SwitchTruth(now, request.correlation, recipe_id, action, answered, answer.status))
        return answer


def _run(recipe: SimRecipe, _at: float) -> None:
    recipe.running, recipe.stop_cause, recipe.stopped_at = True, None, None
    recipe.revision += 1
