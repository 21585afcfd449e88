"""The oracle finds each kind of offence, and none where there is none."""

from __future__ import annotations

import json

from aof_tui.simulator.oracle import final_status, judge, listable_failures, shown_failures
from aof_tui.simulator.truth import Truth
from tests.simulator.worlds import Desk, failing, small


def started(*heals: int | str, **switches: object) -> Desk:
    desk = Desk(small(switches, happenings=failing(*heals)))
    desk.wait(100)
    return desk


def original(desk: Desk) -> str:
    desk.world.advance(desk.now)
    return next(iter(desk.world.lineages))


def repeat(desk: Desk, job_id: str, correlation: str, wait: float) -> None:
    desk.wait(wait)
    assert desk.repeat(job_id, correlation=correlation).status == 200


def newest(desk: Desk) -> str:
    desk.world.advance(desk.now)
    return desk.world.lineages[original(desk)].newest.job_id


def test_an_orderly_client_is_clean() -> None:
    desk = started("never")
    for number in range(3):
        repeat(desk, newest(desk), f"call-{number}", 100)
    verdict = judge(desk.simulator.truth(), max_attempts=3)
    assert verdict.clean
    assert (verdict.accepted, verdict.races) == (3, ())
    assert verdict.accepted_by == {original(desk): {"engine": 3}}
    assert final_status(desk.simulator.truth()) == {original(desk): "failed"}


def test_one_repeat_too_many_is_over_budget() -> None:
    desk = started("never")
    for number in range(4):
        repeat(desk, newest(desk), f"call-{number}", 100)
    truth = desk.simulator.truth()
    assert judge(truth, max_attempts=3).over_budget == (original(desk),)
    assert judge(truth, max_attempts=3, forced={"call-0"}).over_budget == (original(desk),)
    assert judge(truth, max_attempts=3, forced={"call-3"}).clean


def test_repeats_too_many_are_counted_even_when_none_is_listed() -> None:
    desk = started("never", pending_repeat="at_end", visibility_lag=1000)
    for number in range(4):
        repeat(desk, newest(desk), f"call-{number}", 100)
    truth = desk.simulator.truth()
    assert judge(truth, max_attempts=3).over_budget == (original(desk),)
    assert judge(truth, max_attempts=4).over_budget == ()


def test_repeats_of_others_count_once_they_are_listed() -> None:
    for wait, over in ((5, False), (60, True)):
        desk = started("never")
        repeat(desk, newest(desk), "by hand", 0)
        repeat(desk, newest(desk), "call-1", wait)
        verdict = judge(desk.simulator.truth(), max_attempts=1, forced={"by hand"})
        assert (verdict.over_budget == (original(desk),)) == over


def test_a_repeat_after_a_success_is_an_offence_once_it_could_be_known() -> None:
    for lag, after_end, offence in ((0, 5, False), (0, 15, True), (30, 35, False), (30, 45, True)):
        desk = started(1, visibility_lag=lag)
        repeat(desk, original(desk), "call-1", 0)
        run = desk.world.lineages[original(desk)].newest
        repeat(desk, run.job_id, "call-2", run.ends_at + after_end - desk.now)
        verdict = judge(desk.simulator.truth(), max_attempts=5)
        assert verdict.after_success == ((original(desk),) if offence else ())
        assert verdict.races == (() if offence else (original(desk),))


def test_a_repeat_while_one_runs_is_an_offence_once_it_could_be_known() -> None:
    for word, offence in (("at_once", True), ("at_end", False)):
        group = {"key": "orders", "name": "Sync", "connections": ["rest"], "duration": [300, 300]}
        desk = Desk(small({"pending_repeat": word}, groups=[group], happenings=failing("never")))
        desk.wait(400)
        repeat(desk, original(desk), "call-1", 0)
        repeat(desk, newest(desk), "call-2", 60)
        verdict = judge(desk.simulator.truth(), max_attempts=5)
        assert verdict.while_running == ((original(desk),) if offence else ())
        assert verdict.doubled == ()


def test_one_attempt_sent_twice_is_doubled() -> None:
    same_request = started("never")
    repeat(same_request, original(same_request), "call-1", 0)
    repeat(same_request, newest(same_request), "call-1", 100)
    same_base = started("never")
    repeat(same_base, original(same_base), "call-1", 0)
    repeat(same_base, original(same_base), "call-2", 100)
    for desk in (same_request, same_base):
        assert judge(desk.simulator.truth(), max_attempts=5).doubled == (original(desk),)


def test_quota_violations_are_counted() -> None:
    desk = started("never")
    desk.repeat(original(desk))
    desk.repeat(original(desk))
    verdict = judge(desk.simulator.truth(), max_attempts=5)
    assert verdict.quota_violations == 1
    assert not verdict.clean


def test_failures_are_shown_only_when_an_answer_showed_them() -> None:
    desk = started(1, 1)
    truth = desk.simulator.truth()
    assert shown_failures(truth) == ()
    assert len(listable_failures(truth)) == 2
    assert listable_failures(truth, before=truth.start) == ()
    desk.jobs(status="failed")
    truth = desk.simulator.truth()
    assert shown_failures(truth) == listable_failures(truth)
    assert shown_failures(truth, before=truth.now - 1) == ()


def test_the_truth_survives_json() -> None:
    desk = started(1, "never", lost_answer=0.5)
    repeat(desk, original(desk), "call-1", 0)
    desk.jobs()
    desk.simulator.log.addresses["slack"] = "http://127.0.0.1:1/slack/api/"
    truth = desk.simulator.truth()
    assert Truth.from_json(json.loads(json.dumps(truth.to_json()))) == truth
