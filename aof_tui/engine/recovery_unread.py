"""Reads of repeated runs that keep failing: without them nothing is repeated and no doubt ends, so people are told."""

from __future__ import annotations

from aof_tui.base.durations import human_duration
from aof_tui.domain.event_kinds import EventKind
from aof_tui.domain.words import IncidentKind
from aof_tui.engine.incidents import Incidents
from aof_tui.engine.unit import Unit
from aof_tui.store.mapping import integer, optional_moment, text
from aof_tui.store.port import Params

ALARM_AFTER_S = 600.0
SCOPE = "reads"
"""One incident for the whole workspace: an outage that stops all reads is one trouble, not one for each recipe."""


async def note_unread(unit: Unit, incidents: Incidents, workspace: str, recipe_id: str, why: str) -> None:
    """A read failed; only the first of a row is said, and an incident is raised when the row grows long."""
    key: Params = {"workspace": workspace, "recipe_id": recipe_id}
    rows = await unit.tx.fetch("recipe_get", key)
    if not rows or rows[0]["gone_at"] is not None:
        return
    called = text(rows[0], "name") or recipe_id
    since = optional_moment(rows[0], "unread_since")
    if since is None:
        await unit.tx.execute("recipe_unread", {**key, "since": unit.now})
        said = f"the repeated runs of {called} could not be read: {why}"
        await unit.event(EventKind.READ_FAILED, said, workspace=workspace, recipe_id=recipe_id)
    elif unit.now - since > ALARM_AFTER_S:
        away = human_duration(unit.now - since)
        title = f"the repeated runs of {called} have not been readable for {away}: {why}"
        await incidents.raise_alarm(unit, workspace, IncidentKind.COLLATION_BEHIND, title, scope=SCOPE)


async def note_readable(unit: Unit, incidents: Incidents, workspace: str, recipe_id: str) -> None:
    """A read succeeded, or the recipe is gone; the incident ends once no other recipe has been unreadable so long."""
    key: Params = {"workspace": workspace, "recipe_id": recipe_id}
    rows = await unit.tx.fetch("recipe_get", key)
    since = optional_moment(rows[0], "unread_since") if rows else None
    if since is None:
        return
    await unit.tx.execute("recipe_unread", {**key, "since": None})
    said = f"the repeated runs of {text(rows[0], 'name') or recipe_id} can be read again"
    if rows[0]["gone_at"] is not None:
        said = f"the repeated runs of {text(rows[0], 'name') or recipe_id} are no longer waited for: it is gone"
    await unit.event(EventKind.READ_RESTORED, said, workspace=workspace, recipe_id=recipe_id)
    left = await unit.tx.fetch("recipes_unread", {"workspace": workspace, "until": unit.now - ALARM_AFTER_S})
    if not integer(left[0], "amount"):
        await incidents.end_alarm(unit, workspace, IncidentKind.COLLATION_BEHIND, SCOPE)
