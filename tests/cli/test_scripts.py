"""What scripts rely on: the documented fields, filters as documented, quiet pipes, no colour."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from aof_tui.cli.acting import Outcome
from aof_tui.cli.check_findings import Finding
from aof_tui.cli.main import main
from aof_tui.control import filters
from aof_tui.control.breaker_rows import BreakerRow
from tests.cli.processes import ROOT, command, environment

PRINTING = {
    "failures list": "failures list --all",
    "incidents list": "incidents list --all",
    "log": "log",
    "notifications": "notifications",
    "status": "status --fail-on none",
    "report": "report",
    "info": "info",
    "classify": "classify x",
}
"""Commands whose own objects are compared; `{job}` and `{incident}` are some of those listed."""
ABOUT = {
    "failures show": "failures show {job}",
    "incidents show": "incidents show {incident}",
    "why of a failure": "why {job}",
    "why of an incident": "why {incident}",
}
COLOUR = re.compile("\x1b")


def documented(heading: str) -> dict[str, list[str]]:
    """The rows of a table of fields, from its heading on."""
    text = (ROOT / "docs/commands.md").read_text(encoding="utf-8").partition(heading)[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    table = rows[rows.index(["of", "fields"]) + 1 :]
    return {row[0].replace("`", ""): re.findall(r"`([^`]+)`", row[1]) for row in table}


@pytest.fixture
def printed(config: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def call(line: str) -> list[dict[str, Any]]:
        assert main([*line.split(), "--json"]) == 0
        return [json.loads(row) for row in capsys.readouterr().out.splitlines()]

    return call


def test_every_field_is_documented_in_its_order(printed: Any) -> None:
    found = {name: printed(line) for name, line in PRINTING.items()}
    names = {
        "job": found["failures list"][0]["master_job_id"],
        "incident": found["incidents list"][0]["incident"],
    }
    found |= {name: printed(line.format(**names)) for name, line in ABOUT.items()}
    found["each of its workspaces"] = found["status"][0]["workspaces"]
    told = documented("## Fields of JSON")
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    assert f"a failure has `{', '.join(told['failures list'])}`" in readme
    for name, rows in found.items():
        assert rows, name
        assert [(name, list(row)) for row in rows if list(row) != told[name]] == []
    by_type = {"breakers list": BreakerRow, "an action, for each target": Outcome, "check": Finding}
    assert {name: told[name] for name in by_type} == {name: list(row.__annotations__) for name, row in by_type.items()}
    assert set(told) == {*found, *by_type}


def test_every_field_of_a_filter_is_documented() -> None:
    assert documented("## Filters") == {
        "failures": list(filters.FAILURE_FIELDS),
        "incidents": list(filters.INCIDENT_FIELDS),
        "log": list(filters.EVENT_FIELDS),
        "notifications": list(filters.NOTICE_FIELDS),
    }


def test_a_reader_that_saw_enough_is_no_error_and_nothing_is_coloured(config: Path, tmp_path: Path) -> None:
    program = " ".join(command())
    line = f"{program} log --all --json | head -1; echo ${{PIPESTATUS[0]}}; {program} log --all | head -1"
    done = subprocess.run(
        ["bash", "-c", line], cwd=ROOT, capture_output=True, text=True, check=True,
        env=environment(tmp_path, AOF_TUI_CONFIG=str(config), FORCE_COLOR="1", CLICOLOR_FORCE="1"),
    )  # fmt: skip
    first, code, heading = done.stdout.splitlines()
    assert (json.loads(first)["sequence"], code, done.stderr) == (1, "0", "")
    assert heading.startswith("TIME (UTC)")
    assert not COLOUR.search(done.stdout)


@pytest.mark.parametrize("words", ["status --fail-on none", "failures list", "report", "why I1", "info"])
def test_people_get_no_colour_either(
    words: str, config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert main(words.split()) == 0
    assert not COLOUR.search(capsys.readouterr().out)
