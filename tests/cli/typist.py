"""Types commands that documents show, in this process, and judges how they ended."""

from __future__ import annotations

import io
import json
import shlex
import signal
import threading
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass

import pytest

from aof_tui.cli.main import main
from aof_tui.control.socket_file import answers
from aof_tui.domain.words import FailureStatus, IncidentKind
from tests.cli.documented_world import FALLBACK, WORKSPACE, World
from tests.cli.processes import DEADLINE_S, until

MAY_BE_WRONG = (0, 1)
"""These tell by their exit code whether something is wrong, and what is wrong in a test may change."""
CODES: dict[str, tuple[int, ...]] = {"status": MAY_BE_WRONG, "incidents resolve": (1,)}
"""Exit codes as documented, by what a command begins with; 0 for all others. Incidents with open failures stay."""
ENDLESS = {"log -f": signal.SIGINT, "status --watch": signal.SIGINT, "simulate": signal.SIGTERM}
INTERRUPTED = {signal.SIGINT: 130, signal.SIGTERM: 0}
QUICK = {"60s": "1s"}
"""A demonstration need not last for a minute."""


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


class Watched(io.StringIO):
    """Says when the first line was printed."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = threading.Event()

    def write(self, text: str) -> int:
        if "\n" in text:
            self.begun.set()
        return super().write(text)


def begins(words: list[str], with_these: str) -> bool:
    """Whether a command line is of that command; its options may stand elsewhere."""
    wanted = with_these.split()
    return words[: 1 + (len(wanted) > 1 and not wanted[1].startswith("-"))] == [
        word for word in wanted if not word.startswith("-")
    ] and all(word in words for word in wanted)


def run_words(words: list[str]) -> Ran:
    """Run a command here; one without an end is interrupted when it has said something."""
    out, err = Watched(), io.StringIO()
    number = next((number for name, number in ENDLESS.items() if begins(words, name)), None)
    with redirect_stdout(out), redirect_stderr(err):
        code = main(words) if number is None else main_until(words, lambda: out.begun.wait(DEADLINE_S), number)
    return Ran(code, out.getvalue(), err.getvalue())


def run_headless(words: list[str], world: World, capfd: pytest.CaptureFixture[str]) -> Ran:
    """The engine as a command, ended as systemd does it once it answers."""
    capfd.readouterr()
    code = main_until(words, lambda: until(lambda: answers(world.socket)), signal.SIGTERM)
    return Ran(code, *capfd.readouterr())


def main_until(words: list[str], reached: Callable[[], object], number: signal.Signals) -> int:
    """Run a command, and send it a signal when something is so."""
    ended, here = threading.Event(), threading.get_ident()

    def end() -> None:
        reached()
        signal.pthread_kill(here, number)
        # Who is just about to wait for something sleeps over a signal; the next one wakes it for both.
        while not ended.wait(0.1):
            signal.pthread_kill(here, signal.SIGUSR1)

    before = signal.signal(signal.SIGUSR1, lambda _number, _frame: None)
    thread = threading.Thread(target=end)
    thread.start()
    try:
        return main(words)
    finally:
        ended.set()
        thread.join()
        signal.signal(signal.SIGUSR1, before)


class Typist:
    """Types commands as a person would who reads the documents: with names of what there is."""

    def __init__(self, world: World) -> None:
        self._world = world

    def words(self, words: list[str]) -> list[str]:
        if words[-1:] in (["show"], ["why"]):
            words = [*words, "ID" if words == ["why"] else "JOB" if words[0] == "failures" else "I7"]
        return [self._word(word, words) for word in words]

    def _word(self, word: str, words: list[str]) -> str:
        world = self._world
        if word in ("JOB", "ID"):
            return self._job(words)
        if word == "I7":
            return world.incident(IncidentKind.RECIPE_STOPPED if "start" in words else IncidentKind.JOBS)
        if "aof.db.backup/" in word or word.startswith("STORE.backup/") or word in ("FILE", "COPY"):
            return str(world.copy)
        known = {
            "COMMAND": "status",
            "WORKSPACE": WORKSPACE,
            "TEXT": "a reason",
            "NAME": FALLBACK,
            "/etc/aof-tui/config.yaml": str(world.config),
            "/run/aof-tui/control.sock": str(world.socket),
            **QUICK,
        }
        return world.downstream() if word == "connection:1234" else known.get(word, word)

    def _job(self, words: list[str]) -> str:
        if "release" in words:
            return self._world.held_failure()
        waits = {"close", "fallback"} & set(words)
        return self._world.failure(FailureStatus.NEEDS_PERSON if waits else FailureStatus.SCHEDULED)


def complaints(words: list[str], ran: Ran) -> list[str]:
    """What is wrong with how a command ended."""
    interrupted = next((INTERRUPTED[number] for name, number in ENDLESS.items() if begins(words, name)), None)
    allowed = next((codes for name, codes in CODES.items() if begins(words, name)), (0,))
    wrong = [] if ran.code in (allowed if interrupted is None else (interrupted,)) else [f"exit code {ran.code}"]
    if "Traceback" in ran.out + ran.err or "internal error" in ran.err:
        wrong.append("it broke")
    if not (ran.out or ran.err):
        wrong.append("it says nothing")
    if "--json" in words or words[:1] == ["classify"]:
        try:
            if not all(isinstance(json.loads(line), dict) for line in ran.out.splitlines()) or not ran.out:
                wrong.append("its lines are no objects")
        except ValueError as error:
            wrong.append(f"its output is no JSON: {error}")
    return [f"aof-tui {shlex.join(words)}: {', '.join(wrong)}: {ran.err or ran.out[:300]}"] if wrong else []
