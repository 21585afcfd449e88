"""What rules and routes look at, and how their lists of names or ids match it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from aof_tui.domain.words import Category, Severity


@dataclass(frozen=True, slots=True)
class RecipeFacts:
    """What is known of a recipe when something about it is decided; `tags`: names and handles alike."""

    recipe_id: str
    name: str = ""
    project_id: str | None = None
    project: str | None = None
    tags: tuple[str, ...] = ()
    applications: tuple[str, ...] = ()
    accounts: tuple[tuple[str, str], ...] = ()
    version_no: int | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What a rule or a route is tried on; an incident may have no recipe, an undecided failure has no severity."""

    category: Category
    severity: Severity | None = None
    recipe: RecipeFacts | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """Lists of which each must hold the subject's name or id; an empty list holds everything."""

    category: tuple[Category, ...] = ()
    severity: tuple[Severity, ...] = ()
    recipe: tuple[str, ...] = ()
    project: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    application: tuple[str, ...] = ()

    def fits(self, subject: Subject) -> bool:
        recipe = subject.recipe or RecipeFacts("")
        return (
            (not self.category or subject.category in self.category)
            and (not self.severity or subject.severity in self.severity)
            and (not self.recipe or names_any(self.recipe, (recipe.recipe_id, recipe.name)))
            and (not self.project or names_any(self.project, (recipe.project_id, recipe.project)))
            and (not self.tag or names_any(self.tag, recipe.tags))
            and (not self.application or names_any(self.application, recipe.applications))
        )


ANYTHING = Match()


def names_any(listed: Iterable[str], present: Iterable[str | None]) -> bool:
    """Whether one of the listed ids or names is present; case and outer blanks do not count."""
    there = {name.strip().casefold() for name in present if name}
    return any(entry.strip().casefold() in there for entry in listed)
