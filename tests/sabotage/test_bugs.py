"""The planted bugs fit the present sources, so that a change of them is noticed where it is made."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

import pytest

from tests.crash.plants import ROOT
from tests.sabotage.bugs import BUGS, Bug


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_each_bug_fits_and_is_caught_by_a_test_that_exists(bug: Bug, tmp_path: Path) -> None:
    for path in {edit.path for edit in bug.edits}:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, tmp_path / path)
    for edit in bug.edits:
        edit.apply(tmp_path)
        planted = (tmp_path / edit.path).read_text(encoding="utf-8")
        if edit.path.endswith(".py"):
            ast.parse(planted)
    for check in bug.checks:
        path, _, name = check.partition("::")
        assert f"def {name.partition('[')[0]}(" in (ROOT / path).read_text(encoding="utf-8")


def test_there_are_bugs_enough_with_names_of_their_own() -> None:
    assert len({bug.name for bug in BUGS}) == len(BUGS) >= 16
