"""A Control over a real Unix socket: everything comes back, callers are named by the kernel, engines come and go."""

from __future__ import annotations

import asyncio
import getpass
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from aof_tui.base.clock import SystemClock
from aof_tui.base.errors import AofError, TemporaryError, UsageError
from aof_tui.base.randomness import Randomness
from aof_tui.control import http_call
from aof_tui.control.bridge import EngineFaultError, EngineUnreachableError
from aof_tui.control.client import NoEngineError, NotAllowedError, SocketControl, VersionMismatchError
from aof_tui.control.openapi import describe
from aof_tui.control.people import Person, Rules
from aof_tui.control.requests import (
    Changes,
    Command,
    EventQuery,
    FailureQuery,
    IncidentQuery,
    NotificationQuery,
    Topic,
    Verb,
)
from aof_tui.control.rows import CommandResult, Status
from aof_tui.control.server_feeds import Feeds
from aof_tui.control.wire import FeedWait, Role, wire_digest
from tests.control.fake import BareControl, empty_status
from tests.control.served import answered, client, raw, request, served, short_folder

NOBODY = 65_534
EVERYTHING = Changes(everything=True)
RETRY = Command(Verb.RETRY, "terminal:mallory", "prod", "j-1")


@pytest.fixture
def path() -> Iterator[Path]:
    with short_folder() as folder:
        yield folder / "run" / "a.sock"


async def test_every_question_comes_back(path: Path) -> None:
    bare = BareControl()
    async with served(bare, path) as control:
        assert await control.status() == empty_status()
        assert (await control.failures(FailureQuery(text=("a", "ü\n")))).total == 0
        assert (await control.incidents(IncidentQuery())).total == 0
        assert (await control.events(EventQuery())).total == 0
        assert (await control.notifications(NotificationQuery())).total == 0
        assert await control.story("prod", "j-1") is None
        with pytest.raises(UsageError, match="makes no reports"):
            await control.report("prod", 0, 1)
        with pytest.raises(UsageError, match="counts nothing"):
            await control.metrics("prod", 0, 1)
        hello = await control.hello()
    assert (hello.program, hello.wire, hello.role) == ("aof-tui", wire_digest(), Role.OPERATOR)


@pytest.mark.parametrize(
    ("claimed", "channel"), [("terminal:mallory", "terminal"), ("cli:x", "cli"), ("engine", "cli"), ("slack:x", "cli")]
)
async def test_who_acts_is_who_the_kernel_says(path: Path, claimed: str, channel: str) -> None:
    bare = BareControl()
    async with served(bare, path) as control:
        assert (await control.command(replace(RETRY, actor=claimed))).done
    assert [command.actor for command in bare.commands] == [f"{channel}:{getpass.getuser()}"]


async def test_a_script_needs_no_actor(path: Path) -> None:
    bare = BareControl()
    async with served(bare, path):
        body = {"verb": "pause", "workspace": "prod", "reason": "deploy"}
        assert answered(await raw(path, request("POST", "command", body))) == (200, {"done": True, "message": "done"})
        status, refusal = answered(await raw(path, request("POST", "command", [])))
    assert (status, refusal["kind"]) == (400, "usage")
    assert bare.commands == [Command(Verb.PAUSE, f"cli:{getpass.getuser()}", "prod", reason="deploy")]


async def test_who_gives_up_acting_only_looks(path: Path) -> None:
    bare = BareControl()
    async with served(bare, path):
        viewer = client(path, role=Role.VIEWER)
        assert (await viewer.status()).read_only
        with pytest.raises(NotAllowedError, match="may look here, but not act"):
            await viewer.command(RETRY)
    assert bare.commands == []


async def test_another_user_is_what_the_lists_say(path: Path) -> None:
    """With the kernel's word where this test may become another user, else with another one for the engine's own."""
    if os.getuid() != 0:
        pytest.skip("only root becomes another user")
    bare = BareControl()
    for rules, wanted, told in (
        (Rules(1, "aof"), 200, "done"),
        (Rules(1, "aof", viewers=["ana"]), 403, "ana may look here, but not act"),
        (Rules(1), 403, "ana may not use this engine"),
    ):
        async with served(bare, path, rules=rules, look_up=lambda uid: Person("ana", frozenset({"aof"})), gid=NOBODY):
            path.parent.parent.chmod(0o755)
            status, answer = answered(await _as_nobody(path, request("POST", "command", {
                "verb": "pause", "workspace": "prod",
            })))  # fmt: skip
            assert (status, answer["message"]) == (wanted, told)
            if wanted == 200:
                assert bare.commands.pop().actor == "cli:ana"
    assert bare.commands == []


async def _as_nobody(path: Path, sent: bytes) -> bytes:
    connection = socket.socket(socket.AF_UNIX)
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        connection.connect(str(path))
    finally:
        os.seteuid(0)
        os.setegid(0)
    reader, writer = await asyncio.open_unix_connection(sock=connection)
    writer.write(sent)
    try:
        return await reader.read()
    finally:
        writer.close()


async def test_a_change_reaches_two_clients_within_a_second(path: Path) -> None:
    bare = BareControl()
    async with served(bare, path) as control:
        feeds = [control.subscribe(), client(path).subscribe()]
        assert [await feed.wait(5) for feed in feeds] == [EVERYTHING, EVERYTHING]
        waits = [asyncio.create_task(feed.wait(20)) for feed in feeds]
        await control.status()
        bare.hub.publish([Topic.FAILURES], ["j-1"])
        async with asyncio.timeout(1):
            assert await asyncio.gather(*waits) == [Changes(frozenset({Topic.FAILURES}), frozenset({"j-1"}))] * 2
        assert await feeds[0].wait(0) == Changes()
        bare.hub.publish([Topic.EVENTS], [f"j-{number}" for number in range(2_000)])
        assert await feeds[1].wait(5) == Changes(frozenset({Topic.EVENTS}), everything=True)


async def test_feeds_that_are_left_make_room_and_their_client_reads_all_again(path: Path) -> None:
    bare = BareControl()
    async with served(bare, path) as control:
        first = control.subscribe()
        await first.wait(0)
        for _ in range(20):
            await control.subscribe().wait(0)
        assert len(bare.hub._feeds) == 16
        assert await first.wait(0) == EVERYTHING
        first.close()
    assert bare.hub._feeds == []


async def test_who_waits_for_too_much_is_told(path: Path) -> None:
    async with served(BareControl(), path) as control:
        feeds = [control.subscribe() for _ in range(16)]
        for feed in feeds:
            await feed.wait(0)
        waits = [asyncio.create_task(feed.wait(20)) for feed in feeds]
        await asyncio.sleep(0.2)
        with pytest.raises(TemporaryError, match="too many wait for changes"):
            await control.subscribe().wait(0)
        assert (await control.status()).engine == "running"
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)


async def test_an_engine_that_comes_back_is_found_and_all_is_read_again(path: Path) -> None:
    async with served(BareControl(), path) as control:
        feed = control.subscribe()
        await feed.wait(0)
        assert await feed.wait(0) == Changes()
    with pytest.raises(NoEngineError, match=rf"no engine answers at {path}: start one with aof-tui headless"):
        await control.status()
    with pytest.raises(EngineUnreachableError):
        await feed.wait(0)
    bare = BareControl()
    async with served(bare, path):
        assert await feed.wait(5) == EVERYTHING
        assert (await control.command(RETRY)).done


async def test_the_first_place_that_answers_is_taken(path: Path) -> None:
    async with served(BareControl(), path):
        assert (await client(path.with_name("none.sock"), path).status()).engine == "running"


async def test_everything_described_is_there(path: Path) -> None:
    told = describe("1")["paths"]
    async with served(BareControl(), path):
        for target, methods in told.items():
            (method,) = methods.keys() - {"parameters"}
            status, _ = answered(await raw(path, request(method.upper(), target.removeprefix("/v1/"), b"[]")))
            assert status in (200, 400), target


async def test_another_version_is_refused_with_advice(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with served(BareControl(), path):
        monkeypatch.setattr("aof_tui.control.client.wire_digest", lambda: "0" * 16)
        with pytest.raises(VersionMismatchError, match="use the same version on both sides"):
            await client(path).hello()


async def test_a_fault_of_the_engine_is_named_by_its_kind_alone(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with served(BareControl(), path) as control:
        with pytest.raises(EngineFaultError, match=r"failed to answer: LookupError$"):
            await control.incidents(IncidentQuery(text=("secret",)))
        assert (await control.status()).engine == "running"
    assert "the engine failed to answer" in caplog.text


class SlowControl(BareControl):
    """Says when a command has begun, and lets the test say when it ends."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = asyncio.Event()

    async def command(self, command: Command) -> CommandResult:
        self.begun.set()
        await self.let_go.wait()
        return await super().command(command)


async def test_a_command_once_begun_is_done_though_its_sender_goes_away(path: Path) -> None:
    bare = SlowControl()
    async with served(bare, path) as control:
        asked = asyncio.create_task(control.command(RETRY))
        await bare.begun.wait()
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
        bare.let_go.set()
        await control.status()
        await asyncio.sleep(0)
        assert len(bare.commands) == 1


async def test_a_stuck_engine_never_holds_the_caller(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aof_tui.control.client.COMMAND_WITHIN_S", 0.1)
    bare = SlowControl()
    async with served(bare, path) as control:
        with pytest.raises(EngineUnreachableError, match="may still be done"):
            await control.command(RETRY)
        bare.let_go.set()


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n<p>", "is no engine"),
        (b"HTTP/1.1 502 Bad\r\nContent-Length: 2\r\n\r\n{}", "is no engine"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n{", "went away before it answered"),
        (b"SSH-2.0-x\r\n", "went away before it answered"),
        (b"", "went away before it answered"),
    ],
)
async def test_what_is_no_engine_is_told(path: Path, answer: bytes, told: str) -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1_000)
        writer.write(answer)
        writer.close()

    path.parent.mkdir()
    async with await asyncio.start_unix_server(babble, str(path)):
        with pytest.raises(EngineUnreachableError, match=told):
            await client(path).status()


async def test_an_answer_without_an_end_is_given_up(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_call, "MOST_ANSWER_BYTES", 10_000)

    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n" + b"x" * 20_000)
        await asyncio.gather(reader.read(), return_exceptions=True)
        writer.close()
        ended.set()

    ended = asyncio.Event()
    path.parent.mkdir()
    async with await asyncio.start_unix_server(babble, str(path)):
        with pytest.raises(EngineUnreachableError, match="went away"):
            await client(path).status()
        await ended.wait()


class NewerControl(BareControl):
    async def status(self) -> Status:
        return replace(empty_status(), engine=7)  # what another version might send


async def test_an_answer_that_is_not_understood_is_a_fault(path: Path) -> None:
    async with served(NewerControl(), path) as control:
        with pytest.raises(EngineFaultError, match=r"not understood: Expected `str`, got `int` - at `.*engine`"):
            await control.status()


async def test_places_that_cannot_be_found_out_are_told_each_time() -> None:
    def broken() -> tuple[Path, ...]:
        raise AofError("config.yaml:1: no")

    control = SocketControl(broken)
    for _ in range(2):
        with pytest.raises(AofError, match=r"config\.yaml:1: no"):
            await control.status()


async def test_a_feed_belongs_to_one_user() -> None:
    bare = BareControl()
    feeds = Feeds(bare, SystemClock(), Randomness("feeds"))
    mine = (await feeds.wait(1, FeedWait(None))).feed
    bare.hub.publish([Topic.FAILURES], ["j-1"])
    stolen = await feeds.wait(2, FeedWait(mine, 0))
    assert stolen.feed != mine
    assert stolen.changes == EVERYTHING
    assert (await feeds.wait(1, FeedWait(mine, 0))).changes.master_job_ids == {"j-1"}
    feeds.close()
