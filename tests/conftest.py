"""Settings of the whole suite."""

from __future__ import annotations

import pytest
from hypothesis import settings

# How long one example takes says more about the machine than about the code.
settings.register_profile("aof-tui", deadline=None)
settings.load_profile("aof-tui")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-screens", action="store_true", help="write the screens of tests/tui/screens anew")
