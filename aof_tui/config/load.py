"""From a file to settings: where the file lies, and all that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_config_path
from pydantic import ValidationError

from aof_tui.base.text import one_line
from aof_tui.config.crosschecks import advice, reference_problems
from aof_tui.config.problems import value_problems
from aof_tui.config.settings import Settings
from aof_tui.config.yaml_source import Problem, Source, parse, read_text

ENVIRONMENT_VARIABLE = "AOF_TUI_CONFIG"


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings, and what is allowed in their file but hardly meant: `file:line: message`."""

    settings: Settings
    warnings: tuple[str, ...]
    source: Source

    def explain(self, problems: Iterable[Problem]) -> tuple[str, ...]:
        """What only shows when the settings are used, as `file:line: message`."""
        return self.source.explain(problems)


def config_path(given: Path | None, environ: Mapping[str, str]) -> Path:
    """The file to read: the one given, else `$AOF_TUI_CONFIG`, else the user's own."""
    if given is not None:
        return given
    named = environ.get(ENVIRONMENT_VARIABLE)
    return Path(named) if named else user_config_path("aof-tui", appauthor=False) / "config.yaml"


def load(path: Path) -> Loaded:
    """Read a configuration file. ConfigError names everything that is wrong with it, each with file and line."""
    return load_text(read_text(path), one_line(str(path)), path.absolute().parent)


def load_settings(path: Path) -> Settings:
    """The settings of a configuration file; ConfigError as from `load`."""
    return load(path).settings


def load_text(text: str, name: str, folder: Path) -> Loaded:
    """Read the text of a file called `name`; relative paths in it are taken from `folder`."""
    source = parse(text, name)
    if source.data is None:
        raise source.error((Problem((), "the file is empty; aof-tui init writes one"),))
    noted = (*source.problems, *reference_problems(source.data))
    outcome = _validated(source.data, folder)
    if isinstance(outcome, Settings) and not noted:
        return Loaded(outcome, source.explain(advice(outcome)), source)
    raise source.error(noted if isinstance(outcome, Settings) else (*noted, *outcome))


def _validated(data: object, folder: Path) -> Settings | tuple[Problem, ...]:
    try:
        return Settings.model_validate(data, context={"folder": folder})
    except ValidationError as error:
        return tuple(value_problems(error, Settings))
