"""What the runs of a lineage mean."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aof_tui.domain.lineage import Meaning, Source, read_lineage
from aof_tui.domain.model import Attempt, Run
from aof_tui.domain.words import AttemptState as State
from aof_tui.domain.words import RunStatus as Status
from tests.domain.builders import attempt, run

ORIGINAL = run("j-1", Status.FAILED, 100.0)


@pytest.mark.parametrize(
    ("runs", "attempts", "meaning", "decisive"),
    [
        ([ORIGINAL], [], Meaning.FAILED, "j-1"),
        ([ORIGINAL, run("j-2", Status.SUCCEEDED, 200.0)], [], Meaning.RECOVERED, "j-2"),
        ([ORIGINAL, run("j-2", Status.PENDING, 200.0)], [], Meaning.RUNNING, "j-2"),
        ([ORIGINAL, run("j-2", Status.PENDING, None)], [], Meaning.RUNNING, "j-2"),
        ([ORIGINAL, run("j-2", Status.CANCELLED, 200.0)], [], Meaning.CANCELLED, "j-2"),
        ([ORIGINAL, run("j-2", Status.FAILED, 200.0)], [], Meaning.FAILED, "j-2"),
        (
            [ORIGINAL, run("j-2", Status.SUCCEEDED, 200.0), run("j-3", Status.FAILED, 300.0)],
            [],
            Meaning.FAILED_AFTER_SUCCESS,
            "j-3",
        ),
        (
            [ORIGINAL, run("j-2", Status.FAILED, 200.0), run("j-3", Status.SUCCEEDED, 300.0)],
            [],
            Meaning.RECOVERED,
            "j-3",
        ),
        ([ORIGINAL], [attempt(1, State.ACCEPTED)], Meaning.AWAITED, "j-1"),
        ([ORIGINAL], [attempt(1, State.UNKNOWN)], Meaning.DOUBTED, "j-1"),
        ([ORIGINAL], [attempt(1, State.SENDING)], Meaning.DOUBTED, "j-1"),
        ([ORIGINAL], [attempt(1, State.NOT_SENT)], Meaning.FAILED, "j-1"),
        ([ORIGINAL], [attempt(1, State.ABSENT)], Meaning.FAILED, "j-1"),
    ],
)
def test_meaning(runs: list[Run], attempts: list[Attempt], meaning: Meaning, decisive: str) -> None:
    lineage = read_lineage(runs, attempts)
    assert (lineage.meaning, lineage.decisive.job_id) == (meaning, decisive)


def test_a_new_run_belongs_to_the_attempt_that_waits_for_one() -> None:
    runs = [ORIGINAL, run("j-2", Status.FAILED, 200.0), run("j-3", Status.FAILED, 300.0)]
    attempts = [
        attempt(1, State.CONFIRMED, new_job_id="j-2"),
        attempt(2, State.UNKNOWN, baseline=("j-1", "j-2"), forced=True),
    ]
    lineage = read_lineage(runs, attempts)
    assert lineage.claims == {1: "j-2", 2: "j-3"}
    assert lineage.sources == {"j-1": Source.ORIGINAL, "j-2": Source.ENGINE, "j-3": Source.PERSON}
    assert (lineage.repeats, lineage.external) == (2, 0)


def test_a_second_new_run_is_somebody_elses() -> None:
    runs = [ORIGINAL, run("j-2", Status.FAILED, 200.0), run("j-3", Status.FAILED, 300.0)]
    lineage = read_lineage(runs, [attempt(1, State.ACCEPTED)])
    assert lineage.claims == {1: "j-2"}
    assert (lineage.repeats, lineage.external) == (2, 1)


def test_a_run_that_was_known_before_is_not_claimed() -> None:
    runs = [ORIGINAL, run("j-2", Status.FAILED, 200.0)]
    lineage = read_lineage(runs, [attempt(1, State.UNKNOWN, baseline=("j-1", "j-2"))])
    assert lineage.claims == {}
    assert lineage.meaning is Meaning.DOUBTED


@given(st.permutations(range(4)))
def test_the_order_of_reading_does_not_matter(order: list[int]) -> None:
    runs = [
        ORIGINAL,
        run("j-2", Status.FAILED, 200.0),
        run("j-3", Status.FAILED, 300.0),
        run("j-4", Status.PENDING, 400.0),
    ]
    attempts = [attempt(1, State.ACCEPTED), attempt(2, State.UNKNOWN, baseline=("j-1", "j-2"))]
    assert read_lineage([runs[place] for place in order], attempts) == read_lineage(runs, attempts[::-1])


def test_a_run_that_began_before_the_one_that_was_sent_did_not_come_of_it() -> None:
    runs = [ORIGINAL, run("j-2", Status.FAILED, 200.0), run("j-3", Status.FAILED, 300.0)]
    lineage = read_lineage(runs, [attempt(1, State.UNKNOWN, baseline=("j-1", "j-3"), sent_job_id="j-3")])
    assert lineage.claims == {}
    assert lineage.meaning is Meaning.DOUBTED


def test_after_a_success_and_a_failure_a_new_run_is_awaited_like_any_other() -> None:
    runs = [ORIGINAL, run("j-2", Status.SUCCEEDED, 200.0), run("j-3", Status.FAILED, 300.0)]
    known = ("j-1", "j-2", "j-3")
    forced = attempt(1, State.ACCEPTED, forced=True, baseline=known, sent_job_id="j-3")
    assert read_lineage(runs, [forced]).meaning is Meaning.AWAITED
    assert read_lineage([*runs, run("j-4", Status.PENDING, 400.0)], [forced]).meaning is Meaning.RUNNING
    assert read_lineage([*runs, run("j-4", Status.SUCCEEDED, 400.0)], [forced]).meaning is Meaning.RECOVERED


def test_a_run_that_ended_in_an_unknown_state_proves_nothing() -> None:
    odd = replace(run("j-2", Status.UNKNOWN, 200.0), completed_at=210.0)
    assert read_lineage([ORIGINAL, odd], []).meaning is Meaning.CANCELLED
    assert read_lineage([ORIGINAL, run("j-2", Status.UNKNOWN, 200.0)], []).meaning is Meaning.RUNNING
