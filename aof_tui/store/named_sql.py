"""Loads the SQL statements of this package by their names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from importlib import resources
from types import MappingProxyType

from aof_tui.base.errors import StoreError

_NAME = re.compile(r"--\s*name:\s*(?P<name>\S+)\s*(?P<description>.*)")


def load_statements() -> Mapping[str, str]:
    """All statements of `sql/*.sql` by name. Raises StoreError for a damaged installation."""
    folder = resources.files("aof_tui.store") / "sql"
    files = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".sql")), key=lambda entry: entry.name)
    return parse_statements((entry.name, entry.read_text(encoding="utf-8")) for entry in files)


def parse_statements(files: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Statements by name from (file name, text) pairs.

    `-- name: words_with_underscores` on a line of its own begins a statement, a description may follow the name. Raises
    StoreError for text before the first name, a bad name, an empty statement or a name given twice.
    """
    statements: dict[str, str] = {}
    for file, text in files:
        for name, sql in _split(file, text):
            if name in statements:
                raise StoreError(f"{file}: the SQL statement {name!r} exists twice")
            statements[name] = sql
    return MappingProxyType(statements)


def _split(file: str, text: str) -> Iterable[tuple[str, str]]:
    name = ""
    lines: list[str] = []
    for line in [*text.splitlines(), "-- name: end_of_file"]:
        heading = _NAME.fullmatch(line.strip())
        if heading is None:
            lines.append(line)
            continue
        sql = _without_comments(lines)
        if name and not sql:
            raise StoreError(f"{file}: the SQL statement {name!r} is empty")
        if sql and not name:
            raise StoreError(f"{file}: SQL before the first `-- name:` line")
        if name:
            yield name, sql
        name, lines = heading["name"], []
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            raise StoreError(f"{file}: {name!r} is no name for an SQL statement")


def _without_comments(lines: Iterable[str]) -> str:
    return "\n".join(line for line in lines if not line.lstrip().startswith("--")).strip().removesuffix(";")
