"""What a counter says and what a list shows, reconciled by properties."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aof_tui.policy.account import REREADS_S, Account, settle_account

COUNTS = st.integers(0, 50)


def test_the_first_walk_begins_the_account() -> None:
    assert settle_account(Account(None), 7, 3) == Account(7)


@given(COUNTS, COUNTS, COUNTS)
def test_what_is_shown_as_soon_as_it_is_counted_is_never_read_again(count: int, grown: int, more: int) -> None:
    settled = settle_account(Account(count), count + grown, grown + more)
    assert settled.wait_s is None
    assert settled.missing <= 0
    # What was listed before it was counted is not missed when it is.
    assert settle_account(settled, count + grown + more, 0).wait_s is None


@given(COUNTS, st.integers(1, 50), COUNTS)
def test_what_is_counted_and_not_shown_is_looked_for_again_and_then_given_up(
    count: int, missing: int, fresh: int
) -> None:
    account = settle_account(Account(count), count + missing + fresh, fresh)
    waits = []
    while account.wait_s is not None:
        waits.append(account.wait_s)
        account = settle_account(account, count + missing + fresh, 0)
    assert tuple(waits) == REREADS_S
    assert account == Account(count + missing + fresh)


@given(COUNTS, st.integers(1, 50))
def test_what_shows_late_ends_the_search(count: int, missing: int) -> None:
    account = settle_account(Account(count), count + missing, 0)
    assert settle_account(account, count + missing, missing).wait_s is None


@given(st.integers(1, 50), st.integers(1, 50))
def test_a_counter_that_falls_asks_for_nothing(count: int, healed: int) -> None:
    assert settle_account(Account(count), max(0, count - healed), 0).wait_s is None
