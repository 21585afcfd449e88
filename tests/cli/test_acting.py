"""Commands that act on a running engine: what they send, what they say, and their exit codes."""

from __future__ import annotations

import asyncio
import getpass
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from aof_tui.base.clock import SystemClock
from aof_tui.base.randomness import Randomness
from aof_tui.base.wording import counted
from aof_tui.cli.main import main
from aof_tui.control.bridge import EngineUnreachableError
from aof_tui.control.people import Admission, Rules
from aof_tui.control.protocol import Control
from aof_tui.control.requests import Command, Verb
from aof_tui.control.rows import CommandResult
from aof_tui.control.server import ControlServer
from aof_tui.control.socket_file import listen
from aof_tui.control.thread import EngineThread
from aof_tui.engine.control import EngineControl
from aof_tui.store.read_only import open_reader
from tests.cli.processes import until
from tests.cli.test_listing import Answer
from tests.control.served import short_folder

ME = f"cli:{getpass.getuser()}"


class Person:
    """Takes commands in place of an engine: writes them down, and refuses what it is told to."""

    def __init__(self) -> None:
        self.commands: list[Command] = []
        self.refuses: set[str | None] = set()
        self.mute_after: int | None = None

    async def run(self, command: Command) -> CommandResult:
        if self.mute_after is not None and len(self.commands) >= self.mute_after:
            raise EngineUnreachableError("the engine is stuck")
        self.commands.append(command)
        refused = (command.master_job_id or command.incident) in self.refuses
        return CommandResult(not refused, "it has recovered" if refused else f"{command.verb} it is")


@pytest.fixture
def engine(demo_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Person]:
    """The demo's store behind a socket, named by the configuration in use."""
    person = Person()

    async def live(ready: Callable[[Control], None], stop: asyncio.Event) -> None:
        clock = SystemClock()
        reader = await open_reader(demo_store, clock)
        control = EngineControl(reader, person, hub=None)  # type: ignore[arg-type]  # nobody subscribes here
        server = ControlServer(control, Admission(Rules(), clock), clock, Randomness())
        async with server.serving(listen(path)):
            ready(control)
            await stop.wait()
        await reader.close()

    with short_folder() as folder:
        path = folder / "a.sock"
        config = tmp_path / "config.yaml"
        workspaces = [{"name": "demo", "url": "https://www.workato.com", "token": "env:T"}]
        settings = {"store": str(demo_store), "workspaces": workspaces, "socket": {"path": str(path)}}
        config.write_text(json.dumps(settings), encoding="utf-8")
        monkeypatch.setenv("AOF_TUI_CONFIG", str(config))
        thread = EngineThread(live)
        thread.start()
        until(lambda: path.exists() or thread.error is not None)
        assert thread.error is None
        yield person
        thread.request_stop()
        assert thread.join(10)


Ask = Callable[..., Answer]


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    def call(*words: str) -> Answer:
        code = main(words)
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    return call


def objects(answer: Answer) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answer.out.splitlines()]


def jobs(ask: Ask, *words: str) -> list[str]:
    return [row["master_job_id"] for row in objects(ask("failures", "list", "--json", *words))]


def test_named_jobs_are_retried_in_order_and_each_says_what_became_of_it(engine: Person, ask: Ask) -> None:
    first, second = jobs(ask)[:2]
    engine.refuses = {second}
    answer = ask("failures", "retry", second, first, "nobody", second, "--reason", "fixed it", "--json")
    assert answer.code == 1
    assert [(row["master_job_id"], row["done"], row["message"]) for row in objects(answer)] == [
        (second, False, "it has recovered"),
        (first, True, "retry it is"),
        ("nobody", False, "there is none of this name"),
    ]
    assert engine.commands == [Command(Verb.RETRY, ME, "demo", job, reason="fixed it") for job in (second, first)]
    engine.refuses.clear()
    answer = ask("failures", "cancel", first)
    assert (answer.code, answer.out) == (0, f"{first}: done: cancel it is\n")


def test_a_filter_is_shown_first_and_done_when_told_to(engine: Person, ask: Ask) -> None:
    status = objects(ask("failures", "list", "--json", "--all"))[0]["status"]
    wanted = jobs(ask, f"status:{status}", "--all")
    assert wanted
    asked = ask("failures", "release", "--filter", f"status:{status}")
    assert asked.code == 2
    assert asked.err == f"aof-tui: nothing is done yet: --yes does it (release {counted(len(wanted), 'failure')})\n"
    assert wanted[0] in asked.out
    assert engine.commands == []
    done = ask("failures", "release", "--filter", f"status:{status}", "--yes", "--json")
    assert done.code == 0
    assert [command.master_job_id for command in engine.commands] == wanted
    assert [row["master_job_id"] for row in objects(done)] == wanted
    for elsewhere in (("--filter", "workspace:other"), ("--filter", "held", "--workspace", "other")):
        assert ask("failures", "retry", *elsewhere, "--yes").err == "aof-tui: nothing matches\n"
    assert ask("failures", "retry", "--filter", "no such words anywhere", "--yes").err == "aof-tui: nothing matches\n"


def test_a_preview_marks_what_will_be_refused(engine: Person, ask: Ask) -> None:
    ended = len(jobs(ask, "status:recovered", "--all"))
    asked = ask("failures", "retry", "--filter", "status:recovered")
    assert (asked.code, engine.commands) == (2, [])
    # What answers here shows a store that may only be read.
    assert asked.out.count("The engine lets you only look") == min(ended, 10)
    assert asked.out.endswith(f"As it stands, the engine will refuse at least {ended} of these {ended}.\n")
    assert ask("failures", "retry", "--filter", "status:recovered", "--json").out == ""
    assert "The engine lets you only look" in ask("incidents", "resolve", "--all").out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("failures", "retry"), "say what is meant in one way"),
        (("failures", "retry", "j", "--all"), "say what is meant in one way"),
        (("failures", "retry", "j", "--filter", "status:held"), "say what is meant in one way"),
        (("failures", "retry", "--filter", "status:heldd"), "no status begins with “heldd”, did you mean held?"),
        (("failures", "retry", "--filter", ' "" ', "--yes"), "the filter is empty"),
        (("incidents", "ack", "--filter", "severity:", "--yes"), "severity: needs a value; there are critical,"),
        (("failures", "close", "--filter", "-workspace:prod", "--reason", "x", "--yes"), "-workspace: cannot be said"),
        (("failures", "retry", "--filter", "-severity:warning", "--yes"), "there is no field “severity” here"),
        (("failures", "retry", "--filter", '-" "', "--yes"), "nothing but blanks stands in quotes"),
        (
            ("incidents", "ack", "--filter", "workspace:demo", "--workspace", "other", "--yes"),
            "name workspaces in one way",
        ),
        (("failures", "close", "j"), "closing needs a reason"),
        (("incidents", "snooze", "I1", "--for", "soon"), "--for must be a duration"),
    ],
)
def test_what_is_not_clear_is_not_done(engine: Person, ask: Ask, words: tuple[str, ...], said: str) -> None:
    answer = ask(*words)
    assert answer.code == 2
    assert said in answer.err
    assert engine.commands == []


def test_incidents_are_dealt_with(engine: Person, ask: Ask) -> None:
    name = objects(ask("incidents", "list", "--json", "--all"))[0]["incident"]
    for words, command in (
        (("ack",), Command(Verb.ACKNOWLEDGE, ME, "demo", incident=name)),
        (("snooze", "--for", "2h"), Command(Verb.SNOOZE, ME, "demo", incident=name, value="7200")),
        (("assign", "--to", "ana"), Command(Verb.ASSIGN, ME, "demo", incident=name, value="ana")),
        (("escalate", "--reason", "!"), Command(Verb.ESCALATE, ME, "demo", incident=name, reason="!")),
        (("resolve",), Command(Verb.RESOLVE, ME, "demo", incident=name)),
        (("start",), Command(Verb.START, ME, "demo", incident=name)),
    ):
        answer = ask("incidents", words[0], name.lower(), *words[1:])
        assert (answer.code, answer.out) == (0, f"{name}: done: {command.verb} it is\n")
        assert engine.commands.pop() == command
    answer = ask("incidents", "ack", "I99999")
    assert (answer.code, engine.commands) == (1, [])


def test_workspaces_are_paused_and_breakers_opened(engine: Person, ask: Ask) -> None:
    assert ask("pause", "--reason", "deploy").code == 0
    assert ask("resume", "demo").code == 0
    assert ask("breakers", "open", "connection:7").code == 0
    assert ask("pause", "other").code == 0
    assert engine.commands == [
        Command(Verb.PAUSE, ME, "demo", reason="deploy"),
        Command(Verb.RESUME, ME, "demo"),
        Command(Verb.OPEN_BREAKER, ME, "demo", value="connection:7"),
        Command(Verb.PAUSE, ME, "other"),
    ]


def test_an_engine_that_goes_away_says_what_was_not_asked_for(engine: Person, ask: Ask) -> None:
    names = jobs(ask)[:3]
    engine.mute_after = 1
    answer = ask("failures", "retry", *names)
    assert answer.code == 3
    assert answer.out == f"{names[0]}: asked for: its repeat is sent as soon as it may be\n"
    assert answer.err == f"aof-tui: {names[1]}: the engine is stuck; 1 more was not asked for\n"


def test_listings_ask_the_engine_and_why_tells(engine: Person, ask: Ask) -> None:
    job = jobs(ask)[0]
    told = objects(ask("why", job, "--json"))[0]
    assert (told["master_job_id"], told["workspace"]) == (job, "demo")
    assert told["plan"]["next"]
    lines = ask("why", job).out.splitlines()
    assert [line.partition("  ")[0] for line in lines[:4]] == ["workspace", "master job id", "recipe", "error"]
    names = [line.partition("  ")[0] for line in lines]
    assert (names.count("plan"), names.count("last")) == (1, 1)
    plan, last = names.index("plan"), names.index("last")
    parts = [f"{key.replace('_', ' ')}: {value}" for key, value in told["plan"].items()]
    assert [line.removeprefix("plan").strip() for line in lines[plan:last]] == parts
    assert [line.removeprefix("last").strip() for line in lines[last:]] == told["last"]
    incident = told["incident"] or "I1"
    about = objects(ask("why", incident, "--json"))[0]
    assert about["incident"] == incident
    why = [" ".join(line.split()) for line in ask("why", incident).out.splitlines()]
    counts = [f"{count} {where.replace('_', ' ')}" for where, count in about["because"].items()] or ["–"]
    place = why.index(f"because {counts[0]}")
    assert why[place : place + len(counts)] == [f"because {counts[0]}", *counts[1:]]
    assert ask("why", "nobody").code == 1
    assert ask("why", "I99999").err == "aof-tui: there is no incident I99999\n"


def test_without_an_engine_listings_read_the_store_and_actions_say_so(config: Path, ask: Ask) -> None:
    assert jobs(ask)
    answer = ask("failures", "retry", jobs(ask)[0])
    assert (answer.code, answer.out) == (3, "")
    assert "no engine answers at" in answer.err
    assert "start one with aof-tui headless" in answer.err
    for words in (("pause",), ("incidents", "ack", "I1"), ("failures", "retry", "x", "--socket", "/nowhere/a.sock")):
        assert ask(*words).code == 3
