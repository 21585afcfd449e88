"""Shows the global log as log lines: follows the feed and writes one line per event."""

from __future__ import annotations

import logging

from aof_tui.base.errors import AofError
from aof_tui.cli.logs import FIELDS
from aof_tui.control.protocol import Control, Queries
from aof_tui.control.requests import EventQuery
from aof_tui.control.rows import EventRow
from aof_tui.domain.event_kinds import EventKind

LOOK_EVERY_S = 5.0
BATCH = 500

logger = logging.getLogger("aof_tui.events")


class EventLines:
    """Knows up to which event the log was written."""

    def __init__(self) -> None:
        self._after: int | None = None

    async def follow(self, control: Control) -> None:
        """Write every event of this start of the engine as it comes, until cancelled."""
        feed = control.subscribe()
        try:
            while True:
                try:
                    await self.catch_up(control)
                except AofError as error:
                    logger.warning("events cannot be read for the log: %s", error)
                await feed.wait(LOOK_EVERY_S)
        finally:
            feed.close()

    async def catch_up(self, queries: Queries) -> None:
        """Write what came since the last look; the first look begins where the engine did."""
        if self._after is None:
            self._after = await _before_start(queries)
        while True:
            page = await queries.events(EventQuery(after=self._after, newest=False, limit=BATCH))
            for event in page.rows:
                _write(event)
                self._after = event.sequence
            if page.cursor is None:
                return


async def _before_start(queries: Queries) -> int:
    """The sequence before the first event of the newest start."""
    status = await queries.status()
    most = max(1, len(status.workspaces))
    starts = await queries.events(EventQuery(kinds=(EventKind.ENGINE_STARTED,), limit=most))
    mine = [event.sequence for event in starts.rows if event.data.get("epoch") == status.epoch]
    return min(mine, default=1) - 1


def _write(event: EventRow) -> None:
    fields = {
        "kind": event.kind,
        "workspace": event.workspace,
        "actor": event.actor,
        "recipe_id": event.recipe_id,
        "recipe": event.recipe,
        "master_job_id": event.master_job_id,
        "incident": event.incident,
        "sequence": event.sequence,
    }
    told = {name: value for name, value in fields.items() if value is not None}
    level = logging.getLevelNamesMapping().get(event.level.upper(), logging.INFO)
    logger.log(level, "%s", event.text, extra={FIELDS: told})
