"""How far back a walk over repeated runs must go, by what the lists were seen to show of their order."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from aof_tui.domain.listing import ListFact, facts_of, has_passed, is_by_end, is_new_on_top, lies_before
from aof_tui.domain.model import Run
from aof_tui.engine.context import EVERYTHING, Context, Workspace
from aof_tui.engine.points import Point
from aof_tui.engine.recovery_conclude import settle_after
from aof_tui.store.mapping import moment, optional_moment, text
from aof_tui.store.port import Params, Row
from aof_tui.workato.rows import JobsPage

CLOCKS_APART_S = 60.0
"""How far this machine's clock may be ahead of Workato's."""


@dataclass(frozen=True, slots=True)
class Need:
    """What a walk must show (UTC seconds)."""

    oldest: float
    """When the oldest lineage began of which every repeat must be shown."""
    open_since: float | None
    """When the oldest repeat began whose end is not recorded."""
    walked_to: float
    """Every run of the lineages that began since then was recorded by some complete walk, as far as it had ended."""


def list_facts_from(row: Row) -> frozenset[ListFact]:
    """What the store remembers of a workspace's lists."""
    return frozenset(ListFact(fact) for fact in json.loads(text(row, "list_facts")))


class RecoveryOrder:
    """Learns the order of one workspace's lists, and says where a walk may end."""

    def __init__(self, ctx: Context, workspace: Workspace) -> None:
        self._ctx = ctx
        self._workspace = workspace

    async def need(self, recipe_id: str, resting: bool) -> Need:
        """What a walk must show; `resting`: of the failures that wait for a person, too."""
        params: Params = {"workspace": self._workspace.name, "recipe_id": recipe_id, "resting": int(resting)}
        await self._ctx.reach(Point.READ_KNOWN)
        row = (await self._ctx.store.read("lineages_oldest_moving", params))[0]
        at, walked_to = optional_moment(row, "at"), optional_moment(row, "walked_to")
        return Need(
            self._ctx.clock.wall() if at is None else at,
            optional_moment(row, "open_since"),
            float("inf") if walked_to is None else walked_to,
        )

    async def reaches(self, recipe_id: str, page: JobsPage, is_first: bool, need: Need) -> float | None:
        """How far back a walk has come with this page, if it may end here.

        The count of the filtered list is believed of the first page alone: it may change during a walk.
        """
        if not page.runs or (is_first and page.scope_count is not None and len(page.runs) >= page.scope_count):
            return EVERYTHING
        known_to = self._known_to(recipe_id, page, need)
        await self._ctx.reach(Point.READ_KNOWN)
        if known_to <= need.oldest and await self._all_walked(page):
            return known_to
        return need.oldest if any(has_passed(run, need.oldest) for run in page.runs) else None

    def _known_to(self, recipe_id: str, page: JobsPage, need: Need) -> float:
        """How far back the runs that follow are recorded, should all on the page be.

        Where ends give the order, what ended since stands above. Where only starts may, what has come since began
        since, but for the time that it took to show.
        """
        if is_by_end(self._workspace.list_facts):
            return need.walked_to
        read = self._workspace.last_read(recipe_id)
        # By the clocks of now, so that one that was put right since does not matter.
        read_at = self._ctx.clock.wall() - (self._ctx.clock.boot() - read.began)
        shown_at = read_at - settle_after(self._workspace.lag_s) - CLOCKS_APART_S
        on_top = is_new_on_top(self._workspace.list_facts) and lies_before(page.runs, shown_at, need.open_since)
        return read.reaches if on_top else float("inf")

    async def learn(self, runs: Sequence[Run]) -> None:
        """Note what rows of a walk prove of the list's order; what was contradicted once is never believed again."""
        if self._workspace.list_facts >= {ListFact.NOT_BY_END, ListFact.NOT_BY_START}:
            return
        masters = json.dumps(sorted({run.master_job_id for run in runs}))
        params: Params = {"workspace": self._workspace.name, "master_job_ids": masters}
        await self._ctx.reach(Point.READ_KNOWN)
        rows = await self._ctx.store.read("originals_known", params)
        originals = {text(row, "job_id"): (moment(row, "started_at"), moment(row, "completed_at")) for row in rows}
        proven = facts_of(runs, originals)
        if proven <= self._workspace.list_facts:
            return
        # In memory first, and written as it is by then: another walk may learn something else meanwhile.
        self._workspace.list_facts |= proven
        await self._ctx.reach(Point.READ_RECORD)
        await self._ctx.store.write(lambda tx: tx.execute("workspace_list_facts", self._proven_facts))

    @property
    def _proven_facts(self) -> Params:
        return {"name": self._workspace.name, "list_facts": json.dumps(sorted(self._workspace.list_facts))}

    async def _all_walked(self, page: JobsPage) -> bool:
        """Whether a former completed walk has recorded the end of every run on the page."""
        params = {"workspace": self._workspace.name, "job_ids": json.dumps([run.job_id for run in page.runs])}
        await self._ctx.reach(Point.READ_KNOWN)
        rows = await self._ctx.store.read("runs_known", params)
        return sum(1 for row in rows if row["walked"]) == len(page.runs)
