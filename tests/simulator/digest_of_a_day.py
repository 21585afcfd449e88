"""Prints a digest of some hours of the demo, answers included; run in processes of their own by the tests."""

from __future__ import annotations

import hashlib
import json
import sys

import httpx

from aof_tui.simulator.scenario_file import load_scenario
from aof_tui.simulator.simulator import Simulator
from aof_tui.simulator.transport import InProcessTransport
from aof_tui.simulator.virtual_time import VirtualClock, run_virtual


async def digest(clock: VirtualClock) -> str:
    """Reads everything for six hours, repeats what failed, and sums up all answers and the truth."""
    simulator = Simulator(load_scenario("demo"), sys.argv[1], clock)
    total = hashlib.sha256()
    headers = {"authorization": f"Bearer {simulator.token.reveal()}"}
    transport = InProcessTransport(simulator)
    async with httpx.AsyncClient(transport=transport, base_url="http://simulated", headers=headers) as client:
        for hour in range(6):
            await clock.sleep(3600)
            for recipe_id in list(simulator.world.place.recipes):
                await clock.sleep(2)
                jobs = await client.get(f"/api/recipes/{recipe_id}/jobs", params={"status": "failed"})
                total.update(f"{jobs.status_code} {jobs.headers} {jobs.text}".encode())
                failed = jobs.json()["items"][:3] if jobs.status_code == 200 else []
                if failed:
                    await repeat(client, recipe_id, [job["id"] for job in failed], f"call-{hour}-{recipe_id}")
    total.update(json.dumps(simulator.truth().to_json()).encode())
    return total.hexdigest()


async def repeat(client: httpx.AsyncClient, recipe_id: int, job_ids: list[str], correlation: str) -> None:
    try:
        await client.post(
            f"/api/recipes/{recipe_id}/repeat_jobs",
            json={"job_ids": job_ids},
            headers={"x-correlation-id": correlation},
        )
    except httpx.RemoteProtocolError:
        return


if __name__ == "__main__":
    sys.stdout.write(run_virtual(digest))
