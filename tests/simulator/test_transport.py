"""The in-process transport: what httpx users see over it is what they would see over a socket."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import httpx
import pytest

from aof_tui.simulator.faults import Fault
from aof_tui.simulator.simulator import Simulator
from aof_tui.simulator.transport import InProcessTransport
from aof_tui.simulator.virtual_time import VirtualClock, run_virtual
from tests.simulator.worlds import START, failing, small

T = TypeVar("T")


def with_client(
    use: Callable[[httpx.AsyncClient, VirtualClock], Awaitable[T]],
    switches: dict[str, object] | None = None,
    fault: dict[str, object] | None = None,
) -> T:
    async def main(clock: VirtualClock) -> T:
        simulator = Simulator(small(switches, happenings=failing(1)), "7", clock)
        simulator.faults.set([Fault.model_validate(fault)] if fault else [])
        headers = {"authorization": f"Bearer {simulator.token.reveal()}"}
        transport = InProcessTransport(simulator)
        async with httpx.AsyncClient(transport=transport, base_url="http://simulated", headers=headers) as client:
            await clock.sleep(60)
            return await use(client, clock)

    return run_virtual(main, start_wall=START)


def test_the_whole_way_of_a_repeat_in_virtual_time() -> None:
    async def use(client: httpx.AsyncClient, clock: VirtualClock) -> list[object]:
        (recipe,) = (await client.get("/api/recipes", params={"exclude_code": "true"})).json()["items"]
        jobs = f"/api/recipes/{recipe['id']}/jobs"
        (failed,) = (await client.get(jobs, params={"status": "failed"})).json()["items"]
        answer = await client.post(f"/api/recipes/{recipe['id']}/repeat_jobs", json={"job_ids": [failed["id"]]})
        await clock.sleep(60)
        (repeat,) = (await client.get(jobs, params={"rerun_only": "true"})).json()["items"]
        return [answer.json()["results"][0]["status"], repeat["status"], repeat["master_job_id"] == failed["id"]]

    assert with_client(use) == ["enqueued", "succeeded", True]


def test_latency_passes_on_the_clock() -> None:
    async def use(client: httpx.AsyncClient, clock: VirtualClock) -> float:
        began = clock.boot()
        await client.get("/api/tags")
        return clock.boot() - began

    assert with_client(use, {"latency": 2.5}) == 2.5


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("refuse", httpx.ConnectError),
        ("drop", httpx.RemoteProtocolError),
        ("reset", httpx.ReadError),
    ],
)
def test_failing_connections_raise_what_httpx_raises(kind: str, error: type[Exception]) -> None:
    async def use(client: httpx.AsyncClient, _clock: VirtualClock) -> None:
        with pytest.raises(error):
            await client.get("/api/tags")

    with_client(use, fault={"kind": kind, "at": 5})


def test_a_dripping_body_takes_its_time() -> None:
    async def use(client: httpx.AsyncClient, clock: VirtualClock) -> float:
        began = clock.boot()
        body = (await client.get("/api/tags")).content
        return (clock.boot() - began) / len(body)

    assert with_client(use, fault={"kind": "drip", "seconds": 1}) == pytest.approx(1.0)


def test_a_jump_of_the_clients_wall_does_not_move_the_world() -> None:
    async def use(client: httpx.AsyncClient, clock: VirtualClock) -> str:
        clock.jump_wall(86_400)
        return str((await client.get("/api/users/me")).json()["last_seen"])

    assert with_client(use, {"utc_offset": "+00:00"}) == "2025-06-15T15:07:40.000+00:00"
