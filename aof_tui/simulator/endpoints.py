"""The reading endpoints of Workato's API."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from aof_tui.simulator.messages import SimRequest, SimResponse, json_answer, json_text, message_answer, text_answer
from aof_tui.simulator.state import SimRecipe, SimRun
from aof_tui.simulator.view import JobView, Row
from aof_tui.simulator.wire import Wire
from aof_tui.simulator.world import World

T = TypeVar("T")

_MOST_PER_PAGE = 100
_NOT_FOUND = "Not found"


class Endpoints:
    """Each method answers one endpoint: the request, its time of arrival, then the parts of its path."""

    def __init__(self, world: World, view: JobView, wire: Wire) -> None:
        self.workspace_id = world.scenario.workspace_id
        self._world = world
        self._view = view
        self._wire = wire

    def user(self, _request: SimRequest, now: float) -> SimResponse:
        """GET /api/users/me: the workspace of the token."""
        return json_answer(200, self._wire.user(self.workspace_id, now))

    def recipes(self, request: SimRequest, now: float) -> SimResponse:
        """GET /api/recipes: pages of at most 100, by descending id."""
        place = self._world.place
        found = list(reversed(place.recipes.values()))
        for name, wanted in _RECIPE_FILTERS.items():
            if name in request.query:
                found = [recipe for recipe in found if wanted(recipe, request.query[name])]
        page = _page(request.query, found)
        with_tags = request.query.get("includes[]") == "tags"
        with_code = request.query.get("exclude_code") not in ("true", "1")
        items = ",".join(self._wire.recipe_text(recipe, with_tags, with_code) for recipe in page)
        return text_answer(f'{{"items":[{items}]}}')

    def recipe(self, request: SimRequest, now: float, recipe_id: str) -> SimResponse:
        """GET /api/recipes/:id: the recipe without an envelope."""
        recipe = self._find_recipe(recipe_id)
        if recipe is None:
            return message_answer(404, _NOT_FOUND)
        with_tags = request.query.get("includes[]") == "tags"
        return text_answer(self._wire.recipe_text(recipe, with_tags, with_code=True))

    def jobs(self, request: SimRequest, now: float, recipe_id: str) -> SimResponse:
        """GET /api/recipes/:id/jobs: newest first, older ones by cursor."""
        recipe = self._find_recipe(recipe_id)
        if recipe is None:
            return message_answer(404, _NOT_FOUND)
        query = request.query
        rows = self._view.rows(recipe, now, query.get("status"), query.get("rerun_only") == "true")
        scope = len(rows)
        if "offset_job_id" in query:
            offset = self._find_listed(recipe, query["offset_job_id"], now)
            if offset is None:
                return message_answer(404, _NOT_FOUND)
            newer = query.get("prev") == "true"
            rows = _past(rows, self._view.position(offset, now), newer)
            page = rows[-self._page_size(query) :] if newer else rows[: self._page_size(query)]
        else:
            page = rows[: self._page_size(query)]
        tally = recipe.by_lineage if self._view.switches.healed_lowers_failed_count else recipe.by_run
        envelope = {
            "job_succeeded_count": tally.succeeded,
            "job_failed_count": tally.failed,
            "job_count": tally.succeeded + tally.failed,
            "job_scope_count": scope,
        }
        items = ",".join(self._show(row.run, now, self._wire.jobs.job_text) for row in page)
        return text_answer(f'{json_text(envelope)[:-1]},"items":[{items}]}}')

    def job(self, _request: SimRequest, now: float, recipe_id: str, job_id: str) -> SimResponse:
        """GET /api/recipes/:id/jobs/:handle: one job with its lines."""
        recipe = self._find_recipe(recipe_id)
        run = None if recipe is None else self._find_listed(recipe, job_id, now)
        if run is None:
            return message_answer(404, _NOT_FOUND)
        return json_answer(200, self._show(run, now, self._wire.jobs.job_detail))

    def connections(self, request: SimRequest, now: float) -> SimResponse:
        """GET /api/connections: a bare array."""
        wanted = request.query.get("folder_id")
        found = [one for one in self._world.place.connections.values() if wanted in (None, str(one.folder_id))]
        return json_answer(200, [self._wire.connection(connection, now) for connection in found])

    def projects(self, request: SimRequest, now: float) -> SimResponse:
        """GET /api/projects: a bare array, paged."""
        found = list(self._world.place.projects.values())
        return json_answer(200, [self._wire.project(project) for project in _page(request.query, found)])

    def folders(self, request: SimRequest, now: float) -> SimResponse:
        """GET /api/folders: the folders of a parent, by default of the root."""
        parent = request.query.get("parent_id")
        found = [
            folder
            for folder in self._world.place.folders
            if (folder.is_project if parent is None else str(folder.parent_id) == parent)
        ]
        return json_answer(200, [self._wire.folder(folder) for folder in _page(request.query, found)])

    def tags(self, _request: SimRequest, now: float) -> SimResponse:
        """GET /api/tags: a bare array."""
        return json_answer(200, [self._wire.tag(tag) for tag in self._world.place.tags.values()])

    def _find_recipe(self, recipe_id: str) -> SimRecipe | None:
        return self._world.place.recipes.get(int(recipe_id)) if recipe_id.isdecimal() else None

    def _find_listed(self, recipe: SimRecipe, job_id: str, now: float) -> SimRun | None:
        run = self._world.runs.get(job_id)
        if run is None or run.recipe is not recipe or self._view.listed_from(run) > now:
            return None
        return run

    def _show(self, run: SimRun, now: float, render: Callable[[SimRun, float], T]) -> T:
        run.shown.setdefault(self._view.word(run, now), now)
        return render(run, now)

    def _page_size(self, query: Mapping[str, str]) -> int:
        switches = self._view.switches
        if switches.per_page_honoured and query.get("per_page", "").isdecimal():
            return max(1, min(int(query["per_page"]), _MOST_PER_PAGE))
        return switches.page_size


def _past(rows: Sequence[Row], position: tuple[float, int], newer: bool) -> list[Row]:
    return [row for row in rows if (row.position > position if newer else row.position < position)]


def _page(query: Mapping[str, str], found: Sequence[T]) -> Sequence[T]:
    per_page = query.get("per_page", "")
    size = max(1, min(int(per_page), _MOST_PER_PAGE)) if per_page.isdecimal() else _MOST_PER_PAGE
    number = query.get("page", "")
    first = (max(1, int(number)) - 1) * size if number.isdecimal() else 0
    return found[first : first + size]


_RECIPE_FILTERS: Mapping[str, Callable[[SimRecipe, str], bool]] = {
    "running": lambda recipe, value: recipe.running == (value == "true"),
    "folder_id": lambda recipe, value: str(recipe.folder_id) == value,
    "project_id": lambda recipe, value: str(recipe.project.project_id) == value,
    "stop_cause": lambda recipe, value: recipe.stop_cause == value,
    "since_id": lambda recipe, value: value.isdecimal() and recipe.recipe_id < int(value),
    "adapter_names_any": lambda recipe, value: any(name in recipe.applications for name in value.split(",")),
    "adapter_names_all": lambda recipe, value: all(name in recipe.applications for name in value.split(",")),
}
"""What the recipe list can be narrowed by (Workato's OpenAPI)."""
