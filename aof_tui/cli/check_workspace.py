"""Tries one workspace: the token, the pinned identity, and each privilege that reading needs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from aof_tui.cli.check_findings import Finding, State
from aof_tui.domain.model import Recipe
from aof_tui.workato.client import WorkatoClient
from aof_tui.workato.errors import (
    Forbidden,
    NotFound,
    NotSent,
    RateLimited,
    Transient,
    Unauthorized,
    WorkatoError,
)

Answer = TypeVar("Answer")

PER_PAGE = 100
# Names of privileges: Workato's client roles, as Datadog's documents of its Workato integration list them.
LIST_RECIPES = "privilege Recipes > List"
GET_RECIPE = "privilege Recipes > Get details"
LIST_JOBS = "privilege Jobs > List"
GET_JOB = "privilege Jobs > Get job"
LIST_CONNECTIONS = "privilege Connections > List"
LIST_PROJECTS = "privilege Project Assets > List Projects"
LIST_FOLDERS = "privilege Project Assets > List Folders"
LIST_TAGS = "privilege Environment Management > Tags > List tags"
LIST_GROUPS = "privilege On-Prem Groups > List"
LIST_AGENTS = "privilege On-Prem Agents > List"
REPEAT = "privilege to repeat jobs"
ONLY_REAL = "only the first real repeat will tell"
START = "privilege to start recipes"
ONLY_ASKED = "only a start that a person asks for will tell"


class WorkspaceCheck:
    """The findings of one workspace, made one after the other."""

    def __init__(self, name: str, client: WorkatoClient, pinned: str | None) -> None:
        self._subject = f"workspace {name}"
        self._client = client
        self._pinned = pinned
        self._ended = False

    async def findings(self) -> AsyncIterator[Finding]:
        """One finding per thing tried; after a refused token or an unreachable server nothing more is tried."""
        identity, found = await self._try("token", self._client.me)
        if identity is not None:
            found = self._identified(identity.workspace_id, identity.name)
        yield found
        if self._ended:
            return
        async for found in self._recipes():
            yield found
        others: tuple[tuple[str, Callable[[], Awaitable[object]]], ...] = (
            (LIST_CONNECTIONS, self._client.connections),
            (LIST_PROJECTS, self._client.projects),
            (LIST_FOLDERS, self._client.folders),
            (LIST_TAGS, self._client.tags),
        )
        for what, call in others:
            if self._ended:
                return
            _, found = await self._try(what, call)
            yield found
        async for found in self._on_prem():
            yield found
        if self._ended:
            return
        yield Finding(self._subject, REPEAT, State.UNTESTED, ONLY_REAL)
        yield Finding(self._subject, START, State.UNTESTED, ONLY_ASKED)

    async def _on_prem(self) -> AsyncIterator[Finding]:
        """Many workspaces have no agents: without these privileges they are not watched, and nothing else is amiss."""
        looks: tuple[tuple[str, Callable[[], Awaitable[object]]], ...] = (
            (LIST_GROUPS, self._client.on_prem_groups),
            (LIST_AGENTS, self._client.on_prem_agents),
        )
        for what, call in looks:
            if self._ended:
                return
            _, found = await self._try(what, call)
            if found.state in (State.MISSING, State.FAILED) and not self._ended:
                found = replace(found, state=State.WARNING, detail=f"on-prem agents are not watched: {found.detail}")
            yield found

    def _identified(self, workspace_id: str, name: str) -> Finding:
        if self._pinned is not None and self._pinned != workspace_id:
            detail = f"the token belongs to workspace {workspace_id} ({name}), the store to {self._pinned}"
            return Finding(self._subject, "token", State.FAILED, detail)
        return Finding(self._subject, "token", State.OK, f"workspace {workspace_id} ({name})")

    async def _recipes(self) -> AsyncIterator[Finding]:
        recipes, found = await self._try(LIST_RECIPES, lambda: self._client.recipes_page(1, PER_PAGE))
        yield found
        if self._ended:
            return
        if not recipes:
            for what in (GET_RECIPE, LIST_JOBS, GET_JOB):
                yield Finding(self._subject, what, State.UNTESTED, "there is no recipe to try it with")
            return
        busiest = max(recipes, key=lambda recipe: recipe.failed_count + recipe.succeeded_count)
        _, found = await self._try(GET_RECIPE, lambda: self._client.recipe(busiest.recipe_id))
        yield found
        if not self._ended:
            async for found in self._jobs(busiest):
                yield found

    async def _jobs(self, recipe: Recipe) -> AsyncIterator[Finding]:
        page, found = await self._try(LIST_JOBS, lambda: self._client.jobs_page(recipe.recipe_id))
        yield found
        if self._ended:
            return
        if page is None or not page.runs:
            yield Finding(self._subject, GET_JOB, State.UNTESTED, "there is no job to try it with")
            return
        job_id = page.runs[0].job_id
        _, found = await self._try(GET_JOB, lambda: self._client.job(recipe.recipe_id, job_id))
        yield found

    async def _try(self, what: str, call: Callable[[], Awaitable[Answer]]) -> tuple[Answer | None, Finding]:
        try:
            answer = await call()
        except WorkatoError as error:
            return None, self._trouble(what, error)
        return answer, Finding(self._subject, what, State.OK)

    def _trouble(self, what: str, error: WorkatoError) -> Finding:
        match error:
            case Unauthorized():
                self._ended = True
                return Finding(self._subject, what, State.FAILED, f"Workato refuses the token: {error}")
            case Forbidden():
                return Finding(self._subject, what, State.MISSING, str(error))
            case NotFound():
                return Finding(self._subject, what, State.FAILED, f"not found: {error}")
            case NotSent() | Transient():
                self._ended = True
                return Finding(self._subject, what, State.UNREACHABLE, str(error))
            case RateLimited():
                return Finding(self._subject, what, State.UNREACHABLE, f"too many requests just now: {error}")
            case _:
                return Finding(self._subject, what, State.FAILED, str(error))
