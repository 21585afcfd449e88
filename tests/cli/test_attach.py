"""One engine, many eyes: terminals on a headless engine in pseudo-terminals, and what becomes of them when it ends."""

from __future__ import annotations

import getpass
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from aof_tui.base.clock import parse_rfc3339
from aof_tui.cli.main import main
from aof_tui.store.lock import lock_holder
from tests.cli.processes import (
    ROOT,
    Running,
    SimulatedWorkato,
    few_failures,
    run,
    running,
    simulated,
    until,
    write_config,
)
from tests.cli.terminals import terminal
from tests.control.served import short_folder

SEEN_WITHIN_S = 10.0
SLACK = "xoxb-for-the-tests-only"


@pytest.fixture(scope="module")
def workato(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatedWorkato]:
    """One test repeats jobs of it; the others begin with stores of their own and only look."""
    folder = tmp_path_factory.mktemp("workato")
    with simulated(folder, *few_failures(folder)) as found:
        yield found


@pytest.fixture
def socket(tmp_path: Path) -> Iterator[Path]:
    with short_folder() as folder:
        yield folder / "run" / "a.sock"


def given(workato: SimulatedWorkato) -> dict[str, str]:
    return {"WORKATO_TOKEN": workato.token, "SLACK_TOKEN": SLACK}


def sees(follower: Running, kind: str, actor: str) -> dict[str, object]:
    """The event that a `log -f --json` prints when somebody did something."""
    found: list[dict[str, object]] = []

    def look() -> bool:
        complete = follower.out.read_text(encoding="utf-8").rpartition("\n")[0]
        events = [json.loads(line) for line in complete.splitlines()]
        found.extend(event for event in events if (event["kind"], event["actor"]) == (kind, actor))
        return bool(found)

    until(look, f"no {kind} by {actor}")
    return found[0]


def test_two_terminals_and_a_command_line_on_one_engine_that_is_killed(
    tmp_path: Path,
    workato: SimulatedWorkato,
    socket: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    config = str(write_config(tmp_path, workato, mode="act", socket={"path": str(socket)}))
    me = getpass.getuser()
    with running(tmp_path, "headless", "--config", config, **given(workato)) as engine:
        engine.says_kind("failure.scheduled")
        with (
            terminal(tmp_path, "run", "--config", config) as first,
            terminal(tmp_path, "attach", "--socket", str(socket)) as second,
            running(tmp_path, "log", "-f", "--json", "--config", config) as follower,
        ):
            # `run` needs no token of Workato to look at another's engine.
            # A long path of the store wraps the rest of the sentence.
            first.shows("held by process")
            first.shows("engine running")
            second.shows("0/5")
            sees(follower, "engine.started", "engine")
            second.press("r")
            second.shows("Repeat this job now?")
            second.press("y")
            # What one terminal asks for is seen by all: by itself, by the other, and on the command line.
            forced = sees(follower, "repeat.forced", f"terminal:{me}")
            mine = str(forced["master_job_id"])
            first.shows(f"repeat of {mine}")
            second.shows("repeating ")
            seen_after_s = time.time() - parse_rfc3339(str(forced["at"]))
            with capsys.disabled():
                sys.stderr.write(f"\nseen everywhere after {seen_after_s:.2f} s\n")
            # Usually a quarter of a second; a machine may be busy with the start of all these processes.
            assert seen_after_s < SEEN_WITHIN_S
            recorded = engine.says(
                lambda line: line.get("kind") == "failure.recorded" and line["master_job_id"] != mine
            )
            other = str(recorded["master_job_id"])
            assert main(["failures", "retry", other, "--config", config]) == 0
            assert capsys.readouterr().out == f"{other}: asked for: its repeat is sent as soon as it may be\n"
            assert sees(follower, "repeat.forced", f"cli:{me}")["master_job_id"] == other
            first.shows(f"repeat of {other}")
            second.shows(f"repeat of {other}")
            engine.send(signal.SIGKILL)
            engine.ends()
            for screen in (first, second):
                screen.shows("× STALE")
                screen.shows("no engine answers at ")
            until(lambda: "; waiting for it\n" in follower.err.read_text(encoding="utf-8"))
            assert socket.exists(), "a killed engine leaves its socket behind"
            with running(tmp_path, "headless", "--config", config, **given(workato)) as again:
                first.shows("✓ engine running")
                second.shows("✓ engine running")
                # Not only the engine is found again, but what happens from now on is seen.
                assert main(["pause", "--config", config]) == 0
                first.shows(f"paused by cli:{me}")
                second.shows(f"paused by cli:{me}")
                sees(follower, "workspace.paused", f"cli:{me}")
                second.press("q")
                assert second.ends() == 0
                first.process.send_signal(signal.SIGTERM)
                assert first.ends() == 143
                assert (
                    f"process {engine.process.pid}, started " in bytes(first.raw).decode().partition("\x1b[?1049h")[0]
                )
                again.send(signal.SIGTERM)
                assert again.ends() == 0
            follower.send(signal.SIGINT)
            assert follower.ends() == 130
            events = [json.loads(line) for line in follower.out.read_text(encoding="utf-8").splitlines()]
            # Each once and in order, over the death of the engine.
            assert [event["sequence"] for event in events] == list(range(1, len(events) + 1))
    assert not socket.exists()
    capsys.readouterr()
    assert main(["status", "--json", "--fail-on", "none", "--config", config]) == 0
    assert json.loads(capsys.readouterr().out)["engine"] == "absent"


def test_nothing_heavy_comes_before_the_first_paint() -> None:
    script = "import sys, aof_tui.cli.main, aof_tui.cli.attach, aof_tui.tui.run; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert "textual" in loaded
    assert not loaded & {"pydantic", "aiohttp", "httpx", "aiosqlite"}


def test_an_engine_beside_one_behind_a_terminal_is_refused(
    tmp_path: Path, workato: SimulatedWorkato, socket: Path
) -> None:
    config = str(write_config(tmp_path, workato, socket={"path": str(socket)}))
    with terminal(tmp_path, "run", "--config", config, **given(workato)) as screen:
        screen.shows("✓ engine running")
        until(socket.exists)
        second = run(tmp_path, "headless", "--config", config, **given(workato))
        assert (second.returncode, second.stdout) == (3, "")
        assert f"held by process {screen.process.pid}, started " in second.stderr


def test_of_engines_that_start_together_one_lives_also_after_one_was_killed(tmp_path: Path, socket: Path) -> None:
    nowhere = SimulatedWorkato("http://127.0.0.1:1", "t")
    config = str(write_config(tmp_path, nowhere, socket={"path": str(socket)}))
    words = ("headless", "--config", config)
    with running(tmp_path, *words, **given(nowhere)) as one, running(tmp_path, *words, **given(nowhere)) as other:
        until(lambda: one.process.poll() is not None or other.process.poll() is not None)
        living, refused = (one, other) if one.process.poll() is None else (other, one)
        assert (living.process.poll(), refused.ends()) == (None, 3)
        assert f"is held by process {living.process.pid}, started " in refused.err.read_text(encoding="utf-8")
        until(socket.exists)
        living.send(signal.SIGKILL)
        living.ends()
    with running(tmp_path, *words, **given(nowhere)) as after:
        # The lock went with the process that held it; the socket that it left is taken over.
        after.says(lambda line: f"the control socket is {socket}" in str(line["message"]))
        assert str(lock_holder(tmp_path / "aof.db")).startswith(f"process {after.process.pid}, started ")
        with terminal(tmp_path, "attach", "--config", config, "--read-only") as screen:
            screen.shows("read-only")
            screen.shows("✓ engine running")
        after.send(signal.SIGTERM)
        assert after.ends() == 0


def test_without_an_engine_the_screen_waits_for_one(tmp_path: Path, socket: Path) -> None:
    with terminal(tmp_path, "attach", "--socket", str(socket)) as screen:
        screen.shows("no engine answers at ")
        screen.press("q")
        assert screen.ends() == 0


@pytest.mark.parametrize(
    ("text", "told"),
    [(None, "there is no such file; aof-tui init writes one"), ("mode: perhaps", "mode: ")],
)
def test_a_configuration_that_cannot_be_read_is_told_when_the_screen_is_left(
    tmp_path: Path, text: str | None, told: str
) -> None:
    path = tmp_path / "config.yaml"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with terminal(tmp_path, "attach", "--config", str(path)) as screen:
        assert screen.ends() == 2
        assert told in bytes(screen.raw).decode().rpartition("\x1b[?1049l")[2]
