"""Stories about fallback recipes on a scripted Workato, and shorthands for looking at them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aof_tui.base.secret import Secret
from aof_tui.simulator.virtual_time import VirtualClock, run_virtual
from tests.engine.scene import HOUR, Scene
from tests.harness.scripted import Job

ADDRESS = "https://webhooks.workato.com/webhooks/rest/7f0c/start?key=hidden"
BY_HAND = 900
WEBHOOK: dict[str, object] = {"name": "by-hand", "recipe": BY_HAND, "webhook": "env:BY_HAND_URL"}
NEVER = {"name": "auth", "match": {"category": ["rate_limit"]}, "max_attempts": 1, "fallback": "by-hand"}
SOON = {"min": 5.0, "max": 10.0}


EVERYTHING_SAID = (
    "SELECT * FROM event",
    "SELECT * FROM fallback",
    "SELECT * FROM dispatch",
    "SELECT * FROM incident",
    "SELECT * FROM outbox",
)


def changes(fallback: dict[str, object] | None = None, **policy: object) -> dict[str, object]:
    return {"fallbacks": [fallback or WEBHOOK], "policies": [NEVER | policy], "retry": SOON}


def play(story: Callable[[Scene], Awaitable[None]], **given: object) -> None:
    around(lambda scene: scene.bench.run(lambda _control: story(scene)), **given)


def around(story: Callable[[Scene], Awaitable[None]], **given: object) -> None:
    async def main(clock: VirtualClock) -> None:
        scene = Scene(clock, changes() | given)
        scene.bench.secrets["BY_HAND_URL"] = Secret(ADDRESS)
        scene.workato.heals = False
        scene.workato.recipe(BY_HAND, name="By hand")
        await story(scene)

    run_virtual(main)


async def state(scene: Scene, job_id: str = "j-1") -> str | None:
    rows = await scene.bench.rows("SELECT state FROM fallback WHERE master_job_id = :job_id", job_id=job_id)
    return str(rows[0]["state"]) if rows else None


async def until_state(scene: Scene, *states: str, job_id: str = "j-1", within: float = 2 * HOUR) -> None:
    async def reached() -> bool:
        return await state(scene, job_id) in states

    await scene.until(reached, within)


async def fallback_events(scene: Scene) -> list[str]:
    return [kind.removeprefix("fallback.") for kind in await scene.events() if kind.startswith("fallback.")]


def shows(scene: Scene, status: str, dispatch_id: str, job_id: str = "j-f1") -> Job:
    """The fallback recipe has run, and its job's detail shows what it was started with."""
    job = scene.workato.fail(job_id, BY_HAND) if status == "failed" else Job(job_id, status, scene.clock.wall(), None)
    if status != "failed":
        job.recipe_id, job.ended = BY_HAND, scene.clock.wall() + 2.0
        scene.workato.jobs.append(job)
    job.more["lines"] = [{"recipe_line_number": 0, "output": {"payload": {"dispatch_id": dispatch_id}}}]
    scene.workato.detail = job.more
    return job


async def story_rows(scene: Scene) -> list[tuple[str, bool, str]]:
    story = await scene.control.story("prod", "j-1")
    assert story is not None
    return [(row.name, row.forced, row.state) for row in story.fallbacks]


async def stopped(scene: Scene) -> bool:
    return bool(await scene.events("acting.stopped"))


async def withheld(scene: Scene) -> bool:
    return bool(await scene.events("fallback.withheld"))
