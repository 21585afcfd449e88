"""The one dangerous request: sent once, over its own connection, and its answer told without guessing."""

from __future__ import annotations

import asyncio
import gzip
import socket

import pytest

from aof_tui.base.clock import SystemClock
from aof_tui.base.errors import UsageError
from aof_tui.base.secret import Secret
from aof_tui.workato.answers import JobOutcome, RepeatAnswer, RequestOutcome
from aof_tui.workato.client import REPEAT_CAP_BYTES
from aof_tui.workato.errors import Forbidden, NotSent, RateLimited, Unauthorized
from tests.workato.stub import (
    TOKEN,
    Reply,
    Request,
    Stub,
    Writer,
    blunt_server,
    client_for,
    cut_after,
    fast_pacers,
    json_reply,
    reply,
    reset,
    says,
    stub_server,
)

JOBS = ("j-a", "j-b")
DISPATCH = "0b8f7a52-6f4c-4a39-9d3e-2b1f0c9d8e7a"
ACCEPTED = {"results": [{"job_id": job_id, "status": "enqueued"} for job_id in JOBS]}


async def repeat(respond: Reply, deadline_s: float = 20.0) -> tuple[RepeatAnswer, Stub]:
    async with stub_server(respond) as (stub, origin), client_for(origin, repeat_deadline_s=deadline_s) as client:
        answer = await client.repeat("42", JOBS, DISPATCH)
    assert len(stub.requests) <= 1
    assert TOKEN not in repr(answer)
    return answer, stub


async def test_the_request_names_the_jobs_and_the_dispatch() -> None:
    answer, stub = await repeat(says(json_reply(ACCEPTED)))
    assert answer.outcome is RequestOutcome.ANSWERED
    assert [one.outcome for one in answer.jobs] == [JobOutcome.ACCEPTED, JobOutcome.ACCEPTED]
    [request] = stub.requests
    assert request.line == "POST /api/recipes/42/repeat_jobs HTTP/1.1"
    assert request.json == {"job_ids": ["j-a", "j-b"]}
    assert request.headers["x-correlation-id"] == DISPATCH
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.headers["connection"] == "close"
    assert request.headers["content-type"] == "application/json"


async def test_each_repeat_and_each_read_has_its_own_connection() -> None:
    async def both(request: Request, writer: Writer) -> None:
        writer.write(json_reply(ACCEPTED if request.line.startswith("POST") else {"id": 1}))

    async with stub_server(both) as (stub, origin), client_for(origin) as client:
        await client.me()
        await client.repeat("42", JOBS, DISPATCH)
        await client.me()
        await client.repeat("42", JOBS, DISPATCH)
        assert stub.connections == 3


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (400, RequestOutcome.REJECTED),
        (401, RequestOutcome.REJECTED),
        (403, RequestOutcome.REJECTED),
        (404, RequestOutcome.REJECTED),
        (409, RequestOutcome.REJECTED),
        (422, RequestOutcome.REJECTED),
        (429, RequestOutcome.REJECTED),
        (402, RequestOutcome.AMBIGUOUS),
        (408, RequestOutcome.AMBIGUOUS),
        (425, RequestOutcome.AMBIGUOUS),
        (500, RequestOutcome.AMBIGUOUS),
        (502, RequestOutcome.AMBIGUOUS),
        (504, RequestOutcome.AMBIGUOUS),
        (302, RequestOutcome.AMBIGUOUS),
        (202, RequestOutcome.AMBIGUOUS),
    ],
)
async def test_a_status_decides_only_where_it_is_definite(status: int, outcome: RequestOutcome) -> None:
    answer, stub = await repeat(says(json_reply(ACCEPTED, status)))
    assert answer.outcome is outcome
    assert answer.http_status == status
    assert len(stub.requests) == 1


async def test_what_must_stop_acting_is_told_apart() -> None:
    for status, kind in ((401, Unauthorized), (403, Forbidden)):
        answer, _ = await repeat(says(json_reply({"message": "no"}, status)))
        assert type(answer.error) is kind
    answer, _ = await repeat(says(reply(200, b"<form>password", "text/html")))
    assert isinstance(answer.error, Unauthorized)
    assert answer.outcome is RequestOutcome.AMBIGUOUS


async def test_a_429_slows_the_repeats() -> None:
    pacers = fast_pacers(SystemClock())
    before = pacers.repeats.interval_s
    respond = says(json_reply({}, 429, Retry_After="9"))
    async with stub_server(respond) as (_, origin), client_for(origin, pacers=pacers) as client:
        answer = await client.repeat("42", JOBS, DISPATCH)
    assert isinstance(answer.error, RateLimited)
    assert answer.error.retry_after_s == 9
    assert pacers.repeats.interval_s > 1.9 * before


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"results": [{"job_id": "j-a", "status": "enqueued"',
        b'{"results": [], "results": []}',
        b"[" * 100_000,
        b'{"success": true}',
        b'{"results": NaN}',
        b" " * (REPEAT_CAP_BYTES + 1),
    ],
)
async def test_an_unclear_answer_leaves_a_doubt(body: bytes) -> None:
    answer, _ = await repeat(says(reply(200, body)))
    assert answer.outcome is RequestOutcome.AMBIGUOUS
    assert {one.outcome for one in answer.jobs} == {JobOutcome.AMBIGUOUS}
    assert answer.why


async def test_a_bomb_of_an_answer_leaves_a_doubt() -> None:
    packed = gzip.compress(b" " * (REPEAT_CAP_BYTES + 1))
    answer, _ = await repeat(says(reply(200, packed, Content_Encoding="gzip")))
    assert answer.outcome is RequestOutcome.AMBIGUOUS
    assert "larger" in answer.why


@pytest.mark.parametrize("with_reset", [True, False])
async def test_an_answer_cut_at_any_byte_leaves_a_doubt(with_reset: bool) -> None:
    whole = json_reply(ACCEPTED)
    for length in range(len(whole)):
        answer, _ = await repeat(cut_after(whole, length, with_reset=with_reset))
        assert answer.outcome is RequestOutcome.AMBIGUOUS, length
        assert answer.jobs[0].outcome is JobOutcome.AMBIGUOUS, length


async def test_a_reset_before_the_answer_leaves_a_doubt() -> None:
    async def hang_up(_: Request, writer: Writer) -> None:
        reset(writer)

    answer, stub = await repeat(hang_up)
    assert answer.outcome is RequestOutcome.AMBIGUOUS
    assert len(stub.requests) == 1


async def test_a_server_that_hangs_up_at_once_leaves_a_doubt() -> None:
    async with blunt_server(None) as blunt, client_for(f"http://127.0.0.1:{blunt.port}") as client:
        answer = await client.repeat("42", JOBS, DISPATCH)
    assert answer.outcome is RequestOutcome.AMBIGUOUS
    assert blunt.connections == 1


async def test_silence_and_drip_end_at_the_deadline_in_doubt() -> None:
    async def drip(_: Request, writer: Writer) -> None:
        for byte in json_reply(ACCEPTED):
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.01)

    async def nothing(_request: Request, _writer: Writer) -> None:
        return

    for respond in (drip, nothing):
        answer, _ = await repeat(respond, deadline_s=0.2)
        assert answer.outcome is RequestOutcome.AMBIGUOUS
        assert "0.2 s" in answer.why


async def test_no_connection_is_proven_not_sent() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        async with client_for(f"https://127.0.0.1:{closed.getsockname()[1]}") as client:
            answer = await client.repeat("42", JOBS, DISPATCH)
    assert answer.outcome is RequestOutcome.NOT_SENT
    assert {one.outcome for one in answer.jobs} == {JobOutcome.NOT_SENT}


async def test_failed_tls_is_proven_not_sent() -> None:
    async with blunt_server(json_reply(ACCEPTED)) as blunt, client_for(f"https://127.0.0.1:{blunt.port}") as client:
        answer = await client.repeat("42", JOBS, DISPATCH)
    assert answer.outcome is RequestOutcome.NOT_SENT
    assert blunt.connections == 1


@pytest.mark.parametrize("token", ["", "two words", "line\nX-Evil: 1", "tökën", " padded"])
async def test_a_token_that_no_header_can_carry_is_not_sent_and_not_shown(token: str) -> None:
    async with (
        stub_server(says(json_reply(ACCEPTED))) as (stub, origin),
        client_for(origin, token=lambda: Secret(token)) as client,
    ):
        answer = await client.repeat("42", JOBS, DISPATCH)
        with pytest.raises(NotSent):
            await client.me()
    assert answer.outcome is RequestOutcome.NOT_SENT
    assert stub.requests == []
    assert not token or token not in answer.why


async def test_a_token_that_cannot_be_had_is_not_sent() -> None:
    def missing() -> Secret:
        raise UsageError("file:token is gone")

    async with client_for("http://127.0.0.1:1", token=missing) as client:
        answer = await client.repeat("42", JOBS, DISPATCH)
    assert answer.outcome is RequestOutcome.NOT_SENT
    assert "file:token is gone" in answer.why


async def test_a_rotated_token_is_used_by_the_next_request() -> None:
    tokens = iter(["first", "second"])
    async with (
        stub_server(says(json_reply({"id": 1}))) as (stub, origin),
        client_for(origin, token=lambda: Secret(next(tokens))) as client,
    ):
        await client.me()
        await client.me()
    assert [one.headers["authorization"] for one in stub.requests] == ["Bearer first", "Bearer second"]


async def test_a_cancelled_repeat_is_not_swallowed() -> None:
    asked = asyncio.Event()

    async def hang(_request: Request, _writer: Writer) -> None:
        asked.set()

    async with stub_server(hang) as (_, origin), client_for(origin) as client:
        sending = asyncio.ensure_future(client.repeat("42", JOBS, DISPATCH))
        await asked.wait()
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending


@pytest.mark.parametrize("job_ids", [(), ("j-a", "j-a"), tuple(f"j-{n}" for n in range(26))])
async def test_a_repeat_names_one_to_25_different_jobs(job_ids: tuple[str, ...]) -> None:
    async with client_for("http://127.0.0.1:1") as client:
        with pytest.raises(ValueError, match="1 to 25"):
            await client.repeat("42", job_ids, DISPATCH)


@pytest.mark.parametrize("url", ["http://workato.example.com", "ftp://127.0.0.1", "workato.example.com", ""])
def test_only_https_or_this_machine(url: str) -> None:
    with pytest.raises(UsageError):
        client_for(url)
