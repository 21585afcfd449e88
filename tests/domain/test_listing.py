"""What the order of a listing tells."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aof_tui.domain.listing import ListFact, facts_of, has_passed, is_by_end, is_new_on_top, lies_before
from aof_tui.domain.model import Run
from aof_tui.domain.words import RunStatus as Status
from tests.domain.builders import run

ORIGINALS = {"j-1": (100.0, 101.0), "j-5": (50.0, 51.0)}


def repeat(job_id: str, start: float, end: float, master: str) -> Run:
    return run(job_id, Status.FAILED, start, master=master, ended=end - start)


LONG = repeat("j-8", 700.0, 950.0, "j-5")
SHORT = repeat("j-9", 800.0, 900.0, "j-1")


def test_a_page_that_contradicts_both_other_orders_proves_the_order_of_ends() -> None:
    facts = facts_of([LONG, SHORT], ORIGINALS)
    assert facts == {ListFact.NOT_BY_START, ListFact.NOT_IN_PLACE}
    assert is_by_end(facts)
    assert not is_by_end(facts | {ListFact.NOT_BY_END})
    assert not is_by_end(facts - {ListFact.NOT_IN_PLACE})


def test_a_page_against_the_order_of_ends_disproves_it() -> None:
    assert facts_of([SHORT, LONG], ORIGINALS) == {ListFact.NOT_BY_END}


def test_times_that_fall_prove_nothing_of_themselves() -> None:
    falling = [repeat("j-9", 800.0, 900.0, "j-1"), repeat("j-8", 700.0, 750.0, "j-5")]
    assert facts_of(falling, ORIGINALS) == frozenset()
    of_originals = [repeat("j-8", 700.0, 950.0, "j-1"), repeat("j-9", 800.0, 900.0, "j-5")]
    assert facts_of(of_originals, ORIGINALS) == {ListFact.NOT_BY_START}


def test_originals_must_be_further_apart_than_showing_takes() -> None:
    page = [repeat("j-9", 800.0, 900.0, "j-5"), repeat("j-8", 700.0, 750.0, "j-1")]
    near = ORIGINALS | {"j-5": (71.0, 72.0)}
    assert facts_of(page, ORIGINALS) == {ListFact.NOT_IN_PLACE}
    assert facts_of(page, near) == frozenset()
    # Rows in place whose originals were shown late may look so, too.
    assert facts_of([LONG, SHORT], near) == {ListFact.NOT_BY_START}


def test_both_times_of_the_originals_must_be_contradicted() -> None:
    page = [repeat("j-9", 800.0, 900.0, "j-5"), repeat("j-8", 700.0, 750.0, "j-1")]
    assert facts_of(page, ORIGINALS | {"j-5": (50.0, 300.0)}) == frozenset()
    assert facts_of(page, ORIGINALS | {"j-1": (10.0, 300.0)}) == frozenset()


def test_rows_that_are_no_neighbours_tell_as_well() -> None:
    page = [repeat(f"j-{number}", 100.0 + 0.9 * number, 900.0, "j-1") for number in range(3)]
    assert facts_of(page, ORIGINALS) == {ListFact.NOT_BY_START}


def test_the_unknown_and_the_unended_prove_nothing_of_the_order() -> None:
    assert facts_of([], ORIGINALS) == frozenset()
    assert facts_of([LONG], ORIGINALS) == frozenset()
    assert facts_of([repeat("j-9", 800.0, 900.0, "j-5"), SHORT], {"j-1": (100.0, 101.0)}) == frozenset()


def test_a_repeat_without_an_end_proves_that_repeats_are_listed_under_way() -> None:
    assert facts_of([run("j-3", Status.PENDING, 1.0)], ORIGINALS) == {ListFact.UNDER_WAY}
    assert facts_of([run("j-1", Status.PENDING, 1.0)], ORIGINALS) == frozenset()
    ended_oddly = Run("7", "j-3", "j-1", Status.UNKNOWN, 1.0, 2.0)
    assert facts_of([ended_oddly], ORIGINALS) == frozenset()


def test_times_that_are_close_may_stand_in_either_order() -> None:
    near = [repeat("j-8", 799.5, 950.0, "j-5"), repeat("j-9", 800.0, 950.5, "j-1")]
    assert facts_of(near, ORIGINALS | {"j-5": (71.0, 72.0)}) == frozenset()


def test_what_is_new_is_on_top_of_lists_in_the_order_of_ends_or_of_starts_that_show_what_is_under_way() -> None:
    needed = frozenset({ListFact.NOT_IN_PLACE, ListFact.UNDER_WAY})
    assert is_new_on_top(needed)
    assert is_new_on_top(needed | {ListFact.NOT_BY_END})
    assert is_new_on_top(needed | {ListFact.NOT_BY_START})
    assert not is_new_on_top(needed | {ListFact.NOT_BY_END, ListFact.NOT_BY_START})
    assert not any(is_new_on_top(needed - {fact}) for fact in needed)


@given(st.data())
def test_no_order_in_which_a_list_stands_is_ever_contradicted(data: st.DataObject) -> None:
    moments = st.floats(0.0, 500.0)
    spans = st.lists(st.tuples(moments, moments, moments, moments), max_size=12)
    originals: dict[str, tuple[float, float]] = {}
    rows: list[Run] = []
    for number, (began, took, waited, ran) in enumerate(data.draw(spans)):
        originals[f"j-{number}"] = (began, began + took)
        start = began + took + waited
        rows.append(repeat(f"r-{number}", start, start + ran, f"j-{number}"))
    places = {
        ListFact.NOT_BY_END: lambda row: row.completed_at,
        ListFact.NOT_BY_START: lambda row: row.started_at,
        ListFact.NOT_IN_PLACE: lambda row: originals[row.master_job_id][0],
    }
    order = data.draw(st.sampled_from(sorted(places)))
    rows.sort(key=places[order], reverse=True)
    assert order not in facts_of(rows, originals)
    rows.sort(key=lambda row: originals[row.master_job_id][1], reverse=True)
    assert ListFact.NOT_IN_PLACE not in facts_of(rows, originals)


def test_what_follows_lies_before_a_read_when_all_ended_before_it_and_nothing_is_open_further_down() -> None:
    assert lies_before([LONG, SHORT], 951.0, None)
    assert not lies_before([LONG, SHORT], 950.0, None)
    assert lies_before([LONG, SHORT], 951.0, 702.0)
    assert not lies_before([LONG, SHORT], 951.0, 701.0)
    assert not lies_before([LONG, run("j-3", Status.PENDING, 1.0)], 951.0, None)
    assert not lies_before([LONG, Run("7", "j-3", "j-1", Status.FAILED, None, 2.0)], 951.0, None)
    assert not lies_before([], 951.0, None)


def test_a_list_has_passed_a_moment_when_a_row_ended_before_it() -> None:
    assert has_passed(SHORT, 901.0)
    assert not has_passed(SHORT, 900.0)
    assert not has_passed(run("j-9", Status.PENDING, 1.0), 1e9)
