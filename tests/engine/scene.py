"""Engines on a scripted Workato, in virtual time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aof_tui.control.protocol import Control
from aof_tui.control.requests import Command, FailureQuery, Verb
from aof_tui.control.rows import CommandResult, FailureRow
from aof_tui.simulator.virtual_time import VirtualClock, run_virtual
from tests.harness.scripted import ScriptedWorkato
from tests.harness.virtual import WORKSPACE, Bench, settings

MINUTE = 60.0
HOUR = 3600.0


class Scene:
    """One scripted workspace, the bench for its engines, and shorthands for looking at what became of it."""

    def __init__(self, clock: VirtualClock, changes: dict[str, object]) -> None:
        self.clock = clock
        self.workato = ScriptedWorkato(clock)
        self.bench = Bench(clock, lambda: self.workato, settings(**changes))

    @property
    def control(self) -> Control:
        assert self.bench.control is not None
        return self.bench.control

    async def failure(self, job_id: str = "j-1") -> FailureRow:
        page = await self.control.failures(FailureQuery(master_job_ids=(job_id,), only_open=False))
        return page.rows[0]

    async def state(self, job_id: str = "j-1") -> tuple[str, str | None]:
        row = await self.failure(job_id)
        return row.status, row.reason

    async def do(self, verb: Verb, job_id: str | None = "j-1", **more: str) -> CommandResult:
        return await self.control.command(Command(verb, "terminal:ana", WORKSPACE, job_id, **more))

    async def events(self, *kinds: str) -> list[str]:
        rows = await self.bench.rows("SELECT kind FROM event ORDER BY sequence")
        found = [str(row["kind"]) for row in rows]
        return [kind for kind in found if kind in kinds] if kinds else found

    async def attempts(self) -> list[str]:
        return [str(row["state"]) for row in await self.bench.rows("SELECT state FROM attempt ORDER BY attempt_id")]

    async def told(self) -> list[str]:
        rows = await self.bench.rows(
            "SELECT kind, receiver FROM outbox WHERE kind != 'report' ORDER BY notification_id"
        )
        return [f"{row['kind']}>{row['receiver']}" for row in rows]

    async def until(self, reached: Callable[[], Awaitable[bool]], within: float = 2 * HOUR) -> None:
        """Let time pass until something is so."""
        end = self.clock.wall() + within
        while not await reached():
            assert self.clock.wall() < end, "it did not come to pass"
            await self.clock.sleep(1.0)

    async def until_status(self, *statuses: str, job_id: str = "j-1", within: float = 2 * HOUR) -> None:
        # Asked each second for hours: past the queries, which take as long as all that the engine does meanwhile.
        raw = self.bench.store._connection.raw

        async def reached() -> bool:
            row = raw.execute("SELECT status FROM failure WHERE master_job_id = ?", [job_id]).fetchone()
            return row is not None and row["status"] in statuses

        await self.until(reached, within)


def play(story: Callable[[Scene], Awaitable[None]], **changes: object) -> None:
    """Play a story in virtual time with one engine running; `changes` are settings."""

    async def main(clock: VirtualClock) -> None:
        scene = Scene(clock, changes)
        await scene.bench.run(lambda _control: story(scene))

    run_virtual(main)


def play_around(story: Callable[[Scene], Awaitable[None]], **changes: object) -> None:
    """Play a story that starts and ends its engines itself, by `scene.bench.run`."""

    async def main(clock: VirtualClock) -> None:
        await story(Scene(clock, changes))

    run_virtual(main)
