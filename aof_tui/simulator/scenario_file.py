"""Reads scenarios: the ones that come with the program by name, others by path."""

from __future__ import annotations

import difflib
from importlib import resources
from pathlib import Path

import yaml
from pydantic import ValidationError

from aof_tui.base.errors import UsageError
from aof_tui.simulator.scenario import Scenario

_FOLDER = resources.files("aof_tui.simulator") / "scenarios"


def scenario_names() -> list[str]:
    """The scenarios that come with the program."""
    return sorted(item.name.removesuffix(".yaml") for item in _FOLDER.iterdir() if item.name.endswith(".yaml"))


def load_scenario(name: str) -> Scenario:
    """The scenario of that name, or in that file when the name ends in `.yaml`. Raises UsageError."""
    if name.endswith((".yaml", ".yml")):
        try:
            text = Path(name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{name}: cannot be read: {error}") from error
        return parse_scenario(text, name)
    names = scenario_names()
    if name not in names:
        near = difflib.get_close_matches(name, names, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(names)}"
        raise UsageError(f"no scenario is called {name!r}; {hint}")
    return parse_scenario((_FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), f"{name}.yaml")


def parse_scenario(text: str, source: str = "scenario") -> Scenario:
    """The scenario that the YAML text describes. Raises UsageError with every fault found."""
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise UsageError(f"{source}: not YAML: {' '.join(str(error).split())}") from error
    try:
        return Scenario.model_validate(content)
    except ValidationError as error:
        faults = [f"{_place(fault['loc'])}: {fault['msg']}" for fault in error.errors()]
        raise UsageError(f"{source}: " + "; ".join(faults)) from error


def _place(location: tuple[int | str, ...]) -> str:
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return path.removeprefix(".") or "scenario"
