"""`aof-tui check` against a simulated Workato, and its judgement of stores."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import httpx
import pytest
import yaml

from aof_tui.base.clock import SystemClock
from aof_tui.cli import check
from aof_tui.cli.check import store_findings
from aof_tui.cli.check_findings import Finding, State, exit_code
from aof_tui.cli.main import main
from aof_tui.store.lock import StoreLock
from aof_tui.store.migrate import load_migrations
from tests.cli.processes import SimulatedWorkato, running, simulated, write_config

SLACK = "xoxb-for-the-tests-only"
PRIVILEGES = (
    "privilege Recipes > List",
    "privilege Recipes > Get details",
    "privilege Jobs > List",
    "privilege Jobs > Get job",
    "privilege Connections > List",
    "privilege Project Assets > List Projects",
    "privilege Project Assets > List Folders",
    "privilege Environment Management > Tags > List tags",
    "privilege On-Prem Groups > List",
    "privilege On-Prem Agents > List",
)


@pytest.fixture(scope="module")
def workato(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatedWorkato]:
    """One without chance faults that counts no quota: the checks of all tests together ask it too often."""
    folder = tmp_path_factory.mktemp("sim")
    scenario = yaml.safe_load(resources.files("aof_tui.simulator").joinpath("scenarios/demo.yaml").read_bytes())
    path = folder / "unlimited.yaml"
    changes = {"quotas": {"per_minute": 1_000_000}, "switches": {}}
    path.write_text(json.dumps(scenario | changes), encoding="utf-8")
    with simulated(folder, "--scenario", str(path)) as found:
        yield found


@pytest.fixture(autouse=True)
def secrets(workato: SimulatedWorkato, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("WORKATO_TOKEN", workato.token)
    monkeypatch.setenv("SLACK_TOKEN", SLACK)
    # Twenty times as fast as a real check, which spaces its requests for a workspace that others use as well.
    monkeypatch.setattr(check, "SystemClock", lambda: SystemClock(20.0))
    yield
    set_faults(workato)


def set_faults(workato: SimulatedWorkato, *faults: dict[str, object]) -> None:
    assert httpx.post(f"{workato.url}/_fault", json={"faults": faults}, trust_env=False).is_success


def checked(config: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, dict[str, str]]]:
    """The exit code, and the findings by what they are about."""
    code = main(["check", "--json", "--config", str(config)])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return code, {line["what"]: line for line in lines}


def test_all_is_well(tmp_path: Path, workato: SimulatedWorkato, capsys: pytest.CaptureFixture[str]) -> None:
    config = write_config(tmp_path, workato)
    code, found = checked(config, capsys)
    assert code == 0
    assert [what for what in PRIVILEGES if found[what]["state"] != "ok"] == []
    assert found["privilege to repeat jobs"]["state"] == "untested"
    assert "first real repeat" in found["privilege to repeat jobs"]["detail"]
    assert found["privilege to start recipes"]["state"] == "untested"
    assert found["slack"]["state"] == "ok"
    assert found["lock"]["detail"] == "free"
    assert not (tmp_path / "aof.db").exists()
    assert not (tmp_path / "aof.db.lock").exists()


def test_agents_that_may_not_be_seen_are_a_warning(
    tmp_path: Path, workato: SimulatedWorkato, capsys: pytest.CaptureFixture[str]
) -> None:
    set_faults(workato, {"kind": "status", "status": 403, "path": "/on_prem_"})
    code, found = checked(write_config(tmp_path, workato), capsys)
    assert code == 0
    assert found["privilege On-Prem Groups > List"]["state"] == "warning"
    assert "not watched" in found["privilege On-Prem Agents > List"]["detail"]


def test_text_is_one_line_each_and_holds_no_secret(
    tmp_path: Path, workato: SimulatedWorkato, capsys: pytest.CaptureFixture[str]
) -> None:
    config = write_config(tmp_path, workato, routes=[], escalation={})
    assert main(["check", "--config", str(config)]) == 0
    out = capsys.readouterr().out
    assert out.startswith("ok           configuration: ")
    assert "warning      configuration: advice: " in out
    assert workato.token not in out
    assert SLACK not in out


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("recipes$", "privilege Recipes > List"),
        ("recipes/[^/]*$", "privilege Recipes > Get details"),
        ("jobs$", "privilege Jobs > List"),
        ("jobs/", "privilege Jobs > Get job"),
        ("connections", "privilege Connections > List"),
        ("projects", "privilege Project Assets > List Projects"),
        ("folders", "privilege Project Assets > List Folders"),
        ("/tags", "privilege Environment Management > Tags > List tags"),
    ],
)
def test_a_missing_privilege_is_named(
    tmp_path: Path, workato: SimulatedWorkato, capsys: pytest.CaptureFixture[str], path: str, what: str
) -> None:
    set_faults(workato, {"kind": "status", "status": 403, "path": path, "body": "Forbidden"})
    code, found = checked(write_config(tmp_path, workato), capsys)
    assert code == 1
    assert [name for name, line in found.items() if line["state"] == "missing"] == [what]


def test_a_refused_token_ends_the_workspace(
    tmp_path: Path, workato: SimulatedWorkato, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKATO_TOKEN", "wrong")
    monkeypatch.setenv("SLACK_TOKEN", "xoxb-revoked")
    code, found = checked(write_config(tmp_path, workato), capsys)
    assert code == 1
    assert found["token"]["state"] == "failed"
    assert "refuses the token" in found["token"]["detail"]
    assert found["slack"]["state"] == "failed"
    assert not set(PRIVILEGES) & found.keys()


def test_a_server_error_is_temporary(
    tmp_path: Path, workato: SimulatedWorkato, capsys: pytest.CaptureFixture[str]
) -> None:
    set_faults(workato, {"kind": "html", "status": 502, "path": "users/me"})
    code, found = checked(write_config(tmp_path, workato), capsys)
    assert (code, found["token"]["state"]) == (3, "unreachable")


def test_an_answer_that_makes_no_sense_is_a_failure(
    tmp_path: Path, workato: SimulatedWorkato, capsys: pytest.CaptureFixture[str]
) -> None:
    set_faults(workato, {"kind": "wrong_types", "path": "connections"})
    code, found = checked(write_config(tmp_path, workato), capsys)
    assert (code, found["privilege Connections > List"]["state"]) == (1, "failed")
    assert found["privilege Project Assets > List Projects"]["state"] == "ok"


def test_a_missing_secret_and_a_bad_certificate_file(
    tmp_path: Path, workato: SimulatedWorkato, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WORKATO_TOKEN")
    code, found = checked(write_config(tmp_path, workato), capsys)
    assert (code, found["token"]["detail"]) == (1, "env:WORKATO_TOKEN: is not set")
    monkeypatch.setenv("WORKATO_TOKEN", workato.token)
    (tmp_path / "ca.pem").write_text("none", encoding="utf-8")
    workspace = {"name": "prod", "url": workato.url, "token": "env:WORKATO_TOKEN", "ca_file": str(tmp_path / "ca.pem")}
    code, found = checked(write_config(tmp_path, workato, workspaces=[workspace]), capsys)
    assert code == 1
    assert "no usable certificates" in found["token"]["detail"]


def test_the_configuration_comes_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("mode: both\n", encoding="utf-8")
    assert main(["check", "--config", str(path)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 2


def test_works_beside_an_engine_and_sees_another_workspace(
    tmp_path: Path, workato: SimulatedWorkato, capsys: pytest.CaptureFixture[str]
) -> None:
    config = write_config(tmp_path, workato)
    given = {"WORKATO_TOKEN": workato.token, "SLACK_TOKEN": SLACK}
    with running(tmp_path, "headless", "--config", str(config), **given) as engine:
        engine.says_kind("workspace.pinned")
        code, found = checked(config, capsys)
        assert code == 0, [line for line in found.values() if line["state"] != "ok"]
        assert f"process {engine.process.pid}," in found["lock"]["detail"]
        assert found[str(tmp_path / "aof.db")]["detail"] == f"can be used (schema {len(load_migrations())})"
        engine.send(signal.SIGTERM)
        assert engine.ends() == 0
    with sqlite3.connect(tmp_path / "aof.db") as connection:
        connection.execute("UPDATE workspace SET workspace_id = '1'")
    connection.close()
    code, found = checked(config, capsys)
    assert (code, found["token"]["state"]) == (1, "failed")
    assert "the store to 1" in found["token"]["detail"]


def test_an_empty_workspace_leaves_the_rest_untested(
    tmp_path: Path, workato: SimulatedWorkato, capsys: pytest.CaptureFixture[str]
) -> None:
    set_faults(workato, {"kind": "replace", "path": "recipes$", "body": '{"items": []}'})
    code, found = checked(write_config(tmp_path, workato), capsys)
    assert code == 0
    assert found["privilege Jobs > List"]["state"] == "untested"
    set_faults(workato, {"kind": "replace", "path": "jobs$", "body": '{"items": []}'})
    code, found = checked(write_config(tmp_path, workato), capsys)
    assert found["privilege Jobs > List"]["state"] == "ok"
    assert found["privilege Jobs > Get job"]["state"] == "untested"


def states(store: Path) -> list[State]:
    return [finding.state for finding in store_findings(store)]


def test_stores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert states(tmp_path / "deep" / "aof.db") == [State.OK, State.OK]
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE notes (text)")
    connection.close()
    assert states(other) == [State.FAILED]
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(b"no database" * 100)
    assert states(damaged) == [State.FAILED]
    (tmp_path / "link.db.lock").symlink_to(tmp_path / "elsewhere")
    assert states(tmp_path / "link.db") == [State.FAILED]
    monkeypatch.setattr(check, "file_system", lambda _path: "nfs4")
    assert states(tmp_path / "aof.db") == [State.FAILED, State.OK]


def test_a_place_without_the_right_to_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests may run as root, who may write everywhere."""
    (tmp_path / "file").touch()
    assert states(tmp_path / "file" / "aof.db")[0] is State.FAILED
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    (tmp_path / "aof.db").touch()
    assert states(tmp_path / "aof.db")[0] is State.FAILED


def test_the_lock_of_this_process_counts(tmp_path: Path) -> None:
    store = tmp_path / "aof.db"
    with StoreLock(store, SystemClock()):
        assert "held by process" in store_findings(store)[1].detail
    assert store_findings(store)[1].detail == "free"


@pytest.mark.parametrize(
    ("found", "code"),
    [
        ((), 0),
        ((State.OK, State.WARNING, State.UNTESTED), 0),
        ((State.OK, State.UNREACHABLE), 3),
        ((State.UNREACHABLE, State.MISSING), 1),
        ((State.FAILED,), 1),
    ],
)
def test_exit_codes(found: tuple[State, ...], code: int) -> None:
    assert exit_code(Finding("a", "b", state) for state in found) == code
