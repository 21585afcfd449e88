"""Says on what a figure was measured."""

from __future__ import annotations

import os
import platform
import sqlite3


def describe_machine() -> str:
    """One line: processors, load, system, Python, SQLite."""
    load = " ".join(f"{value:.2f}" for value in os.getloadavg())
    return (
        f"{os.cpu_count()} processors, load {load}, {platform.system()} {platform.release()} {platform.machine()}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    )
