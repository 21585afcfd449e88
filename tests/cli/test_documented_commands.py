"""Every command that README and docs show is run, or is on the list of those that cannot be, with the reason."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import typer

from aof_tui.base.errors import AofError
from aof_tui.cli import commands
from tests.cli.documented import (
    DOCUMENTS,
    make_targets,
    make_variables,
    ours,
    shown_in,
    text_of,
    typed,
)
from tests.cli.documented_world import World
from tests.cli.processes import DEADLINE_S
from tests.cli.typist import Ran, Typist, begins, complaints, run_headless, run_words

SCREEN = "it is the screen: tests/cli/test_attach.py and test_terminal.py press its keys in pseudo-terminals"
CAMPAIGN = "it takes minutes to hours; the suite runs it in small"
MACHINE = "it changes the machine it is typed on"
SYSTEMD = "it needs systemd as the first process; tests/test_packaging.py looks at the unit"
OTHERS = "it needs a program of its own and the network"
COMPLETION = "it looks for the shell it is typed in; tests/cli/test_completion.py completes words"
NOT_RUN = {
    "aof-tui": SCREEN,
    "aof-tui run": SCREEN,
    "aof-tui --observe": SCREEN,
    "aof-tui --read-only": SCREEN,
    "aof-tui --install-completion": COMPLETION,
    "aof-tui --show-completion": COMPLETION,
    "aof-tui attach": SCREEN,
    "aof-tui attach --socket": SCREEN,
    "ssh -t host aof-tui attach": "it needs another machine",
    "podman": OTHERS,
    "make demo": SCREEN,
    "make test": "it is the run that this test is part of",
    "make years": CAMPAIGN,
    "make sweep": CAMPAIGN,
    "make crash": CAMPAIGN,
    "make fuzz": CAMPAIGN,
    "make sabotage": CAMPAIGN,
    "make bench": CAMPAIGN,
    "make bench-attach": CAMPAIGN,
    "make bench-unread": CAMPAIGN,
    "pipx install .": OTHERS,
    "uv tool install .": OTHERS,
    "python3 -m venv": OTHERS,
    "pip": "it is no command, but the name of one",
    "~/aof-tui/bin/pip install": OTHERS,
    "/usr/local/lib/aof-tui/bin/pip install": OTHERS,
    "export WORKATO_TOKEN=": "it is a shell's own, and what it sets the test sets",
    "useradd": MACHINE,
    "usermod": MACHINE,
    "install": MACHINE,
    "ln -s": MACHINE,
    "systemctl": SYSTEMD,
    "journalctl": SYSTEMD,
    "systemd-analyze security": SYSTEMD,
}
"""What commands begin with that no test can run here, and why."""

WITHOUT_ENGINE = ("headless", "store recover")
"""Run last, when the engine of the others has ended."""


def listed(shown: str) -> str | None:
    """The entry of the list that a command falls under, if any."""
    words = shown.split()
    entries = [entry for entry in NOT_RUN if words[: len(entry.split())] == entry.split() or shown == entry]
    assigned = [entry for entry in NOT_RUN if entry.endswith("=") and shown.startswith(entry)]
    exact = [entry for entry in entries if entry != "aof-tui" or shown == entry]
    return max((*exact, *assigned), key=len, default=None)


def all_shown() -> list[str]:
    return list(dict.fromkeys(shown for name in DOCUMENTS for shown in shown_in(text_of(name))))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("w"))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in made.environment.items():
            patch.setenv(name, value)
        patch.delenv("XDG_RUNTIME_DIR", raising=False)
        made.start()
        try:
            yield made
        finally:
            made.end()


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_each_curl_gets_an_answer(world: World) -> None:
    world.let_act(True)
    shown = [one for one in all_shown() if one.startswith("curl ")]
    for command in shown:
        words = Typist(world).words(shlex.split(command))
        assert words[1:3] == ["--unix-socket", str(world.socket)], command
        done = subprocess.run(
            [*words, "-sS", "--fail"], capture_output=True, text=True, timeout=DEADLINE_S, check=False
        )
        assert (done.returncode, done.stderr) == (0, ""), command
        assert isinstance(json.loads(done.stdout), dict)
    assert len(shown) >= 3


def test_each_command_of_ours_does_what_is_documented(
    world: World, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    rests = [ours(shown) for shown in all_shown() if listed(shown) is None]
    lines = list({tuple(words): words for rest in rests if rest is not None for words in typed(rest)}.values())
    last = [words for words in lines if any(begins(words, name) for name in WITHOUT_ENGINE)]
    typist = Typist(world)
    wrong = []
    for words in (words for words in lines if words not in last):
        world.let_act(not begins(words, "resume"))
        real = typist.words(words)
        with pytest.MonkeyPatch.context() as patch:
            if begins(words, "init"):
                patch.setenv("AOF_TUI_CONFIG", str(tmp_path / "config.yaml"))
            wrong += complaints(words, run_words(real))
    world.end_engine()
    # The engine first: what is put aside is no longer there for it.
    for words in sorted(last, key=lambda words: words[0]):
        if begins(words, "headless"):
            wrong += complaints(words, run_headless(typist.words(words), world, capfd))
        else:
            wrong += complaints(words, run_words(typist.words(words)))
            world.put_store_back()
    assert "\n".join(wrong) == ""
    assert len(lines) >= 50


@pytest.fixture(scope="module")
def program() -> Callable[[list[str]], object]:
    """The command line as it is, but for what its commands do."""
    root = typer.main.get_command(commands.build())
    waiting = [root]
    while waiting:
        command = waiting.pop()
        command.callback = _nothing
        for option in command.params:
            # Some act as soon as they are read, like the installation of completion.
            option.callback = None
        waiting.extend(getattr(command, "commands", {}).values())

    def run(words: list[str]) -> object:
        return root.main(words, prog_name="aof-tui", standalone_mode=False)

    return run


def _nothing(**_options: object) -> int:
    return 0


def test_what_is_not_run_can_at_least_be_typed(program: Callable[[list[str]], object]) -> None:
    wrong = []
    for shown in all_shown():
        rest = ours(shown)
        if rest is None or listed(shown) is None:
            continue
        try:
            for words in typed(rest):
                program(words)
        except (typer.TyperException, AofError) as error:
            wrong.append(f"{shown}: {error}")
    assert wrong == []


def test_each_make_has_its_target_and_its_variables() -> None:
    shown = [one.split() for one in all_shown() if one.startswith("make ")]
    targets, variables = make_targets(), make_variables()
    for _, target, *settings in shown:
        assert targets[target], target
        assert {setting.partition("=")[0] for setting in settings} <= variables
    assert len(shown) >= 8


def test_nothing_is_shown_that_is_neither_run_nor_listed() -> None:
    assert [
        one for one in all_shown() if listed(one) is None and ours(one) is None and not one.startswith("curl ")
    ] == []


def test_the_list_names_nothing_that_is_not_shown() -> None:
    assert {listed(one) for one in all_shown()} - {None} == set(NOT_RUN)


@pytest.mark.parametrize(
    ("document", "shown"),
    [
        (
            "```\nsudo -u aof-tui A=b aof-tui check --config c  # why\n```",
            ["sudo -u aof-tui A=b aof-tui check --config c"],
        ),
        ("```\nwget x && aof-tui info \\\n  --json\n```", ["wget x", "aof-tui info   --json"]),
        ('```\n# only this\n\n{"url": 1}\n```', []),
        ("```yaml\naof-tui info\n```", []),
        ('```\naof-tui classify "a # b"\n```', ['aof-tui classify "a # b"']),
        ("say `/usr/local/bin/aof-tui log -f` there, or `make x`", ["/usr/local/bin/aof-tui log -f", "make x"]),
        ("`usermod -aG aof-tui ana`", ["usermod -aG aof-tui ana"]),
        ("aof-tui finds `~/aof-tui/bin` and `aof-tui.service`", []),
    ],
)
def test_a_command_is_seen(document: str, shown: list[str]) -> None:
    assert [" ".join(one.split()) for one in shown_in(document)] == [" ".join(one.split()) for one in shown]


@pytest.mark.parametrize(
    ("rest", "lines"),
    [
        (" failures list|show", [["failures", "list"], ["failures", "show"]]),
        (" breakers open\\|close connection:1234", [["breakers", one, "connection:1234"] for one in ("open", "close")]),
        (" failures fallback JOB… [--name NAME]", [["failures", "fallback", "JOB", "--name", "NAME"]]),
        (" log 'a b'", [["log", "a b"]]),
    ],
)
def test_what_is_typed(rest: str, lines: list[list[str]]) -> None:
    assert typed(rest) == lines


@pytest.mark.parametrize("shown", [" failures lst", " status --frobnicate", " failures show"])
def test_a_wrong_one_is_refused(shown: str, program: Callable[[list[str]], object]) -> None:
    (words,) = typed(shown)
    with pytest.raises(typer.TyperException):
        program(words)


@pytest.mark.parametrize(
    ("words", "ran"),
    [
        (["info"], Ran(1, "x\n", "")),
        (["info"], Ran(0, "", "")),
        (["info", "--json"], Ran(0, "7\n", "")),
        (["info", "--json"], Ran(0, "version\n", "")),
        (["classify", "x"], Ran(0, "", "no\n")),
        (["log", "-f"], Ran(0, "x\n", "")),
        (["status"], Ran(3, "x\n", "")),
        (["info"], Ran(0, "Traceback\n", "")),
    ],
)
def test_a_command_that_does_not_do_what_is_documented_is_noticed(words: list[str], ran: Ran) -> None:
    assert len(complaints(words, ran)) == 1


def test_the_words_of_a_command_tell_which_it_is() -> None:
    assert begins(["log", "level:error", "-f"], "log -f")
    assert not begins(["log", "--json"], "log -f")
    assert begins(["store", "recover", "--from", "x"], "store recover")
    assert not begins(["status"], "status --watch")
    assert listed("make bench-other") is None
    assert listed("make years DAYS=30") == "make years"
    assert listed("aof-tui attach --socket x") == "aof-tui attach --socket"
