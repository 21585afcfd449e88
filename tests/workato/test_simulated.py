"""The client against a whole simulated Workato, with every answer it can give."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import TypeVar

import pytest

from aof_tui.base.clock import Clock, SystemClock
from aof_tui.config.settings import Quotas
from aof_tui.domain.words import RunStatus
from aof_tui.simulator.scenario import Scenario
from aof_tui.simulator.scenario_file import load_scenario
from aof_tui.simulator.server import serving
from aof_tui.simulator.simulator import Simulator
from aof_tui.simulator.transport import InProcessTransport
from aof_tui.simulator.truth import Violation
from aof_tui.simulator.virtual_time import VirtualClock, run_virtual
from aof_tui.workato.answers import JobOutcome, RequestOutcome
from aof_tui.workato.client import WorkatoClient
from aof_tui.workato.errors import Transient
from aof_tui.workato.families import Pacers
from aof_tui.workato.pacer import Priority
from tests.simulator.worlds import failing, small
from tests.workato.stub import fast_pacers, plain_transports

T = TypeVar("T")
TOWARDS_FAILURE_S = 120.0


def simulated(scenario: Scenario, ask: Callable[[WorkatoClient, Simulator], Awaitable[T]]) -> T:
    """What was asked of a simulator that has run for a while, in virtual time."""

    async def main(clock: VirtualClock) -> T:
        simulator = Simulator(scenario, "7", clock)
        await clock.sleep(TOWARDS_FAILURE_S)
        async with client_of(simulator, clock) as client:
            return await ask(client, simulator)

    return run_virtual(main)


def client_of(simulator: Simulator, clock: Clock, share: float = 0.8) -> WorkatoClient:
    return WorkatoClient(
        "https://workato.example.com",
        lambda: simulator.token,
        lambda: InProcessTransport(simulator),
        clock,
        Pacers(clock, Quotas(), share),
    )


async def only_recipe(client: WorkatoClient) -> str:
    [recipe] = await client.recipes_page(1)
    assert recipe.failed_count >= 2
    assert recipe.accounts
    assert recipe.tags
    return recipe.recipe_id


@pytest.mark.parametrize(
    "switches",
    [
        {},
        {"master_id": "own", "error_text": "json", "error_parts": "empty", "utc_offset": "+05:30"},
        {"repeat_row": "in_place", "error_parts": "absent", "rerun_only": "family"},
        {"repeat_row": "in_place", "master_id": "own", "error_parts": "full", "list_order": "started"},
    ],
)
def test_a_failed_job_is_found_repeated_and_followed(switches: dict[str, object]) -> None:
    async def ask(client: WorkatoClient, simulator: Simulator) -> None:
        assert (await client.me()).workspace_id == "211706"
        recipe_id = await only_recipe(client)
        page = await client.jobs_page(recipe_id, status="failed")
        assert [run.status for run in page.runs] == [RunStatus.FAILED] * 2
        assert not any(run.is_repeat for run in page.runs)
        assert all(run.error is not None and run.error.text for run in page.runs)
        run, detail = await client.job(recipe_id, page.runs[0].job_id)
        assert (run.job_id, run.master_job_id) == (page.runs[0].job_id, page.runs[0].job_id)
        assert detail.http_code == 429
        async with client.pacers.repeats.turn():
            answer = await client.repeat(recipe_id, [one.job_id for one in page.runs], "dispatch")
        assert [one.outcome for one in answer.jobs] == [JobOutcome.ACCEPTED] * 2
        await simulator.clock.sleep(600)
        again = await client.jobs_page(recipe_id, rerun_only=True)
        healed = {run.master_job_id for run in again.runs if run.is_repeat and run.status is RunStatus.SUCCEEDED}
        assert healed == {one.job_id for one in page.runs}
        assert (await client.jobs_page(recipe_id, offset_job_id=again.runs[-1].job_id)).asked_boot > 0
        assert simulator.truth().violations == ()

    simulated(small(switches, happenings=failing(1, 1)), ask)


@pytest.mark.parametrize(
    ("switches", "outcomes"),
    [
        ({"results": "one_missing"}, [JobOutcome.ACCEPTED, JobOutcome.AMBIGUOUS]),
        ({"results": "odd_word"}, [JobOutcome.ACCEPTED, JobOutcome.AMBIGUOUS]),
        ({"lost_answer": 1.0}, [JobOutcome.AMBIGUOUS] * 2),
        ({"lost_answer": 1.0, "lost_answer_as": "html_502"}, [JobOutcome.AMBIGUOUS] * 2),
        ({"failed_before_accept": 1.0}, [JobOutcome.AMBIGUOUS] * 2),
    ],
)
def test_what_cannot_be_proven_is_ambiguous(switches: dict[str, object], outcomes: list[JobOutcome]) -> None:
    async def ask(client: WorkatoClient, _: Simulator) -> list[JobOutcome]:
        recipe_id = await only_recipe(client)
        page = await client.jobs_page(recipe_id, status="failed")
        async with client.pacers.repeats.turn():
            answer = await client.repeat(recipe_id, [one.job_id for one in page.runs], "dispatch")
        return [one.outcome for one in answer.jobs]

    assert simulated(small(switches, happenings=failing(1, 1)), ask) == outcomes


@pytest.mark.parametrize("name", ["storm", "demo"])
def test_three_minutes_at_full_pace_break_no_quota(name: str) -> None:
    async def main(clock: VirtualClock) -> tuple[tuple[Violation, ...], int]:
        simulator = Simulator(load_scenario(name), "7", clock)
        counted = 0
        async with client_of(simulator, clock, share=1.0) as client:
            recipes = await client.recipes_page(1)
            recipe_id = recipes[0].recipe_id

            async def go_on(read: Callable[[], Awaitable[object]]) -> None:
                nonlocal counted
                while clock.boot() < 180:
                    with suppress(Transient):
                        await read()
                    counted += 1

            async def repeat() -> None:
                async with client.pacers.repeats.turn():
                    answer = await client.repeat(recipe_id, ["j-none"], "dispatch")
                assert answer.outcome is not RequestOutcome.NOT_SENT

            async with asyncio.TaskGroup() as group:
                for priority in (Priority.SLOW, Priority.COLLATE, Priority.GUARD):
                    group.create_task(go_on(partial(client.jobs_page, recipe_id, priority=priority)))
                group.create_task(go_on(lambda: client.recipes_page(1)))
                group.create_task(go_on(client.connections))
                group.create_task(go_on(client.projects))
                group.create_task(go_on(client.tags))
                for _ in range(2):
                    group.create_task(go_on(repeat))
        return simulator.truth().violations, counted

    violations, counted = run_virtual(main)
    assert violations == ()
    assert counted > 600


async def test_every_read_works_over_real_sockets() -> None:
    clock = SystemClock()
    simulator = Simulator(small(happenings=failing(1)), "7", clock, world_speed=1000.0)
    async with serving(simulator) as server:
        client = WorkatoClient(server.url, lambda: simulator.token, plain_transports(), clock, fast_pacers(clock))
        async with client, asyncio.timeout(30):
            [recipe] = await client.recipes_page(1)
            assert (await client.recipe(recipe.recipe_id)).name == recipe.name
            assert await client.connections()
            assert await client.tags()
            for project in await client.projects():
                await client.folders(project.folder_id)
            while not any(run.ended_at < simulator.world.now for run in simulator.truth().runs):
                await clock.sleep(0.01)
            [failed] = (await client.jobs_page(recipe.recipe_id, status="failed")).runs
            run, detail = await client.job(recipe.recipe_id, failed.job_id)
            assert run.master_job_id == failed.job_id
            assert detail.http_code == 429
            answer = await client.repeat(recipe.recipe_id, [run.job_id], "dispatch")
            assert [one.outcome for one in answer.jobs] == [JobOutcome.ACCEPTED]
