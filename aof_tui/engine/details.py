"""Reads the detail of one job for each new (recipe, fingerprint) pair, then decides what waited for it."""

from __future__ import annotations

from aof_tui.domain.model import Failure, JobDetail
from aof_tui.domain.words import FailureStatus, Reason
from aof_tui.engine.access import Access
from aof_tui.engine.context import Context, Workspace
from aof_tui.engine.facts import recipe_facts
from aof_tui.engine.orchestrator import Orchestrator, may_be_test
from aof_tui.engine.unit import Unit
from aof_tui.store.mapping import failure_from
from aof_tui.store.port import Params
from aof_tui.workato.errors import WorkatoError
from aof_tui.workato.pacer import Priority

IDLE_S = 30.0
QUEUE_GRACE_S = 60.0
"""How much longer than otherwise a failure waits for a detail that was not asked for yet: lists were more urgent."""


class Details:
    """The loop over failures that are not yet decided."""

    def __init__(self, ctx: Context, workspace: Workspace, orchestrator: Orchestrator, access: Access) -> None:
        self._ctx = ctx
        self._workspace = workspace
        self._orchestrator = orchestrator
        self._access = access
        self._tried: set[tuple[str, str] | str] = set()
        """Pairs, and jobs for which no other can stand, whose detail was asked for since nothing waited."""
        self._alone: set[str] = set()
        """Jobs that may be tests: each has to be asked for by itself."""

    async def run(self) -> None:
        """Decide each pair when its detail is read, or when it waited long enough, until the engine stops."""
        while not self._ctx.stopping.is_set():
            waiting = await self._waiting()
            if not waiting:
                self._tried.clear()
                self._alone.clear()
                await self._workspace.undecided.wait(IDLE_S)
                continue
            await self._serve(waiting)

    async def _serve(self, waiting: list[Failure]) -> None:
        """One step: what is known to have failed is recorded first, so details wait for lists as long as they can."""
        now = self._ctx.clock.wall()
        late = [failure for failure in waiting if self._given_up_at(failure) <= now]
        unread = [failure for failure in waiting if not self._is_tried(failure)]
        if late:
            await self._decide(late[0], None)
        elif unread and (_until(unread[0]) <= now or not await self._lists_wait()):
            await self._read(unread[0])
        else:
            await self._workspace.undecided.wait(_until(waiting[0]) - now)

    def _given_up_at(self, failure: Failure) -> float:
        """When the failure is decided without its detail."""
        return _until(failure) + (0.0 if self._is_tried(failure) else QUEUE_GRACE_S)

    def _is_tried(self, failure: Failure) -> bool:
        job_id = failure.newest_job_id
        return (job_id if job_id in self._alone else _pair(failure)) in self._tried

    async def _lists_wait(self) -> bool:
        params: Params = {"workspace": self._workspace.name, "now": self._ctx.clock.wall(), "limit": 1}
        return bool(await self._ctx.store.read("recipes_marked", params))

    async def _waiting(self) -> list[Failure]:
        params: Params = {"workspace": self._workspace.name, "limit": 200}
        return [failure_from(row) for row in await self._ctx.store.read("failures_undecided", params)]

    async def _read(self, failure: Failure) -> None:
        self._tried.add(failure.newest_job_id if failure.newest_job_id in self._alone else _pair(failure))
        try:
            _, detail = await self._workspace.client.job(failure.recipe_id, failure.newest_job_id, Priority.COLLATE)
        except WorkatoError as error:
            await self._access.note(self._workspace, error)
            return
        await self._decide(failure, detail)

    async def _decide(self, failure: Failure, detail: JobDetail | None) -> None:
        await self._ctx.write(lambda unit: self._decide_pair(unit, failure, detail))

    async def _decide_pair(self, unit: Unit, first: Failure, detail: JobDetail | None) -> None:
        """Decide all failures of the pair; a detail counts for all but a test run, which tells of itself alone."""
        recipe_id, fingerprint = _pair(first)
        pair = {"workspace": first.workspace, "recipe_id": recipe_id, "fingerprint": fingerprint}
        recipe = await recipe_facts(unit, first.workspace, recipe_id)
        waiting = await unit.failures("failures_undecided_of_pair", **pair)
        if detail is not None and detail.is_test:
            # Another of the pair is asked for next: what a test met says nothing of the others.
            self._tried.discard(_pair(first))
            waiting = [failure for failure in waiting if failure.master_job_id == first.master_job_id]
            for failure in waiting:
                await self._orchestrator.rest(
                    unit,
                    failure,
                    FailureStatus.NEEDS_PERSON,
                    Reason.NOT_REPEATABLE,
                    recipe,
                    text="a test job: left alone",
                )
            return
        if detail is not None:
            await unit.tx.execute(
                "detail_put",
                {
                    **pair,
                    "http_code": detail.http_code,
                    "failed_line": detail.failed_line,
                    "adapter": detail.adapter,
                    "operation": detail.operation,
                    "read_at": unit.now,
                },
            )
        for failure in waiting:
            if failure.master_job_id != first.master_job_id and await may_be_test(unit, failure):
                self._alone.add(failure.newest_job_id)
            elif detail is not None or _until(failure) <= unit.now:
                await self._orchestrator.decide(unit, failure, recipe, detail)


def _until(failure: Failure) -> float:
    return failure.undecided_until or 0.0


def _pair(failure: Failure) -> tuple[str, str]:
    return failure.recipe_id, failure.plan.fingerprint
