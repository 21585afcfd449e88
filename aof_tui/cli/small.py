"""`aof-tui info`, `schema` and `classify`."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from aof_tui import __version__
from aof_tui.base.errors import AofError
from aof_tui.cli.output import note, print_facts, say
from aof_tui.config.builtin import load_builtin_rules
from aof_tui.config.load import config_path, load_settings
from aof_tui.config.rules import classify_rule
from aof_tui.policy.classify import ClassifyRule
from aof_tui.policy.classify_text import classify_text


def run_info(config: Path | None, *, as_json: bool) -> int:
    """Print version and paths; works also where the configuration is missing or wrong."""
    from aof_tui.cli.reaching import whereabouts
    from aof_tui.cli.run import log_path
    from aof_tui.cli.serving import places_of
    from aof_tui.control.socket_file import answers
    from aof_tui.store.lock import lock_holder

    path = config_path(config, os.environ)
    try:
        settings = load_settings(path)
        store, trouble, places = settings.store, None, places_of(settings, os.environ)
    except AofError as error:
        trouble, found = str(error).partition("\n")[0], whereabouts(path)
        store, places = found.store, found.places
    living = next((place for place in places if answers(place)), None)
    facts: dict[str, object] = {
        "version": __version__,
        "python": sys.version.partition(" ")[0],
        "config": str(path),
        "config_problem": trouble,
        "store": str(store),
        "store_bytes": _size(store),
        "lock_holder": lock_holder(store),
        "socket": str(living or places[0]),
        "engine_answers": living is not None,
        "terminal_log": str(log_path(store)),
    }
    if as_json:
        say(json.dumps(facts, ensure_ascii=False))
    else:
        print_facts([(name.replace("_", " "), _words(value)) for name, value in facts.items()])
    return 0


def _words(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "–" if value is None else str(value)


def _size(store: Path) -> int | None:
    """Bytes of the database with its write-ahead log; None when there is none."""
    files = (store, store.with_name(f"{store.name}-wal"))
    sizes = [file.stat().st_size for file in files if file.is_file()]
    return sum(sizes) if sizes else None


def run_schema(*, socket: bool = False) -> int:
    """Print the JSON Schema of the configuration, or the OpenAPI description of the control socket."""
    from aof_tui.config.schema import schema_json

    if socket:
        from aof_tui.control.openapi import describe

        say(json.dumps(describe(__version__), indent=2, ensure_ascii=False))
        return 0
    say(json.dumps(schema_json(), indent=2, ensure_ascii=False))
    return 0


def run_classify(config: Path | None, texts: Sequence[str]) -> int:
    """Print what the rules say of each text, one JSON object per line."""
    rules = _rules(config)
    for text in texts or _lines():
        say(json.dumps(asdict(classify_text(rules, text)), ensure_ascii=False))
    return 0


def _rules(config: Path | None) -> tuple[ClassifyRule, ...]:
    """The user's rules before the built-in ones; the built-in ones alone where there is no configuration."""
    path = config_path(config, os.environ)
    if config is None and not path.exists():
        return load_builtin_rules()
    return (*(classify_rule(rule) for rule in load_settings(path).classify), *load_builtin_rules())


def _lines() -> Iterable[str]:
    """The lines of standard input that are not empty."""
    if sys.stdin.isatty():
        note("aof-tui: one error text per line; Ctrl-D ends")
    for line in sys.stdin.buffer:
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        if text.strip():
            yield text
