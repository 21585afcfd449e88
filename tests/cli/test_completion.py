"""What shells are offered, asked the way they ask."""

from __future__ import annotations

import asyncio
import json
import shlex
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from aof_tui.cli import completion
from aof_tui.cli.completion import next_words
from aof_tui.cli.listing import OpenStore, Wanted
from aof_tui.cli.main import main
from aof_tui.control.filters import EVENT_FIELDS, FAILURE_FIELDS
from aof_tui.control.requests import FailureQuery, IncidentQuery
from aof_tui.control.rows import FailureRow, IncidentRow, Page
from tests.cli.processes import ROOT, environment
from tests.control.fake import BareControl
from tests.tui import rows

Offered = Callable[[str], list[str]]
PATIENT_S = 60.0
"""Instead of the time that a person waits: what is offered is asked here, not how soon."""


@pytest.fixture
def offered(config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Offered:
    """What bash is offered at the end of a line whose words are parted at blanks alone."""
    monkeypatch.setattr(completion, "WITHIN_S", PATIENT_S)

    def ask(line: str) -> list[str]:
        words = line.split(" ")
        with monkeypatch.context() as patch:
            patch.setenv("_AOF_TUI_COMPLETE", "complete_bash")
            patch.setenv("COMP_WORDS", "\n".join(words))
            patch.setenv("COMP_CWORD", str(len(words) - 1))
            with pytest.raises(SystemExit) as end:
                main([])
        captured = capsys.readouterr()
        assert (end.value.code, captured.err) == (0, "")
        return captured.out.split()

    return ask


@pytest.fixture
def listed(config: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., list[dict[str, str]]]:
    def ask(*words: str) -> list[dict[str, str]]:
        assert main([*words, "--json"]) == 0
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return ask


def test_commands_options_and_closed_words(offered: Offered) -> None:
    assert offered("aof-tui fail") == ["failures"]
    assert set(offered("aof-tui failures re")) == {"retry", "release"}
    assert "--filter" in offered("aof-tui failures retry --")
    assert offered("aof-tui failures list status:re") == ["status:repeating", "status:recovered"]
    assert offered("aof-tui log le") == [f"level:{level}" for level in ("debug", "info", "warning", "error")]
    assert offered("aof-tui notifications rec") == ["receiver:"]
    assert offered("aof-tui status --fail-on engine,st") == ["engine,store"]
    assert offered("aof-tui headless --log-format j") == ["json"]
    assert offered("aof-tui status --config /e") == []


def test_a_colon_is_a_word_of_its_own_in_bash(offered: Offered) -> None:
    assert offered("aof-tui failures list status : ex") == ["exhausted"]
    assert offered("aof-tui incidents list severity :") == ["critical", "error", "warning", "info"]


def test_names_come_from_the_store_and_not_twice(offered: Offered, listed: Callable[..., list[dict[str, str]]]) -> None:
    jobs = [row["master_job_id"] for row in listed("failures", "list")]
    assert offered("aof-tui failures retry ") == jobs[: completion.MOST]
    assert offered(f"aof-tui failures close {jobs[0]} {jobs[1][:-1]}")[0] == jobs[1]
    assert jobs[0] not in offered(f"aof-tui failures close {jobs[0]} ")
    assert set(offered("aof-tui failures cancel ")) == {
        row["master_job_id"] for row in listed("failures", "list", "status:scheduled")
    }
    incidents = [row["incident"] for row in listed("incidents", "list")]
    assert offered("aof-tui incidents ack I") == incidents
    assert set(offered("aof-tui why ")) >= {*incidents, *jobs[:3]}
    assert offered("aof-tui pause d") == ["demo"]
    assert offered("aof-tui log --workspace ") == ["demo"]


class Slow(BareControl):
    """Knows one incident at once, and jobs on pages, the last of which never comes."""

    jobs = (("a",), ("b", "j-1"), ("j-1", "j-2$(x)", "j 3"))

    async def incidents(self, query: IncidentQuery) -> Page[IncidentRow]:
        return Page((rows.incident(7),), 1, None, 1_000.0)

    async def failures(self, query: FailureQuery) -> Page[FailureRow]:
        place = int(query.cursor or 0)
        if place == len(self.jobs):
            await asyncio.Event().wait()
        found = tuple(replace(rows.failure(1), master_job_id=job) for job in self.jobs[place])
        return Page(found, 9, f"{place + 1}", 1_000.0)


@pytest.fixture
def slow(offered: Offered, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which questions were put to an engine that does not answer all of them in time."""
    asked = []

    @asynccontextmanager
    async def opened(wanted: Wanted) -> AsyncIterator[OpenStore]:
        asked.append("again")
        yield OpenStore(None, Slow(), ())

    monkeypatch.setattr("aof_tui.cli.listing.opened", opened)
    monkeypatch.setattr(completion, "WITHIN_S", 0.2)
    return asked


def test_what_comes_in_time_is_offered_by_one_question(offered: Offered, slow: list[str]) -> None:
    assert offered("aof-tui why ") == ["I7", "a", "b", "j-1"]
    assert slow == ["again"]


def test_jobs_behind_others_with_such_a_title_are_found_and_none_that_a_shell_would_run(
    offered: Offered, slow: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert offered("aof-tui failures retry j") == ["j-1"]
    monkeypatch.setattr(completion, "MOST", 1)
    monkeypatch.setattr(completion, "WITHIN_S", PATIENT_S)
    assert offered("aof-tui failures retry j") == ["j-1"]


def test_where_nothing_can_be_asked_nothing_is_said(
    offered: Offered, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert offered(f"aof-tui failures retry --socket {tmp_path}/none.sock ") == []
    with monkeypatch.context() as patch:
        patch.setattr(completion, "WITHIN_S", 0.0)
        assert offered("aof-tui failures retry ") == []
    config.write_text("mode: nonsense\n", encoding="utf-8")
    assert offered("aof-tui incidents ack ") == []
    config.unlink()
    assert offered("aof-tui breakers close ") == []


@pytest.mark.parametrize(
    ("before", "incomplete", "expected"),
    [
        ((), "", [f"{name}:" for name in FAILURE_FIELDS]),
        ((), "st", [f"status:{word}" for word in FAILURE_FIELDS["status"].words]),
        ((), "shop -test status:he", ["shop -test status:held"]),
        ((), "recipe:x", []),
        ((), "nosuch:", []),
        (("x",), "jo", ["job:"]),
        ((":",), "", [f"{name}:" for name in FAILURE_FIELDS]),
        (("nosuch", ":"), "", []),
    ],
)
def test_the_end_of_a_filter(before: tuple[str, ...], incomplete: str, expected: list[str]) -> None:
    assert next_words(FAILURE_FIELDS, before, incomplete) == expected


def test_kinds_of_events_are_offered() -> None:
    assert next_words(EVENT_FIELDS, (), "kind:engine.start") == ["kind:engine.started"]


def test_other_shells_ask_in_their_own_way(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = {}
    monkeypatch.setenv("_TYPER_COMPLETE_FISH_ACTION", "get-args")
    monkeypatch.setenv("_TYPER_COMPLETE_ARGS", "aof-tui failures list status:he")
    for shell in ("zsh", "fish"):
        monkeypatch.setenv("_AOF_TUI_COMPLETE", f"complete_{shell}")
        with pytest.raises(SystemExit):
            main([])
        said[shell] = capsys.readouterr().out
    assert said == {"zsh": "_arguments '*: :((\"status\\\\:held\"))'\n", "fish": "status:held\n"}


def test_a_real_bash_completes(tmp_path: Path) -> None:
    program = tmp_path / "aof-tui"
    words = shlex.join([sys.executable, "-m", "aof_tui.cli.main"])
    program.write_text(f'#!/bin/sh\nexec {words} "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    script = """
    eval "$("$0" --show-completion)"
    COMP_WORDS=(aof-tui failures list status :) COMP_CWORD=4
    _aof_tui_completion "$0"
    echo "${COMPREPLY[@]}"
    """
    done = subprocess.run(
        ["bash", "--norc", "-c", script, str(program)],
        cwd=ROOT, env=environment(tmp_path), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split() == list(FAILURE_FIELDS["status"].words)
    assert done.stderr == ""
