"""Builds what stands in a world before anything happens: projects, folders, tags, connections, recipes."""

from __future__ import annotations

from dataclasses import dataclass

from aof_tui.simulator.draws import Draws
from aof_tui.simulator.scenario import GroupShape, Scenario
from aof_tui.simulator.state import SimConnection, SimFolder, SimProject, SimRecipe, SimTag, Tally

_FIRST_RECIPE_ID = 52_000_101
_FIRST_CONNECTION_ID = 7_301
_FIRST_PROJECT_ID = 649_122
_FIRST_FOLDER_ID = 1_563_029
_DAY = 86_400.0
ROOT_FOLDER_ID = 316_968


@dataclass(frozen=True, slots=True)
class Place:
    """The standing things of a workspace."""

    projects: dict[str, SimProject]
    folders: list[SimFolder]
    tags: dict[str, SimTag]
    connections: dict[str, SimConnection]
    groups: dict[str, list[SimRecipe]]
    recipes: dict[int, SimRecipe]


def build_place(scenario: Scenario, draws: Draws, start: float) -> Place:
    """The workspace of a scenario as it stands before its first job."""
    place = Place({}, [], {}, {}, {}, {})
    for shape in scenario.groups:
        _build_project(place, shape)
        for title in shape.tags:
            handle = f"tag-{draws.letters(8, 'tag', title)}-{draws.letters(6, 'tag', title, 2)}"
            place.tags.setdefault(title, SimTag(handle, title))
    home = place.folders[0].folder_id
    for number, connection in enumerate(scenario.connections):
        created = start - _DAY * draws.between((30, 900), "connection", connection.key)
        place.connections[connection.key] = SimConnection(
            _FIRST_CONNECTION_ID + 13 * number, connection.name, connection.application, home, created
        )
    for shape in scenario.groups:
        place.groups[shape.key] = [_build_recipe(place, shape, number, draws, start) for number in range(shape.count)]
    for shape in scenario.groups:
        if shape.calls:
            called = place.groups[shape.calls]
            for number, recipe in enumerate(place.groups[shape.key]):
                recipe.calls = called[number % len(called)]
    return place


def _build_project(place: Place, shape: GroupShape) -> None:
    if shape.project not in place.projects:
        number = len(place.projects)
        folder = SimFolder(
            _FIRST_FOLDER_ID + 10 * len(place.folders), shape.project, ROOT_FOLDER_ID, _FIRST_PROJECT_ID + number, True
        )
        place.folders.append(folder)
        place.projects[shape.project] = SimProject(_FIRST_PROJECT_ID + number, folder.folder_id, shape.project)
    if shape.folder and _find_folder(place, shape) is None:
        project = place.projects[shape.project]
        place.folders.append(
            SimFolder(
                _FIRST_FOLDER_ID + 10 * len(place.folders), shape.folder, project.folder_id, project.project_id, False
            )
        )


def _find_folder(place: Place, shape: GroupShape) -> SimFolder | None:
    parent = place.projects[shape.project].folder_id
    return next((one for one in place.folders if one.parent_id == parent and one.name == shape.folder), None)


def _build_recipe(place: Place, shape: GroupShape, number: int, draws: Draws, start: float) -> SimRecipe:
    recipe_id = _FIRST_RECIPE_ID + 37 * len(place.recipes)
    folder = _find_folder(place, shape) if shape.folder else None
    succeeded = 50 + draws.whole(20_000, recipe_id, "succeeded")
    failed = draws.whole(1 + succeeded // 40, recipe_id, "failed")
    recipe = SimRecipe(
        recipe_id=recipe_id,
        name=shape.name.replace("{n}", str(number + 1)),
        group=shape,
        project=place.projects[shape.project],
        folder_id=folder.folder_id if folder else place.projects[shape.project].folder_id,
        connections=tuple(place.connections[key] for key in shape.connections),
        tags=tuple(place.tags[title].handle for title in shape.tags),
        created_at=start - _DAY * draws.between((30, 900), recipe_id, "created"),
        version_no=1 + draws.whole(40, recipe_id, "version"),
        by_run=Tally(succeeded, failed),
        by_lineage=Tally(succeeded, failed),
    )
    place.recipes[recipe_id] = recipe
    return recipe
