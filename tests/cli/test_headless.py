"""The headless engine as a process: its log, its signals, its exit codes."""

from __future__ import annotations

import json
import re
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from aof_tui.cli.main import main
from aof_tui.cli.stopping import Stopping
from aof_tui.store.lock import lock_holder
from tests.cli.processes import (
    DEADLINE_S,
    ROOT,
    Running,
    SimulatedWorkato,
    command,
    environment,
    few_failures,
    run,
    running,
    simulated,
    until,
    write_config,
)

SLACK = "xoxb-for-the-tests-only"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
Start = Callable[..., tuple[int, str]]


@pytest.fixture
def workato(tmp_path: Path) -> Iterator[SimulatedWorkato]:
    """One whose jobs a test may repeat."""
    with simulated(tmp_path, *few_failures(tmp_path)) as found:
        yield found


@pytest.fixture(scope="module")
def looked_at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatedWorkato]:
    """One in which nobody changes anything."""
    folder = tmp_path_factory.mktemp("workato")
    with simulated(folder, *few_failures(folder)) as found:
        yield found


def secrets(workato: SimulatedWorkato) -> dict[str, str]:
    return {"WORKATO_TOKEN": workato.token, "SLACK_TOKEN": SLACK}


def test_logs_events_as_json_holds_its_store_and_ends_in_order(tmp_path: Path, looked_at: SimulatedWorkato) -> None:
    config = write_config(tmp_path, looked_at)
    with running(tmp_path, "headless", "--config", str(config), **secrets(looked_at)) as engine:
        engine.says_kind("failure.recorded")
        second = run(tmp_path, "headless", "--config", str(config), **secrets(looked_at))
        info = json.loads(run(tmp_path, "info", "--json", "--config", str(config)).stdout)
        engine.send(signal.SIGTERM)
        assert engine.ends() == 0
        lines = engine.lines()
        text = engine.err.read_text(encoding="utf-8")
        assert engine.out.read_bytes() == b""
    kinds = [line.get("kind") for line in lines]
    assert next(kind for kind in kinds if kind is not None) == "engine.started"
    assert "engine.stopped" in kinds
    for line in lines:
        assert {"ts", "level", "logger", "message"} <= line.keys()
        assert TIME.fullmatch(str(line["ts"]))
    sequences = [line["sequence"] for line in lines if "sequence" in line]
    assert sequences == list(range(1, len(sequences) + 1))
    assert looked_at.token not in text
    assert SLACK not in text
    assert (second.returncode, second.stdout) == (3, "")
    assert re.fullmatch(
        rf"aof-tui: the store {tmp_path}/aof\.db is held by process {engine.process.pid}, started \S+Z\n", second.stderr
    )
    assert f"process {engine.process.pid}," in info["lock_holder"]
    assert lock_holder(tmp_path / "aof.db") is None


def test_for_people_only_observing_and_ended_by_sigint(tmp_path: Path, looked_at: SimulatedWorkato) -> None:
    config = write_config(tmp_path, looked_at, mode="act")
    words = ("headless", "--observe", "--log-format", "console", "--config", str(config))
    with running(tmp_path, *words, **secrets(looked_at)) as engine:
        until(lambda: "failure.recorded" in engine.err.read_text(encoding="utf-8"))
        engine.send(signal.SIGINT)
        assert engine.ends() == 0
        lines = engine.err.read_text(encoding="utf-8").splitlines()
    # The test's folder may be too long a path for a socket, of which a line before it tells.
    (started,) = [line for line in lines if "engine.started" in line]
    assert re.match(r"\S+Z INFO +prod engine\.started: .* in mode observe", started)
    assert [line for line in lines if "engine.stopped" in line]


@contextmanager
def with_a_repeat_on_its_way(folder: Path, workato: SimulatedWorkato, held_s: float) -> Iterator[Running]:
    """An engine that has sent a repeat request, whose answer is held up."""
    delay = {"kind": "delay", "method": "POST", "path": "repeat_jobs", "when": "after", "seconds": held_s}
    assert httpx.post(f"{workato.url}/_fault", json={"faults": [delay]}, trust_env=False).is_success
    soon = {"min": "0.1s", "max": "0.1s"}
    config = write_config(folder, workato, mode="act", retry=soon, safe_to_repeat={"all": True})
    with running(folder, "headless", "--config", str(config), **secrets(workato)) as engine:
        engine.says_kind("repeat.sent")
        yield engine


def test_second_sigint_ends_at_once(tmp_path: Path, workato: SimulatedWorkato) -> None:
    with with_a_repeat_on_its_way(tmp_path, workato, 40.0) as engine:
        engine.send(signal.SIGINT)
        engine.says(lambda line: "ending in order" in str(line["message"]))
        engine.send(signal.SIGINT)
        assert engine.ends() == 130
        assert engine.err.read_text(encoding="utf-8").endswith("the next start settles what was open\n")


def test_sigint_after_sigterm_ends_at_once_and_sigterm_never_does(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    codes: list[int] = []
    monkeypatch.setattr("aof_tui.cli.stopping.os._exit", codes.append)
    with Stopping() as signals:
        for number, ended in ((signal.SIGTERM, []), (signal.SIGTERM, []), (signal.SIGINT, [130])):
            signal.raise_signal(number)
            assert (signals.asked, codes) == (True, ended)
    assert capfd.readouterr().err.endswith("the next start settles what was open\n")


def test_the_orderly_end_waits_for_the_answer(tmp_path: Path, workato: SimulatedWorkato) -> None:
    with with_a_repeat_on_its_way(tmp_path, workato, 1.5) as engine:
        engine.send(signal.SIGTERM)
        assert engine.ends() == 0
        kinds = [line.get("kind") for line in engine.lines()]
        told = [str(line["message"]) for line in engine.lines()]
    assert "repeat.accepted" in kinds
    ending = next(place for place, message in enumerate(told) if message.startswith("ending in order"))
    assert ending < kinds.index("repeat.accepted") < kinds.index("engine.stopped")


def test_a_signal_before_the_engine_is_ready_counts(tmp_path: Path) -> None:
    nowhere = SimulatedWorkato("http://127.0.0.1:1", "t")
    config = write_config(tmp_path, nowhere)
    lock = tmp_path / "aof.db.lock"
    with running(tmp_path, "headless", "--config", str(config), **secrets(nowhere)) as engine:
        until(lock.exists)
        engine.send(signal.SIGTERM)
        assert engine.ends() == 0


def test_a_log_that_nobody_can_read_ends_nothing(tmp_path: Path, looked_at: SimulatedWorkato) -> None:
    """The reader of stderr goes away; the engine works on and still ends in order."""
    config = write_config(tmp_path, looked_at)
    process = subprocess.Popen(
        command("headless", "--config", str(config)),
        cwd=ROOT,
        env=environment(tmp_path, **secrets(looked_at)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        assert process.stderr is not None
        process.stderr.readline()
        process.stderr.close()
        until(lambda: failures(tmp_path / "aof.db") > 0)
        process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE_S) == 0
    finally:
        process.kill()
        process.wait()


def failures(store: Path) -> int:
    """How many the store of a running engine has."""
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as connection:
        rows = connection.execute("SELECT count(*) FROM failure").fetchall()
    return int(rows[0][0])


@pytest.fixture
def starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Start:
    """Starts an engine that cannot begin; its exit code and what stderr got."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("AOF_TUI_CONFIG", "XDG_CONFIG_HOME", "WORKATO_TOKEN", "SLACK_TOKEN"):
        monkeypatch.delenv(name, raising=False)

    def start(*words: str) -> tuple[int, str]:
        code = main(["headless", *words])
        said = capfd.readouterr()
        assert said.out == ""
        return code, said.err

    return start


def test_no_configuration_advises_init(starts: Start) -> None:
    code, err = starts()
    assert code == 2
    assert re.fullmatch(r"\S+config\.yaml: there is no such file; aof-tui init writes one\n", err)


def test_every_problem_of_a_configuration_is_told(tmp_path: Path, starts: Start) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("modee: act\nworkspaces:\n  - {name: A, url: x}\n", encoding="utf-8")
    code, err = starts("--config", str(path))
    assert code == 2
    assert re.search(rf"{path}:1: modee: unknown key, did you mean mode\?", err)
    assert err.count(f"{path}:3:") == 3
    assert "Traceback" not in err


def test_a_missing_token_is_told_before_anything_starts(tmp_path: Path, starts: Start) -> None:
    config = write_config(tmp_path, SimulatedWorkato("http://127.0.0.1:1", ""))
    code, err = starts("--config", str(config))
    assert code == 2
    assert re.fullmatch(rf"{re.escape(str(config))}:\d+: workspaces\[0\]\.token: env:WORKATO_TOKEN: is not set\n", err)
    assert not (tmp_path / "aof.db").exists()


def test_a_damaged_store_is_one_line(tmp_path: Path, starts: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKATO_TOKEN", "t")
    config = write_config(tmp_path, SimulatedWorkato("http://127.0.0.1:1", ""))
    (tmp_path / "aof.db").write_text("this is no database" * 100, encoding="utf-8")
    code, err = starts("--config", str(config))
    assert code == 3
    *logged, last = err.splitlines()
    assert last.startswith(f"aof-tui: the store {tmp_path / 'aof.db'} cannot be used: file is not a database")
    # Nobody is there to take the alarm, which the log says.
    assert all("was not delivered" in json.loads(line)["message"] for line in logged)
