"""Which commands the documents show, and what each of them means when it is typed."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from tests.cli.processes import ROOT

DOCUMENTS = ("README.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")))
FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
SHELL = ("", "sh", "bash", "console")
NO_COMMAND = re.compile(r"\s*(?:#.*|\{.*)?")
"""A line of a fence that is a comment, an answer in JSON, or empty."""
PICTURE = re.compile("[\u2190-\u21ff\u2500-\u25ff]")
PROGRAMS = (
    *("aof-tui", "make", "curl", "systemctl", "journalctl", "systemd-analyze", "sudo", "ssh", "pipx", "uv", "pip"),
    *("docker", "podman", "useradd", "usermod", "python3", "eval", "source"),
)
"""With one of them a command in running text begins; in a fence every line is one."""
BEFORE = re.compile(
    r"(?:ExecStart=)?(?:sudo (?:-u \S+ )?)?(?:[A-Z_]+=\S+ )*(?:ssh (?:-t )?host )?(?:podman exec (?:-it )?\S+ )?"
    r"(?:/\S*/bin/)?aof-tui(?P<rest>(?: .*)?)"
)
"""What may stand before the program's name where it is run."""


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def shown_in(text: str) -> Iterator[str]:
    """Every command that a document shows, without comments."""
    for language, block in FENCE.findall(text):
        if language in SHELL and not PICTURE.search(block):
            for line in block.replace("\\\n", " ").splitlines():
                if not NO_COMMAND.fullmatch(line):
                    yield from (part.strip() for part in _without_comment(line).split(" && "))
    for span in SPAN.findall(FENCE.sub("", text)):
        for part in span.split(" && "):
            first = part.split()[0]
            if BEFORE.fullmatch(part) or (first in PROGRAMS and first != "aof-tui"):
                yield part


def _without_comment(line: str) -> str:
    """A # begins a comment only outside of quotes, behind a blank."""
    words = shlex.split(line, comments=True, posix=False)
    return " ".join(words)


def ours(shown: str) -> str | None:
    """What is behind the program's name, where a command runs it on this machine or another."""
    found = BEFORE.fullmatch(shown)
    return found["rest"] if found else None


def typed(rest: str) -> list[list[str]]:
    """The words to type: every combination of alternatives, and what is optional as well."""
    plain = re.sub(r"[\[\]]", "", rest.replace("\\|", "|")).replace("JOB…", "JOB").replace("I7…", "I7")
    choices = [word.split("|") for word in shlex.split(plain)]
    return [list(words) for words in product(*choices)]


def make_targets() -> dict[str, str]:
    """Targets of the Makefile with their recipes."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z][a-z-]*):[^\n]*\n((?:\t[^\n]*\n)*)", makefile, re.MULTILINE))


def make_variables() -> set[str]:
    return set(re.findall(r"^([A-Z]+)\s*\??:?=", Path(ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
