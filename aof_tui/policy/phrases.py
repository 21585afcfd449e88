"""Texts and phrases as plain words, so that one phrase finds every spelling of itself."""

from __future__ import annotations

import re
from collections.abc import Iterable

MAX_CHARACTERS = 6_000
"""What an error is lies at its beginning; the rest is data and stack."""

_CAMEL = re.compile(r"(?<=[a-z\d])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_APOSTROPHE = re.compile(r"(?<=[a-z])['’](?=(?:t|re|ve|ll|d|m)\b)", re.IGNORECASE)
_NO_WORD = re.compile(r"[\W_]+")
_BETWEEN = "¦"
_GAP = rf"(?: [^ {_BETWEEN}]+){{0,4}}"
_NEVER = re.compile(r"(?!)")


def words_of(text: str) -> str:
    """The text's words in lower case, a blank around each; where camel case is taken apart, both readings in turn."""
    plain = _APOSTROPHE.sub("", text[:MAX_CHARACTERS])
    whole, split = (_NO_WORD.sub(" ", form).strip().casefold() for form in (plain, _CAMEL.sub(" ", plain)))
    return f" {split} " if whole == split else f" {split} {_BETWEEN} {whole} "


def _expression(phrase: str) -> str:
    """One phrase as a pattern over `words_of`: `*` alone is up to four words, at a word's end it is any ending."""
    return "".join(
        _GAP if word == "*" else " " + re.escape(word).replace(r"\*", f"[^ {_BETWEEN}]*")
        for word in phrase.casefold().split()
    )


def compile_phrases(phrases: Iterable[str]) -> re.Pattern[str]:
    """A pattern that finds any of the phrases in `words_of` a text; without phrases it finds nothing."""
    expressions = [_expression(phrase) for phrase in phrases]
    return re.compile(f"(?:{'|'.join(expressions)})(?= )") if expressions else _NEVER
