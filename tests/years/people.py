"""People at the terminal: they retry, close, release, acknowledge, pause and resume, without a plan."""

from __future__ import annotations

import random
from contextlib import suppress

from aof_tui.base.clock import Clock
from aof_tui.base.errors import StoreFaultError
from aof_tui.control.protocol import Control
from aof_tui.control.requests import Command, FailureQuery, IncidentQuery, Verb
from tests.harness.virtual import WORKSPACE

ON_FAILURES = (Verb.RETRY, Verb.RETRY, Verb.RELEASE, Verb.CLOSE, Verb.CANCEL)
ON_INCIDENTS = (Verb.ACKNOWLEDGE, Verb.SNOOZE, Verb.ASSIGN, Verb.ESCALATE, Verb.RESOLVE)
RESUMED_AFTER_S = 1_800.0


class People:
    """Whoever is on call."""

    def __init__(self, clock: Clock, seed: str, every: float) -> None:
        self._clock = clock
        self._chance = random.Random(f"{seed}/people")
        self._every = every

    async def act(self, control: Control, seconds: float) -> None:
        """Act now and then for so long."""
        until = self._clock.boot() + seconds
        while (left := until - self._clock.boot()) > 0:
            await self._clock.sleep(min(left, self._chance.expovariate(1 / self._every)))
            if self._clock.boot() < until:
                # While the store fails, they are told so.
                with suppress(StoreFaultError):
                    await self._do_something(control)

    async def resume(self, control: Control) -> None:
        """Whatever stopped acting, it may go on."""
        for _ in range(2):
            await control.command(Command(Verb.RESUME, "terminal:ana", WORKSPACE))

    async def _do_something(self, control: Control) -> None:
        drawn = self._chance.random()
        if await self._start_stopped(control):
            return
        if drawn < 0.5:
            await self._on_failure(control)
        elif drawn < 0.85:
            await self._on_incident(control)
        elif drawn < 0.92:
            await control.command(Command(Verb.PAUSE, "cli:ben", WORKSPACE, reason="looking"))
            await self._clock.sleep(self._chance.uniform(1.0, RESUMED_AFTER_S))
            await self.resume(control)
        else:
            await self.resume(control)

    async def _on_failure(self, control: Control) -> None:
        page = await control.failures(FailureQuery(only_open=True, limit=50))
        if page.rows:
            row = self._chance.choice(page.rows)
            verb = self._chance.choice(ON_FAILURES)
            await control.command(Command(verb, "terminal:ana", WORKSPACE, row.master_job_id, reason="seen"))

    async def _start_stopped(self, control: Control) -> bool:
        """Start a recipe that stands still, rather than anything else; sometimes by two people at once."""
        page = await control.incidents(IncidentQuery(limit=50))
        stopped = [row for row in page.rows if row.kind == "recipe_stopped"]
        if not stopped or self._chance.random() < 0.2:
            return False
        for actor in ("terminal:ana", "cli:ben")[: self._chance.choice([1, 1, 2])]:
            await control.command(Command(Verb.START, actor, WORKSPACE, incident=stopped[0].incident))
        return True

    async def _on_incident(self, control: Control) -> None:
        page = await control.incidents(IncidentQuery(limit=50))
        if page.rows:
            row = self._chance.choice(page.rows)
            verb = self._chance.choice(ON_INCIDENTS)
            value = "3600" if verb is Verb.SNOOZE else "ana"
            await control.command(
                Command(verb, "slack:cleo", WORKSPACE, incident=row.incident, reason="seen", value=value)
            )
