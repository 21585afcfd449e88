"""Whole engines whose lists of failed jobs are spoiled: no bad page moves a watermark or clears a mark."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from typing import Any

import httpx

from aof_tui.base.clock import rfc3339
from aof_tui.control.protocol import Control
from aof_tui.simulator.virtual_time import VirtualClock, run_virtual
from tests.fuzz.mutate import mutate
from tests.fuzz.targets import TARGETS, decode
from tests.harness.virtual import Bench, settings

RECIPES = 30
ROUNDS = 4
SPOILED_S = 1_500.0
"""How long pages are spoiled in each round."""
CLEAN_S = 1_200.0
NEW_EACH_ROUND = 3
MARKS = "SELECT watermark_job_id, marked_at FROM recipe WHERE recipe_id = ?"


@dataclass
class Listed:
    """One recipe as the engine's Workato lists it."""

    recipe_id: int
    jobs: list[dict[str, Any]] = field(default_factory=list)
    lied: bool = False
    """A spoiled page was believed: what the engine knows of it from then on need not be true."""
    expected: tuple[object, bool] | None = None
    """The watermark after a bad page, and that the recipe stays marked."""


class SpoiledWorkato(httpx.AsyncBaseTransport):
    """Many recipes whose jobs fail; while `spoils`, every list of failed jobs is mutated before it is answered."""

    def __init__(self, clock: VirtualClock, chance: random.Random) -> None:
        self.spoils = False
        self.pages = 0
        self.bad = 0
        self.findings: list[str] = []
        self.bench: Bench | None = None
        self.recipes = {7_000 + number: Listed(7_000 + number) for number in range(RECIPES)}
        self._clock = clock
        self._chance = chance

    def fail(self) -> None:
        """New failed jobs in every recipe."""
        for listed in self.recipes.values():
            for _ in range(NEW_EACH_ROUND):
                listed.jobs.insert(0, self._job(listed))

    def _job(self, listed: Listed) -> dict[str, Any]:
        now = rfc3339(self._clock.wall())
        return {
            "id": f"j-{listed.recipe_id}-{len(listed.jobs)}",
            "recipe_id": listed.recipe_id,
            "status": "failed",
            "title": "Order",
            "started_at": now,
            "completed_at": now,
            "is_error": True,
            "is_poll_error": False,
            "error": "Name is invalid",
            "error_parts": {"adapter": "rest", "error_type": "Validation", "message": "Name is invalid"},
            "master_job_id": None,
        }

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/")
        await self._clock.sleep(0.02)
        if path == "users/me":
            return httpx.Response(200, json={"id": 1, "name": "w"})
        if path == "recipes":
            rows = [self._recipe(listed) for listed in self.recipes.values()]
            return httpx.Response(200, json={"items": rows if request.url.params["page"] == "1" else []})
        recipe_id, _, rest = path.removeprefix("recipes/").partition("/")
        if not recipe_id.isdecimal():
            return httpx.Response(200, json=[])
        listed = self.recipes[int(recipe_id)]
        if rest == "jobs":
            failed = request.url.params.get("status") == "failed"
            return httpx.Response(200, headers={"Content-Type": "application/json"}, content=self._list(listed, failed))
        job = next((job for job in listed.jobs if rest == f"jobs/{job['id']}"), None)
        if job is None:
            return httpx.Response(404, json={"message": "Not found"})
        return httpx.Response(200, json={**job, "lines": []})

    def _recipe(self, listed: Listed) -> dict[str, Any]:
        return {
            "id": listed.recipe_id,
            "name": f"Recipe {listed.recipe_id}",
            "running": True,
            "job_failed_count": len(listed.jobs),
            "job_succeeded_count": 1,
        }

    def _list(self, listed: Listed, failed: bool) -> bytes:
        if not failed:
            return b'{"items": []}'
        self.check(listed)
        whole = {"items": listed.jobs, "job_scope_count": len(listed.jobs)}
        if not self.spoils:
            return json.dumps(whole).encode()
        self.pages += 1
        body = mutate(whole, self._chance)
        if decode(TARGETS["jobs"], body) is None:
            self.bad += 1
            listed.expected = self._mark(listed)
        elif body != json.dumps(whole).encode():
            listed.lied = True
        return body

    def check(self, listed: Listed) -> None:
        """Whether the bad page before has left watermark and mark as they were."""
        if listed.expected is not None and self._mark(listed) != listed.expected:
            self.findings.append(f"a bad page moved recipe {listed.recipe_id}: {listed.expected}, {self._mark(listed)}")
        listed.expected = None

    def _mark(self, listed: Listed) -> tuple[object, bool]:
        assert self.bench is not None
        row = self.bench.store._connection.raw.execute(MARKS, [str(listed.recipe_id)]).fetchone()
        return row["watermark_job_id"], row["marked_at"] is not None


@dataclass(frozen=True, slots=True)
class Walked:
    """What walks over spoiled lists showed."""

    pages: int
    bad: int
    findings: tuple[str, ...]


def walk(seed: str) -> Walked:
    """One engine on spoiled lists, in virtual time."""

    async def main(clock: VirtualClock) -> Walked:
        workato = SpoiledWorkato(clock, random.Random(f"{seed}/walk"))
        bench = Bench(clock, lambda: workato, settings(mode="observe", reports=[]), seed=seed)
        workato.bench = bench
        # Spoiled lists give one job to two recipes, as no Workato does: what the rows then say of each other is theirs.
        bench.checked = False

        async def story(_control: Control) -> None:
            await clock.sleep(90.0)
            for _ in range(ROUNDS):
                workato.fail()
                workato.spoils = True
                await clock.sleep(SPOILED_S)
                workato.spoils = False
                await clock.sleep(CLEAN_S)

        await bench.run(story)
        for listed in workato.recipes.values():
            workato.check(listed)
        findings = [*workato.findings, *await _lost(bench, workato), *await _crashes(bench)]
        return Walked(workato.pages, workato.bad, tuple(findings))

    return run_virtual(main)


async def _lost(bench: Bench, workato: SpoiledWorkato) -> list[str]:
    """Jobs that clean pages showed at last and that no failure holds."""
    known = {row["master_job_id"] for row in await bench.rows("SELECT master_job_id FROM failure")}
    honest = [job["id"] for listed in workato.recipes.values() if not listed.lied for job in listed.jobs]
    return [f"{job_id} was lost" for job_id in honest if job_id not in known]


async def _crashes(bench: Bench) -> list[str]:
    return [str(row["text"]) for row in await bench.rows("SELECT text FROM event WHERE kind = 'engine.failed'")]
