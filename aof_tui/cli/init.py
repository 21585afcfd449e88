"""`aof-tui init`: writes a first configuration."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import typer

from aof_tui.base.errors import UsageError
from aof_tui.cli.init_questions import questions
from aof_tui.cli.output import say
from aof_tui.config.load import config_path
from aof_tui.config.starter import Answers, render


def run_init(config: Path | None, given: Mapping[str, str], *, force: bool) -> int:
    """Ask where there is a terminal, take defaults where there is none, and write the file."""
    path = config_path(config, os.environ).absolute()
    _refuse_to_overwrite(path, force=force)
    ask, tell = (_ask, say) if sys.stdin.isatty() else (_default, _nothing)
    answers = questions(ask, tell, given)
    _write(path, render(answers), force=force)
    for line in _farewell(path, answers, named=config is not None):
        say(line)
    return 0


def _ask(question: str, default: str) -> str:
    typer.echo(f"{question}{f' [{default}]' if default else ''}: ", nl=False)
    line = sys.stdin.readline()
    if not line:
        raise KeyboardInterrupt
    return line.strip() or default


def _default(question: str, default: str) -> str:
    return default


def _nothing(text: str) -> None:
    return None


def _refuse_to_overwrite(path: Path, *, force: bool) -> None:
    if path.exists() and not force:
        raise UsageError(f"{path} exists already: edit it, or write a new one with --force")


def _write(path: Path, text: str, *, force: bool) -> None:
    """The file whole or not at all, readable by its owner alone."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
            if force:
                fresh.replace(path)
            else:
                os.link(fresh, path)  # fails where a file of this name comes up at this very moment
        finally:
            fresh.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from error


def _farewell(path: Path, answers: Answers, *, named: bool) -> list[str]:
    option = f" --config {path}" if named else ""
    references = [answers.token]
    if answers.slack:
        references.append(answers.slack.token)
    secrets = [
        f"  export {reference.where}=…" if reference.source == "env" else f"  chmod 600 {reference.where}"
        for reference in references
    ]
    return [
        f"Written: {path} (mode: {answers.mode})",
        "Next:",
        *secrets,
        f"  aof-tui check{option}    # tries every connection and says what is missing",
        f"  aof-tui run{option}",
    ]
