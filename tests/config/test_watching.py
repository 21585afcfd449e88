"""Declared rhythms: what may be written, and what policy makes of it."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from aof_tui.config.watching import Silence, silence_rules
from aof_tui.policy.match import Match
from aof_tui.policy.silence import SilenceRule
from tests.harness.virtual import settings


def test_entries_are_rules_in_the_order_of_the_file() -> None:
    written = [
        {"match": {"recipe": [1234567, "Sync payroll"], "tag": ["hourly"]}, "after": "2h"},
        {"match": {"project": ["Finance"]}, "after": "1d"},
    ]
    assert silence_rules(settings(silence=written).silence) == (
        SilenceRule(7200.0, Match(recipe=("1234567", "Sync payroll"), tag=("hourly",))),
        SilenceRule(86_400.0, Match(project=("Finance",))),
    )


def test_nothing_is_declared_by_default() -> None:
    assert settings().silence == ()


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ({"match": {}, "after": "2h"}, "at least one of recipe, project, tag"),
        ({"after": "2h"}, "match"),
        ({"match": {"tag": ["x"]}}, "after"),
        ({"match": {"tag": ["x"]}, "after": "0s"}, "after"),
        ({"match": {"tag": []}, "after": "2h"}, "tag"),
        ({"match": {"category": ["unknown"]}, "after": "2h"}, "category"),
    ],
)
def test_an_entry_that_says_nothing_is_refused(entry: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        Silence.model_validate(entry)
