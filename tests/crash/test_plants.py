"""Bugs that are planted in a copy of the sources."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

import pytest

from tests.crash.plants import PLANTS, ROOT, Edit, PlantError, plant


@pytest.mark.parametrize("name", PLANTS)
def test_each_plant_fits_the_present_sources(name: str, tmp_path: Path) -> None:
    paths = {edit.path for edit in PLANTS[name]}
    for path in paths:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, tmp_path / path)
    plant(name, tmp_path)
    for path in paths:
        planted = (tmp_path / path).read_text(encoding="utf-8")
        assert planted != (ROOT / path).read_text(encoding="utf-8")
        ast.parse(planted)


@pytest.mark.parametrize("text", ["", "another line\n", "the line\nthe line\n"])
def test_a_plant_that_does_not_fit_fails(text: str, tmp_path: Path) -> None:
    (tmp_path / "x.py").write_text(text, encoding="utf-8")
    with pytest.raises(PlantError, match=r"x\.py has \d places, not one, like: the line"):
        Edit("x.py", "the line\n", "another line\n").apply(tmp_path)
    assert (tmp_path / "x.py").read_text(encoding="utf-8") == text


def test_a_plant_for_a_file_that_is_gone_fails(tmp_path: Path) -> None:
    with pytest.raises(PlantError):
        Edit("gone.py", "the line\n", "").apply(tmp_path)
