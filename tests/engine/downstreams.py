"""A recipe with one connection, in which a downstream can be made to fail."""

from __future__ import annotations

import httpx

from tests.engine.scene import Scene
from tests.harness.scripted import Answer, Job

RECIPE, CONNECTION = 8, 55
DOWNSTREAM = f"connection:{CONNECTION}"
SERVER_ERROR: dict[str, object] = {"adapter": "rest", "error_type": "Http", "message": "503 Service Unavailable"}
REFUSED: dict[str, object] = {"adapter": "rest", "error_type": "Auth", "message": "401 Unauthorized"}
INVALID: dict[str, object] = {
    "adapter": "rest",
    "error_type": "Data",
    "message": "422 Unprocessable Entity: name missing",
}
AGENT_DOWN: dict[str, object] = {"adapter": "rest", "error_type": "OnPrem", "message": "On-prem agent is not connected"}


class Downstream:
    """What runs through connection 55 of recipe 8."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.lost = False
        self.error = SERVER_ERROR
        self.jobs = 0
        config = [{"keyword": "application", "provider": "rest", "name": "rest", "account_id": CONNECTION}]
        scene.workato.recipe(RECIPE, config=config)
        scene.workato.heals = False
        scene.workato.instead["connections"] = self._connections

    def _connections(self, _request: httpx.Request) -> Answer:
        shown: dict[str, object] = {
            "id": CONNECTION,
            "name": "Shop",
            "application": "rest",
            "authorization_status": "failed" if self.lost else "success",
            "connection_lost_at": "2026-01-01T00:00:00Z" if self.lost else None,
        }
        return httpx.Response(200, json=[shown])

    def fail(self) -> Job:
        """A new job fails there now."""
        self.jobs += 1
        job = self.scene.workato.fail(f"d-{self.jobs}", recipe_id=RECIPE)
        job.error_parts = dict(self.error)
        return job

    async def fails_for(self, seconds: float, every: float = 25.0) -> None:
        """One job after the other fails there."""
        end = self.scene.clock.wall() + seconds
        while self.scene.clock.wall() < end:
            self.fail()
            await self.scene.clock.sleep(every)

    async def until(self, state: str, within: float = 7200.0) -> None:
        async def reached() -> bool:
            return await self.state() == state

        await self.scene.until(reached, within)

    async def state(self) -> str:
        rows = await self.scene.bench.rows("SELECT state FROM breaker WHERE downstream = :d", d=DOWNSTREAM)
        return str(rows[0]["state"]) if rows else "closed"

    async def trip(self) -> None:
        """Let it fail until its breaker is open."""
        await self.fails_for(175.0)
        await self.until("open", 600.0)

    async def statuses(self) -> dict[str, int]:
        sql = "SELECT status, count(*) AS amount FROM failure WHERE recipe_id = '8' GROUP BY status ORDER BY status"
        return {str(row["status"]): int(str(row["amount"])) for row in await self.scene.bench.rows(sql)}

    async def until_statuses(self, within: float = 7200.0, **wanted: int) -> None:
        async def reached() -> bool:
            return await self.statuses() == wanted

        await self.scene.until(reached, within)
