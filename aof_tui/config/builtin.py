"""The classification rules that come with the program."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import yaml

from aof_tui.domain.words import Category, RepeatChoice
from aof_tui.policy.classify import ClassifyRule

RULES_FILE = "builtin_rules.yaml"

# libyaml, where PyYAML was built with it, reads the file ten times faster.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load_builtin_rules() -> tuple[ClassifyRule, ...]:
    """The built-in rules in the order in which they are tried."""
    text = files("aof_tui.policy").joinpath(RULES_FILE).read_text(encoding="utf-8")
    return tuple(_rule(entry) for entry in yaml.load(text, Loader=_Loader))  # noqa: S506  # it is a safe loader


def _rule(entry: dict[str, Any]) -> ClassifyRule:
    repeat = entry.get("repeat")
    yields_to = entry.get("yields_to", ())
    return ClassifyRule(
        name=entry["name"],
        category=Category(entry["category"]),
        repeat=None if repeat is None else RepeatChoice(repeat),
        http=tuple(entry.get("http", ())),
        error_type=tuple(entry.get("error_type", ())),
        phrases=_phrases(entry.get("phrases", "")),
        unless=_phrases(entry.get("unless", "")),
        yields_to=tuple(Category) if yields_to == "all" else tuple(map(Category, yields_to)),
        unsent=entry.get("unsent", False),
        builtin=True,
    )


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(phrase.strip() for phrase in text.split(",") if phrase.strip())
