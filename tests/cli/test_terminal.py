"""The terminal with a real engine in a real pseudo-terminal: what keys do is found in the simulator's truth log."""

from __future__ import annotations

import os
import re
import signal
import termios
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from aof_tui.base.clock import SystemClock
from aof_tui.simulator.truth import Truth
from aof_tui.store.lock import StoreLock
from tests.cli.processes import SimulatedWorkato, few_failures, run, simulated, write_config
from tests.cli.terminals import ALTERNATE_SCREEN, terminal

SLACK = "xoxb-for-the-tests-only"


@pytest.fixture
def workato(tmp_path: Path) -> Iterator[SimulatedWorkato]:
    with simulated(tmp_path, *few_failures(tmp_path)) as found:
        yield found


def given(workato: SimulatedWorkato) -> dict[str, str]:
    return {"WORKATO_TOKEN": workato.token, "SLACK_TOKEN": SLACK}


def truth(workato: SimulatedWorkato) -> Truth:
    return Truth.from_json(httpx.get(f"{workato.url}/_truth", trust_env=False).json())


def test_what_a_person_does_reaches_workato_and_people(tmp_path: Path, workato: SimulatedWorkato) -> None:
    config = write_config(tmp_path, workato, mode="act")
    with terminal(tmp_path, "run", "--config", str(config), **given(workato)) as screen:
        screen.shows("Failing jobs")
        screen.shows("0/5")
        screen.press("r")
        screen.shows("Repeat this job now?")
        screen.press("y")
        screen.until(lambda: bool(truth(workato).repeats))
        (repeat,) = truth(workato).repeats
        assert repeat.correlation
        before = len(truth(workato).deliveries)
        screen.press("e")
        screen.shows("Escalate this incident now?")
        screen.press("y")
        screen.until(lambda: any("ESCALATED" in one.text.upper() for one in truth(workato).deliveries[before:]))
        screen.press("q")
        screen.shows("Quit and stop the engine?")
        screen.press("y")
        assert screen.ends() == 0
        raw = bytes(screen.raw)
    assert workato.token.encode() not in raw
    assert SLACK.encode() not in raw
    log = (tmp_path / "aof.db.log").read_text(encoding="utf-8")
    assert "engine stopped in order" in log
    assert workato.token not in log
    assert (tmp_path / "aof.db.log").stat().st_mode & 0o777 == 0o600


def test_sigterm_ends_the_engine_too(tmp_path: Path, workato: SimulatedWorkato) -> None:
    config = write_config(tmp_path, workato)
    with terminal(tmp_path, "--config", str(config), "--read-only", **given(workato)) as screen:
        screen.shows("engine running")
        screen.process.send_signal(signal.SIGTERM)
        assert screen.ends() == 143
        assert termios.tcgetattr(screen.slave) == screen.modes_before
    status = run(tmp_path, "status", "--config", str(config))
    assert re.search(r"^engine +absent, observe", status.stdout, re.MULTILINE)


def test_a_held_store_whose_engine_does_not_answer_is_told_before_the_screen_changes(
    tmp_path: Path, workato: SimulatedWorkato
) -> None:
    """As an engine of an earlier version, or one whose socket could not be opened."""
    config = write_config(tmp_path, workato, socket={"path": str(tmp_path / "nowhere" / "a.sock")})
    with StoreLock(tmp_path / "aof.db", SystemClock()), terminal(tmp_path, "run", "--config", str(config)) as screen:
        assert screen.ends() == 3
        raw = bytes(screen.raw)
    assert f"held by process {os.getpid()}, started ".encode() in raw
    assert ALTERNATE_SCREEN not in raw


def test_no_configuration_is_told_before_the_screen_changes(tmp_path: Path) -> None:
    with terminal(tmp_path) as screen:
        assert screen.ends() == 2
        assert b"there is no such file; aof-tui init writes one" in bytes(screen.raw)
        assert ALTERNATE_SCREEN not in bytes(screen.raw)


def test_the_demo_ends_with_its_figures(tmp_path: Path) -> None:
    with terminal(tmp_path, "demo", "--speed", "240", TMPDIR=str(tmp_path)) as screen:
        screen.shows("recovered")
        screen.until(lambda: re.search(r"✓ [1-9]\d* recovered", "\n".join(screen.screen.display)) is not None)
        screen.press("q")
        screen.shows("Quit and stop the engine?")
        screen.press("y")
        assert screen.ends() == 0
        text = bytes(screen.raw).rpartition(b"\x1b[?1049l")[2].decode()
    figures = dict(line.rsplit(maxsplit=1) for line in text.splitlines() if line.strip() and "\x1b" not in line)
    assert int(figures["recovered"]) > 0
    assert figures["lost"] == "0"
    assert not list(tmp_path.glob("aof-tui-demo-*"))
