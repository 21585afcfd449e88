"""Which engine or store a command speaks to: `--socket`, `--config` before the command, and `info`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aof_tui.cli.main import main
from tests.cli.test_acting import Person, engine

__all__ = ["engine"]
READING = [
    ("failures", "list", "--all"),
    ("incidents", "list", "--all"),
    ("log",),
    ("notifications",),
    ("report",),
    ("breakers", "list"),
    ("status", "--fail-on", "none"),
]


def socket_of(config: str) -> str:
    return str(json.loads(Path(config).read_text(encoding="utf-8"))["socket"]["path"])


def test_listings_ask_the_engine_of_a_socket_and_read_no_configuration(
    engine: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    socket = socket_of(str(tmp_path / "config.yaml"))
    monkeypatch.setenv("AOF_TUI_CONFIG", str(tmp_path / "no-such.yaml"))
    for words in READING:
        assert main([*words, "--socket", socket, "--json"]) == 0
        out = capsys.readouterr().out
        assert words == ("breakers", "list") or json.loads(out.splitlines()[0])
        assert main([*words, "--socket", f"{socket}.none"]) == 3
        answer = capsys.readouterr()
        assert answer.out == ""
        assert answer.err == f"aof-tui: no engine answers at {socket}.none: start one with aof-tui headless\n"


def test_what_cannot_be_looked_at_is_not_said_to_be_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "--socket", "/nowhere/a.sock", "--fail-on", "outbox, store"]) == 2
    assert "the store's file is not looked at through --socket" in capsys.readouterr().err


def test_a_configuration_may_be_named_before_the_command(
    engine: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = str(tmp_path / "config.yaml")
    monkeypatch.setenv("AOF_TUI_CONFIG", str(tmp_path / "no-such.yaml"))
    assert main(["--config", config, "info", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["config"], told["socket"], told["engine_answers"]) == (config, socket_of(config), True)
    assert main(["--config", config, "incidents", "list", "--all", "--json"]) == 0
    assert capsys.readouterr().out
    # The nearest one is meant where two are named.
    assert main(["--config", config, "failures", "list", "--config", f"{config}.none"]) == 2
    assert f"{config}.none: there is no such file" in capsys.readouterr().err
