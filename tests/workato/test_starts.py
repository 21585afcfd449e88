"""Starts of recipes: sent once over a connection of their own, with the one secret that belongs to the way they go."""

from __future__ import annotations

import gzip
import json

import pytest

from aof_tui.base.clock import SystemClock
from aof_tui.base.errors import UsageError
from aof_tui.base.secret import Secret
from aof_tui.workato.answers import RequestOutcome
from aof_tui.workato.errors import Forbidden, NotSent, Unauthorized
from aof_tui.workato.starts import BODY_CAP, StartAnswer, Starts, mentioned
from aof_tui.workato.transport import secure_transports
from tests.workato.stub import Reply, Stub, cut_after, json_reply, says, stub_server

DISPATCH = "d-1"
BODY = {"job_id": "j-1", "error": "Zürich"}


class Door:
    """The workspace's API as a start needs it."""

    def __init__(self, origin: str, token: str | None = "t") -> None:
        self.origin = origin
        self.token = token

    def opened(self, path: str) -> tuple[str, dict[str, str]]:
        if self.token is None:
            raise NotSent("no token: env:T: is not set")
        return f"{self.origin}/api/{path}", {"Authorization": f"Bearer {self.token}"}


def starts(origin: str, deadline_s: float = 20.0, token: str | None = "t") -> Starts:
    return Starts(Door(origin, token), secure_transports(), SystemClock(), deadline_s)


async def webhook(respond: Reply, deadline_s: float = 20.0) -> tuple[StartAnswer, Stub]:
    async with stub_server(respond) as (stub, origin):
        answer = await starts(origin, deadline_s).webhook(lambda: Secret(f"{origin}/hooks/x?y=z"), BODY, DISPATCH)
    return answer, stub


def plain(status: int, body: bytes = b"", headers: str = "") -> bytes:
    return f"HTTP/1.1 {status} X\r\n{headers}content-length: {len(body)}\r\n\r\n".encode() + body


async def test_a_webhook_is_called_with_the_facts_and_without_any_token() -> None:
    answer, stub = await webhook(says(json_reply({})))
    assert answer == StartAnswer(RequestOutcome.ANSWERED, 200)
    [request] = stub.requests
    assert request.line == "POST /hooks/x?y=z HTTP/1.1"
    assert request.json == BODY
    assert (request.headers["x-correlation-id"], request.headers["connection"]) == (DISPATCH, "close")
    assert not {"authorization", "api-token"} & request.headers.keys()


async def test_an_endpoint_gets_its_own_token() -> None:
    async with stub_server(says(plain(201))) as (stub, origin):
        answer = await starts(origin).endpoint(f"{origin}/a/b", lambda: Secret("apim"), BODY, DISPATCH)
    assert answer.outcome is RequestOutcome.ANSWERED
    [request] = stub.requests
    assert request.headers["api-token"] == "apim"
    assert "authorization" not in request.headers


async def test_force_run_takes_no_data_along() -> None:
    async with stub_server(says(json_reply({"success": True}))) as (stub, origin):
        answer = await starts(origin).force_run("42", DISPATCH)
    assert answer.outcome is RequestOutcome.ANSWERED
    [request] = stub.requests
    assert (request.line, request.body) == ("POST /api/recipes/42/force_run HTTP/1.1", b"")
    assert request.headers["authorization"] == "Bearer t"


@pytest.mark.parametrize(
    ("reply", "outcome", "passing"),
    [
        (plain(204), RequestOutcome.ANSWERED, False),
        (plain(400), RequestOutcome.REJECTED, False),
        (plain(401), RequestOutcome.REJECTED, False),
        (plain(404), RequestOutcome.REJECTED, False),
        (plain(429), RequestOutcome.REJECTED, True),
        (plain(408), RequestOutcome.AMBIGUOUS, False),
        (plain(500), RequestOutcome.AMBIGUOUS, False),
        (plain(302, headers="location: /x\r\n"), RequestOutcome.AMBIGUOUS, False),
        (plain(200, b"<html>", "content-type: text/html\r\n"), RequestOutcome.AMBIGUOUS, False),
        (plain(200, gzip.compress(bytes(10_000_000)), "content-encoding: gzip\r\n"), RequestOutcome.ANSWERED, False),
        (plain(200, bytes(3 * BODY_CAP)), RequestOutcome.ANSWERED, False),
    ],
)
async def test_what_a_status_means(reply: bytes, outcome: RequestOutcome, passing: bool) -> None:
    answer, stub = await webhook(says(reply))
    assert (answer.outcome, answer.passing, answer.error) == (outcome, passing, None)
    assert len(stub.requests) == 1


@pytest.mark.parametrize("length", [0, 8])
async def test_a_lost_answer_is_a_doubt(length: int) -> None:
    answer, stub = await webhook(cut_after(plain(200, b"{}"), length, with_reset=True))
    assert answer.outcome is RequestOutcome.AMBIGUOUS
    assert len(stub.requests) == 1


async def test_a_body_that_breaks_off_does_not_unsay_the_status() -> None:
    reply = plain(200, b"x" * 100)
    answer, _ = await webhook(cut_after(reply, len(reply) - 50, with_reset=False))
    assert answer.outcome is RequestOutcome.ANSWERED


async def test_no_answer_in_time_is_a_doubt() -> None:
    answer, _ = await webhook(cut_nothing, deadline_s=0.2)
    assert (answer.outcome, answer.why) == (RequestOutcome.AMBIGUOUS, "no answer within 0.2 s")


async def cut_nothing(*_: object) -> None:
    """Never answers."""


async def test_what_cannot_be_reached_was_not_sent_and_shows_no_address() -> None:
    answer = await starts("http://127.0.0.1:9").webhook(lambda: Secret("http://127.0.0.1:9/hidden"), BODY, DISPATCH)
    assert answer.outcome is RequestOutcome.NOT_SENT
    assert "hidden" not in answer.why


def unreadable() -> Secret:
    raise UsageError("env:X: is not set")


async def test_without_its_secret_nothing_is_sent() -> None:
    without = starts("http://127.0.0.1:9", token=None)
    assert (await without.webhook(unreadable, BODY, DISPATCH)).why == "env:X: is not set"
    assert (await without.webhook(lambda: Secret("http://example.com/x"), BODY, DISPATCH)).outcome == "not_sent"
    assert (await without.endpoint("http://127.0.0.1:9/x", unreadable, BODY, DISPATCH)).outcome == "not_sent"
    assert (await without.endpoint("http://127.0.0.1:9/x", lambda: Secret("a b"), BODY, DISPATCH)).outcome == "not_sent"
    assert (await without.force_run("1", DISPATCH)).why == "no token: env:T: is not set"


@pytest.mark.parametrize(("status", "kind"), [(401, Unauthorized), (403, Forbidden)])
async def test_a_workspace_that_is_closed_to_us_says_so(status: int, kind: type[Exception]) -> None:
    async with stub_server(says(plain(status))) as (_, origin):
        answer = await starts(origin).force_run("42", DISPATCH)
    assert (answer.outcome, answer.passing, type(answer.error)) == (RequestOutcome.REJECTED, True, kind)


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (b'{"success": false}', RequestOutcome.REJECTED),
        (b'{"success": true}', RequestOutcome.ANSWERED),
        (b"[]", RequestOutcome.ANSWERED),
        (b"", RequestOutcome.ANSWERED),
    ],
)
async def test_force_run_may_say_no(body: bytes, outcome: RequestOutcome) -> None:
    async with stub_server(says(plain(200, body))) as (_, origin):
        assert (await starts(origin).force_run("42", DISPATCH)).outcome is outcome


def test_a_word_is_found_at_any_depth_and_only_alone() -> None:
    detail = {"lines": [{"output": {"payload": {"dispatch_id": "d-1"}}}, {"output": json.dumps({"a": "d-2"})}]}
    assert mentioned(detail, ("d-1", "d-3")) == "d-1"
    assert mentioned(detail, ("d-3",)) is None
    assert mentioned(detail, ("d-1", "d-2")) is None
