"""The terminal under a pilot, and screens compared as plain text."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.tui.driving import Stage

SCREENS = Path(__file__).parent / "screens"

SameScreen = Callable[[Stage, str], Awaitable[None]]


@pytest.fixture
def same_screen(request: pytest.FixtureRequest) -> SameScreen:
    """Waits until the screen is as `screens/NAME.txt` says; `--update-screens` writes what it is instead."""

    async def compare(stage: Stage, name: str) -> None:
        file = SCREENS / f"{name}.txt"
        if request.config.getoption("--update-screens"):
            file.write_text(stage.text + "\n", encoding="utf-8")
        wanted = file.read_text(encoding="utf-8")
        with suppress(AssertionError):
            await stage.until(lambda: stage.text + "\n" == wanted)
        assert stage.text + "\n" == wanted

    return compare
