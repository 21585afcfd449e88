"""The socket of an engine as its settings want it."""

from __future__ import annotations

import grp
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from aof_tui.base.clock import SystemClock
from aof_tui.base.errors import ConfigError, UsageError
from aof_tui.cli.serving import places_of, serving, socket_plan
from aof_tui.config.settings import Settings
from aof_tui.control.socket_file import answers
from tests.config.texts import FOLDER, with_rest
from tests.control.fake import BareControl
from tests.control.served import client, short_folder


def read(more: str) -> Settings:
    return with_rest(f"{more}\n").settings


@pytest.fixture
def folder() -> Iterator[Path]:
    with short_folder() as made:
        yield made


def test_the_socket_lies_where_the_file_says() -> None:
    assert places_of(read("socket: {path: run/a.sock}"), {}) == (FOLDER / "run" / "a.sock",)
    assert len(places_of(read(""), {"XDG_RUNTIME_DIR": "/"})) == 2


def test_who_gets_in_is_what_the_file_says() -> None:
    group = grp.getgrgid(os.getgid()).gr_name
    plan = socket_plan(read(f"socket: {{path: a.sock, group: {group}, viewers: [bob], operators: ['@oncall']}}"), {})
    assert (plan.gid, plan.rules.group) == (os.getgid(), group)
    assert (plan.rules.viewers, plan.rules.operators) == (("bob",), ("@oncall",))


def test_what_cannot_be_is_told_before_anything_starts() -> None:
    with pytest.raises(UsageError, match=r"may have 100: name a shorter one \(socket\.path\)"):
        socket_plan(read(f"socket: {{path: /{'x' * 100}}}"), {})
    with pytest.raises(UsageError, match=r"socket\.group: this machine has no group 'no-such-group'"):
        socket_plan(read("socket: {group: no-such-group}"), {})
    with pytest.raises(ConfigError, match=r"viewers: nobody but the engine's user reaches the socket without a group"):
        read("socket: {viewers: [bob]}")


async def test_two_engines_never_share_a_socket(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    plan = socket_plan(read(f"socket: {{path: {folder}/run/a.sock}}"), {})
    clock = SystemClock()
    first, second = BareControl(), BareControl()
    async with serving(plan, clock)(first):
        async with serving(plan, clock)(second):
            await client(plan.path).status()
        assert answers(plan.path)
        assert (first.calls, second.calls) == (1, 0)
    assert "nobody can attach to this engine: another engine answers at" in caplog.text
    assert not plan.path.exists()
