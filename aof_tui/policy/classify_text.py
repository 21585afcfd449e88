"""The classification of a bare error text, for trying the rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from aof_tui.domain.words import Category, RepeatChoice
from aof_tui.policy.classify import ClassifyRule, classify
from aof_tui.policy.error_text import parse_error
from aof_tui.policy.fingerprint import fingerprint


@dataclass(frozen=True, slots=True)
class TextVerdict:
    """What the rules say of a text; `text` is cleaned and redacted."""

    text: str
    category: Category
    repeat: RepeatChoice
    rule: str
    fingerprint: str


def classify_text(rules: Iterable[ClassifyRule], text: str) -> TextVerdict:
    """The verdict on a text as Workato puts it in `error`: plain, or a JSON string of parts."""
    error = parse_error(text)
    found = classify(rules, error)
    return TextVerdict(error.text, found.category, found.choice, found.rule, fingerprint(error))
