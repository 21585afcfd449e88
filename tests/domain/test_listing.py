"""What the order of a listing tells."""

from __future__ import annotations

from aof_tui.domain.listing import has_passed, keeps_place
from aof_tui.domain.words import RunStatus as Status
from tests.domain.builders import run

BEGAN = {"j-1": 100.0, "j-5": 50.0}


def test_repeats_in_the_order_of_their_own_time_are_rows_of_their_own() -> None:
    rows = [
        run("j-9", Status.FAILED, 900.0, master="j-5"),
        run("j-8", Status.FAILED, 800.0, master="j-1"),
    ]
    assert keeps_place(rows, BEGAN) is False


def test_repeats_in_the_order_of_their_originals_keep_their_place() -> None:
    rows = [
        run("j-8", Status.FAILED, 800.0, master="j-1"),
        run("j-9", Status.FAILED, 900.0, master="j-5"),
    ]
    assert keeps_place(rows, BEGAN) is True


def test_an_order_that_fits_both_or_rests_on_the_unknown_tells_nothing() -> None:
    one = run("j-9", Status.FAILED, 900.0, master="j-1")
    assert keeps_place([one], BEGAN) is None
    assert keeps_place([one, run("j-8", Status.FAILED, 800.0, master="j-5")], BEGAN) is None
    stranger = run("j-7", Status.FAILED, 950.0, master="j-2")
    assert keeps_place([one, stranger], BEGAN) is None
    assert keeps_place([run("j-3", Status.PENDING, 1.0), one], BEGAN) is None


def test_a_list_has_passed_a_moment_when_a_row_ended_or_its_lineage_began_before() -> None:
    ended = run("j-9", Status.FAILED, 900.0, master="j-5")
    assert has_passed(ended, 902.0, {})
    assert not has_passed(ended, 901.0, {})
    assert has_passed(ended, 51.0, BEGAN)
    assert not has_passed(ended, 50.0, BEGAN)
    assert not has_passed(run("j-9", Status.PENDING, 1.0), 1e9, BEGAN)
