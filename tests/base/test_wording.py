"""Numbers with their noun, and what somebody may have meant."""

from __future__ import annotations

import pytest

from aof_tui.base.wording import counted, nearest, nearest_or_all


@pytest.mark.parametrize(
    ("amount", "words", "said"),
    [
        (0, ("job",), "0 jobs"),
        (1, ("job",), "1 job"),
        (2, ("failed job",), "2 failed jobs"),
        (12_345, ("job",), "12,345 jobs"),
        (1, ("entry", "entries"), "1 entry"),
        (2, ("entry", "entries"), "2 entries"),
    ],
)
def test_a_number_has_its_noun(amount: int, words: tuple[str, ...], said: str) -> None:
    assert counted(amount, *words) == said


def test_the_nearest_name_else_all_of_them() -> None:
    assert nearest("HELDD", ("held", "open")) == ", did you mean held?"
    assert nearest(7, ("held", "open")) == nearest("zzz", ("held", "open")) == ""
    assert nearest_or_all("zzz", ("held", "open")) == "; there are held, open"
    assert nearest_or_all("zzz", ()) == ""
