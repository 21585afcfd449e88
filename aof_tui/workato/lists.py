"""Workato's lists other than jobs, as rows. What cannot be believed raises BadPage."""

from __future__ import annotations

from collections.abc import Sequence

from aof_tui.base.text import clean
from aof_tui.domain.model import Connection, Recipe
from aof_tui.workato.errors import BadPage
from aof_tui.workato.outside import ERROR_LIMIT, NAME_LIMIT, label
from aof_tui.workato.rows import Folder, Identity, Project, Tag
from aof_tui.workato.shapes import read, read_all
from aof_tui.workato.wire import WireConnection, WireFolder, WireIdentity, WireProject, WireRecipe, WireTag

HEALTHY_CONNECTION = "success"


def identity(value: object) -> Identity:
    wire = read(WireIdentity, value)
    return Identity(wire.id, label(wire.name, NAME_LIMIT))


def recipes(value: object) -> tuple[Recipe, ...]:
    return tuple(_recipe(wire) for wire in read_all(WireRecipe, value))


def recipe(recipe_id: str, value: object) -> Recipe:
    """A recipe read alone; it must be the one that was asked for."""
    found = _recipe(read(WireRecipe, value))
    if found.recipe_id != recipe_id:
        raise BadPage("the answer is another recipe than the one asked for")
    return found


def _recipe(wire: WireRecipe) -> Recipe:
    return Recipe(
        recipe_id=wire.id,
        name=label(wire.name, NAME_LIMIT),
        running=wire.running,
        failed_count=wire.job_failed_count,
        succeeded_count=wire.job_succeeded_count,
        lifetime_tasks=wire.lifetime_task_count,
        project_id=wire.project_id,
        folder_id=wire.folder_id,
        stop_cause=label(wire.stop_cause, NAME_LIMIT) or None,
        stopped_at=wire.stopped_at,
        last_run_at=wire.last_run_at,
        version_no=wire.version_no,
        applications=_names(wire.applications),
        accounts=_accounts(wire),
        tags=_names(wire.tags),
    )


def _accounts(wire: WireRecipe) -> tuple[tuple[str, str], ...]:
    pairs = ((clean(part.provider or part.name)[:NAME_LIMIT], part.account_id or "") for part in wire.config)
    return tuple(dict.fromkeys(pair for pair in pairs if pair[0]))


def _names(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(clean(text)[:NAME_LIMIT] for text in texts))


def connections(value: object) -> tuple[Connection, ...]:
    return tuple(
        Connection(
            connection_id=wire.id,
            name=label(wire.name, NAME_LIMIT),
            application=label(wire.application or wire.provider, NAME_LIMIT),
            authorized=wire.authorization_status == HEALTHY_CONNECTION,
            lost_at=wire.connection_lost_at,
            lost_reason=label(wire.connection_lost_reason or wire.authorization_error, ERROR_LIMIT) or None,
        )
        for wire in read_all(WireConnection, value)
    )


def projects(value: object) -> tuple[Project, ...]:
    return tuple(
        Project(wire.id, label(wire.name, NAME_LIMIT), wire.folder_id) for wire in read_all(WireProject, value)
    )


def folders(value: object) -> tuple[Folder, ...]:
    return tuple(
        Folder(wire.id, label(wire.name, NAME_LIMIT), wire.parent_id, wire.project_id)
        for wire in read_all(WireFolder, value)
    )


def tags(value: object) -> tuple[Tag, ...]:
    return tuple(Tag(wire.handle, label(wire.title, NAME_LIMIT)) for wire in read_all(WireTag, value))
