"""The world: the same for a seed whatever is asked and whenever, and what a scenario asks for comes about."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aof_tui.domain.words import Category
from aof_tui.simulator.scenario_file import load_scenario
from aof_tui.simulator.state import By, Outcome, SimRun
from aof_tui.simulator.world import World
from tests.simulator.worlds import START, Desk, failing, small

HOUR = 3600.0


def digest(world: World) -> str:
    """Everything that happened in a world, but repeats that were asked for."""
    lines = [
        f"{run.job_id} {run.created_at} {run.ends_at} {run.outcome} {run.flaw}"
        for run in world.runs.values()
        if run.by is By.ORIGIN
    ]
    return sha256("\n".join(sorted(lines)).encode()).hexdigest()


@settings(deadline=None, max_examples=15)
@given(steps=st.lists(st.floats(0, 900), min_size=1, max_size=15))
def test_the_world_does_not_depend_on_when_it_is_looked_at(steps: list[float]) -> None:
    scenario = load_scenario("demo")
    at_once, in_steps = World(scenario, "7", START), World(scenario, "7", START)
    for step in steps:
        in_steps.advance(in_steps.now + step)
    at_once.advance(in_steps.now)
    assert digest(at_once) == digest(in_steps)


def test_repeats_change_only_what_repeats_exist() -> None:
    left_alone, repeated = World(load_scenario("demo"), "7", START), World(load_scenario("demo"), "7", START)
    for minute in range(60):
        repeated.advance(START + 60.0 * minute)
        for lineage in list(repeated.lineages.values())[:3]:
            repeated.repeat(lineage.newest, By.ENGINE, repeated.now, "call")
    left_alone.advance(repeated.now)
    calls = [run for run in repeated.runs.values() if run.calling is not None and run.calling.number]
    for run in calls:
        del repeated.runs[run.job_id]
    assert digest(left_alone) == digest(repeated)


def test_another_seed_is_another_world() -> None:
    worlds = [World(load_scenario("demo"), seed, START) for seed in ("7", "8")]
    for world in worlds:
        world.advance(START + HOUR)
    assert digest(worlds[0]) != digest(worlds[1])


def test_speed_compresses_the_world_and_nothing_else() -> None:
    slow, fast = (
        World(small(happenings=failing(1, 2, at=600.0)), "7", START),
        World(small(happenings=failing(1, 2, at=600.0)), "7", START, 60),
    )
    slow.advance(START + HOUR)
    fast.advance(START + HOUR / 60)

    def offsets(world: World) -> list[float]:
        return [round((run.created_at - START) * world.speed, 3) for run in world.runs.values()]

    assert offsets(slow) == offsets(fast) == [600.0, 630.0]


def run_of(desk: Desk) -> SimRun:
    return next(iter(desk.world.runs.values()))


@pytest.mark.parametrize("heals", [1, 3])
def test_a_job_heals_on_the_asked_repeat_and_not_before(heals: int) -> None:
    desk = Desk(small(happenings=failing(heals)))
    desk.wait(60)
    desk.world.advance(desk.now)
    run = run_of(desk)
    outcomes = []
    for _ in range(heals + 1):
        outcomes.append(desk.world.repeat(run, By.ENGINE, desk.world.now).outcome)
        desk.world.advance(desk.world.now + 60)
    assert outcomes == [Outcome.FAILED] * (heals - 1) + [Outcome.SUCCEEDED] * 2


def test_some_jobs_never_heal_from_the_start() -> None:
    desk = Desk(small(happenings=failing("never")))
    desk.world.advance(START + 60)
    assert {desk.world.repeat(run_of(desk), By.ENGINE, START + 60).outcome for _ in range(20)} == {Outcome.FAILED}


def test_an_outage_fails_what_runs_in_it_and_heals_with_its_end() -> None:
    outage = {"do": "outage", "at": 600, "lasts": 1200, "connection": "rest", "error": "downstream_5xx"}
    group = {"key": "orders", "name": "Sync", "connections": ["rest"], "every": 60}
    desk = Desk(small(groups=[group], happenings=[outage]))
    desk.world.advance(START + HOUR)
    runs = [run for run in desk.world.runs.values() if run.by is By.ORIGIN]
    within = [run for run in runs if START + 600 <= run.created_at < START + 1800]
    assert within
    assert {run.outcome for run in within} == {Outcome.FAILED}
    assert {run.outcome for run in runs if run not in within} == {Outcome.SUCCEEDED}
    assert {run.flaw.category for run in within if run.flaw} == {Category.DOWNSTREAM_5XX}
    assert {desk.world.repeat(run, By.ENGINE, desk.world.now).outcome for run in within} == {Outcome.SUCCEEDED}


def test_a_repeat_within_an_outage_fails() -> None:
    outage = {"do": "outage", "at": 100, "lasts": 1200, "connection": "rest"}
    desk = Desk(small(happenings=[*failing(1), outage]))
    desk.world.advance(START + 200)
    assert desk.world.repeat(run_of(desk), By.ENGINE, desk.world.now).outcome is Outcome.FAILED


def test_a_stopped_recipe_gets_no_jobs_until_it_is_started() -> None:
    stop = {"do": "stop_recipe", "at": 600, "lasts": 1200, "group": "orders", "cause": "trigger_errors_limit"}
    group = {"key": "orders", "name": "Sync", "connections": ["rest"], "every": 30}
    desk = Desk(small(groups=[group], happenings=[stop]))
    desk.world.advance(START + HOUR)
    times = [run.created_at - START for run in desk.world.runs.values()]
    assert not [time for time in times if 600 < time < 1800]
    assert [time for time in times if time > 1800]


def test_people_repeat_the_latest_failed_run_only() -> None:
    group = {"key": "orders", "name": "Sync", "connections": ["rest"], "human": 1}
    desk = Desk(small(groups=[group], human_delay=[60, 60], happenings=failing(2)))
    desk.world.advance(START + HOUR)
    runs = next(iter(desk.world.lineages.values())).runs
    assert [(run.by, run.outcome) for run in runs] == [
        (By.ORIGIN, Outcome.FAILED),
        (By.HUMAN, Outcome.FAILED),
        (By.HUMAN, Outcome.SUCCEEDED),
    ]
    busy = Desk(small(groups=[group], human_delay=[60, 60], happenings=failing(1)))
    busy.world.advance(START + 50)
    busy.world.repeat(run_of(busy), By.ENGINE, busy.world.now)
    busy.world.advance(START + HOUR)
    assert [run.by for run in next(iter(busy.world.lineages.values())).runs] == [By.ORIGIN, By.ENGINE]


def test_a_called_recipe_fails_its_caller_and_a_repeat_calls_again() -> None:
    groups = [
        {"key": "orders", "name": "Caller", "connections": ["rest"], "every": 60, "calls": "function"},
        {
            "key": "function", "name": "FUNC", "connections": ["rest"], "fails": 1, "errors": {"rate_limit": 1},
            "heals": {1: 1},
        },
    ]  # fmt: skip
    desk = Desk(small(groups=groups))
    desk.world.advance(START + 200)
    caller, function = (desk.world.place.groups[key][0] for key in ("orders", "function"))
    pairs = list(zip(caller.runs, function.runs, strict=True))
    assert pairs
    for calling, called in pairs:
        assert called.calling is calling
        assert (calling.outcome, called.outcome) == (Outcome.FAILED, Outcome.FAILED)
        assert calling.created_at <= called.created_at < called.ends_at < calling.ends_at
    again = desk.world.repeat(caller.runs[0], By.ENGINE, desk.world.now)
    assert again.outcome is Outcome.SUCCEEDED
    assert function.runs[-1].calling is again
    assert function.runs[-1].outcome is Outcome.SUCCEEDED


def test_successes_are_forgotten_and_failures_kept() -> None:
    group = {
        "key": "orders", "name": "Sync", "connections": ["rest"], "every": 10, "fails": 0.1, "errors": {"unknown": 1},
        "duration": [1, 1],
    }  # fmt: skip
    desk = Desk(small(groups=[group]))
    desk.world.advance(START + 5 * HOUR)
    recipe = desk.world.place.groups["orders"][0]
    assert len(desk.world.lineages) > 100
    assert len(recipe.runs) == len(desk.world.runs) <= len(desk.world.lineages) + 400
    assert all(lineage.runs[0] in recipe.runs for lineage in desk.world.lineages.values())


def test_poll_errors_tests_cancelled_and_odd_ends_come_about() -> None:
    group = {
        "key": "orders", "name": "Sync", "connections": ["rest"], "every": 10, "fails": 0.5,
        "errors": {"rate_limit": 1}, "poll_errors": 0.2, "tests": 0.2, "cancels": 0.3, "odd_ends": 0.3,
    }  # fmt: skip
    desk = Desk(small(groups=[group]))
    desk.world.advance(START + HOUR)
    runs = list(desk.world.runs.values())
    assert any(run.is_poll_error for run in runs)
    assert any(run.is_test for run in runs)
    ends = Counter(desk.world.repeat(run, By.ENGINE, desk.world.now).outcome for run in runs if run.flaw)
    assert set(ends) == set(Outcome)


def test_erased_jobs_stay_listed_vanished_and_deleted_ones_do_not() -> None:
    retention = {"do": "retention", "at": 100, "group": "orders", "mode": "erase"}
    desk = Desk(small(happenings=[*failing(1), retention, retention | {"at": 200, "mode": "vanish"}]))
    desk.wait(150)
    (job,) = desk.jobs()
    assert (job["title"], job["status"]) == ("", "failed")
    assert "error" not in job
    assert desk.repeat(job["id"]).body == (
        b'{"results":[{"job_id":"%s","status":"failed","error":"Job is not repeatable"}]}' % str(job["id"]).encode()
    )
    desk.wait(100)
    assert desk.jobs() == []
    assert desk.ask(f"/api/recipes/{desk.recipe_id}/jobs/{job['id']}").status == 404
    assert len(desk.simulator.truth().runs) == 1
    gone = Desk(small(happenings=[{"do": "delete_recipe", "at": 10, "group": "orders"}]))
    recipe_id = gone.recipe_id
    assert gone.ask(f"/api/recipes/{recipe_id}").status == 200
    gone.wait(20)
    assert gone.ask(f"/api/recipes/{recipe_id}/jobs").status == 404
    assert gone.get("/api/recipes") == {"items": []}


def test_the_demo_has_everything_it_is_shown_for() -> None:
    world = World(load_scenario("demo"), "7", START)
    world.advance(START + 2 * HOUR)
    flaws = [lineage.runs[0].flaw for lineage in world.lineages.values()]
    assert {flaw.category for flaw in flaws if flaw} == set(Category)
    soon = [lineage.heal_on for lineage in world.lineages.values() if START < lineage.runs[0].created_at < START + 300]
    assert {1, None} <= set(soon)
    assert any(run.by is By.HUMAN for run in world.runs.values())
    assert any(run.calling is not None for run in world.runs.values())
    assert "safe-to-repeat" in world.place.tags
