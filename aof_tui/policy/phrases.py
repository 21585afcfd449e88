"""Texts and phrases as plain words, so that one phrase finds every spelling of itself."""

from __future__ import annotations

import re
from collections.abc import Iterable

MAX_CHARACTERS = 6_000
"""What an error is lies at its beginning; the rest is data and stack."""

_CAMEL = re.compile(r"(?<=[a-z\d])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_APOSTROPHE = re.compile(r"(?<=[a-z])['’](?=(?:t|re|ve|ll|d|m)\b)", re.IGNORECASE)
_NO_WORD = re.compile(r"[\W_]+")
_NEGATED = re.compile(
    r"\b(can(?=not|t)|(?:could|do|does|did|is|are|was|were|has|have|would|should|must)(?=nt))(?:not|nt|t)\b"
)
_BETWEEN = "¦"
_GAP = rf"(?: [^ {_BETWEEN}]+){{0,5}}"


def words_of(text: str) -> str:
    """The text's words in lower case, a blank around each; where camel case is taken apart, both readings in turn."""
    plain = _APOSTROPHE.sub("", text[:MAX_CHARACTERS])
    whole, split = (_spelled_out(_NO_WORD.sub(" ", form).strip()) for form in (plain, _CAMEL.sub(" ", plain)))
    return f" {split} " if whole == split else f" {split} {_BETWEEN} {whole} "


def _spelled_out(words: str) -> str:
    """In lower case, with `can't`, `cannot` and their like as two words."""
    return _NEGATED.sub(r"\1 not", words.casefold())


class Words:
    """A text's words, prepared for many searches."""

    def __init__(self, text: str) -> None:
        self.line = words_of(text)
        self.all = frozenset(self.line.split())


class Phrases:
    """Phrases to search for together. In a phrase `*` alone is up to five words, at a word's end any ending."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._plain: dict[str, list[str]] = {}
        self._starred: dict[str, list[str]] = {}
        loose: list[str] = []
        for phrase in map(_spelled_out, phrases):
            literal = [word for word in phrase.split() if "*" not in word]
            if not literal:
                loose.append(phrase)
            else:
                group = self._starred if "*" in phrase else self._plain
                group.setdefault(max(literal, key=len), []).append(f" {phrase} ")
        self._loose = _pattern(loose) if loose else None
        self._patterns: dict[str, re.Pattern[str]] = {}

    def found_in(self, words: Words) -> bool:
        """Whether one of the phrases occurs; only those with a word of the text are looked at closer."""
        for word in self._plain.keys() & words.all:
            if any(phrase in words.line for phrase in self._plain[word]):
                return True
        for word in self._starred.keys() & words.all:
            if self._starred_pattern(word).search(words.line):
                return True
        return self._loose is not None and self._loose.search(words.line) is not None

    def _starred_pattern(self, word: str) -> re.Pattern[str]:
        # Compiled when first needed: most phrases never are.
        if word not in self._patterns:
            self._patterns[word] = _pattern(self._starred[word])
        return self._patterns[word]


def _pattern(phrases: Iterable[str]) -> re.Pattern[str]:
    return re.compile(f"(?:{'|'.join(map(_expression, phrases))})(?= )")


def _expression(phrase: str) -> str:
    return "".join(
        _GAP if word == "*" else " " + re.escape(word).replace(r"\*", f"[^ {_BETWEEN}]*") for word in phrase.split()
    )
