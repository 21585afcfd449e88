"""The program's edge: help, usage errors, and how everything that goes wrong ends."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from aof_tui import __version__
from aof_tui.base.errors import AofError, ConfigError, StoreHeldError
from aof_tui.cli import main as edge
from aof_tui.cli.main import main
from tests.cli.processes import ROOT, command, environment, run

COMMANDS = (
    (), ("run",), ("headless",), ("attach",), ("demo",), ("simulate",), ("init",), ("check",), ("info",), ("schema",),
    ("classify",), ("status",), ("failures",), ("failures", "list"), ("failures", "show"), ("incidents",),
    ("incidents", "list"), ("incidents", "show"), ("log",), ("notifications",), ("report",), ("why",),
    ("store",), ("store", "recover"), ("failures", "retry"), ("failures", "close"), ("failures", "fallback"),
    ("incidents", "ack"), ("incidents", "snooze"), ("incidents", "assign"), ("pause",), ("resume",), ("breakers",),
    ("breakers", "open"), ("breakers", "list"),
)  # fmt: skip


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_help_is_short(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*words, "--help"]) == 0
    text = capsys.readouterr().out
    assert "Usage: aof-tui" in text
    assert len(text.splitlines()) <= 45
    assert "..." not in re.sub(r"[A-Z]+\]?\.\.\.", "", text)


def test_every_command_is_documented(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--help"])
    listed = re.findall(r"^  ([a-z]+) ", capsys.readouterr().out.partition("Commands:")[2], re.MULTILINE)
    told = "".join((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "docs/commands.md"))
    assert len(listed) == 21
    assert [name for name in listed if f"aof-tui {name}" not in told and name != "run"] == []


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"aof-tui {__version__}\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["headles"], "did you mean 'headless'?"),
        (["headless", "--confg", "x"], "--config"),
        (["failures", "lst"], "did you mean 'list'?"),
        (["failures"], "missing command"),
        (["demo", "--speed", "fast"], "--speed"),
        (["demo", "--headless", "--speed", "0"], "--speed must be above 0"),
        (["demo", "--for", "60s"], "--for goes with --headless"),
        (["demo", "--headless", "--for", "0s"], "--for must be a duration"),
        (["--observe", "status"], "status has no option --observe: it belongs to run and headless"),
        (["--config", "c.yaml", "demo"], "demo has no option --config\n"),
        (["--read-only", "failures", "retry", "j"], "failures has no option --read-only: it belongs to run, headless"),
        (["--read-only", "attach"], "options come after the command: aof-tui attach --read-only"),
        (
            ["failures", "list", "shop", "-test"],
            "; put -- before a filter that has a word with -: aof-tui failures",
        ),
        (["failures", "show", "-test"], "no such option: -t (see"),
        (["--config", "c.yaml", "statsu"], "did you mean 'status'?"),
        (["--config", "/nowhere.yaml", "failures", "list"], "/nowhere.yaml: there is no such file"),
        (["run"], "use aof-tui headless"),
        ([], "use aof-tui headless"),
        (["demo"], "use aof-tui headless"),
    ],
)
def test_wrong_usage_is_one_line(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert said in captured.err.lower().replace("aof-tui: ", "", 1) or said in captured.err


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (AofError("no such thing"), 1, "aof-tui: no such thing\n"),
        (StoreHeldError("held by\n process 7"), 3, "aof-tui: held by process 7\n"),
        (ConfigError(["c.yaml:1: a", "c.yaml:2: b"]), 2, "c.yaml:1: a\nc.yaml:2: b\n"),
        (KeyboardInterrupt(), 130, ""),
        (AofError("\x1b]0;owned\x07"), 1, "aof-tui: ␛]0;owned␇\n"),
    ],
)
def test_errors_end_as_lines_and_codes(
    error: BaseException, code: int, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_words: object) -> int:
        raise error

    monkeypatch.setattr(edge, "_run", fail)
    assert main([]) == code
    assert capsys.readouterr().err == said


def test_an_unexpected_error_tells_type_and_place_and_no_value(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_words: object) -> int:
        password = "hunter2"
        raise KeyError(password)

    monkeypatch.setattr(edge, "_run", fail)
    assert main([]) == 1
    err = capsys.readouterr().err
    assert re.fullmatch(r"aof-tui: internal error: KeyError at test_main\.py:\d+\n", err)


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    for words in (("schema",), ("classify", "x")):
        done = subprocess.run(
            command(*words), cwd=ROOT, env=environment(tmp_path), stdout=writer, stderr=subprocess.PIPE, check=False
        )
        assert (done.returncode, done.stderr) == (0, b"")
    os.close(writer)


def test_a_terminal_that_knows_only_ascii(tmp_path: Path) -> None:
    done = run(tmp_path, "classify", "Grüße 日本", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 0
    assert done.stdout.isascii()


def test_help_needs_nothing_heavy() -> None:
    script = "import sys; from aof_tui.cli.main import main; main(['--help']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.splitlines()[-1].split()}
    assert not loaded & {"textual", "rich", "aiohttp", "httpx", "slack_sdk", "yaml", "aiosqlite"}
