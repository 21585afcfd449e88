from __future__ import annotations

import hashlib
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aof_tui.base.durations import human_duration, parse_duration
from aof_tui.base.text import clean, cut, display_width, one_line, truncate_cells

ANY = st.text(st.characters(exclude_categories=()), max_size=300)


def harmful(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") and char not in "\n\t"


@given(ANY)
def test_clean_text_holds_nothing_that_acts_or_hides(text: str) -> None:
    cleaned = clean(text)
    assert not any(map(harmful, cleaned))
    assert clean(cleaned) == cleaned


def test_every_harmful_character_of_unicode_is_replaced() -> None:
    harmful_ones = [char for char in map(chr, range(sys.maxunicode + 1)) if harmful(char)]
    assert not any(map(harmful, clean("".join(harmful_ones))))


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("plain\ttext\n", "plain\ttext\n"),
        ("a\r\nb\rc", "a\nb␍c"),
        ("\x1b]0;owned\x07", "␛]0;owned␇"),
        ("\x7f\x9b31m", "␡\ufffd31m"),
        ("abc\u202edef\u200b", "abc\ufffddef\ufffd"),
        ("\ud83d\ude00", "😀"),
        ("\ud83d!", "\ufffd!"),
        ("é ü 漢字", "é ü 漢字"),
    ],
)
def test_clean_shows_what_was_there(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@given(ANY)
def test_one_line_is_one_line(text: str) -> None:
    line = one_line(text)
    assert "\n" not in line
    assert "  " not in line
    assert one_line(line) == line


def test_short_text_is_not_cut() -> None:
    assert cut("x" * 30, head=20, tail=10) == "x" * 30


def test_cut_text_keeps_both_ends_its_length_and_a_digest() -> None:
    text = "a" * 20_000 + "b" * 20_000
    shortened = cut(text)
    assert len(shortened) == 16_384 + 4_096
    assert shortened.startswith("aaa")
    assert shortened.endswith("bbb")
    assert "40000 characters" in shortened
    assert f"sha256 {hashlib.sha256(text.encode()).hexdigest()[:16]}›" in shortened
    assert cut(text + "b") != shortened


@given(ANY, st.integers(100, 200), st.integers(0, 100))
def test_cutting_twice_changes_nothing_more(text: str, head: int, tail: int) -> None:
    once = cut(text * 3, head, tail)
    assert len(once) <= head + tail
    assert cut(once, head, tail) == once


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("", 0),
        ("abc", 3),
        ("漢字", 4),
        ("é", 1),
        ("e\u0301", 1),
        ("👍🏽", 4),
        ("❤\ufe0f", 2),
        ("🇩🇪", 2),
        ("\uff41", 2),
    ],
)
def test_width_counts_cells(text: str, width: int) -> None:
    assert display_width(text) == width


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdef", 4, "abc…"),
        ("abcdef", 1, "…"),
        ("abcdef", 0, ""),
        ("漢字漢字", 5, "漢字…"),
        ("漢字漢字", 4, "漢…"),
        ("漢字", 4, "漢字"),
        ("e\u0301e\u0301e\u0301", 2, "e\u0301…"),
        ("🇩🇪🇫🇷", 3, "🇩🇪…"),
        ("👩\u200d👩x漢", 5, "👩\u200d👩…"),
    ],
)
def test_truncation_never_halves_a_character(text: str, width: int, expected: str) -> None:
    assert truncate_cells(text, width) == expected


@given(ANY, st.integers(0, 80))
def test_truncated_text_fits(text: str, width: int) -> None:
    shortened = truncate_cells(text, width)
    assert display_width(shortened) <= width
    assert shortened == text or shortened == "" or shortened.endswith("…")


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("5m", 300), ("1.5h", 5_400), ("14d", 1_209_600), (" 10 m ", 600), ("0s", 0)]
)
def test_durations_are_read(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "5", "m", "-5m", "5w", "1h30m", "1e3s", "٣m", "5 minutes", "nan s"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0s"),
        (0.9, "0s"),
        (-0.5, "0s"),
        (8, "8s"),
        (245, "4m 05s"),
        (9_000, "2h 30m"),
        (273_600, "3d 04h"),
        (-65, "-1m 05s"),
    ],
)
def test_durations_are_shown(seconds: float, shown: str) -> None:
    assert human_duration(seconds) == shown
