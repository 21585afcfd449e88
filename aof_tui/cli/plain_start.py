"""Recognises the commands that show a screen without the command line's library, which loads for half as long again.

Only what is spelled in the plainest way is taken: all else, and everything that is wrong, is the command line's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType

Given = Mapping[str, str]
Screen = Callable[[], int]

FLAG = ""
OPTIONS: Mapping[str, Given] = MappingProxyType(
    {
        "run": {"--config": "FILE", "--observe": FLAG, "--read-only": FLAG},
        "attach": {"--config": "FILE", "--socket": "PATH", "--read-only": FLAG},
        "demo": {},
    }
)
"""What each command may be given here, and the name of its value."""


def asked_screen(arguments: Sequence[str]) -> Screen | None:
    """What shows the screen that is asked for and returns the exit code; None where this is the command line's."""
    command, *words = arguments or ("run",)
    given = _given(words, OPTIONS[command]) if command in OPTIONS else None
    if given is None:
        return None
    return partial({"run": _run, "attach": _attach, "demo": _demo}[command], given)


def _given(words: Sequence[str], options: Given) -> Given | None:
    found: dict[str, str] = {}
    left = list(words)
    while left:
        word = left.pop(0)
        value = options.get(word)
        if value is None or (value != FLAG and (not left or not left[0] or left[0].startswith("-"))):
            return None
        found[word] = FLAG if value == FLAG else left.pop(0)
    return found


def _path(given: Given, option: str) -> Path | None:
    return Path(given[option]) if option in given else None


def _run(given: Given) -> int:
    from aof_tui.cli.run import run_with_terminal

    observe, read_only = "--observe" in given, "--read-only" in given
    return run_with_terminal(_path(given, "--config"), observe=observe, read_only=read_only)


def _attach(given: Given) -> int:
    from aof_tui.cli.attach import attach

    return attach(_path(given, "--config"), _path(given, "--socket"), read_only="--read-only" in given)


def _demo(_given: Given) -> int:
    from aof_tui.cli.demo import Wish, run_demo

    return run_demo(Wish())
