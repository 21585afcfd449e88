"""Settings of the whole suite."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# How long one example takes says more about the machine than about the code. The same examples each time, so that a
# change is judged by what it changes; HYPOTHESIS_PROFILE=explore looks for new ones.
settings.register_profile("aof-tui", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "aof-tui"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-screens", action="store_true", help="write the screens of tests/tui/screens anew")
