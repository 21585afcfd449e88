"""Themes from YAML files: package data in an installed copy, the repository's `themes/` in an editable one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from msgspec import Struct
from textual.color import Color, ColorParseError
from textual.theme import Theme

import aof_tui

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

COLOURS = (
    "primary",
    "secondary",
    "accent",
    "foreground",
    "background",
    "surface",
    "panel",
    "success",
    "warning",
    "error",
)

OWN_VARIABLES: Mapping[str, str] = MappingProxyType(
    {
        "tone-muted": "#8a94a3",
        "tone-ok": "#8fbf7f",
        "tone-info": "#86b3e0",
        "tone-warn": "#e0b567",
        "tone-bad": "#e88b86",
        "tone-alarm": "#ff8f88",
        "tone-mark": "#8fb8de",
        "strip": "#222833",
        "strip-production": "#54212a",
        "strip-stale": "#6b2a10",
        "cursor": "#2c3d55",
        "cursor-blurred": "#232a35",
    }
)
"""What the style sheet uses beyond Textual's own names."""

BUILT_IN = Theme(
    name="aof-dark",
    dark=True,
    primary="#7aa2d6",
    secondary="#5f7f9f",
    accent="#8fb8de",
    foreground="#d5dae2",
    background="#14171c",
    surface="#1a1e25",
    panel="#222833",
    success="#8fbf7f",
    warning="#e0b567",
    error="#e57f7a",
    variables=dict(OWN_VARIABLES),
)
"""What the first screen shows before any file is read: the same as the file of this name, which is used then."""

_KEYS = frozenset({"name", "dark", "colours", "variables"})


class ThemeError(ValueError):
    """A theme file cannot be used; says which and why."""


class Themes(Struct, frozen=True):
    """The themes that could be read, in the order of their names, and what is wrong with the others."""

    good: tuple[Theme, ...]
    problems: tuple[str, ...]


def theme_folder() -> Traversable:
    """Where the themes are."""
    from importlib.resources import files

    packaged = files("aof_tui") / "themes"
    return packaged if packaged.is_dir() else Path(aof_tui.__file__).parent.parent / "themes"


def own_themes() -> Themes:
    """Those that come along."""
    return load_themes(theme_folder())


def load_themes(folder: Traversable) -> Themes:
    """Reads every `*.yaml` of the folder. Never fails."""
    good: list[Theme] = []
    problems: list[str] = []
    for name, text in _texts(folder):
        try:
            good.append(parse_theme(text, name))
        except ThemeError as error:
            problems.append(str(error))
    return Themes(tuple(sorted(good, key=lambda theme: theme.name)), tuple(problems))


def _texts(folder: Traversable) -> Iterator[tuple[str, str]]:
    if folder.is_dir():
        for file in sorted(folder.iterdir(), key=lambda file: file.name):
            if file.name.endswith(".yaml"):
                yield file.name, file.read_bytes().decode("utf-8", "replace")


def parse_theme(text: str, file_name: str) -> Theme:
    """A theme from its YAML text. Raises ThemeError for anything that is not exactly one."""
    import yaml  # After the first screen, which its loading would keep waiting.

    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ThemeError(f"{file_name}: not YAML") from error
    if not isinstance(data, dict):
        raise ThemeError(f"{file_name}: not a mapping")
    _refuse_unknown(data, _KEYS, file_name, "key")
    name, dark = data.get("name"), data.get("dark")
    if not isinstance(name, str) or not isinstance(dark, bool):
        raise ThemeError(f"{file_name}: needs a name, and dark: true or false")
    colours = _strings(data.get("colours"), file_name, "colours")
    variables = _strings(data.get("variables"), file_name, "variables")
    _demand(colours, COLOURS, file_name, "colour")
    _demand(variables, tuple(OWN_VARIABLES), file_name, "variable")
    for key, value in (*colours.items(), *variables.items()):
        _check_colour(key, value, file_name)
    return Theme(
        name=name,
        dark=dark,
        primary=colours["primary"],
        secondary=colours["secondary"],
        accent=colours["accent"],
        foreground=colours["foreground"],
        background=colours["background"],
        surface=colours["surface"],
        panel=colours["panel"],
        success=colours["success"],
        warning=colours["warning"],
        error=colours["error"],
        variables=variables,
    )


def _refuse_unknown(data: dict[str, str], known: frozenset[str], file_name: str, what: str) -> None:
    for key in data:
        if key not in known:
            raise ThemeError(f"{file_name}: unknown {what} {str(key)[:40]!r}")


def _demand(data: dict[str, str], names: tuple[str, ...], file_name: str, what: str) -> None:
    _refuse_unknown(data, frozenset(names), file_name, what)
    for name in names:
        if name not in data:
            raise ThemeError(f"{file_name}: {what} {name} is missing")


def _strings(data: object, file_name: str, what: str) -> dict[str, str]:
    if not isinstance(data, dict) or not all(isinstance(k, str) and isinstance(v, str) for k, v in data.items()):
        raise ThemeError(f"{file_name}: {what} must map names to colours")
    return data


def _check_colour(key: str, value: str, file_name: str) -> None:
    try:
        Color.parse(value)
    except ColorParseError as error:
        raise ThemeError(f"{file_name}: {key}: not a colour: {value[:40]!r}") from error
