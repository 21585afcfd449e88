"""The loop over breakers that are at work: holds what is planned behind them, probes, and releases with spread."""

from __future__ import annotations

import json
from functools import partial

from aof_tui.domain.breaker import Breaker
from aof_tui.domain.model import Failure
from aof_tui.domain.words import BreakerCause, BreakerState, FailureStatus, Mode
from aof_tui.engine.breakers import Breakers
from aof_tui.engine.context import Context, Workspace
from aof_tui.engine.downstream import breaker_of
from aof_tui.engine.holding import release_within
from aof_tui.engine.ration import open_ration, tell_of_cap
from aof_tui.engine.unit import Unit
from aof_tui.policy import breaker as policy
from aof_tui.store.mapping import failure_from, text
from aof_tui.store.port import Params

EVERY_S = 15.0
AT_ONCE = 100
"""Failures held or released in one transaction: others get their turn between two."""


class BreakerLoop:
    """All of it is found in the store again after a restart."""

    def __init__(self, ctx: Context, workspace: Workspace, breakers: Breakers) -> None:
        self._ctx = ctx
        self._workspace = workspace
        self._breakers = breakers
        self._observing = json.dumps([rule.name for rule in ctx.book.policies if rule.mode is Mode.OBSERVE])

    async def run(self) -> None:
        """Look at each breaker that is open, half open or still releasing, until the engine stops."""
        while not self._ctx.stopping.is_set():
            rows = await self._ctx.store.read("breakers_busy", {"workspace": self._workspace.name})
            more = False
            for row in rows:
                more |= await self._ctx.write(partial(self._serve, downstream=text(row, "downstream")))
            if not more:
                await self._workspace.breakers.wait(EVERY_S)

    async def _serve(self, unit: Unit, downstream: str) -> bool:
        """One step with one breaker; whether there is more to do at once."""
        breaker = await breaker_of(unit, self._workspace.name, downstream)
        if self._workspace.mode is Mode.ACT and await self._leave_observed(unit, breaker):
            return True
        if not breaker.barring:
            return breaker.releasing and await self._release(unit, breaker)
        more = await self._hold(unit, breaker)
        if breaker.state is BreakerState.HALF_OPEN:
            await self._check_probe(unit, breaker)
        elif breaker.cause is BreakerCause.FAILURES:
            await self._try(unit, breaker)
        return more

    async def _leave_observed(self, unit: Unit, breaker: Breaker) -> bool:
        """What was held while the engine only observed is a person's question, also behind a breaker."""
        key: Params = {"workspace": breaker.workspace, "downstream": breaker.downstream, "limit": AT_ONCE}
        observed = await unit.failures("breaker_held_observing", **key)
        for failure in observed:
            await self._breakers.leave_observed(unit, failure)
        return len(observed) == AT_ONCE

    async def _hold(self, unit: Unit, breaker: Breaker) -> bool:
        key: Params = {"workspace": breaker.workspace, "downstream": breaker.downstream, "limit": AT_ONCE}
        planned = await unit.failures("breaker_to_hold", **key, probe=breaker.probe or "")
        for failure in planned:
            await self._breakers.holds(unit, failure)
        return len(planned) == AT_ONCE

    async def _release(self, unit: Unit, breaker: Breaker) -> bool:
        key: Params = {"workspace": breaker.workspace, "downstream": breaker.downstream, "limit": AT_ONCE}
        held = await unit.failures("breaker_held", **key)
        spread = self._ctx.settings.retry.max
        batch = self._workspace.client.pacers.jobs_per_repeat
        for number, failure in enumerate(held):
            # As many as one request takes share a draw: spread out, and still few requests.
            await release_within(unit, self._ctx, failure, "engine", spread, f"{breaker.downstream}/{number // batch}")
        if len(held) < AT_ONCE:
            await self._breakers.release_done(unit, breaker)
        return len(held) == AT_ONCE

    async def _check_probe(self, unit: Unit, breaker: Breaker) -> None:
        """A lost probe is given up; while one takes its time, others' successes tell as much as its end would."""
        probe = await unit.failure(breaker.workspace, breaker.probe or "")
        if probe is None or not probe.status.moving:
            await self._breakers.withdraw_lost_probe(unit, breaker)
            return
        recounted = await self._breakers.recount(unit, breaker)
        if probe.status is FailureStatus.WATCHING and self._is_healing(recounted, unit.now):
            await self._breakers.close(unit, recounted, "engine", "jobs that use it succeed")
        else:
            await self._keep(unit, recounted, breaker)

    async def _try(self, unit: Unit, stored: Breaker) -> None:
        recounted = await self._breakers.recount(unit, stored)
        terms, now = self._breakers.terms, unit.now
        breaker = policy.encouraged(recounted, terms, now)
        if not policy.may_probe(breaker, now):
            await self._keep(unit, breaker, stored)
            return
        candidate = None if self._workspace.hindrance() else await self._candidate(unit, breaker)
        if candidate is None:
            await self._without_probe(unit, breaker, stored)
            return
        released = await release_within(unit, self._ctx, candidate, "engine", 0.0, "probe")
        await self._breakers.probe(unit, breaker, released)

    async def _candidate(self, unit: Unit, breaker: Breaker) -> Failure | None:
        params: Params = {
            "workspace": breaker.workspace,
            "downstream": breaker.downstream,
            "failed_before": unit.now - self._breakers.terms.pause_s,
            "now": unit.now,
            "observing": self._observing,
            "kept_s": self._workspace.settings.job_retention,
            "last_too": int(policy.may_spend_last(breaker, unit.now) or self._is_healing(breaker, unit.now)),
        }
        unpaid: list[str] = []
        while rows := await unit.tx.fetch("breaker_candidate", {**params, "unpaid": json.dumps(unpaid)}):
            candidate = failure_from(rows[0])
            ration = await open_ration(unit, self._workspace, candidate.recipe_id)
            if ration.objection(candidate, unit.now) is None:
                return candidate
            unpaid.append(candidate.recipe_id)
        if unpaid:
            await tell_of_cap(unit, self._breakers.incidents, self._workspace)
        return None

    def _is_healing(self, breaker: Breaker, now: float) -> bool:
        return policy.is_healing(breaker, self._breakers.terms, now)

    async def _without_probe(self, unit: Unit, breaker: Breaker, stored: Breaker) -> None:
        """No repeat can try it now. Others' successes close it, and so does it that nothing fails or waits any more.

        Where nothing may be sent anyway, what waits does not count: it would wait for ever.
        """
        key: Params = {
            "workspace": breaker.workspace,
            "downstream": breaker.downstream,
            "observing": self._observing,
            "kept_s": self._workspace.settings.job_retention,
            "now": unit.now,
        }
        waits = self._workspace.hindrance() is None and bool(await unit.tx.fetch("breaker_waits", key))
        if self._is_healing(breaker, unit.now):
            await self._breakers.close(unit, breaker, "engine", "jobs that use it succeed")
        elif not waits and policy.is_quiet(breaker, self._breakers.terms, unit.now):
            await self._breakers.close(unit, breaker, "engine", "nothing fails there any more")
        else:
            await self._keep(unit, breaker, stored)

    async def _keep(self, unit: Unit, breaker: Breaker, stored: Breaker) -> None:
        if breaker != stored:
            await self._breakers.put(unit, breaker)
