"""A downstream that is away: what it fails is held, one repeat at a time tries it, and people are told once."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from aof_tui.base.failpoints import NoFailpoints
from aof_tui.control.requests import Verb
from aof_tui.domain.breaker import ALL_AGENTS
from aof_tui.domain.words import IncidentKind
from aof_tui.engine.context import Context
from aof_tui.engine.incidents import Incidents
from aof_tui.engine.orchestrator import Orchestrator
from aof_tui.engine.points import Point
from aof_tui.engine.unit import Unit
from tests.engine.downstreams import AGENT_DOWN, DOWNSTREAM, INVALID, REFUSED, SERVER_ERROR, Downstream
from tests.engine.scene import HOUR, MINUTE, Scene, play, play_around
from tests.harness.scripted import Answer

TURNS = ("breaker.opened", "breaker.probed", "breaker.closed")


async def turns(scene: Scene) -> list[str]:
    return [kind.removeprefix("breaker.") for kind in await scene.events(*TURNS)]


async def jobs_incidents(scene: Scene) -> list[str]:
    rows = await scene.bench.rows("SELECT scope FROM incident WHERE status != 'resolved' ORDER BY incident_id")
    return [str(row["scope"]) for row in rows]


def test_a_probe_at_a_time_until_one_succeeds_then_the_rest_with_spread() -> None:
    async def story(scene: Scene) -> None:
        down = Downstream(scene)
        await down.trip()
        await scene.clock.sleep(20.0)
        assert set(await down.statuses()) == {"held"}
        (shown,) = (await scene.control.status()).breakers
        assert (shown.downstream, shown.state, shown.held, shown.opened_by) == (DOWNSTREAM, "open", 7, "engine")
        assert shown.opened_at is not None
        assert shown.next_probe_at == shown.opened_at + 5 * MINUTE
        sent = len(scene.workato.repeats)
        await down.until("half_open")
        await down.until("open")
        assert len(scene.workato.repeats) == sent + 1
        assert len(scene.workato.repeats[-1][2]) == 1
        scene.workato.heals = True
        await down.until("closed")
        closed_at = scene.clock.wall()
        await down.until_statuses(recovered=7)
        released = [at - closed_at for at, _, _ in scene.workato.repeats[sent + 2 :]]
        assert 0 < released[0] <= released[-1] <= 11 * MINUTE
        assert await turns(scene) == ["opened", "probed", "opened", "probed", "closed"]
        assert await scene.bench.rows("SELECT MAX(attempts) AS most FROM failure") == [{"most": 2}]
        assert (await scene.told()).count("opened>oncall") == 1
        assert (await scene.control.status()).breakers == ()

    play(story)


def test_a_burst_at_one_moment_is_no_outage() -> None:
    async def story(scene: Scene) -> None:
        down = Downstream(scene)
        scene.workato.heals = True
        for _ in range(30):
            down.fail()
        await down.until_statuses(recovered=30)
        assert await turns(scene) == []

    play(story)


def test_successes_that_outnumber_the_failures_keep_it_closed() -> None:
    async def story(scene: Scene) -> None:
        down = Downstream(scene)
        shown = scene.workato.recipe(8)
        for _ in range(10):
            down.fail()
            shown["job_succeeded_count"] = int(str(shown["job_succeeded_count"])) + 5
            await scene.clock.sleep(25.0)
        await scene.clock.sleep(5 * MINUTE)
        assert await turns(scene) == []

    play(story)


def test_the_time_limit_stands_still() -> None:
    async def story(scene: Scene) -> None:
        down = Downstream(scene)
        await down.trip()
        await scene.clock.sleep(HOUR)
        scene.workato.heals = True
        await down.until_statuses(recovered=7)

    play(story, retry={"time_limit": "20m"})


def test_a_lineages_last_attempt_is_no_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aof_tui.policy.breaker.LAST_ATTEMPT_AFTER_S", 2 * HOUR)

    async def story(scene: Scene) -> None:
        down = Downstream(scene)
        await down.fails_for(170.0, every=34.0)
        await down.until("open")
        await scene.clock.sleep(1.5 * HOUR)
        rows = await scene.bench.rows("SELECT DISTINCT attempts FROM failure ORDER BY attempts")
        assert rows in ([{"attempts": 1}], [{"attempts": 0}, {"attempts": 1}])
        assert set(await down.statuses()) == {"held"}
        await scene.until(lambda: exhausted(down), 3 * HOUR)

    play(story, retry={"max_attempts": 2})


async def exhausted(down: Downstream) -> bool:
    return "exhausted" in await down.statuses()


def test_a_probe_in_doubt_lets_no_other_out() -> None:
    async def story(scene: Scene) -> None:
        def lost(_jobs: list[str]) -> Answer:
            return httpx.ReadError("reset")

        down = Downstream(scene)
        await down.trip()
        scene.workato.on_repeat = lost
        sent = len(scene.workato.repeats)
        await down.until("half_open")
        while await down.state() == "half_open":
            assert len(scene.workato.repeats) <= sent + 1
            await scene.clock.sleep(5.0)
        rows = await scene.bench.rows("SELECT reason, count(*) AS n FROM failure WHERE status = 'held' GROUP BY reason")
        assert [(row["reason"], row["n"]) for row in rows] == [("breaker_open", 6), ("stayed_in_doubt", 1)]
        opened_at = scene.clock.wall()
        scene.workato.on_repeat, scene.workato.heals = scene.workato.accept, True
        await down.until_statuses(held=1, recovered=6)
        assert scene.workato.repeats[sent + 1][0] >= opened_at + 4 * MINUTE

    play(story)


def test_a_probe_that_meets_a_living_downstream_closes_it_whatever_the_job_needs() -> None:
    async def story(scene: Scene) -> None:
        def invalid(jobs: list[str]) -> Answer:
            answer = scene.workato.accept(jobs)
            scene.workato.jobs[-1].error_parts = dict(INVALID)
            return answer

        down = Downstream(scene)
        await down.trip()
        scene.workato.on_repeat = invalid
        await down.until("closed")
        scene.workato.on_repeat, scene.workato.heals = scene.workato.accept, True
        await down.until_statuses(needs_person=1, recovered=6)

    play(story)


@pytest.mark.parametrize("ending", ["another adapter", "cancelled", "closed by a person"])
def test_a_probe_that_tells_nothing_is_followed_by_another_after_the_same_pause(ending: str) -> None:
    async def story(scene: Scene) -> None:
        def elsewhere(jobs: list[str]) -> Answer:
            answer = scene.workato.accept(jobs)
            if ending == "cancelled":
                scene.workato.jobs[-1].status = "cancelled"
            scene.workato.jobs[-1].error_parts = SERVER_ERROR | {"adapter": "jira"}
            return answer

        down = Downstream(scene)
        await down.trip()
        scene.workato.on_repeat = elsewhere
        if ending == "closed by a person":
            scene.workato.instead["recipes/8/jobs"] = lambda _request: httpx.Response(503)
        await down.until("half_open")
        if ending == "closed by a person":
            (row,) = await scene.bench.rows("SELECT probe FROM breaker")
            assert (await scene.do(Verb.CLOSE, str(row["probe"]), reason="done by hand")).done
        await down.until("open")
        (row,) = await scene.bench.rows(
            "SELECT pause_s, next_probe_at, probe FROM breaker WHERE downstream = :d", d=DOWNSTREAM
        )
        assert (row["pause_s"], row["probe"]) == (5 * MINUTE, None)

    play(story)


def test_a_restart_forgets_nothing() -> None:
    async def around(scene: Scene) -> None:
        down = Downstream(scene)
        await scene.bench.run_until_killed(lambda _control: down.trip())
        await scene.clock.sleep(MINUTE)
        sent = len(scene.workato.repeats)

        class DiesAtSending:
            async def reach(self, name: str) -> None:
                if name == Point.SEND:
                    dying.set()
                    await scene.clock.sleep(HOUR)

        dying = asyncio.Event()
        scene.bench.failpoints = DiesAtSending()
        await scene.bench.run_until_killed(lambda _control: dying.wait())
        assert await down.state() == "half_open"
        scene.bench.failpoints = NoFailpoints()
        scene.workato.heals = True

        async def rest(_control: object) -> None:
            await down.until_statuses(held=1, recovered=6)
            assert len(scene.workato.repeats) >= sent + 2

        await scene.bench.run(rest)
        assert (await turns(scene))[:4] == ["opened", "probed", "opened", "probed"]

    play_around(around)


def test_a_person_closes_it() -> None:
    async def story(scene: Scene) -> None:
        down = Downstream(scene)
        await down.trip()
        await scene.clock.sleep(20.0)
        scene.workato.heals = True
        assert (await scene.do(Verb.CLOSE_BREAKER, None, value=DOWNSTREAM)).message.endswith(
            "7 held failures go on little by little"
        )
        assert not (await scene.do(Verb.CLOSE_BREAKER, None, value=DOWNSTREAM)).done
        await down.until_statuses(recovered=7)
        (row,) = await scene.bench.rows("SELECT actor FROM event WHERE kind = 'breaker.closed'")
        assert row["actor"] == "terminal:ana"
        assert await turns(scene) == ["opened", "closed"]

    play(story)


def test_a_person_opens_it_and_forces_a_repeat_past_it() -> None:
    async def story(scene: Scene) -> None:
        down = Downstream(scene)
        await scene.clock.sleep(2 * MINUTE)
        assert not (await scene.do(Verb.OPEN_BREAKER, None, value="connection:99")).done
        assert not (await scene.do(Verb.OPEN_BREAKER, None, value="nonsense")).done
        assert (await scene.do(Verb.OPEN_BREAKER, None, value=DOWNSTREAM, reason="maintenance")).done
        await scene.clock.sleep(HOUR)
        assert await jobs_incidents(scene) == [DOWNSTREAM]
        assert not (await scene.do(Verb.OPEN_BREAKER, None, value=DOWNSTREAM)).done
        down.fail()
        await scene.until_status("held", job_id="d-1")
        await scene.clock.sleep(30 * MINUTE)
        assert scene.workato.repeats == []
        assert "is open" in (await scene.do(Verb.RELEASE, "d-1")).message
        scene.workato.heals = True
        assert (await scene.do(Verb.RETRY, "d-1")).done
        await scene.until_status("recovered", job_id="d-1")
        (row,) = await scene.bench.rows("SELECT text FROM event WHERE kind = 'repeat.forced'")
        assert "past the open breaker of connection Shop (rest)" in str(row["text"])
        assert await down.state() == "open"
        (row,) = await scene.bench.rows("SELECT actor, text FROM event WHERE kind = 'breaker.opened'")
        assert (row["actor"], "maintenance" in str(row["text"])) == ("terminal:ana", True)

    play(story)


def test_a_lost_connection_is_the_parent_of_what_it_fails() -> None:
    async def story(scene: Scene) -> None:
        down = Downstream(scene)
        down.error = REFUSED
        down.lost = True
        down.fail()
        await scene.until_status("held", job_id="d-1", within=10 * MINUTE)
        down.fail()
        await scene.until_status("held", job_id="d-2")
        scopes = await scene.bench.rows("SELECT DISTINCT kind, scope FROM failure JOIN incident USING (incident_id)")
        assert scopes == [{"kind": IncidentKind.CONNECTION_LOST, "scope": DOWNSTREAM}]
        (shown,) = (await scene.control.status()).breakers
        assert (shown.cause, shown.next_probe_at, shown.name) == ("lost", None, "Shop (rest)")
        await scene.clock.sleep(30 * MINUTE)
        assert scene.workato.repeats == []
        down.lost, scene.workato.heals = False, True
        await down.until_statuses(recovered=2)
        assert len(scene.workato.repeats) == 2
        assert sum(told.startswith("alarm>") for told in await scene.told()) == 2
        await scene.clock.sleep(HOUR)
        assert await jobs_incidents(scene) == []

    play(story)


def test_a_rule_that_says_never_stands_above_a_connection_that_is_back() -> None:
    async def story(scene: Scene) -> None:
        down = Downstream(scene)
        down.error, down.lost = REFUSED, True
        down.fail()
        await scene.until_status("needs_person", job_id="d-1")
        await scene.clock.sleep(10 * MINUTE)
        assert await scene.state("d-1") == ("needs_person", "policy_never")

    play(story, policies=[{"name": "n", "match": {"category": ["auth_connection"]}, "repeat": "never"}])


def test_without_acting_it_closes_when_nothing_fails_any_more() -> None:
    async def story(scene: Scene) -> None:
        down = Downstream(scene)
        await down.trip()
        await down.until("closed")
        await down.until_statuses(held=7)
        assert await turns(scene) == ["opened", "closed"]

        async def observed() -> bool:
            return len(await scene.events("repeat.observed")) == 7

        await scene.until(observed)

    play(story, mode="observe")


def test_it_closes_when_nothing_waits_for_it_any_more() -> None:
    async def story(scene: Scene) -> None:
        down = Downstream(scene)
        await down.trip()
        await scene.clock.sleep(20.0)
        for number in range(1, down.jobs + 1):
            await scene.do(Verb.CLOSE, f"d-{number}", reason="done by hand")
        await down.until("closed")
        assert await turns(scene) == ["opened", "closed"]

    play(story)


def test_others_successes_bring_the_next_probe_forward() -> None:
    async def story(scene: Scene) -> None:
        down = Downstream(scene)
        await down.trip()
        await scene.clock.sleep(HOUR)
        tried = (await turns(scene)).count("probed")
        scene.workato.heals = True
        shown = scene.workato.recipe(8)
        shown["job_succeeded_count"] = int(str(shown["job_succeeded_count"])) + 50
        before = scene.clock.wall()
        await down.until("closed")
        assert scene.clock.wall() - before < 10 * MINUTE
        assert (await turns(scene)).count("probed") == tried + 1

    play(story)


def test_switched_off_it_never_opens() -> None:
    async def story(scene: Scene) -> None:
        down = Downstream(scene)
        down.lost = True
        await down.fails_for(5 * MINUTE)
        assert not (await scene.do(Verb.OPEN_BREAKER, None, value=DOWNSTREAM)).done
        await scene.clock.sleep(6 * MINUTE)
        assert await turns(scene) == []

    play(story, breaker={"enabled": False})


def test_agents_that_are_down_hold_their_own_failures_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[Context, Orchestrator]] = []

    class Known(Orchestrator):
        def __init__(self, ctx: Context, incidents: Incidents) -> None:
            super().__init__(ctx, incidents)
            made.append((ctx, self))

    monkeypatch.setattr("aof_tui.engine.engine.Orchestrator", Known)

    async def go(unit: Unit) -> None:
        orchestrator = made[0][1]
        kind = IncidentKind.AGENT_DOWN
        await orchestrator.incidents.raise_alarm(unit, "prod", kind, "all agents are down", scope=ALL_AGENTS)
        await orchestrator.breakers.hold_downstream(unit, "prod", ALL_AGENTS, "no agent answers", kind)

    async def come(unit: Unit) -> None:
        orchestrator = made[0][1]
        await orchestrator.breakers.release_downstream(unit, "prod", ALL_AGENTS)
        await orchestrator.incidents.end_alarm(unit, "prod", IncidentKind.AGENT_DOWN, ALL_AGENTS)

    async def story(scene: Scene) -> None:
        down = Downstream(scene)
        scene.workato.heals = True
        await made[0][0].write(go)
        down.fail()
        down.error = AGENT_DOWN
        down.fail()
        await down.until_statuses(held=1, recovered=1)
        kinds = "SELECT kind, scope FROM incident WHERE status != 'resolved' AND kind != 'jobs'"
        assert await scene.bench.rows(kinds) == [{"kind": "agent_down", "scope": "agents"}]
        await made[0][0].write(come)
        await down.until_statuses(recovered=2)
        assert await scene.bench.rows(kinds) == []

    play(story)
