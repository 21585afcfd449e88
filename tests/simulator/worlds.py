"""Small worlds and a client for the tests."""

from __future__ import annotations

import json
from collections.abc import Mapping

from aof_tui.simulator.messages import SimRequest, SimResponse
from aof_tui.simulator.scenario import Scenario
from aof_tui.simulator.simulator import Simulator
from aof_tui.simulator.virtual_time import VirtualClock, VirtualLoop

START = 1_750_000_000.0

Json = dict[str, object]


def small(switches: Mapping[str, object] | None = None, **changes: object) -> Scenario:
    """One recipe, `orders`, through one connection, in which nothing happens by itself."""
    content: dict[str, object] = {
        "description": "one recipe",
        "connections": [{"key": "rest", "name": "Order service", "application": "rest"}],
        "groups": [{"key": "orders", "name": "Sync orders {n}", "connections": ["rest"], "tags": ["safe-to-repeat"]}],
        "switches": dict(switches or {}),
    }
    return Scenario.model_validate(content | changes)


def failing(*heals: int | str, at: float = 1.0, apart: float = 30.0, **changes: object) -> list[Json]:
    """Happenings for `small`: one failed job for each entry, healed by that repeat."""
    return [
        {"do": "jobs", "at": at + apart * number, "group": "orders", "error": "rate_limit", "heals": heal} | changes
        for number, heal in enumerate(heals)
    ]


class Desk:
    """A simulator on a clock that the test moves, and a client without a network."""

    def __init__(self, scenario: Scenario, seed: str = "7", world_speed: float = 1.0) -> None:
        self.loop = VirtualLoop()
        self.clock = VirtualClock(self.loop, START)
        self.simulator = Simulator(scenario, seed, self.clock, world_speed)
        self.world = self.simulator.world
        self.loop.close()

    @property
    def now(self) -> float:
        return self.simulator.now()

    def wait(self, seconds: float) -> None:
        self.loop.pass_time(seconds)

    def ask(
        self,
        path: str,
        method: str = "GET",
        body: object = None,
        correlation: str | None = None,
        token: str | None = None,
        **query: str,
    ) -> SimResponse:
        headers = {"authorization": f"Bearer {token or self.simulator.token.reveal()}"}
        if correlation is not None:
            headers["x-correlation-id"] = correlation
        return self.simulator.handle(
            SimRequest(method, path, query, headers, b"" if body is None else json.dumps(body).encode())
        )

    def get(self, path: str, **query: str) -> Json:
        answer = self.ask(path, **query)
        assert answer.status == 200, answer
        return read(answer)

    @property
    def recipe_id(self) -> int:
        return next(iter(self.world.place.recipes))

    def jobs(self, recipe_id: int | None = None, **query: str) -> list[Json]:
        found = self.get(f"/api/recipes/{recipe_id or self.recipe_id}/jobs", **query)["items"]
        assert isinstance(found, list)
        return found

    def repeat(self, *job_ids: object, correlation: str | None = "call-1") -> SimResponse:
        path = f"/api/recipes/{self.recipe_id}/repeat_jobs"
        return self.ask(path, "POST", {"job_ids": list(job_ids)}, correlation)


def read(answer: SimResponse) -> Json:
    """The JSON object of an answer."""
    content = json.loads(answer.body or b"")
    assert isinstance(content, dict)
    return content


def header(answer: SimResponse, name: str) -> str | None:
    return dict(answer.headers).get(name)
