"""When a message is tried again, and when it is given up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aof_tui.base.randomness import Randomness
from aof_tui.domain.words import OutboxState
from aof_tui.notify.channels import Dead, Delivered, Delivery, Postponed, Trouble
from aof_tui.notify.pipeline import (
    FIRST_RETRY_S,
    LATE_S,
    MAX_AGE_S,
    MAX_AMBIGUOUS,
    MAX_RETRY_S,
    Verdict,
    judge,
    retry_delay,
)

CHANCE = Randomness("seed")
LOST = Postponed(Trouble.NO_ANSWER, "gone", ambiguous=True)
UNREACHED = Postponed(Trouble.NETWORK, "down")

deliveries = st.one_of(
    st.builds(Delivered, st.text(), st.text()),
    st.builds(Dead, st.sampled_from(Trouble), st.text()),
    st.builds(Postponed, st.sampled_from(Trouble), st.text(), st.none() | st.floats(0, 3600), st.booleans()),
)


def judged(delivery: Delivery, attempts: int = 1, age_s: float = 0.0) -> Verdict:
    return judge(
        delivery, attempts=attempts, created_at=1_000.0, now=1_000.0 + age_s, reference="n-1", randomness=CHANCE
    )


@given(deliveries, st.integers(1, 10_000), st.floats(0, 200_000))
def test_a_row_is_pending_exactly_while_it_has_a_next_time(delivery: Delivery, attempts: int, age_s: float) -> None:
    verdict = judged(delivery, attempts, age_s)
    pending = verdict.state is OutboxState.PENDING
    assert pending == (verdict.next_try_at is not None)
    if verdict.next_try_at is not None:
        assert 1_000.0 + age_s < verdict.next_try_at <= 1_000.0 + MAX_AGE_S
    if verdict.state is OutboxState.DEAD:
        assert verdict.alarm
    assert (verdict.trouble is None) == isinstance(delivery, Delivered)


@given(st.lists(st.sampled_from([LOST, UNREACHED, Postponed(Trouble.RATE_LIMITED, "wait", 30.0)]), min_size=1))
def test_every_message_ends(answers: list[Delivery]) -> None:
    now = 0.0
    for attempts in range(1, 2_000):
        verdict = judge(
            answers[attempts % len(answers)],
            attempts=attempts,
            created_at=0.0,
            now=now,
            reference="n",
            randomness=CHANCE,
        )
        if verdict.next_try_at is None:
            assert verdict.trouble is Trouble.EXPIRED
            return
        now = verdict.next_try_at
    raise AssertionError("still pending")


def test_what_arrived_is_done_with_its_warning() -> None:
    assert judged(Delivered("ts", "half")) == Verdict(OutboxState.DELIVERED, None, "ts", "half", None, alarm=False)


def test_what_is_refused_is_dead_and_told_elsewhere() -> None:
    expected = Verdict(OutboxState.DEAD, None, "", "is_archived", Trouble.REFUSED, alarm=True)
    assert judged(Dead(Trouble.REFUSED, "is_archived")) == expected


def test_a_channel_that_is_down_is_probed_and_told_elsewhere_at_once() -> None:
    verdict = judged(Postponed(Trouble.AUTH, "token_revoked"))
    assert verdict.alarm
    assert verdict.next_try_at is not None
    assert MAX_RETRY_S * 0.75 <= verdict.next_try_at - 1_000.0 <= MAX_RETRY_S


def test_a_message_that_waits_long_is_told_elsewhere() -> None:
    assert not judged(UNREACHED, 3, LATE_S - 1).alarm
    assert judged(UNREACHED, 3, LATE_S).alarm


def test_an_unknown_end_is_repeated_few_times_only() -> None:
    assert judged(LOST, MAX_AMBIGUOUS - 1).state is OutboxState.PENDING
    verdict = judged(LOST, MAX_AMBIGUOUS)
    assert (verdict.state, verdict.trouble) == (OutboxState.DEAD, Trouble.EXPIRED)
    assert verdict.error == "given up after 8 attempts: gone"
    assert judged(UNREACHED, MAX_AMBIGUOUS).state is OutboxState.PENDING


def test_a_message_lives_for_a_day() -> None:
    assert judged(UNREACHED, 50, MAX_AGE_S - MAX_RETRY_S).state is OutboxState.PENDING
    assert judged(UNREACHED, 50, MAX_AGE_S).state is OutboxState.DEAD


def test_the_other_side_may_ask_for_more_time() -> None:
    verdict = judged(Postponed(Trouble.RATE_LIMITED, "wait", 1_234.0))
    assert verdict.next_try_at == 1_000.0 + 1_234.0


@given(st.sampled_from(Trouble), st.integers(1, 10_000), st.text())
def test_delays_are_bounded_and_drawn_once(trouble: Trouble, attempts: int, reference: str) -> None:
    delay = retry_delay(trouble, attempts, reference, CHANCE)
    assert FIRST_RETRY_S * 0.75 <= delay <= MAX_RETRY_S
    assert delay == retry_delay(trouble, attempts, reference, Randomness("seed"))


@pytest.mark.parametrize(("attempts", "longest"), [(1, 10), (2, 20), (3, 40), (4, 80), (5, 160), (6, 300), (7, 300)])
def test_delays_double(attempts: int, longest: float) -> None:
    assert longest * 0.75 <= retry_delay(Trouble.NETWORK, attempts, "n", CHANCE) <= longest
