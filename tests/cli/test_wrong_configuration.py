"""A slip in the configuration's file does not stand between a person and an engine that runs."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from aof_tui.cli.main import main
from aof_tui.cli.reaching import engine_places, whereabouts
from aof_tui.control.requests import Verb
from tests.cli.test_acting import Person, engine

__all__ = ["engine"]
SLIP = "aof-tui: the configuration cannot be used ("


@pytest.fixture
def slip(engine: Person, tmp_path: Path) -> Path:
    """The configuration in use with one key that nobody knows; returns the socket that it still names."""
    config = tmp_path / "config.yaml"
    settings = json.loads(config.read_text(encoding="utf-8"))
    config.write_text(json.dumps(settings | {"modus": "act"}), encoding="utf-8")
    return Path(settings["socket"]["path"])


def test_listings_and_the_brake_reach_the_engine_past_a_slip(
    engine: Person, slip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (("failures", "list"), ("incidents", "list"), ("log",), ("status", "--fail-on", "acting")):
        assert main([*words, "--json"]) == 0
        told = capsys.readouterr()
        assert json.loads(told.out.splitlines()[0])
        assert told.err.startswith(SLIP)
        assert "modus" in told.err.splitlines()[0]
        assert told.err.splitlines()[0].endswith(f"asking the engine at {slip}")
    assert main(["pause"]) == 0
    assert [command.verb for command in engine.commands] == [Verb.PAUSE]
    assert capsys.readouterr().err.startswith(SLIP)


def test_the_terminal_finds_the_engine_past_a_slip(slip: Path) -> None:
    told: list[str] = []
    assert engine_places(None, told.append) == (slip,)
    assert len(told) == 1
    assert told[0].startswith(SLIP)


def test_the_terminal_is_gone_before_it_says_so(
    slip: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def show(places: Callable[[], Sequence[Path]], *, read_only: bool) -> int:
        assert read_only
        assert places() == (slip,)
        assert capsys.readouterr().err == ""
        return 0

    monkeypatch.setattr("aof_tui.cli.attach.attach_to", show)
    assert main(["attach", "--read-only"]) == 0
    told = capsys.readouterr().err
    assert told.startswith(SLIP)
    assert told.count("\n") == 1


def test_the_store_is_not_said_to_be_well_where_its_place_is_not_known(
    slip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["status", "--fail-on", "store"]) == 2
    assert capsys.readouterr().out == ""


def test_without_an_engine_the_slip_is_told_with_a_way_out(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text("mode: [act\n", encoding="utf-8")
    for words in (("pause",), ("status",), ("why", "I1")):
        assert main(words) == 2
        told = capsys.readouterr()
        assert told.out == ""
        assert told.err.startswith(f"{config}:")
        assert "--socket PATH" in told.err.splitlines()[-1]


def test_a_file_that_was_named_and_is_not_there_tells_of_no_engine(
    slip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pause", "--config", str(tmp_path / "other.yaml")]) == 2
    assert "there is no such file" in capsys.readouterr().err


def test_what_is_still_legible_says_where_the_store_is(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("store: my.db\nmodus: act\n", encoding="utf-8")
    assert whereabouts(config).store == tmp_path / "my.db"
    config.write_text("socket: {path: 7}\nstore: [1]\n", encoding="utf-8")
    nowhere = whereabouts(tmp_path / "none.yaml")
    assert whereabouts(config) == nowhere
