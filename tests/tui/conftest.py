"""The terminal under a pilot, and screens compared as plain text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tui.driving import Stage

SCREENS = Path(__file__).parent / "screens"

SameScreen = Callable[[Stage, str], None]


@pytest.fixture
def same_screen(request: pytest.FixtureRequest) -> SameScreen:
    """Compares what is on the screen with `screens/NAME.txt`; `--update-screens` writes it instead."""

    def compare(stage: Stage, name: str) -> None:
        file = SCREENS / f"{name}.txt"
        if request.config.getoption("--update-screens"):
            file.write_text(stage.text + "\n", encoding="utf-8")
        assert stage.text + "\n" == file.read_text(encoding="utf-8")

    return compare
