"""The headless engine as a process: its log, its signals, its exit codes."""

from __future__ import annotations

import json
import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.cli.processes import Running, SimulatedWorkato, few_failures, run, running, simulated, until, write_config

SLACK = "xoxb-for-the-tests-only"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@pytest.fixture
def workato(tmp_path: Path) -> Iterator[SimulatedWorkato]:
    with simulated(tmp_path, *few_failures(tmp_path)) as found:
        yield found


def secrets(workato: SimulatedWorkato) -> dict[str, str]:
    return {"WORKATO_TOKEN": workato.token, "SLACK_TOKEN": SLACK}


def test_logs_events_as_json_and_ends_in_order_on_sigterm(tmp_path: Path, workato: SimulatedWorkato) -> None:
    config = write_config(tmp_path, workato)
    with running(tmp_path, "headless", "--config", str(config), **secrets(workato)) as engine:
        engine.says_kind("failure.recorded")
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
    assert workato.token not in text
    assert SLACK not in text


def test_sigint_ends_in_order_too(tmp_path: Path, workato: SimulatedWorkato) -> None:
    config = write_config(tmp_path, workato)
    with running(tmp_path, "headless", "--config", str(config), **secrets(workato)) as engine:
        engine.says_kind("engine.started")
        engine.send(signal.SIGINT)
        assert engine.ends() == 0
        assert engine.says_kind("engine.stopped")


@contextmanager
def with_a_repeat_on_its_way(folder: Path, workato: SimulatedWorkato, held_s: float) -> Iterator[Running]:
    """An engine that has sent a repeat request, whose answer is held up."""
    delay = {"kind": "delay", "method": "POST", "path": "repeat_jobs", "when": "after", "seconds": held_s}
    assert httpx.post(f"{workato.url}/_fault", json={"faults": [delay]}, trust_env=False).is_success
    soon = {"min": "1s", "max": "1s"}
    config = write_config(folder, workato, mode="act", retry=soon, safe_to_repeat={"all": True})
    with running(folder, "headless", "--config", str(config), **secrets(workato)) as engine:
        engine.says_kind("repeat.sent")
        yield engine


@pytest.mark.parametrize("first", [signal.SIGTERM, signal.SIGINT])
def test_second_sigint_ends_at_once(tmp_path: Path, workato: SimulatedWorkato, first: signal.Signals) -> None:
    with with_a_repeat_on_its_way(tmp_path, workato, 40.0) as engine:
        engine.send(first)
        engine.says(lambda line: "ending in order" in str(line["message"]))
        engine.send(signal.SIGINT)
        assert engine.ends() == 130
        assert engine.err.read_text(encoding="utf-8").endswith("the next start settles what was open\n")


def test_the_orderly_end_waits_for_the_answer(tmp_path: Path, workato: SimulatedWorkato) -> None:
    with with_a_repeat_on_its_way(tmp_path, workato, 3.0) as engine:
        engine.send(signal.SIGTERM)
        assert engine.ends() == 0
        kinds = [line.get("kind") for line in engine.lines()]
    assert "repeat.accepted" in kinds
    assert kinds.index("repeat.accepted") < kinds.index("engine.stopped")


def test_a_signal_before_the_engine_is_ready_counts(tmp_path: Path, workato: SimulatedWorkato) -> None:
    config = write_config(tmp_path, workato)
    lock = tmp_path / "aof.db.lock"
    with running(tmp_path, "headless", "--config", str(config), **secrets(workato)) as engine:
        until(lock.exists)
        engine.send(signal.SIGTERM)
        assert engine.ends() == 0


def test_a_second_engine_names_the_first(tmp_path: Path, workato: SimulatedWorkato) -> None:
    config = write_config(tmp_path, workato)
    with running(tmp_path, "headless", "--config", str(config), **secrets(workato)) as engine:
        engine.says_kind("engine.started")
        second = run(tmp_path, "headless", "--config", str(config), **secrets(workato))
        info = json.loads(run(tmp_path, "info", "--json", "--config", str(config)).stdout)
    assert second.returncode == 3
    assert second.stdout == ""
    assert re.fullmatch(
        rf"aof-tui: the store {tmp_path}/aof\.db is held by process {engine.process.pid}, started \S+Z\n", second.stderr
    )
    assert f"process {engine.process.pid}," in info["lock_holder"]
    assert json.loads(run(tmp_path, "info", "--json", "--config", str(config)).stdout)["lock_holder"] is None


def test_observe_on_the_command_line_wins(tmp_path: Path, workato: SimulatedWorkato) -> None:
    config = write_config(tmp_path, workato, mode="act")
    with running(tmp_path, "headless", "--observe", "--config", str(config), **secrets(workato)) as engine:
        assert "mode observe" in str(engine.says_kind("engine.started")["message"])


def test_console_lines_are_for_people(tmp_path: Path, workato: SimulatedWorkato) -> None:
    config = write_config(tmp_path, workato)
    words = ("headless", "--log-format", "console", "--config", str(config))
    with running(tmp_path, *words, **secrets(workato)) as engine:
        until(lambda: "failure.recorded" in engine.err.read_text(encoding="utf-8"))
        lines = engine.err.read_text(encoding="utf-8").splitlines()
    # The test's folder may be too long a path for a socket, of which a line before it tells.
    (started,) = [line for line in lines if "engine.started" in line]
    assert re.match(r"\S+Z INFO +prod engine\.started: ", started)


def test_a_log_that_nobody_can_read_ends_nothing(tmp_path: Path, workato: SimulatedWorkato) -> None:
    """The reader of stderr goes away; the engine works on and still ends in order."""
    import subprocess

    from tests.cli.processes import DEADLINE_S, ROOT, command, environment

    config = write_config(tmp_path, workato)
    process = subprocess.Popen(
        command("headless", "--config", str(config)),
        cwd=ROOT,
        env=environment(tmp_path, **secrets(workato)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        assert process.stderr is not None
        process.stderr.readline()
        process.stderr.close()
        until(lambda: bool(failures(tmp_path, config)))
        process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE_S) == 0
    finally:
        process.kill()
        process.wait()


def failures(folder: Path, config: Path) -> list[str]:
    return run(folder, "failures", "list", "--json", "--all", "--config", str(config)).stdout.splitlines()


def test_no_configuration_advises_init(tmp_path: Path) -> None:
    started = time.monotonic()
    done = run(tmp_path, "headless")
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"\S+config\.yaml: there is no such file; aof-tui init writes one\n", done.stderr)
    assert time.monotonic() - started < 30


def test_every_problem_of_a_configuration_is_told(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("modee: act\nworkspaces:\n  - {name: A, url: x}\n", encoding="utf-8")
    done = run(tmp_path, "headless", "--config", str(path))
    assert done.returncode == 2
    assert re.search(rf"{path}:1: modee: unknown key, did you mean mode\?", done.stderr)
    assert done.stderr.count(f"{path}:3:") == 3
    assert "Traceback" not in done.stderr


def test_a_missing_token_is_told_before_anything_starts(tmp_path: Path) -> None:
    config = write_config(tmp_path, SimulatedWorkato("http://127.0.0.1:1", ""))
    done = run(tmp_path, "headless", "--config", str(config))
    assert done.returncode == 2
    assert re.fullmatch(
        rf"{re.escape(str(config))}:\d+: workspaces\[0\]\.token: env:WORKATO_TOKEN: is not set\n", done.stderr
    )
    assert not (tmp_path / "aof.db").exists()


def test_a_damaged_store_is_one_line(tmp_path: Path) -> None:
    config = write_config(tmp_path, SimulatedWorkato("http://127.0.0.1:1", ""))
    (tmp_path / "aof.db").write_text("this is no database" * 100, encoding="utf-8")
    done = run(tmp_path, "headless", "--config", str(config), WORKATO_TOKEN="t")
    assert done.returncode == 3
    *logged, last = done.stderr.splitlines()
    assert last.startswith(f"aof-tui: the store {tmp_path / 'aof.db'} cannot be used: file is not a database")
    # Nobody is there to take the alarm, which the log says.
    assert all("was not delivered" in json.loads(line)["message"] for line in logged)
