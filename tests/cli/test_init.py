"""`aof-tui init`: its answers, its file, and what it refuses."""

from __future__ import annotations

import os
import pty
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from aof_tui.cli.init_questions import DATA_CENTRES, questions
from aof_tui.cli.main import main
from aof_tui.config.load import load_settings
from aof_tui.config.starter import Answers
from aof_tui.domain.words import Mode
from tests.cli.processes import DEADLINE_S, ROOT, command, environment, run


def interview(answers: dict[str, list[str]], given: dict[str, str] | None = None) -> tuple[Answers, list[str]]:
    """The result and what the person was told; a question not named gets Enter."""
    told: list[str] = []

    def ask(question: str, default: str) -> str:
        waiting = next((waiting for word, waiting in answers.items() if word in question), [])
        return waiting.pop(0) if waiting else default

    return questions(ask, told.append, given or {}), told


def test_enter_everywhere_gives_the_defaults() -> None:
    answers, told = interview({})
    assert answers == Answers()
    assert (answers.mode, answers.url) == (Mode.OBSERVE, "https://www.workato.com")
    assert any("observe" in line and "act" in line for line in told)


def test_everything_can_be_answered() -> None:
    answers, _ = interview(
        {
            "Data centre": ["EU"],
            "short name": ["dev"],
            "API token": ["file:/run/secrets/workato"],
            "Mode": ["act"],
            "Tag": ["safe"],
            "Slack channel": ["C042"],
            "Mail server": ["mail.example.com"],
            "Super admin": ["boss@example.com"],
        }
    )
    assert answers.url == DATA_CENTRES["eu"]
    assert (answers.workspace, answers.mode, answers.safe_tag) == ("dev", Mode.ACT, "safe")
    assert str(answers.token) == "file:/run/secrets/workato"
    assert answers.slack is not None
    assert str(answers.slack.token) == "env:SLACK_TOKEN"
    assert answers.email is not None
    assert answers.email.to == ("boss@example.com",)


def test_a_wrong_answer_is_asked_again_and_never_repeated_back() -> None:
    answers, told = interview({"Data centre": ["http://workato.com", "jp"], "API token": ["wrkaus-SECRET", "env:T"]})
    assert answers.url == DATA_CENTRES["jp"]
    assert str(answers.token) == "env:T"
    assert any("https://" in line for line in told)
    assert any("a secret is never written here" in line for line in told)
    assert not any("SECRET" in line for line in told)


@pytest.mark.parametrize("origin", DATA_CENTRES.values())
def test_every_data_centre_is_an_origin(origin: str) -> None:
    assert Answers.model_validate({"url": origin}).url == origin


def test_without_a_terminal_it_observes(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.yaml"
    done = run(tmp_path, "init", "--config", str(path), "--url", "eu", "--slack-channel", "C1")
    assert (done.returncode, done.stderr) == (0, "")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]
    settings = load_settings(path)
    assert (settings.mode, settings.workspaces[0].url) == (Mode.OBSERVE, DATA_CENTRES["eu"])
    assert f"aof-tui check --config {path}" in done.stdout
    assert "export WORKATO_TOKEN=…" in done.stdout
    assert "export SLACK_TOKEN=…" in done.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--token", "wrkaus-SECRET"], "--token a secret is never written here"),
        (["--url", "http://workato.com"], "--url must begin with https://"),
        (["--name", "Prod 1"], "--name must be 1 to 64 lower-case letters"),
        (["--mail-host", "m.example.com", "--mail-to", "nobody"], "--mail-to"),
    ],
)
def test_a_wrong_option_is_refused(tmp_path: Path, options: list[str], said: str) -> None:
    path = tmp_path / "config.yaml"
    done = run(tmp_path, "init", "--config", str(path), *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "SECRET" not in done.stderr
    assert not path.exists()


def test_a_file_that_exists_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("mine", encoding="utf-8")
    done = run(tmp_path, "init", "--config", str(path))
    assert done.returncode == 2
    assert "exists already" in done.stderr
    assert path.read_text(encoding="utf-8") == "mine"
    assert run(tmp_path, "init", "--force", "--config", str(path)).returncode == 0
    assert load_settings(path).mode is Mode.OBSERVE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    done = run(tmp_path, "init", "--config", str(tmp_path / "file" / "config.yaml"))
    assert done.returncode == 2
    assert "cannot be written: " in done.stderr


def test_a_file_that_comes_up_meanwhile_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "config.yaml"
    link: Callable[..., None] = os.link

    def late(source: str, target: str) -> None:
        path.write_text("theirs", encoding="utf-8")
        link(source, target)

    monkeypatch.setattr(os, "link", late)
    assert main(["init", "--config", str(path)]) == 2
    assert "cannot be written: File exists" in capsys.readouterr().err
    assert path.read_text(encoding="utf-8") == "theirs"
    assert list(tmp_path.iterdir()) == [path]


def in_terminal(folder: Path, typed: bytes, *words: str) -> tuple[int, str]:
    """Run a command on a pseudo-terminal, type everything at once; the exit code and what was shown."""
    master, slave = pty.openpty()
    os.write(master, typed)
    process = subprocess.Popen(
        command(*words), cwd=ROOT, env=environment(folder), stdin=slave, stdout=subprocess.PIPE, stderr=slave
    )
    shown, _ = process.communicate(timeout=DEADLINE_S)
    os.close(slave)
    os.close(master)
    return process.returncode, shown.decode()


def test_in_a_terminal_it_asks(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    typed = b"sg\ntest\n\nact\nsafe\n\n\n"
    code, shown = in_terminal(tmp_path, typed, "init", "--config", str(path))
    assert code == 0
    assert "Data centre [us]: " in shown
    assert "A repeat runs the whole recipe again" in shown
    settings = load_settings(path)
    assert (settings.mode, settings.workspaces[0].name) == (Mode.ACT, "test")
    assert settings.safe_to_repeat.tags == ("safe",)
    assert settings.workspaces[0].url == DATA_CENTRES["sg"]


def test_ctrl_d_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    code, _ = in_terminal(tmp_path, b"sg\n\x04", "init", "--config", str(path))
    assert code == 130
    assert list(tmp_path.iterdir()) == []
