"""`info`, `schema`, `classify` and `simulate`."""

from __future__ import annotations

import io
import json
import re
import signal
from pathlib import Path

import httpx
import pytest

from aof_tui import __version__
from aof_tui.cli.main import main
from aof_tui.config.schema import schema_json
from tests.cli.processes import run, running, simulated, until

FIELDS = ["text", "category", "repeat", "rule", "fingerprint"]


def test_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == schema_json()


def test_info(config: Path, demo_store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", "--json"]) == 0
    info = json.loads(capsys.readouterr().out)
    assert (info["version"], info["config"], info["config_problem"]) == (__version__, str(config), None)
    assert (info["store"], info["lock_holder"]) == (str(demo_store), None)
    assert info["store_bytes"] >= demo_store.stat().st_size > 0
    assert (info["socket"][-5:], info["engine_answers"]) == (".sock", False)
    assert main(["info"]) == 0
    assert re.search(rf"^config +{re.escape(str(config))}$", capsys.readouterr().out, re.MULTILINE)


def test_info_without_a_configuration(tmp_path: Path) -> None:
    done = run(tmp_path, "info", "--json")
    info = json.loads(done.stdout)
    assert (done.returncode, info["store_bytes"]) == (0, None)
    assert info["store"].startswith(str(tmp_path))
    assert "there is no such file" in info["config_problem"]
    assert list(tmp_path.iterdir()) == []


def test_classify_texts_without_a_configuration(tmp_path: Path) -> None:
    in_json = json.dumps({"error_type": "RestClient::BadGateway", "message": "502 Bad Gateway"})
    done = run(tmp_path, "classify", "--json", "502 Bad Gateway", in_json, "invalid_grant", "--", "-1 is too little")
    assert (done.returncode, done.stderr) == (0, "")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [list(row) for row in rows] == [FIELDS] * 4
    assert [row["category"] for row in rows[:3]] == ["downstream_5xx", "downstream_5xx", "auth_connection"]
    assert [row["repeat"] for row in rows[:3]] == ["auto", "auto", "never"]
    assert rows[3]["text"] == "-1 is too little"


def test_classify_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("AOF_TUI_CONFIG", str(tmp_path / "none.yaml"))
    stdin = io.TextIOWrapper(io.BytesIO("429 Too Many Requests\r\n\n  \nÜ \xff\n".encode("latin-1")))
    monkeypatch.setattr("sys.stdin", stdin)
    assert main(["classify"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["text"] for row in rows] == ["429 Too Many Requests", "\ufffd \ufffd"]
    assert rows[0]["category"] == "rate_limit"


def test_classify_takes_own_rules_first(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = json.loads(config.read_text(encoding="utf-8"))
    rule = {"name": "closed", "match": {"message": "bad gateway"}, "category": "validation_data", "repeat": "never"}
    config.write_text(json.dumps(settings | {"classify": [rule]}), encoding="utf-8")
    assert main(["classify", "502 Bad Gateway"]) == 0
    row = json.loads(capsys.readouterr().out)
    assert (row["rule"], row["category"], row["repeat"]) == ("closed", "validation_data", "never")
    assert main(["classify", "--config", f"{config}.none", "x"]) == 2


def test_simulate_prints_one_line_and_answers(tmp_path: Path) -> None:
    with running(tmp_path, "simulate", "--port", "0", "--seed", "5") as simulator:
        until(lambda: simulator.out.read_bytes().endswith(b"\n"))
        (line,) = simulator.out.read_text(encoding="utf-8").splitlines()
        address = json.loads(line)
        assert list(address) == ["url", "token"]
        headers = {"Authorization": f"Bearer {address['token']}"}
        assert httpx.get(f"{address['url']}/api/users/me", headers=headers, trust_env=False).status_code == 200
        taken = run(tmp_path, "simulate", "--port", address["url"].rpartition(":")[2])
        assert (taken.returncode, taken.stdout) == (3, "")
        assert taken.stderr.count("\n") == 1
        simulator.send(signal.SIGTERM)
        assert simulator.ends() == 0


def test_the_same_seed_gives_the_same_token(tmp_path: Path) -> None:
    with simulated(tmp_path, "--seed", "5") as one, simulated(tmp_path, "--seed", "5") as other:
        assert one.token == other.token
        assert one.url != other.url


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--scenario", "dmo"), "did you mean 'demo'?"),
        (("--speed", "0"), "--speed must be positive"),
        (("--port", "70000"), "--port"),
        (("--scenario", "nowhere.yaml"), "nowhere.yaml: cannot be read"),
    ],
)
def test_simulate_refuses(words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", *words]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert said in captured.err
