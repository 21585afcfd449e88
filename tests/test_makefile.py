"""The first `make` says what it waits for; the next ones say nothing."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PYTHON = """\
#!/bin/sh
case "$*" in
  "-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
esac
"""
"""Takes the place of Python: makes a directory that looks like an environment, and installs nothing."""


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_the_first_run_says_that_it_sets_up_and_later_ones_do_not(tmp_path: Path) -> None:
    for name in ("Makefile", "requirements-dev.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    python = tmp_path / "python"
    python.write_text(PYTHON, encoding="utf-8")
    python.chmod(0o755)

    def make() -> list[str]:
        words = ("make", "--silent", "--no-print-directory", "setup", f"PYTHON={python}")
        done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True)
        assert done.stdout == ""
        return done.stderr.splitlines()

    (line,) = make()
    assert line.startswith("Setting up .venv: ")
    assert make() == []
    (tmp_path / "requirements-dev.lock").touch()
    assert make() == [line]
