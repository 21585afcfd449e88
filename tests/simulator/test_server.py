"""Over real sockets: httpx, Slack's own client, a mail client, faults on order, and the command."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from email.message import EmailMessage

import aiosmtplib
import httpx
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from aof_tui.base.clock import SystemClock
from aof_tui.base.errors import TemporaryError, UsageError
from aof_tui.simulator.command import simulate
from aof_tui.simulator.oracle import judge
from aof_tui.simulator.server import Orders, RunningServer, serving
from aof_tui.simulator.simulator import Simulator
from aof_tui.simulator.smtp import MailFault
from aof_tui.simulator.truth import Truth
from tests.simulator.worlds import failing, small


@pytest.fixture
async def server() -> AsyncIterator[RunningServer]:
    scenario = small(happenings=failing(1, "never", at=-120.0))
    async with serving(Simulator(scenario, "7", SystemClock(), world_speed=60)) as running:
        yield running


@pytest.fixture
async def client(server: RunningServer) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"authorization": f"Bearer {server.token}"}
    async with httpx.AsyncClient(base_url=server.url, headers=headers, trust_env=False) as running:
        yield running


async def order(client: httpx.AsyncClient, **orders: object) -> None:
    assert (await client.post("/_fault", json=orders)).json() == {"ok": True}


async def test_a_repeat_over_http_is_found_in_the_truth(client: httpx.AsyncClient) -> None:
    (recipe,) = (await client.get("/api/recipes", params={"includes[]": "tags"})).json()["items"]
    jobs = (await client.get(f"/api/recipes/{recipe['id']}/jobs", params={"status": "failed"})).json()["items"]
    answer = await client.post(
        f"/api/recipes/{recipe['id']}/repeat_jobs",
        json={"job_ids": [job["id"] for job in jobs]},
        headers={"x-correlation-id": "call-1"},
    )
    assert answer.headers["x-correlation-id"] == "call-1"
    assert [result["status"] for result in answer.json()["results"]] == ["enqueued"] * 2
    async with asyncio.timeout(10):
        while len(Truth.from_json((await client.get("/_truth")).json()).runs) < 4:
            pass
    truth = Truth.from_json((await client.get("/_truth")).json())
    assert [repeat.correlation for repeat in truth.repeats] == ["call-1"]
    assert {run.by for run in truth.runs if run.number} == {"engine"}
    assert {job["id"] for job in jobs} == {run.job_id for run in truth.runs if run.first_shown.get("failed")}
    assert judge(truth, max_attempts=5).clean


async def test_the_truth_needs_no_token_and_the_api_does(server: RunningServer) -> None:
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as stranger:
        assert (await stranger.get("/_truth")).status_code == 200
        answer = await stranger.get("/api/users/me")
        assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"})
        assert (await stranger.get("/elsewhere")).status_code == 404


@pytest.mark.parametrize("fault", [{"kind": "drop"}, {"kind": "refuse"}, {"kind": "reset", "at": 4}])
async def test_connections_break_for_real(client: httpx.AsyncClient, fault: dict[str, object]) -> None:
    await order(client, faults=[fault | {"path": "/api/tags"}])
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        await client.get("/api/tags")
    assert (await client.get("/api/users/me")).status_code == 200


async def test_a_body_drips_over_the_socket(client: httpx.AsyncClient) -> None:
    await order(client, faults=[{"kind": "drip", "seconds": 0.0005, "path": "/api/tags"}])
    assert (await client.get("/api/tags")).json()[0]["title"] == "safe-to-repeat"


async def test_orders_change_token_and_workspace(client: httpx.AsyncClient) -> None:
    await order(client, workspace_id=999)
    assert (await client.get("/api/users/me")).json()["id"] == 999
    await order(client, token="another")
    assert (await client.get("/api/users/me")).status_code == 401
    assert (await client.get("/api/users/me", headers={"authorization": "Bearer another"})).status_code == 200


async def test_orders_that_make_no_sense_are_refused(client: httpx.AsyncClient) -> None:
    assert (await client.post("/_fault", json={"faults": [{"kind": "magic"}]})).status_code == 400


# -- Slack -------------------------------------------------------------------------------------------------------------


async def test_slacks_own_client_posts_and_is_told_its_mistakes(server: RunningServer) -> None:
    slack = AsyncWebClient(token="xoxb-test", base_url=server.slack_url, trust_env_in_session=False)
    assert (await slack.auth_test())["ok"]
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "Failed"}},
        {"type": "section", "text": {"type": "mrkdwn", "text": "reference abc"}},
    ]
    sent = await slack.chat_postMessage(channel="C123", text="short", blocks=blocks, unfurl_links=False)
    assert sent["ts"]
    (delivery,) = server.simulator.truth().deliveries
    assert (delivery.channel, delivery.target, delivery.accepted) == ("slack", "C123", True)
    assert delivery.text == "short\nFailed\nreference abc"
    long_header = {"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}
    cases: list[tuple[dict[str, object], str]] = [
        ({"channel": "CMISSING", "text": "x"}, "channel_not_found"),
        ({"channel": "nonsense", "text": "x"}, "channel_not_found"),
        ({"channel": "CARCHIVED", "text": "x"}, "is_archived"),
        ({"channel": "COUTSIDE", "text": "x"}, "not_in_channel"),
        ({"channel": "C123", "text": "x" * 40_001}, "msg_too_long"),
        ({"channel": "C123", "text": "x", "blocks": [long_header]}, "invalid_blocks"),
        ({"channel": "C123", "text": "x", "blocks": [{"type": "divider"}] * 51}, "invalid_blocks"),
        ({"channel": "C123", "text": "x", "blocks": [{"type": "poem"}]}, "invalid_blocks"),
        ({"channel": "C123", "text": "x", "blocks": [{"type": "section"}]}, "invalid_blocks"),
        ({"channel": "C123", "text": "x", "blocks": [{"type": "context", "elements": []}]}, "invalid_blocks"),
        ({"channel": "C123", "text": ""}, "no_text"),
    ]
    for message, error in cases:
        with pytest.raises(SlackApiError) as refused:
            await slack.api_call("chat.postMessage", json=message)
        assert refused.value.response["error"] == error


async def test_slack_refuses_tokens_methods_and_nonsense(server: RunningServer, client: httpx.AsyncClient) -> None:
    for token, error in (("xoxb-revoked", "token_revoked"), ("xoxb-invalid", "invalid_auth"), ("x", "invalid_auth")):
        slack = AsyncWebClient(token=token, base_url=server.slack_url, trust_env_in_session=False)
        with pytest.raises(SlackApiError) as refused:
            await slack.auth_test()
        assert refused.value.response["error"] == error
    answer = await client.post("/slack/api/chat.dance", data={"token": "xoxb-1"}, headers={"authorization": ""})
    assert answer.json() == {"ok": False, "error": "unknown_method"}
    answer = await client.post("/slack/api/auth.test", headers={"authorization": ""})
    assert answer.json() == {"ok": False, "error": "not_authed"}
    answer = await client.post("/slack/api/auth.test", content=b"{", headers={"content-type": "application/json"})
    assert answer.json() == {"ok": False, "error": "invalid_json"}


async def test_slack_takes_forms(server: RunningServer, client: httpx.AsyncClient) -> None:
    form = {"token": "xoxb-1", "channel": "C1A", "blocks": json.dumps([{"type": "divider"}])}
    answer = await client.post("/slack/api/chat.postMessage", data=form, headers={"authorization": ""})
    assert answer.json()["ok"] is True
    answer = await client.post(
        "/slack/api/chat.postMessage", data=form | {"blocks": "["}, headers={"authorization": ""}
    )
    assert answer.json()["error"] == "invalid_blocks"


async def test_slack_limits_a_channel_after_a_burst(server: RunningServer) -> None:
    slack = AsyncWebClient(token="xoxb-test", base_url=server.slack_url, trust_env_in_session=False)

    async def post_many() -> None:
        for _ in range(100):
            await slack.chat_postMessage(channel="C123", text="x")

    with pytest.raises(SlackApiError) as refused:
        await post_many()
    assert refused.value.response.status_code == 429
    assert refused.value.response["error"] == "ratelimited"
    assert refused.value.response.headers["Retry-After"] == "1"
    assert (await slack.chat_postMessage(channel="C456", text="x"))["ok"]
    deliveries = server.simulator.truth().deliveries
    assert sum(delivery.accepted for delivery in deliveries) < 20
    assert [delivery.error for delivery in deliveries if not delivery.accepted] == ["ratelimited"]


async def test_slack_can_accept_and_still_fail(server: RunningServer, client: httpx.AsyncClient) -> None:
    await order(client, faults=[{"kind": "html", "path": "postMessage", "when": "after", "times": 1}])
    body = {"channel": "C123", "text": "x"}
    headers = {"authorization": "Bearer xoxb-1"}
    statuses = [
        (await client.post("/slack/api/chat.postMessage", json=body, headers=headers)).status_code for _ in "12"
    ]
    assert statuses == [502, 200]
    assert [delivery.accepted for delivery in server.simulator.truth().deliveries] == [True, True]


# -- mail --------------------------------------------------------------------------------------------------------------


def letter() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "aof@example.com", "a@example.com, b@example.com", "Größe"
    message["Message-ID"] = "<one@example.com>"
    message.set_content("first\n.dot\nlast\n")
    return message


async def send(server: RunningServer, message: EmailMessage) -> None:
    await aiosmtplib.send(message, hostname=server.smtp_host, port=server.smtp_port, timeout=5)


async def test_mail_is_kept_with_its_envelope_and_headers(server: RunningServer) -> None:
    await send(server, letter())
    deliveries = server.simulator.truth().deliveries
    assert [(delivery.channel, delivery.target) for delivery in deliveries] == [
        ("email", "a@example.com"),
        ("email", "b@example.com"),
    ]
    assert deliveries[0].text == "first\n.dot\nlast\n"
    headers = deliveries[0].headers
    assert (headers["Subject"], headers["Message-ID"]) == ("Größe", "<one@example.com>")
    assert headers["envelope-from"] == "aof@example.com"


@pytest.mark.parametrize(
    ("verb", "answer", "kept"),
    [
        ("RCPT", "450 4.2.0 greylisted", []),
        ("MAIL", "550 5.7.1 no", []),
        ("DATA", "", []),
        ("END", "554 5.7.1 refused", [False, False]),
        ("END", "", [True, True]),
    ],
)
async def test_mail_fails_as_ordered(server: RunningServer, verb: str, answer: str, kept: list[bool]) -> None:
    server.obey(Orders(mail_fault=MailFault(verb=verb, answer=answer, times=2)))
    with pytest.raises(aiosmtplib.SMTPException):
        await send(server, letter())
    assert [delivery.accepted for delivery in server.simulator.truth().deliveries] == kept
    server.obey(Orders(mail_fault=MailFault(verb="NONE", answer="")))
    await send(server, letter())


async def test_the_mail_dialogue_word_by_word(server: RunningServer) -> None:
    reader, writer = await asyncio.open_connection(server.smtp_host, server.smtp_port)
    said = [
        ("HELO x", b"250"), ("RCPT TO:<a@example.com>", b"503"), ("DATA", b"503"),
        ("MAIL FROM:<a@example.com>", b"250"), ("RSET", b"250"), ("NOOP", b"250"), ("STARTTLS", b"502"),
        ("QUIT", b"221"),
    ]  # fmt: skip
    assert (await reader.readline()).startswith(b"220")
    for line, code in said:
        writer.write(f"{line}\r\n".encode())
        assert (await reader.readline()).startswith(code)
    assert await reader.read() == b""
    writer.close()


# -- the command -------------------------------------------------------------------------------------------------------


async def test_simulate_prints_one_line_and_serves_until_stopped() -> None:
    lines: list[str] = []
    stop, said = asyncio.Event(), asyncio.Event()

    def say(line: str) -> None:
        lines.append(line)
        said.set()

    task = asyncio.create_task(
        simulate(port=0, seed="7", scenario="quiet", speed=10, clock=SystemClock(), stop=stop, say=say)
    )
    async with asyncio.timeout(10):
        await said.wait()
        address = json.loads(lines[0])
        assert list(address) == ["url", "token"]
        headers = {"authorization": f"Bearer {address['token']}"}
        async with httpx.AsyncClient(trust_env=False, headers=headers) as client:
            assert (await client.get(f"{address['url']}/api/users/me")).status_code == 200
            addresses = (await client.get(f"{address['url']}/_truth")).json()["addresses"]
        assert addresses["slack"] == f"{address['url']}/slack/api/"
        assert addresses["smtp"].startswith("127.0.0.1:")
        port = int(address["url"].rpartition(":")[2])
        with pytest.raises(TemporaryError, match=str(port)):
            await simulate(
                port=port, seed="7", scenario="quiet", speed=1, clock=SystemClock(), stop=stop, say=lines.append
            )
        stop.set()
        await task
    assert len(lines) == 1


@pytest.mark.parametrize(("scenario", "speed"), [("none", 1.0), ("quiet", 0.0), ("quiet", float("nan"))])
async def test_simulate_refuses_what_it_cannot_do(scenario: str, speed: float) -> None:
    with pytest.raises(UsageError):
        await simulate(
            port=0, seed="7", scenario=scenario, speed=speed, clock=SystemClock(), stop=asyncio.Event(), say=print
        )
