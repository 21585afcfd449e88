"""What the order of a listing tells."""

from __future__ import annotations

from aof_tui.domain.listing import has_passed, is_in_order_of_end
from aof_tui.domain.model import Run
from aof_tui.domain.words import RunStatus as Status
from tests.domain.builders import run

BEGAN = {"j-1": 100.0, "j-5": 50.0}


def repeat(job_id: str, start: float, end: float, master: str) -> Run:
    return run(job_id, Status.FAILED, start, master=master, ended=end - start)


LONG = repeat("j-8", 700.0, 950.0, "j-5")
SHORT = repeat("j-9", 800.0, 900.0, "j-1")


def test_a_page_that_contradicts_both_other_orders_proves_the_order_of_ends() -> None:
    assert is_in_order_of_end([LONG, SHORT], BEGAN) is True


def test_a_page_against_the_order_of_ends_disproves_it() -> None:
    assert is_in_order_of_end([SHORT, LONG], BEGAN) is False


def test_what_fits_the_order_of_starts_or_of_originals_proves_nothing() -> None:
    by_start = [repeat("j-9", 800.0, 900.0, "j-5"), repeat("j-8", 700.0, 750.0, "j-1")]
    assert is_in_order_of_end(by_start, BEGAN) is None
    of_originals = [repeat("j-8", 700.0, 950.0, "j-1"), repeat("j-9", 800.0, 900.0, "j-5")]
    assert is_in_order_of_end(of_originals, BEGAN) is None


def test_the_unknown_and_the_unended_prove_nothing() -> None:
    assert is_in_order_of_end([], BEGAN) is None
    assert is_in_order_of_end([LONG], BEGAN) is None
    assert is_in_order_of_end([LONG, SHORT], {"j-1": 100.0}) is None
    assert is_in_order_of_end([run("j-3", Status.PENDING, 1.0), LONG], BEGAN) is None


def test_times_that_are_close_may_stand_in_either_order() -> None:
    near = [repeat("j-8", 799.5, 950.0, "j-5"), repeat("j-9", 800.0, 950.5, "j-1")]
    assert is_in_order_of_end(near, BEGAN) is None


def test_a_list_has_passed_a_moment_when_a_row_ended_before_it() -> None:
    assert has_passed(SHORT, 901.0)
    assert not has_passed(SHORT, 900.0)
    assert not has_passed(run("j-9", Status.PENDING, 1.0), 1e9)
