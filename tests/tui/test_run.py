"""Where no terminal is, the program says so and begins nothing."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from aof_tui.base.errors import UsageError
from aof_tui.tui.run import require_terminal
from tests.tui.pty_harness import ROOT

STARTS = [sys.executable, "-m", "tests.tui.program"]


def test_not_a_terminal(tmp_path: Path) -> None:
    ended = subprocess.run([*STARTS, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr == "aof-tui: this is not a terminal: use aof-tui headless\n"
    assert not (tmp_path / "beats").exists()


@pytest.mark.parametrize("term", ["dumb", "", None])
def test_a_terminal_that_can_draw_nothing(monkeypatch: pytest.MonkeyPatch, term: str | None) -> None:
    master, slave = pty.openpty()
    try:
        with os.fdopen(slave, "r", closefd=False) as terminal:
            for stream in ("stdin", "stdout", "stderr"):
                monkeypatch.setattr(sys, stream, terminal)
            with pytest.raises(UsageError, match="aof-tui headless"):
                require_terminal({} if term is None else {"TERM": term})
            require_terminal({"TERM": "xterm"})
            monkeypatch.undo()
    finally:
        os.close(master)
        os.close(slave)


def test_the_terminal_imports_no_engine(tmp_path: Path) -> None:
    asked = "import sys, aof_tui.tui.run as _; print(sorted(n for n in sys.modules if n in sys.argv[1:]))"
    heavy = ["httpx", "aiohttp", "aiosqlite", "sqlite3", "slack_sdk", "pydantic", "aiosmtplib", "typer"]
    told = subprocess.run([sys.executable, "-c", asked, *heavy], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
