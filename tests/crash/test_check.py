"""The checkers find what they are there for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from aof_tui.simulator.oracle import judge
from aof_tui.simulator.truth import Fate, RepeatTruth, RequestTruth, RunTruth, Truth
from aof_tui.store.sqlite_store import open_store
from tests.crash.check import (
    Offences,
    Remains,
    as_client_sees,
    check_world,
    damage,
    intent_missing,
    lost,
    shown_too_late,
)

POST = RequestTruth(100.0, "POST", "/api/recipes/1/repeat_jobs", 200, "d-1")
REPEAT = RepeatTruth(100.0, "d-1", 1, "answered", 200, (Fate("j-1", "j-1", "j-2", None),))
KNOWN = Remains({}, {"d-1": 99.0}, frozenset({("d-1", "j-1")}), frozenset())


def run(number: int, status: str, at: float, *, by: str = "engine") -> RunTruth:
    """Run number 0 is the original j-1, the others are its repeats."""
    return RunTruth(
        job_id=f"j-{number + 1}",
        master="j-1",
        number=number,
        recipe_id=1,
        by=by,
        correlation=f"d-{number}" if by == "engine" else None,
        created_at=at,
        started_at=at + 1.0,
        ended_at=at + 5.0,
        status=status,
        category=None,
        listed_from=at,
        end_listed_from=at + 5.0,
        first_shown={status: at + 6.0},
        calling_job_id=None,
        is_test=False,
        is_poll_error=False,
        erased=False,
    )


FAILED = run(0, "failed", 50.0, by="origin")


def truth(*runs: RunTruth) -> Truth:
    return Truth(1000.0, 0.0, {}, (FAILED, *runs), (REPEAT,), (), (), (POST,), {})


def failure(status: str, **more: object) -> dict[str, dict[str, object]]:
    return {"j-1": {"status": status, "next_action_at": None, "incident_status": None, **more}}


@pytest.mark.parametrize(
    "failures",
    [
        {},
        failure("held"),
        failure("exhausted", incident_status="resolved"),
        failure("recovered"),
        failure("watching"),
    ],
)
def test_nobody_cares_for_it(failures: dict[str, dict[str, object]]) -> None:
    assert lost(truth(), failures) == ("j-1",)


@pytest.mark.parametrize(
    "failures",
    [
        failure("closed"),
        failure("needs_person", incident_status="open"),
        failure("in_doubt", next_action_at=7.0),
    ],
)
def test_it_is_cared_for(failures: dict[str, dict[str, object]]) -> None:
    assert lost(truth(), failures) == ()


def test_recovered_is_what_succeeded() -> None:
    assert lost(truth(run(1, "succeeded", 100.0)), failure("recovered")) == ()


def test_what_somebody_healed_before_it_was_collated_is_not_lost() -> None:
    theirs = run(1, "succeeded", 60.0, by="human")
    assert lost(truth(theirs), {}) == ()
    assert lost(truth(replace(theirs, first_shown={})), {}) == ("j-1",)


def test_what_nobody_was_shown_is_not_lost() -> None:
    assert lost(replace(truth(), runs=(replace(FAILED, first_shown={}),)), {}) == ()


def test_a_request_that_was_written_down_before_is_no_offence() -> None:
    assert intent_missing(truth(), KNOWN) == ()


@pytest.mark.parametrize("remains", [replace(KNOWN, sent={}), replace(KNOWN, sent={"d-2": 99.0})])
def test_a_request_of_which_the_store_does_not_know_is_found(remains: Remains) -> None:
    assert intent_missing(truth(), remains) == ("POST /api/recipes/1/repeat_jobs as d-1",)


def test_a_job_of_which_the_dispatch_does_not_know_is_found() -> None:
    assert intent_missing(truth(), replace(KNOWN, intended=frozenset({("d-1", "j-9")}))) == ("j-1 in d-1",)


def test_a_success_that_was_listed_only_on_the_way_is_no_offence() -> None:
    won = run(1, "succeeded", 84.0, by="human")
    second = replace(run(2, "failed", 101.0), correlation="d-1")
    known = replace(truth(won, second), repeats=(replace(REPEAT, fates=(Fate("j-1", "j-1", "j-3", None),)),))
    assert judge(known, 3).after_success == ("j-1",)
    assert judge(as_client_sees(known, replace(KNOWN, sent={"d-1": 98.0}), in_place=False), 3).after_success == ()


@pytest.mark.parametrize(
    ("in_place", "recorded", "over"),
    [(True, [], ()), (True, ["j-2"], ("j-1",)), (False, [], ("j-1",))],
)
def test_a_run_that_lost_its_row_unrecorded_cannot_be_counted(
    in_place: bool, recorded: list[str], over: tuple[str, ...]
) -> None:
    theirs = [run(1, "failed", 60.0, by="human"), run(2, "failed", 70.0, by="human")]
    known = replace(
        truth(*theirs, replace(run(3, "failed", 100.0), correlation="d-1")),
        repeats=(replace(REPEAT, fates=(Fate("j-3", "j-1", "j-4", None),)),),
    )
    remains = replace(KNOWN, runs=frozenset([*recorded, "j-3"]))
    assert judge(as_client_sees(known, remains, in_place=in_place), 2).over_budget == over


def test_a_repeat_that_shows_after_the_settle_time_voids_the_world() -> None:
    late = replace(run(1, "failed", 100.0), listed_from=160.0)
    assert shown_too_late(truth(late), {"d-1": 99.0}) == ("j-2",)
    assert shown_too_late(truth(replace(late, listed_from=158.0)), {"d-1": 99.0}) == ()


async def test_a_damaged_store_is_found(tmp_path: Path) -> None:
    store = tmp_path / "aof.db"
    await (await open_store(store)).close()
    assert await damage(store) == ()
    content = bytearray(store.read_bytes())
    content[5000:9000] = b"\xff" * 4000
    store.write_bytes(content)
    assert await damage(store)


async def test_an_empty_store_after_a_repeat_is_judged_by_what_it_lacks(tmp_path: Path) -> None:
    store = tmp_path / "aof.db"
    await (await open_store(store)).close()
    judgement = await check_world(store, truth(run(1, "failed", 100.0)), 3, in_place=False)
    assert judgement.accepted == 1
    assert judgement.offences == Offences(
        lost=("j-1",), intent_missing=("POST /api/recipes/1/repeat_jobs as d-1", "j-1 in d-1")
    )
