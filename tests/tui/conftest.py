"""The terminal under a pilot, and screens compared as plain text."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.tui.driving import Stage

SCREENS = Path(__file__).parent / "screens"

THUMB = str.maketrans(dict.fromkeys("▁▂▃▄▅▆▇", " "))
"""The end of a scroll bar's thumb, which moves by an eighth of a line with the order of layouts."""

SameScreen = Callable[[Stage, str], Awaitable[None]]


@pytest.fixture
def same_screen(request: pytest.FixtureRequest) -> SameScreen:
    """Waits until the screen is as `screens/NAME.txt` says; `--update-screens` writes what it is instead."""

    async def compare(stage: Stage, name: str) -> None:
        file = SCREENS / f"{name}.txt"

        def shown() -> list[str]:
            return [line.rstrip() for line in stage.text.translate(THUMB).splitlines()]

        if request.config.getoption("--update-screens"):
            file.write_text("\n".join(shown()) + "\n", encoding="utf-8")
        wanted = file.read_text(encoding="utf-8").splitlines()
        with suppress(AssertionError):
            await stage.until(lambda: shown() == wanted)
        assert shown() == wanted

    return compare
