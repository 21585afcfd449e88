"""What each call asks for, with an in-process transport in virtual time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import httpx
import pytest

from aof_tui.base.clock import Clock
from aof_tui.base.secret import Secret
from aof_tui.config.settings import Quotas
from aof_tui.simulator.virtual_time import VirtualClock, run_virtual
from aof_tui.workato.answers import JobOutcome, RequestOutcome
from aof_tui.workato.client import MAX_PAGES, PER_PAGE, WorkatoClient
from aof_tui.workato.errors import BadPage, RateLimited, Transient
from aof_tui.workato.families import Pacers
from aof_tui.workato.pacer import Priority
from tests.workato.payloads import connection, job_detail, job_list, line, listed_job, me, recipe

T = TypeVar("T")
Answer = Callable[[httpx.Request], Awaitable[httpx.Response]]


class InProcess(httpx.AsyncBaseTransport):
    """Hands each request to a function."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self.answer(request)


class World:
    """A Workato that answers at once from a table of paths, and remembers what it was asked and when."""

    def __init__(self, clock: Clock, paths: dict[str, Any]) -> None:
        self._clock = clock
        self._paths = paths
        self.asked: list[tuple[float, str, dict[str, str]]] = []

    async def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((self._clock.boot(), request.url.path, dict(request.url.params)))
        found = self._paths[request.url.path]
        return httpx.Response(200, json=found(dict(request.url.params)) if callable(found) else found)


def client_of(answer: Answer, clock: Clock, share: float = 0.8) -> WorkatoClient:
    return WorkatoClient(
        "https://workato.example.com",
        lambda: Secret("token"),
        lambda: InProcess(answer),
        clock,
        Pacers(clock, Quotas(), share),
    )


def run_with(paths: dict[str, Any], ask: Callable[[WorkatoClient], Awaitable[T]]) -> tuple[T, World]:
    async def main(clock: VirtualClock) -> tuple[T, World]:
        world = World(clock, paths)
        async with client_of(world.answer, clock) as client:
            return await ask(client), world

    return run_virtual(main)


def test_me() -> None:
    found, world = run_with({"/api/users/me": me()}, lambda client: client.me())
    assert (found.workspace_id, found.name) == ("211706", "ACME integrations")
    assert world.asked == [(1.25, "/api/users/me", {})]


def test_a_page_of_recipes_is_asked_without_code_and_with_tags() -> None:
    found, world = run_with({"/api/recipes": {"items": [recipe()]}}, lambda client: client.recipes_page(3))
    assert [one.recipe_id for one in found] == ["12389"]
    params = {"page": "3", "per_page": "100", "exclude_code": "true", "includes[]": "tags"}
    assert [(path, asked) for _, path, asked in world.asked] == [("/api/recipes", params)]


def test_one_recipe() -> None:
    found, world = run_with({"/api/recipes/12389": recipe()}, lambda client: client.recipe("12389"))
    assert found.name == "Orders to ERP"
    assert world.asked[0][2] == {"exclude_code": "true"}


@pytest.mark.parametrize(
    ("arguments", "params"),
    [
        ({}, {}),
        ({"status": "failed"}, {"status": "failed"}),
        (
            {"rerun_only": True, "offset_job_id": "j-a", "priority": Priority.GUARD},
            {"rerun_only": "true", "offset_job_id": "j-a"},
        ),
    ],
)
def test_a_page_of_jobs(arguments: dict[str, Any], params: dict[str, str]) -> None:
    paths = {"/api/recipes/42/jobs": job_list(listed_job())}
    found, world = run_with(paths, lambda client: client.jobs_page("42", **arguments))
    assert len(found.runs) == 1
    assert found.asked_boot == world.asked[0][0]
    assert world.asked[0][2] == params


def test_one_job() -> None:
    paths = {"/api/recipes/42/jobs/j-AbCdEfGh-ijKLmN": job_detail(line(2, code=503, error="x"))}
    (run, detail), _ = run_with(paths, lambda client: client.job("42", "j-AbCdEfGh-ijKLmN"))
    assert run.recipe_id == "42"
    assert (detail.http_code, detail.failed_line) == (503, 2)


def test_an_id_never_leaves_its_place_in_the_path() -> None:
    asked: list[bytes] = []

    async def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.raw_path)
        return httpx.Response(404, json={})

    async def main(clock: VirtualClock) -> None:
        async with client_of(answer, clock) as client:
            for read in (client.jobs_page("../x?y=1#z"), client.job("4/2", "a b")):
                with pytest.raises(Exception, match="404"):
                    await read

    run_virtual(main)
    assert asked == [b"/api/recipes/..%2Fx%3Fy%3D1%23z/jobs", b"/api/recipes/4%2F2/jobs/a%20b"]


def test_connections() -> None:
    found, _ = run_with({"/api/connections": [connection()]}, lambda client: client.connections())
    assert [one.connection_id for one in found] == ["36"]


def pages(total: int, make: Callable[[int], dict[str, Any]]) -> Callable[[dict[str, str]], list[dict[str, Any]]]:
    def page(params: dict[str, str]) -> list[dict[str, Any]]:
        start = (int(params["page"]) - 1) * int(params["per_page"])
        return [make(number) for number in range(start, min(total, start + int(params["per_page"])))]

    return page


@pytest.mark.parametrize(("total", "requests"), [(0, 1), (99, 1), (100, 2), (250, 3)])
def test_lists_are_read_to_their_last_page(total: int, requests: int) -> None:
    paths = {"/api/tags": pages(total, lambda number: {"handle": f"tag-{number}", "title": "t"})}
    found, world = run_with(paths, lambda client: client.tags())
    assert [one.handle for one in found] == [f"tag-{number}" for number in range(total)]
    assert len(world.asked) == requests


def test_a_server_that_ignores_pages_is_asked_once_more_only() -> None:
    paths = {"/api/projects": [{"id": number, "name": "p"} for number in range(PER_PAGE + 20)]}
    found, world = run_with(paths, lambda client: client.projects())
    assert len(found) == PER_PAGE + 20
    assert len(world.asked) == 2


def test_a_list_without_end_is_given_up() -> None:
    async def main(clock: VirtualClock) -> int:
        world = World(clock, {"/api/folders": pages(10**9, lambda number: {"id": number})})
        async with client_of(world.answer, clock) as client:
            with pytest.raises(BadPage, match="pages"):
                await client.folders("7")
        assert world.asked[0][2]["parent_id"] == "7"
        return len(world.asked)

    assert run_virtual(main) == MAX_PAGES


def test_folders_at_home() -> None:
    _, world = run_with({"/api/folders": []}, lambda client: client.folders())
    assert "parent_id" not in world.asked[0][2]


def test_a_slow_answer_ends_at_the_deadline_in_virtual_time() -> None:
    async def main(clock: VirtualClock) -> list[float]:
        async def answer(request: httpx.Request) -> httpx.Response:
            await clock.sleep(1000)
            return httpx.Response(200, json={})

        times = []
        async with client_of(answer, clock) as client:
            await client.pacers.jobs.turn(Priority.GUARD)
            started = clock.boot()
            with pytest.raises(Transient):
                await client.jobs_page("42")
            times.append(clock.boot() - started)
            async with client.pacers.repeats.turn():
                started = clock.boot()
                answered = await client.repeat("42", ["j-a"], "d")
                times.append(clock.boot() - started)
        assert answered.outcome is RequestOutcome.AMBIGUOUS
        return times

    assert run_virtual(main) == pytest.approx([1.25 + 40, 45])


def test_each_repeat_has_a_transport_of_its_own() -> None:
    opened: list[InProcess] = []

    async def answer(request: httpx.Request) -> httpx.Response:
        names = json.loads(request.content)["job_ids"]
        return httpx.Response(200, json={"results": [{"job_id": name, "status": "enqueued"} for name in names]})

    def factory() -> InProcess:
        opened.append(InProcess(answer))
        return opened[-1]

    async def main(clock: VirtualClock) -> list[JobOutcome]:
        pacers = Pacers(clock, Quotas(), 0.8)
        async with WorkatoClient(
            "https://workato.example.com", lambda: Secret("token"), factory, clock, pacers
        ) as client:
            answers = [await client.repeat("42", ["j-a", "j-b"], "d") for _ in range(2)]
        return [one.outcome for answer in answers for one in answer.jobs]

    assert run_virtual(main) == [JobOutcome.ACCEPTED] * 4
    assert len(opened) == 3


def test_a_429_pauses_the_family_as_long_as_asked() -> None:
    async def main(clock: VirtualClock) -> list[float]:
        times: list[float] = []

        async def answer(request: httpx.Request) -> httpx.Response:
            times.append(clock.boot())
            return httpx.Response(429, headers={"Retry-After": "30"}, json={"message": "slow down"})

        async with client_of(answer, clock) as client:
            for _ in range(2):
                with pytest.raises(RateLimited):
                    await client.jobs_page("42")
        return times

    first, second = run_virtual(main)
    assert second - first == pytest.approx(30)


def test_families_have_their_own_turns_at_their_own_rates() -> None:
    quotas = Quotas(
        jobs_per_minute=120,
        recipes_per_minute=60,
        connections_per_minute=30,
        other_per_minute=10,
        repeats_per_second=2.0,
        jobs_per_repeat=7,
    )

    async def main(clock: VirtualClock) -> list[float]:
        pacers = Pacers(clock, quotas, 0.5)
        assert pacers.jobs_per_repeat == 7
        families = [pacers.jobs, pacers.recipes, pacers.connections, pacers.others, pacers.repeats]
        return [family.interval_s for family in families]

    assert run_virtual(main) == pytest.approx([1, 2, 4, 12, 0.51])


def test_cookies_are_not_kept() -> None:
    seen: list[str | None] = []

    async def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("cookie"))
        return httpx.Response(200, json=me(), headers={"Set-Cookie": "session=1; Path=/"})

    async def main(clock: VirtualClock) -> None:
        async with client_of(answer, clock) as client:
            await client.me()
            await client.me()

    run_virtual(main)
    assert seen == [None, None]


def test_many_calls_share_one_client() -> None:
    async def ask(client: WorkatoClient) -> int:
        found = await asyncio.gather(*(client.recipes_page(page) for page in range(1, 11)))
        return sum(len(page) for page in found)

    total, world = run_with({"/api/recipes": {"items": [recipe()]}}, ask)
    assert total == 10
    assert [at for at, _, _ in world.asked] == pytest.approx([1.25 * n for n in range(1, 11)])
