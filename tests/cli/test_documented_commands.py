"""Every `aof-tui …` that a document shows can be typed: its command and its options exist."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator

import pytest
import typer

from aof_tui.base.errors import AofError
from aof_tui.cli import commands
from tests.cli.processes import ROOT

DOCUMENTS = ("README.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")))
FENCE = re.compile(r"^```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
BEFORE = re.compile(
    r"(?:ExecStart=)?(?:sudo (?:-u \S+ )?)?(?:[A-Z_]+=\S+ )*(?:ssh (?:-t )?host )?(?:podman exec (?:-it )?\S+ )?"
    r"(?:/\S*/)?aof-tui(?P<rest>(?: .*)?)"
)
"""What may stand before the program's name where it is run."""
FEWEST = {"README.md": 25, "docs/commands.md": 20, "docs/operations.md": 10}


def shown_in(text: str) -> Iterator[str]:
    """What is behind the program's name, wherever a document runs it; comments left out."""
    for block in FENCE.findall(text):
        yield from (found["rest"] for line in block.splitlines() if (found := BEFORE.fullmatch(line)))
    for span in SPAN.findall(FENCE.sub("", text)):
        if found := BEFORE.fullmatch(span):
            yield found["rest"]


def typed(shown: str) -> list[str]:
    """The words to type: placeholders filled in, and in place of alternatives the help that each of them has."""
    plain = shown.replace("\\|", "|").replace("…", "").replace("COMMAND", "status")
    words = shlex.split(re.sub(r"[\[\]]", "", plain), comments=True)
    if not any("|" in word for word in words):
        return words
    return [*(word.partition("|")[0] for word in words), "--help"]


@pytest.fixture(scope="module")
def program() -> Callable[[list[str]], object]:
    """The command line as it is, but for what its commands do."""
    root = typer.main.get_command(commands.build())
    waiting = [root]
    while waiting:
        command = waiting.pop()
        command.callback = _nothing
        waiting.extend(getattr(command, "commands", {}).values())

    def run(words: list[str]) -> object:
        return root.main(words, prog_name="aof-tui", standalone_mode=False)

    return run


def _nothing(**_options: object) -> int:
    return 0


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_each_can_be_typed(name: str, program: Callable[[list[str]], object]) -> None:
    wrong = []
    for shown in shown_in(text_of(name)):
        try:
            program(typed(shown))
        except (typer.TyperException, AofError) as error:
            wrong.append(f"aof-tui{shown}: {error}")
    assert wrong == []


def test_they_are_found() -> None:
    found = {name: list(shown_in(text_of(name))) for name in DOCUMENTS}
    assert len(found["README.md"]) >= FEWEST["README.md"]
    assert len(found["docs/commands.md"]) >= FEWEST["docs/commands.md"]
    assert len(found["docs/operations.md"]) >= FEWEST["docs/operations.md"]
    assert " simulate --port 0 --seed 7 --scenario demo --speed 60" in found["docs/simulator.md"]


@pytest.mark.parametrize(
    ("document", "rest"),
    [
        ("```\nsudo -u aof-tui A=b aof-tui check --config c  # why\n```", " check --config c  # why"),
        ("```\nssh -t host aof-tui attach\n```", " attach"),
        ("say `/usr/local/bin/aof-tui log -f` there", " log -f"),
        ("`aof-tui`", ""),
    ],
)
def test_a_command_is_seen(document: str, rest: str) -> None:
    assert list(shown_in(document)) == [rest]


@pytest.mark.parametrize("document", ["`usermod -aG aof-tui ana`", "aof-tui finds", "`~/aof-tui/bin/pip install x`"])
def test_other_words_are_none(document: str) -> None:
    assert list(shown_in(document)) == []


@pytest.mark.parametrize("shown", [" failures lst", " status --frobnicate", " failures lst|show", " failures show"])
def test_a_wrong_one_is_refused(shown: str, program: Callable[[list[str]], object]) -> None:
    with pytest.raises(typer.TyperException):
        program(typed(shown))
