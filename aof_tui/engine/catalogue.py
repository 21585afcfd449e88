"""Names behind the ids that the recipe list shows: projects and tags, read now and then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aof_tui.base.clock import Clock
from aof_tui.workato.client import WorkatoClient
from aof_tui.workato.errors import Unauthorized, WorkatoError
from aof_tui.workato.pacer import Priority

CATALOGUE_EVERY_S = 3600.0
"""How often names of projects and tags are read again."""
CATALOGUE_RETRY_S = 300.0


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Names behind ids and handles."""

    projects: Mapping[str, str]
    tags: Mapping[str, str]


class CatalogueReader:
    """Keeps the names of one workspace."""

    def __init__(self, clock: Clock, client: WorkatoClient) -> None:
        self._clock = clock
        self._client = client
        self._at = float("-inf")
        self.names = Catalogue({}, {})

    async def read(self) -> bool:
        """Read the names when it is time; True when they were read. Raises Unauthorized."""
        now = self._clock.boot()
        if now - self._at < CATALOGUE_EVERY_S:
            return False
        try:
            projects = {project.project_id: project.name for project in await self._client.projects(Priority.COLLATE)}
            tags = {tag.handle: tag.title for tag in await self._client.tags(Priority.COLLATE)}
        except Unauthorized:
            raise
        except WorkatoError:
            # Names are a convenience: without them the sweep goes on, and they are asked for again before long.
            self._at = now - CATALOGUE_EVERY_S + CATALOGUE_RETRY_S
            return False
        self.names = Catalogue(projects, tags)
        self._at = now
        return True
