"""What people are told: turns and outcomes, once each, to whom it concerns, and up to the super admin."""

from __future__ import annotations

import httpx
import pytest

from aof_tui.control.requests import Command, Verb
from tests.engine.scene import HOUR, MINUTE, Scene, play, play_around
from tests.harness.virtual import WORKSPACE

DAY = 24 * HOUR
SELDOM: dict[str, object] = {"collation": {"interval": "10m"}}
"""For days in which nothing happens: sweeps cost the most of them."""
INVALID = {"adapter": "rest", "error_type": "Request error", "message": "422 Unprocessable Entity: name is missing"}
EXPIRED = {"adapter": "rest", "error_type": "Request error", "message": "401 Unauthorized: token expired"}


def fail_invalid(scene: Scene, job_id: str = "j-1", **more: int) -> None:
    """A failure that is never repeated without asking."""
    scene.workato.fail(job_id, **more).error_parts = dict(INVALID)


async def incident(scene: Scene, column: str, incident_id: int = 1) -> object:
    rows = await scene.bench.rows("SELECT * FROM incident WHERE incident_id = :id", id=incident_id)
    return rows[0][column]


async def until_incident(scene: Scene, status: str, within: float = 2 * HOUR) -> None:
    async def reached() -> bool:
        return bool(await scene.bench.rows("SELECT 1 FROM incident WHERE status = :status", status=status))

    await scene.until(reached, within)


async def told_at(scene: Scene, kind: str) -> list[float]:
    rows = await scene.bench.rows("SELECT created_at FROM outbox WHERE kind = :kind ORDER BY created_at", kind=kind)
    return [float(str(row["created_at"])) for row in rows]


def test_the_life_of_an_incident() -> None:
    async def story(scene: Scene) -> None:
        fail_invalid(scene)
        await scene.until_status("needs_person")
        rested = scene.clock.wall()
        assert await incident(scene, "status") == "open"
        assert await incident(scene, "novelty") == "new"
        assert await scene.told() == ["needs_person>oncall"]
        await scene.clock.sleep(25 * MINUTE)
        assert await scene.told() == ["needs_person>oncall"]
        await scene.clock.sleep(10 * MINUTE)
        assert await scene.told() == ["needs_person>oncall", "escalated>admins"]
        assert (await told_at(scene, "escalated"))[0] - rested == pytest.approx(30 * MINUTE, abs=2)
        await scene.clock.sleep(4 * HOUR)
        # Reminders go on every four hours, escalation comes once.
        assert (await scene.told())[2:] == ["reminded>oncall"]
        assert (await told_at(scene, "reminded"))[0] - rested == pytest.approx(4 * HOUR, abs=2)
        await scene.clock.sleep(4 * HOUR)
        assert (await scene.told())[2:] == ["reminded>oncall", "reminded>oncall"]
        assert (await scene.do(Verb.CLOSE, reason="entered by hand")).done
        await until_incident(scene, "resolved", within=MINUTE)
        assert (await scene.told())[-1] == "resolved>oncall"
        await scene.clock.sleep(5 * HOUR)
        assert len(await scene.told()) == 5

    play(story, **SELDOM)


def test_an_incident_is_resolved_half_an_hour_after_its_last_failure_came() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("recovered")
        seen = float(str(await incident(scene, "last_seen_at")))
        await until_incident(scene, "resolved")
        assert scene.clock.wall() - seen == pytest.approx(30 * MINUTE, abs=3)
        assert await scene.told() == ["recovered>oncall"]

    play(story)


@pytest.mark.parametrize("verb", [Verb.ACKNOWLEDGE, Verb.SNOOZE])
def test_who_takes_an_incident_keeps_it_from_the_super_admin(verb: Verb) -> None:
    async def story(scene: Scene) -> None:
        fail_invalid(scene)
        await scene.until_status("needs_person")
        assert (await scene.do(verb, value="7200")).done
        await scene.clock.sleep(1.9 * HOUR)
        assert "escalated>admins" not in await scene.told()
        await scene.clock.sleep(0.2 * HOUR)
        # A snooze only delays; an acknowledgement is somebody's word.
        assert ("escalated>admins" in await scene.told()) is (verb is Verb.SNOOZE)
        await scene.clock.sleep(3 * HOUR)
        assert "reminded>oncall" in await scene.told()

    play(story, **SELDOM)


def test_a_newcomer_of_an_open_incident_is_not_told_again() -> None:
    async def story(scene: Scene) -> None:
        for number in range(4):
            fail_invalid(scene, f"j-{number}")
            await scene.until_status("needs_person", job_id=f"j-{number}")
        assert await scene.told() == ["needs_person>oncall"]
        assert await incident(scene, "total") == 4
        assert len(await scene.bench.rows("SELECT 1 FROM incident")) == 1

    play(story)


@pytest.mark.parametrize(("later", "novelty", "ids"), [(13, "regressed", 1), (15, "recurring", 2)])
def test_an_error_that_comes_back_is_named_so_and_told_again(later: int, novelty: str, ids: int) -> None:
    async def around(scene: Scene) -> None:
        async def first(_control: object) -> None:
            fail_invalid(scene)
            await scene.until_status("needs_person")
            assert (await scene.do(Verb.CLOSE, reason="done")).done
            await until_incident(scene, "resolved")

        async def second(_control: object) -> None:
            told = len(await scene.told())
            fail_invalid(scene, "j-2")
            await scene.until_status("needs_person", job_id="j-2")
            rows = await scene.bench.rows("SELECT novelty, status, level FROM incident ORDER BY incident_id")
            assert len(rows) == ids
            assert rows[-1] == {"novelty": novelty, "status": "open", "level": 0}
            assert (await scene.told())[told:] == ["needs_person>oncall"]
            await scene.clock.sleep(HOUR)
            assert (await scene.told())[told:] == ["needs_person>oncall", "escalated>admins"]

        await scene.bench.run(first)
        await scene.clock.sleep(later * DAY)
        await scene.bench.run(second)

    play_around(around, reports=[])


def test_a_failure_belongs_to_the_incident_of_its_newest_error() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.heals = False
        scene.workato.fail("j-1")
        await scene.until_status("watching")
        for job in scene.workato.jobs:
            if job.master == "j-1":
                job.error_parts = dict(INVALID)
        await scene.until_status("needs_person")
        assert (await scene.failure()).incident == "I2"
        assert await incident(scene, "category", 2) == "validation_data"
        # Nothing is left of the first one, so it ends by itself.
        await until_incident(scene, "resolved")
        assert await incident(scene, "status", 1) == "resolved"
        assert await incident(scene, "status", 2) == "open"
        assert "needs_person>oncall" in await scene.told()

    play(story)


def test_outcomes_are_told_and_attempts_are_not() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.heals = False
        scene.workato.fail("j-1")
        await scene.until_status("exhausted")
        assert len(scene.workato.repeats) == 5
        assert await scene.told() == ["exhausted>oncall"]

    play(story)


def test_a_recovery_is_told_once_for_an_incident_when_its_last_failure_recovered() -> None:
    async def story(scene: Scene) -> None:
        for number in range(3):
            scene.workato.fail(f"j-{number}")
        await scene.until_status("recovered", job_id="j-2")
        await scene.clock.sleep(2 * HOUR)
        assert await scene.told() == ["recovered>oncall"]

    play(story)


ROUTES = [
    {"match": {"category": ["auth_connection"]}, "receivers": ["admins"]},
    {"match": {"recipe": ["8", "Recipe 9"]}, "receivers": ["team"], "continue": True},
    {"match": {"project": ["Order to cash"]}, "receivers": ["team", "oncall"]},
    {"match": {"severity": ["critical"]}, "receivers": ["admins", "oncall"]},
    {"match": {"recipe": ["9"]}, "receivers": ["oncall"]},
]
RECEIVERS = [{"name": name, "slack": {"token": "env:SLACK", "channel": "C1"}} for name in ("oncall", "admins", "team")]
CRITICAL = [{"name": "payroll", "match": {"recipe": ["11"]}, "severity": "critical"}]
TOLD_OF = [
    (7, EXPIRED, ["admins"]),
    (9, INVALID, ["team", "oncall"]),
    (8, INVALID, ["team"]),
    (10, INVALID, ["team", "oncall"]),
    (11, INVALID, ["admins", "oncall"]),
    (12, INVALID, []),
]


@pytest.mark.parametrize(("recipe_id", "error", "receivers"), TOLD_OF)
def test_who_is_told_is_chosen_by_category_recipe_project_and_severity(
    recipe_id: int, error: dict[str, object], receivers: list[str]
) -> None:
    async def story(scene: Scene) -> None:
        for number in range(8, 13):
            scene.workato.recipe(number)
        scene.workato.recipe(10, project_id=3)
        await scene.clock.sleep(MINUTE)
        scene.workato.fail("j-1", recipe_id).error_parts = dict(error)
        await scene.until_status("needs_person")
        assert await scene.told() == [f"needs_person>{name}" for name in receivers]
        rows = await scene.bench.rows("SELECT text FROM event WHERE kind = 'notice.queued'")
        named = ", ".join(receivers) or "nobody: no route matches"
        assert rows == [{"text": f"needs_person notice for {named}"}]

    async def with_project(scene: Scene) -> None:
        project = [{"id": 3, "name": "Order to cash", "folder_id": 1}]
        scene.workato.instead["projects"] = lambda _request: httpx.Response(200, json=project)
        await story(scene)

    play(
        with_project,
        receivers=RECEIVERS,
        routes=ROUTES,
        policies=CRITICAL,
        escalation={"receivers": ["admins"]},
        reports=[],
    )


def test_without_a_super_admin_an_escalation_goes_to_those_on_the_route() -> None:
    async def story(scene: Scene) -> None:
        fail_invalid(scene)
        await scene.until_status("needs_person")
        await scene.clock.sleep(HOUR)
        assert await scene.told() == ["needs_person>oncall", "escalated>oncall"]

    play(story, escalation={"after": "30m"})


def test_a_person_may_escalate_at_once() -> None:
    async def story(scene: Scene) -> None:
        fail_invalid(scene)
        await scene.until_status("needs_person")
        command = Command(Verb.ESCALATE, "terminal:ana", WORKSPACE, incident="I1", reason="payroll is tonight")
        assert (await scene.control.command(command)).done
        assert (await scene.told())[-1] == "escalated>admins"
        rows = await scene.bench.rows("SELECT actor, text FROM event WHERE kind = 'incident.escalated'")
        assert rows[0]["actor"] == "terminal:ana"
        assert "payroll is tonight" in str(rows[0]["text"])
        await scene.clock.sleep(HOUR)
        assert (await scene.told()).count("escalated>admins") == 1

    play(story)


def test_what_is_held_for_a_while_is_not_told_but_never_forgotten() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("scheduled")
        assert (await scene.do(Verb.PAUSE, None, reason="night")).done
        await scene.until_status("held")
        await scene.clock.sleep(5 * HOUR)
        assert await scene.told() == []
        assert await incident(scene, "status") == "open"
        assert await incident(scene, "remind_at") is not None

    play(story, **SELDOM)


def test_the_end_of_a_snooze_has_its_line_in_the_log() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.heals = False
        scene.workato.fail("j-1", error_parts={"adapter": "rest", "message": "Name is invalid"})
        await scene.until_status("needs_person")
        await scene.do(Verb.SNOOZE, value="600")
        await scene.clock.sleep(599.0)
        assert await scene.events("incident.woken") == []
        await scene.clock.sleep(120.0)
        assert await scene.events("incident.woken") == ["incident.woken"]

    play(story)
