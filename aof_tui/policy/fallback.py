"""Whether a failure that rests gets a fallback recipe, and which; a fallback never gets one itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aof_tui.domain.words import Reason


@dataclass(frozen=True, slots=True)
class FallbackRule:
    """A recipe that can be started in place of a failed one; `workspace` None: the only one there is."""

    name: str
    recipe_id: str
    when: tuple[Reason, ...]
    resolves: bool = False
    """Whether its success closes the failure."""
    workspace: str | None = None

    def is_of(self, workspace: str) -> bool:
        return self.workspace in (None, workspace)


def fallback_named(rules: Sequence[FallbackRule], name: str | None, workspace: str) -> FallbackRule | None:
    """The fallback of that name, if the workspace has it."""
    return next((rule for rule in rules if rule.name == name and rule.is_of(workspace)), None)


def is_fallback(rules: Sequence[FallbackRule], workspace: str, recipe_id: str) -> bool:
    """Whether the recipe is a fallback itself, by whatever policy: its failures never get one."""
    return any(rule.recipe_id == recipe_id and rule.is_of(workspace) for rule in rules)
