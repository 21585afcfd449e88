"""A socket whose peers send anything: the engine answers others meanwhile, and tells nothing it may not."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from aof_tui.control import server_connections
from tests.control.fake import BareControl
from tests.control.served import answered, raw, request, served, short_folder

SEED = 20
MEGABYTE = 1_000_000


@pytest.fixture
def path() -> Iterator[Path]:
    with short_folder() as folder:
        yield folder / "a.sock"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (request("GET", "nothing"), 404),
        (request("GET", "../status"), 404),
        (b"GET /status HTTP/1.1\r\nHost: e\r\nConnection: close\r\n\r\n", 404),
        (request("POST", "status"), 405),
        (request("GET", "failures"), 405),
        (request("POST", "failures", b"{"), 400),
        (request("POST", "failures", b"[" * 60_000), 400),
        (request("POST", "failures", b"\xff\xfe"), 400),
        (request("POST", "failures", {"limit": "1"}), 400),
        (request("POST", "command", {"verb": "drop", "workspace": "p"}), 400),
        (request("POST", "story", {"workspace": "p"}), 400),
        (request("POST", "feed/wait", {"timeout_s": 1e9, "feed": 7}), 400),
        (request("POST", "failures", b" " * 70_000), 413),
        (request("GET", "status", Aof_Wire="old"), 409),
    ],
)
async def test_what_is_wrong_is_refused(path: Path, sent: bytes, status: int) -> None:
    async with served(BareControl(), path):
        code, refusal = answered(await raw(path, sent))
        assert (code, set(refusal)) == (status, {"kind", "message"})


async def test_ten_megabytes_are_not_kept(path: Path) -> None:
    async with served(BareControl(), path) as control:
        for head in (b"Content-Length: 10000000", b"Transfer-Encoding: chunked"):
            reader, writer = await asyncio.open_unix_connection(str(path))
            writer.write(b"POST /v1/failures HTTP/1.1\r\nHost: e\r\n" + head + b"\r\n\r\n")
            chunk = b" " * 10_000 if b"Length" in head else b"2710\r\n" + b" " * 10_000 + b"\r\n"
            sent = 0
            try:
                while sent < 10 * MEGABYTE:
                    writer.write(chunk)
                    await writer.drain()
                    sent += len(chunk)
            except ConnectionError:
                pass
            async with asyncio.timeout(10):
                assert b" 413 " in (await _rest(reader)).partition(b"\r\n")[0]
            writer.close()
            assert (await control.status()).engine == "running"


async def _rest(reader: asyncio.StreamReader) -> bytes:
    found = b""
    try:
        while not found.endswith(b"}") and (more := await reader.read(4096)):
            found += more
    except ConnectionError:
        pass
    return found


async def test_garbage_and_half_requests_hurt_nobody(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    chance = random.Random(SEED)
    whole = request("POST", "command", {"verb": "retry", "workspace": "prod", "master_job_id": "j-1"})
    bare = BareControl()
    async with served(bare, path) as control:
        for _ in range(150):
            sent = bytearray(whole[: chance.randrange(len(whole))])
            for _ in range(chance.randrange(4)):
                if sent:
                    sent[chance.randrange(len(sent))] = chance.randrange(256)
            if chance.random() < 0.3:
                sent = bytearray(chance.randbytes(chance.randrange(1, 3_000)))
            answer = await raw(path, bytes(sent), half_close=True)
            assert b'"done"' not in answer
            assert b"Traceback" not in answer
        assert (await control.status()).engine == "running"
    assert bare.commands == []
    assert caplog.text == ""


async def test_a_hundred_connections_that_say_nothing_keep_nobody_out(path: Path) -> None:
    async with served(BareControl(), path) as control:
        held = [await asyncio.open_unix_connection(str(path)) for _ in range(100)]
        for _, writer in held[::2]:
            writer.write(b"POST /v1/failures HTTP/1.1\r\nContent-Le")
        for _ in range(5):
            assert (await control.status()).engine == "running"
        cut = [reader for reader, _ in held if await _is_cut(reader)]
        assert len(cut) >= 100 - server_connections.MOST_CONNECTIONS
        for _, writer in held:
            writer.close()


async def _is_cut(reader: asyncio.StreamReader) -> bool:
    try:
        async with asyncio.timeout(0.01):
            return await reader.read(1) == b""
    except TimeoutError:
        return False
    except ConnectionError:
        return True


async def test_where_all_are_busy_one_more_is_hung_up_on(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_connections.Connections.__init__, "__defaults__", (2,))
    bare = BareControl(hang=True)
    async with served(bare, path):
        asked = [asyncio.create_task(raw(path, request("GET", "status"))) for _ in range(2)]
        while bare.calls < 2:  # noqa: ASYNC110 - the fake counts, it does not signal
            await asyncio.sleep(0.001)
        assert await raw(path, request("GET", "status")) == b""
        bare.let_go.set()
        assert [answered(answer)[0] for answer in await asyncio.gather(*asked)] == [200, 200]


async def test_who_sends_half_a_request_is_cut_off(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_connections, "IDLE_S", 0.05)
    monkeypatch.setattr(server_connections, "LOOK_EVERY_S", 0.02)
    async with served(BareControl(), path):
        async with asyncio.timeout(5):
            assert await raw(path, b"GET /v1/status HT") == b""
            assert await raw(path, b"") == b""


async def test_a_body_that_does_not_come_is_not_waited_for(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aof_tui.control.server.BODY_WITHIN_S", 0.05)
    async with served(BareControl(), path):
        half = request("POST", "failures", {"limit": 1})[:-3]
        assert answered(await raw(path, half))[0] == 408
