"""The import order, guarded twice: by import-linter's contracts, and by what a headless engine really loads."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent

LOAD = """
import importlib, pkgutil, sys
for name in sys.argv[1:]:
    module = importlib.import_module(name)
    for inner in pkgutil.walk_packages(getattr(module, "__path__", ()), f"{name}."):
        importlib.import_module(inner.name)
print(*sorted({name.partition(".")[0] for name in sys.modules}), sep="\\n")
"""

HEADLESS = ("aof_tui.cli.main", "aof_tui.cli.headless")
BELOW_THE_TERMINAL = (
    "base",
    "domain",
    "policy",
    "config",
    "control",
    "workato",
    "store",
    "notify",
    "engine",
    "simulator",
)


def contracts() -> list[dict[str, Any]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = settings["tool"]["importlinter"]["contracts"]
    return found


def loaded_by(*modules: str) -> set[str]:
    """The top-level packages in memory after a fresh interpreter imported these modules, and those inside of them."""
    command = [sys.executable, "-c", LOAD, *modules]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_import_contracts_are_kept() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [linter, "--no-cache", "--no-logo"], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Contracts: {len(contracts())} kept, 0 broken." in done.stdout


def test_no_contract_makes_exceptions() -> None:
    assert contracts()
    assert not [
        contract["name"] for contract in contracts() if any(key.startswith(("ignore", "unmatched")) for key in contract)
    ]


def test_every_package_has_its_layer() -> None:
    (layers,) = [contract["layers"] for contract in contracts() if contract["type"] == "layers"]
    placed = {package.strip() for layer in layers for package in layer.split("|")}
    assert placed == {path.parent.name for path in (ROOT / "aof_tui").glob("*/__init__.py")}


def test_headless_loads_no_textual() -> None:
    loaded = loaded_by(*HEADLESS)
    assert "aof_tui" in loaded
    assert "textual" not in loaded


@pytest.mark.parametrize("package", BELOW_THE_TERMINAL)
def test_no_package_below_the_terminal_loads_textual(package: str) -> None:
    assert not loaded_by(f"aof_tui.{package}") & {"textual", "typer"}


def test_terminal_loads_no_engine() -> None:
    assert not loaded_by("aof_tui.tui") & {"aiosqlite", "slack_sdk", "aiosmtplib"}
