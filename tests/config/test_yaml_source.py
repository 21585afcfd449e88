"""The file as data: lines, the few scalar rules, and everything that is refused."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aof_tui.base.errors import ConfigError
from aof_tui.config.yaml_source import MAX_BYTES, MAX_DEPTH, MAX_PROBLEMS, Problem, parse, read_text, show


def refusals(text: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        parse(text, "a.yaml")
    return caught.value.problems


def test_every_key_and_entry_knows_its_line() -> None:
    source = parse("a: 1\n\nb:\n  - x\n  -\n    c: |\n      one\n      two\n    d: {e: 5}\n", "a.yaml")
    assert source.data == {"a": 1, "b": ["x", {"c": "one\ntwo\n", "d": {"e": 5}}]}
    places = [("a",), ("b",), ("b", 0), ("b", 1), ("b", 1, "c"), ("b", 1, "d"), ("b", 1, "d", "e")]
    assert [source.line(place) for place in places] == [1, 3, 4, 6, 6, 9, 9]
    assert source.line(("b", 1, "missing", "deeper")) == 6
    assert source.line(("missing",)) == 1


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("false", False),
        ("no", "no"),
        ("on", "on"),
        ("12:30", "12:30"),
        ("0123", "0123"),
        ("1_000", "1_000"),
        ("0x1f", "0x1f"),
        ("2024-01-01", "2024-01-01"),
        ("-7", -7),
        ("0", 0),
        ("0.8", 0.8),
        (".inf", ".inf"),
        ("9" * 5000, "9" * 5000),
        ("'5'", "5"),
        ('"true"', "true"),
    ],
)
def test_plain_words_mean_what_they_look_like(text: str, value: object) -> None:
    data = parse(f"a: {text}", "a.yaml").data
    assert data == {"a": value}
    assert isinstance(data, dict)
    assert type(data["a"]) is type(value)


WORDS = st.text(st.characters(max_codepoint=0xFFFF, exclude_characters="\x7f"), max_size=9)
TREES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)


@given(TREES)
def test_json_is_read_as_json_reads_it(tree: object) -> None:
    assert parse(json.dumps(tree), "a.yaml").data == tree


def test_duplicate_keys_are_kept_for_the_report_with_both_lines() -> None:
    source = parse("a: 1\nb: {c: 1}\na: {x: 1, x: 2}\nb: 5\n", "a.yaml")
    assert source.data == {"a": 1, "b": {"c": 1}}
    assert source.explain(source.problems) == (
        "a.yaml:3: a: is given twice, first on line 1",
        "a.yaml:4: b: is given twice, first on line 2",
    )


def test_a_key_is_a_plain_word() -> None:
    source = parse("{[a, b]: {c: d}, e: f}", "a.yaml")
    assert source.data == {"e": "f"}
    assert source.explain(source.problems) == ("a.yaml:1: the file: a key must be a plain word",)


def test_aliases_anchors_and_tags_are_refused_together() -> None:
    assert refusals("a: &x 1\nb: *x\nc: !!str 5\nd: !!python/object:os.system x\nd: &y 2\n") == (
        "a.yaml:1: anchors (&) are not allowed: leave it out, or put the text in quotes",
        "a.yaml:2: aliases (*) are not allowed: write the value out, or put the text in quotes",
        "a.yaml:3: tags (!) are not allowed: leave it out, or put the text in quotes",
        "a.yaml:4: tags (!) are not allowed: leave it out, or put the text in quotes",
        "a.yaml:5: anchors (&) are not allowed: leave it out, or put the text in quotes",
    )


def test_an_alias_as_a_key_is_refused() -> None:
    assert any("aliases" in problem for problem in refusals("a: &x 1\n*x : 2\n"))


def test_an_alias_bomb_is_refused_in_little_memory() -> None:
    levels = [f"l{level}: &l{level} [{', '.join([f'*l{level - 1}'] * 9)}]\n" for level in range(1, 30)]
    tracemalloc.start()
    try:
        told = refusals('l0: &l0 ["lol"]\n' + "".join(levels))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert told[0].startswith("a.yaml:1: anchors")
    assert peak < 20_000_000


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_nesting_has_a_limit(opening: str) -> None:
    assert refusals(opening * 5000) == (f"a.yaml:1: nested deeper than {MAX_DEPTH} levels",)


def test_nesting_up_to_the_limit_is_read() -> None:
    depth = MAX_DEPTH - 1
    parse("[" * depth + "]" * depth, "a.yaml")
    assert refusals("[" * (depth + 1) + "x" + "]" * (depth + 1)) == (
        f"a.yaml:1: nested deeper than {MAX_DEPTH} levels",
    )


def test_a_large_file_is_refused() -> None:
    assert refusals("#" * (MAX_BYTES + 1)) == ("a.yaml:1: is larger than 1 MB",)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: 1\nb: [1, 2", "a.yaml:2: cannot be read as YAML: it ends too early"),
        ("a: 1\n\tb: 2", "a.yaml:2: cannot be read as YAML: a tab stands where only blanks may"),
        ("a: b: c", "a.yaml:1: cannot be read as YAML: mapping values are not allowed here"),
        ("--- a\n--- b\n", "a.yaml:2: holds a second document"),
        ("a: 1\nb: \x07", "a.yaml:2: holds a character that YAML does not allow"),
        ('a: "\\U00110000"', "a.yaml:1: cannot be read as YAML: an escape names a character that does not exist"),
        ("a: 'b", "a.yaml:1: cannot be read as YAML: it ends too early"),
    ],
)
def test_what_is_no_yaml_is_told_with_its_line(text: str, told: str) -> None:
    assert refusals(text) == (told,)


def test_too_many_problems_are_counted() -> None:
    told = refusals("\n".join(f"k{number}: &a{number} 1" for number in range(MAX_PROBLEMS + 10)))
    assert len(told) == MAX_PROBLEMS + 1
    assert told[-1].endswith("(and 9 more problems)")


def test_a_place_is_shown_as_people_write_it() -> None:
    assert show(("workspaces", 0, "token")) == "workspaces[0].token"
    assert show(()) == ""


def test_a_hostile_key_is_shown_without_harm() -> None:
    assert "\x1b" not in show(("a\x1b[2J\u202e\nb",))
    assert "xoxb" not in show(("xoxb-1234567890-abcdefghij",))
    assert len(show(("k" * 500,))) == 64


def test_problems_are_told_once_in_the_order_of_the_file() -> None:
    source = parse("a: 1\nb: 2\n", "a.yaml")
    doubled = [Problem(("b",), "wrong"), Problem(("a",), "wrong"), Problem(("b",), "wrong")]
    assert source.explain(doubled) == ("a.yaml:1: wrong", "a.yaml:2: wrong")


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"a: 1\nb: \xff", r":2: is not UTF-8 text$"), ("a".encode("utf-16"), r":1: is not UTF-8 text$")],
)
def test_a_file_is_utf8(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=message):
        read_text(path)


def test_a_byte_order_mark_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1")
    assert read_text(path) == "a: 1"


def test_a_file_is_read_up_to_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(b"#" * (MAX_BYTES * 3))
    assert len(read_text(path)) == MAX_BYTES + 1


@pytest.mark.parametrize(
    ("name", "message"), [("absent", "no such file; aof-tui init"), (".", "cannot be read"), ("a\0b", "not a path")]
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        read_text(tmp_path / name)
    assert "\0" not in str(caught.value)
    assert caught.value.exit_code == 2
