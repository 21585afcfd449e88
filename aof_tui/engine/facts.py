"""Rows as the facts that rules look at."""

from __future__ import annotations

from aof_tui.domain.model import Recipe
from aof_tui.engine.unit import Unit
from aof_tui.policy.account import Account
from aof_tui.policy.backlog import BacklogWatch
from aof_tui.policy.match import RecipeFacts
from aof_tui.store.mapping import integer, optional_integer, optional_moment, optional_text, recipe_from
from aof_tui.store.port import Row


def facts_of(recipe: Recipe, project: str | None) -> RecipeFacts:
    return RecipeFacts(
        recipe_id=recipe.recipe_id,
        name=recipe.name,
        project_id=recipe.project_id,
        project=project,
        tags=recipe.tags,
        applications=recipe.applications,
        version_no=recipe.version_no,
        accounts=recipe.accounts,
    )


def account_from(recipe: Row) -> Account:
    """What the last completed walk of a recipe's failed jobs came to."""
    return Account(optional_integer(recipe, "walked_count"), integer(recipe, "unaccounted"), integer(recipe, "rereads"))


def facts_from(row: Row) -> RecipeFacts:
    return facts_of(recipe_from(row), optional_text(row, "project"))


async def recipe_facts(unit: Unit, workspace: str, recipe_id: str) -> RecipeFacts:
    """What is known of a recipe; only its id when the list never showed it."""
    rows = await unit.tx.fetch("recipe_get", {"workspace": workspace, "recipe_id": recipe_id})
    return facts_from(rows[0]) if rows else RecipeFacts(recipe_id)


def backlog_from(row: Row) -> BacklogWatch | None:
    """The time without a watch that a workspace's row remembers."""
    began, until = optional_moment(row, "backlog_from"), optional_moment(row, "backlog_until")
    return None if began is None or until is None else BacklogWatch(began, until, integer(row, "backlog_count"))
