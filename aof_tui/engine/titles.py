"""What incidents are called: their titles stay true, whatever fails later."""

from __future__ import annotations

from aof_tui.domain.breaker import ALL_AGENTS, PARENT_FINGERPRINT
from aof_tui.domain.model import Failure, Incident
from aof_tui.domain.words import Category
from aof_tui.engine.downstream import name_of
from aof_tui.engine.unit import Unit
from aof_tui.policy.match import RecipeFacts


def title_of(failure: Failure, recipe: RecipeFacts) -> str:
    """What the incident of one error is called: the recipe and the first line of the error."""
    said = (failure.error.message or failure.error.text).strip().splitlines()
    return f"{recipe.name or failure.recipe_id}: {said[0][:160] if said else failure.plan.category}"


async def unavailable(unit: Unit, workspace: str, downstream: str) -> str:
    """What the incident of a downstream is called: what is missing, not how it failed first."""
    called = await name_of(unit, workspace, downstream)
    return f"{called} {'are' if downstream == ALL_AGENTS else 'is'} unavailable"


def told_category(incident: Incident) -> Category | None:
    """The category that people are told: an incident of a downstream has that of its first failure, for its route."""
    return None if incident.fingerprint == PARENT_FINGERPRINT else incident.category
